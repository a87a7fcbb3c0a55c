"""Copies for officers: what can be seen and heard stays, all else goes; what is made to break us breaks a small process."""

import io

import pytest
from PIL import Image

from hotline.reports.attachments import copies, kinds
from hotline.reports.attachments.copies import Copy
from tests.reports.attachments import samples

PIXEL_SLACK = 40  # of 255: JPEG is not exact


def copied(body: bytes) -> Copy | None:
    return copies.copy_of(body, kinds.sniff(body) or "")


def opened(copy: Copy | None) -> Image.Image:
    assert copy is not None
    image = Image.open(io.BytesIO(copy.body))
    image.load()
    return image


def looks(image: Image.Image, x: int, y: int, colour: tuple[int, int, int]) -> bool:
    found = image.getpixel((x, y))
    assert isinstance(found, tuple)
    return all(abs(one - other) <= PIXEL_SLACK for one, other in zip(found, colour, strict=True))


@pytest.mark.parametrize("make", [samples.jpeg, samples.png, samples.gif, samples.webp])
def test_a_picture_keeps_what_it_shows_and_nothing_else(make: object) -> None:
    assert callable(make)
    original = make()
    assert any(word in original for word in samples.HIDDEN)
    copy = copied(original)
    image = opened(copy)
    assert (image.format, image.size) == ("JPEG", (640, 480))
    assert copy is not None
    assert not [word for word in samples.HIDDEN if word in copy.body]
    assert dict(image.getexif()) == {}
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    if make is samples.jpeg:
        assert looks(image, 50, 240, samples.RED)
        assert looks(image, 590, 240, samples.BLUE)


def test_a_picture_stands_upright() -> None:
    image = opened(copied(samples.jpeg(orientation=6)))  # turned by a quarter: the left becomes the top
    assert image.size == (480, 640)
    assert looks(image, 240, 50, samples.RED)
    assert looks(image, 240, 590, samples.BLUE)


def test_a_large_picture_becomes_one_that_an_old_phone_can_load() -> None:
    assert max(opened(copied(samples.jpeg(6000, 4000))).size) == 2000


def test_of_a_picture_that_is_cut_short_there_is_what_came() -> None:
    whole = samples.jpeg()
    image = opened(copied(whole[: len(whole) * 3 // 4]))
    assert looks(image, 50, 20, samples.RED)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("a bomb", samples.bomb()),
        ("a mark and nothing behind it", b"\xff\xd8\xff\xe0"),
        ("a page that begins like a picture", b"GIF89a/*<script>alert(1)</script>*/"),
        ("an iPhone's picture", b"\0\0\0\x18ftypheic" + b"\0" * 12),
        ("a contract", b"%PDF-1.7"),
        ("a film that is none", b"\0\0\0\x18ftypisom" + b"\0" * 99),
        ("a film that names a file of ours", b"\x1a\x45\xdf\xa3#EXTM3U\nfile:///etc/hostname"),
    ],
)
def test_what_cannot_be_drawn_has_no_copy(name: str, body: bytes) -> None:
    assert kinds.sniff(body) is not None, name
    assert copied(body) is None, name


def test_behind_a_picture_nothing_hides() -> None:
    copy = copied(samples.jpeg() + b"<script>alert(1)</script>PK\x03\x04")
    assert copy is not None
    assert b"script" not in copy.body
    assert b"PK\x03\x04" not in copy.body


@pytest.mark.parametrize(
    ("make", "media_type", "part"), [(samples.voice, "audio/mp4", b"mp4a"), (samples.film, "video/mp4", b"avc1")]
)
def test_a_sound_and_a_film_keep_no_tags(make: object, media_type: str, part: bytes) -> None:
    assert callable(make)
    original = make()
    assert [word for word in samples.HIDDEN if word in original]
    copy = copied(original)
    assert copy is not None
    assert (copy.media_type, copy.body[4:8]) == (media_type, b"ftyp")
    assert part in copy.body
    assert not [word for word in samples.HIDDEN if word in copy.body]


def test_without_ffmpeg_there_is_the_original_only(monkeypatch: pytest.MonkeyPatch) -> None:
    original = samples.voice()
    monkeypatch.setenv("PATH", "")
    assert copied(original) is None


def test_a_copy_that_takes_too_long_or_too_much_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    original = samples.saved(samples.picture(5000, 4000), "PNG")
    assert copied(original) is not None
    with monkeypatch.context() as less:
        less.setattr(copies, "MEMORY", 64 * 1024 * 1024)
        assert copied(original) is None
    monkeypatch.setattr(copies, "PICTURE_SECONDS", 0.01)
    assert copied(original) is None
