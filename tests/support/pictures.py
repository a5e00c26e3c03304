"""Pictures, sounds and videos for the tests, made when they are needed; none is committed."""

from __future__ import annotations

import io
import struct
from functools import cache

from PIL import Image

COLOURS = [(200, 60, 60), (60, 60, 200), (60, 200, 60)]
# A place and a name that must not be published with a picture.
SECRETS = (b"GPSSECRET", b"Ada Lovelace")


@cache
def picture(kind: str = "PNG", *, size: tuple[int, int] = (40, 20), colour: int = 0) -> bytes:
    """A picture of one colour, its left half darker."""
    made = Image.new("RGB", size, COLOURS[colour])
    made.paste((20, 20, 20), (0, 0, size[0] // 2, size[1]))
    file = io.BytesIO()
    made.save(file, kind, quality=90)
    return file.getvalue()


@cache
def told_picture(kind: str = "JPEG", *, orientation: int = 1) -> bytes:
    """A picture whose metadata say where and by whom it was taken, and how it lies."""
    made = Image.new("RGB", (40, 20), COLOURS[0])
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x013B] = "Ada Lovelace"
    exif.get_ifd(0x8825)[0x1D] = "GPSSECRET"
    file = io.BytesIO()
    more = {"comment": b"GPSSECRET"} if kind == "JPEG" else {}
    made.save(file, kind, exif=exif, xmp=b"<x>Ada Lovelace</x>", quality=90, **more)
    return file.getvalue() + b"<script>behind the end GPSSECRET</script>"


@cache
def sound() -> bytes:
    """A tenth of a second of silence."""
    samples = b"\0\0" * 800
    head = struct.pack(
        "<4sI4s4sIHHIIHH",
        b"RIFF",
        36 + len(samples),
        b"WAVE",
        b"fmt ",
        16,
        1,
        1,
        8000,
        16000,
        2,
        16,
    )
    return head + struct.pack("<4sI", b"data", len(samples)) + samples


def video(size: int = 2_500_000) -> bytes:
    """What begins as a video does."""
    return struct.pack(">I4s4s", 24, b"ftyp", b"isom") + bytes(range(256)) * (size // 256)


CAPTIONS = b"\xef\xbb\xbfWEBVTT\r\n\r\n00:00.000 --> 00:01.000\r\nHello\r\n"
