"""Copies for officers: without metadata, made in a process of its own that may break without harm.

Pictures are drawn anew by Pillow. Sounds and films are encoded anew by ffmpeg, where it is installed: to copy their
streams would keep what a phone hides in them. Of all else, and of what can't be read, there is no copy.
Nothing touches a disk: what goes to ffmpeg and back lies in memory that has a file's name.
"""

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from hotline.reports.attachments import kinds

log = logging.getLogger(__name__)

MEMORY = 1024 * 1024 * 1024  # bytes that a process may take
PICTURE_SECONDS, FILM_SECONDS = 20, 120  # of computing; twice that on the wall
MAX_COPY = 16 * 1024 * 1024  # bytes
LONGEST = 1200  # seconds of a sound or film that are copied; the original has the rest
_PAINTER = str(Path(__file__).with_name("painter.py"))
_FORMATS = {
    "audio/aac": "aac", "audio/amr": "amr", "audio/mp4": "mov", "audio/mpeg": "mp3", "audio/ogg": "ogg", "audio/wav": "wav",
    "video/3gpp": "mov", "video/mp4": "mov", "video/webm": "matroska",
}  # fmt: skip
_SOUND = ("-map", "0:a:0", "-vn", "-c:a", "aac", "-b:a", "64k", "-ac", "1")
_FILM = (
    "-map", "0:v:0?", "-map", "0:a:0?", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
    "-vf", "scale='trunc(min(640,iw)/2)*2':-2", "-c:a", "aac", "-b:a", "64k", "-ac", "1",
)  # fmt: skip
_CLEAN = ("-map_metadata", "-1", "-map_chapters", "-1", "-dn", "-sn", "-fflags", "+bitexact", "-flags", "+bitexact")


@dataclass(frozen=True, slots=True)
class Copy:
    """The copy that officers see."""

    body: bytes = field(repr=False)
    media_type: str


def copy_of(original: bytes, media_type: str) -> Copy | None:
    """A copy without metadata; None where there can't be one. `media_type` as `kinds.sniff` says."""
    match kinds.way(media_type):
        case "redraw":
            return _checked(_run(("redraw",), PICTURE_SECONDS, stdin=original), "image/jpeg")
        case "audio":
            return _encoded(original, media_type, _SOUND, "audio/mp4")
        case "video":
            return _encoded(original, media_type, _FILM, "video/mp4")
        case "none":
            return None


def _encoded(original: bytes, media_type: str, how: Sequence[str], becomes: str) -> Copy | None:
    program = shutil.which("ffmpeg")
    if program is None:
        return None
    with ExitStack() as stack:
        taken, made = (stack.enter_context(os.fdopen(os.memfd_create(name), "w+b")) for name in ("taken", "made"))
        taken.write(original)
        taken.flush()
        # Of the format that was seen and from this file alone: there are formats that name addresses and other files.
        source = ("-f", _FORMATS[media_type], "-protocol_whitelist", "file", "-i", f"/dev/fd/{taken.fileno()}")
        target = ("-t", str(LONGEST), "-f", "mp4", "-y", f"/dev/fd/{made.fileno()}")
        command = [program, "-nostdin", "-loglevel", "quiet", "-threads", "1", *source, *how, "-threads", "1"]
        command += [*_CLEAN, *target]
        if _run(("run",), FILM_SECONDS, *command, files=(taken.fileno(), made.fileno())) is None:
            return None
        made.seek(0)
        return _checked(made.read(MAX_COPY + 1), becomes)


def _run(
    task: Sequence[str], seconds: int, *program: str, stdin: bytes = b"", files: Sequence[int] = ()
) -> bytes | None:
    """Run the painter; returns what it wrote, None if it failed. It inherits no environment: there are secrets in ours."""
    command = [sys.executable, "-I", _PAINTER, *task, str(MEMORY), str(seconds), *program]
    try:
        done = subprocess.run(
            command, input=stdin, capture_output=True, timeout=2 * seconds, check=True, pass_fds=files,
            env={"PATH": os.environ.get("PATH", os.defpath)},
        )  # fmt: skip
    except subprocess.SubprocessError as error:
        log.warning("no copy", extra={"error": type(error).__name__})
        return None
    return done.stdout


def _checked(body: bytes | None, media_type: str) -> Copy | None:
    return Copy(body, media_type) if body and len(body) <= MAX_COPY else None
