"""Draws a picture anew, or runs a program, within hard limits. A process of its own, started by its path: it reads what
strangers sent, so it has no settings, no keys, little memory and little time.

    python painter.py redraw MEMORY SECONDS < picture > copy.jpg
    python painter.py run MEMORY SECONDS program arguments…
"""

import io
import os
import resource
import sys
import warnings

MAX_SIDE = 2000  # pixels of the copy: a number plate across the road can still be read
MAX_PIXELS = 120_000_000  # of the original: the largest that phones make; a few bytes may claim a thousand times more
MAX_OUTPUT = 64 * 1024 * 1024  # bytes
QUALITY = 85
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


def limit(memory: int, seconds: int) -> None:
    """Bounds on this process: `memory` in bytes, `seconds` of computing. No core dump: the picture would be in it."""
    bounds = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: MAX_OUTPUT,
        resource.RLIMIT_CORE: 0,
    }
    for what, most in bounds.items():
        resource.setrlimit(what, (most, most))
    os.nice(10)  # pages go first


def redraw(original: bytes) -> bytes:
    """The picture as a JPEG, the right way up, with nothing of the original but what can be seen.

    Of a moving picture the first frame; of one that is cut short, what there is. Raises OSError, ValueError and others.
    """
    from PIL import Image, ImageFile, ImageOps  # noqa: PLC0415  after the limits are set

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(io.BytesIO(original), formats=FORMATS) as picture:
            picture.draft("RGB", (MAX_SIDE, MAX_SIDE))  # a large JPEG is read small: a tenth of the memory
            small = ImageOps.exif_transpose(picture)
            small.thumbnail((MAX_SIDE, MAX_SIDE))
            opaque = small.convert("RGBA")
    # Drawn onto a new sheet: what a format keeps beside the pixels stays behind.
    sheet = Image.new("RGB", opaque.size, "white")
    sheet.paste(opaque, mask=opaque)
    copy = io.BytesIO()
    sheet.save(copy, "JPEG", quality=QUALITY)
    return copy.getvalue()


def main(arguments: list[str]) -> None:
    """Draw as the module says. Leaves with an error for whatever can't be drawn."""
    task, memory, seconds, *program = arguments
    limit(int(memory), int(seconds))
    if task == "run":
        os.execvp(program[0], program)  # noqa: S606  which shell? there is none
    sys.stdout.buffer.write(redraw(sys.stdin.buffer.read()))


if __name__ == "__main__":
    main(sys.argv[1:])
