"""What a file is, by its bytes, whatever it is called."""

import pytest

from hotline.reports.attachments import kinds
from tests.reports.attachments import samples

DOCX = b"PK\x03\x04 [Content_Types].xml word/document.xml"


@pytest.mark.parametrize(
    ("name", "body", "media_type"),
    [
        ("a photograph", samples.jpeg(), "image/jpeg"),
        ("a screenshot", samples.png(), "image/png"),
        ("a moving picture", samples.gif(), "image/gif"),
        ("a small picture", samples.webp(), "image/webp"),
        ("an iPhone's", b"\0\0\0\x18ftypheic" + b"\0" * 12, "image/heic"),
        ("a voice note", b"OggS\0", "audio/ogg"),
        ("an iPhone's voice", b"\0\0\0\x18ftypM4A ", "audio/mp4"),
        ("an old phone's voice", b"#!AMR\n", "audio/amr"),
        ("music", b"ID3\x03", "audio/mpeg"),
        ("music without a head", b"\xff\xfb\x90\x00", "audio/mpeg"),
        ("AAC without a head", b"\xff\xf1\x50\x80", "audio/aac"),
        ("a wave", samples.wav(), "audio/wav"),
        ("a film", b"\0\0\0\x18ftypisom", "video/mp4"),
        ("an old phone's film", b"\0\0\0\x18ftyp3gp5", "video/3gpp"),
        ("a browser's film", b"\x1a\x45\xdf\xa3", "video/webm"),
        ("a contract", b"%PDF-1.7", "application/pdf"),
        ("a letter", DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("a letter with a program in it", DOCX + b" word/vbaProject.bin", None),
        ("an archive", b"PK\x03\x04 photo.jpg", None),
        ("an app", b"PK\x03\x04 AndroidManifest.xml classes.dex", None),
        ("a program", b"MZ\x90\0", None),
        ("a drawing that is a program", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", None),
        ("a page", b"<!doctype html><script>alert(1)</script>", None),
        ("a list of addresses that calls itself a film", b"#EXTM3U\nfile:///etc/passwd", None),
        ("words", "مدد".encode(), None),
        ("nothing", b"", None),
        ("half a mark", b"\xff", None),
        ("half a text in another alphabet", b"\xff\xfe\0\0", None),
    ],
)
def test_a_file_is_what_its_first_bytes_say(name: str, body: bytes, media_type: str | None) -> None:
    assert kinds.sniff(body) == media_type, name
