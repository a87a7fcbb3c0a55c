"""Pictures, sounds and films as phones make them, with what phones hide in them: a place, a name, a time."""

import io
import struct
import subprocess
import tempfile
import wave
import zlib
from functools import lru_cache
from pathlib import Path

from PIL import Image

LATITUDE, LONGITUDE, PHONE = "31.549722", "74.343611", "CANARYPHONE"
HIDDEN = tuple(word.encode() for word in (LATITUDE, LONGITUDE, PHONE))
MAKE, ORIENTATION, GPS = 0x010F, 0x0112, 0x8825  # tags of EXIF
RED, BLUE = (220, 20, 20), (20, 20, 220)


def picture(width: int = 640, height: int = 480, orientation: int = 1) -> Image.Image:
    """Red on the left, blue on the right."""
    drawn = Image.new("RGB", (width, height), BLUE)
    drawn.paste(RED, (0, 0, width // 2, height))
    drawn.info["orientation"] = orientation
    return drawn


def jpeg(width: int = 640, height: int = 480, orientation: int = 1) -> bytes:
    """A photograph that tells where it was taken, four times over."""
    exif = Image.Exif()
    exif[MAKE], exif[ORIENTATION] = PHONE, orientation
    exif.get_ifd(GPS).update({1: "N", 2: (31.0, 32.0, 59.0), 3: "E", 4: (74.0, 20.0, 37.0), 0x1B: LATITUDE.encode()})
    said = {"comment": f"{LATITUDE} {LONGITUDE}".encode(), "xmp": f"<x>{LONGITUDE}</x>".encode()}
    return saved(picture(width, height), "JPEG", exif=exif, **said)


def png() -> bytes:
    """With a text beside the pixels, and half of it transparent."""
    image = picture().convert("RGBA")
    image.putalpha(128)
    exif = Image.Exif()
    exif[MAKE] = PHONE
    return saved(image, "PNG", exif=exif)


def gif() -> bytes:
    """Two frames, and a comment."""
    first, second = picture(), Image.new("RGB", (640, 480), "green")
    return saved(first, "GIF", save_all=True, append_images=[second], comment=LATITUDE.encode())


def webp() -> bytes:
    """With EXIF."""
    exif = Image.Exif()
    exif[MAKE] = PHONE
    return saved(picture(), "WEBP", exif=exif)


def saved(image: Image.Image, kind: str, **more: object) -> bytes:
    """As a file."""
    file = io.BytesIO()
    image.save(file, kind, **more)
    return file.getvalue()


def bomb() -> bytes:
    """A few bytes that claim to be 10 gigapixels."""
    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(b"\0" * 999))
        + _chunk(b"IEND", b"")
    )


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def wav() -> bytes:
    """A second of nearly nothing."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(16000)
        sound.writeframes(b"\0\1" * 16000)
    return file.getvalue()


@lru_cache
def voice() -> bytes:
    """A voice note with tags, as OGG."""
    return _made("-i", "{wav}", "-c:a", "libvorbis", "-f", "ogg")


@lru_cache
def film() -> bytes:
    """A second of film with a place in it, as MP4, its index at the end as phones leave it."""
    return _made(
        "-f", "lavfi", "-i", "testsrc=d=1:s=321x241:r=5", "-i", "{wav}", "-c:v", "libx264", "-c:a", "aac", "-f", "mp4"
    )


def _made(*how: str) -> bytes:
    tags = (
        "-metadata",
        f"title={PHONE}",
        "-metadata",
        f"location=+{LATITUDE}+{LONGITUDE}/",
        "-metadata",
        f"comment={LATITUDE}",
    )
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "sound.wav"), Path(folder, "made")
        source.write_bytes(wav())
        arguments = [str(source) if each == "{wav}" else each for each in how]
        subprocess.run(["ffmpeg", "-loglevel", "error", *arguments, *tags, str(target)], check=True)
        return target.read_bytes()
