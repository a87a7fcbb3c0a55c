"""The kind of a file, by its bytes. What the sender or the provider says of it is never asked.

Taken is what phones make, and PDF and Word's and Excel's documents. SVG, HTML, archives and programs are not: one of
these on an officer's computer is an attack.
"""

from collections.abc import Callable, Mapping
from typing import Literal

Way = Literal["redraw", "audio", "video", "none"]  # how the copy for officers is made, if there is one

_BRANDS: Mapping[bytes, str] = {
    b"heic": "image/heic", b"heix": "image/heic", b"mif1": "image/heic", b"avif": "image/avif",
    b"M4A ": "audio/mp4", b"M4B ": "audio/mp4",
}  # fmt: skip
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}
_OFFICE = {
    b"word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    b"xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"#!AMR", "audio/amr"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
    (b"%PDF-", "application/pdf"),
)
_REDRAWN = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})


def sniff(body: bytes) -> str | None:
    """The media type of a file that we take, else None."""
    for start, media_type in _STARTS:
        if body.startswith(start):
            return media_type
    return next(filter(None, (look(body) for look in _LOOKS)), None)


def way(media_type: str) -> Way:
    """The way in which an officer's copy of it is made."""
    if media_type in _REDRAWN:
        return "redraw"
    if media_type.startswith("audio/"):
        return "audio"
    return "video" if media_type.startswith("video/") else "none"


def _mp4(body: bytes) -> str | None:
    if body[4:8] != b"ftyp":
        return None
    brand = body[8:12]
    return "video/3gpp" if brand.startswith(b"3g") else _BRANDS.get(brand, "video/mp4")


def _riff(body: bytes) -> str | None:
    return _RIFF.get(body[8:12]) if body.startswith(b"RIFF") else None


def _bare_audio(body: bytes) -> str | None:
    """MP3 (layer III) or AAC (ADTS) without any header of the file: a frame's first two bytes."""
    if len(body) < 2 or body[0] != 0xFF:
        return None
    if body[1] & 0xF6 == 0xF0:
        return "audio/aac"
    return "audio/mpeg" if body[1] & 0xE6 == 0xE2 and body[1] & 0x18 != 0x08 else None


def _office(body: bytes) -> str | None:
    """Documents without macros; a ZIP file lists its members at its end, by name."""
    if not body.startswith(b"PK\x03\x04") or b"[Content_Types].xml" not in body or b"vbaProject.bin" in body:
        return None
    return next((media_type for folder, media_type in _OFFICE.items() if folder in body), None)


_LOOKS: tuple[Callable[[bytes], str | None], ...] = (_mp4, _riff, _bare_audio, _office)
