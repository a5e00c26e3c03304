"""Pictures without what nobody should see: where and by whom they were taken.

Pixels are not encoded anew. The parts of a file that a picture consists of are kept, and all others
are left out (Exif, GPS, XMP, comments, thumbnails, whatever stands behind the end), so that the
same picture has the same checksum. A picture that says it lies on its side is turned first.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from typing import NamedTuple

from surveys.media.mistakes import MediaError, MediaMistake

MOST_PIXELS = 25_000_000
_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}
_PNG = b"\x89PNG\r\n\x1a\n"
# What a picture is made of, and what its colours mean; the rest of a PNG file is said about it.
_PNG_KEPT = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT"}
)
_WEBP_KEPT = frozenset({b"VP8X", b"ICCP", b"ALPH", b"VP8 ", b"VP8L"})
# Bits of VP8X that announce Exif and XMP.
_WEBP_METADATA = 0x08 | 0x04
_ORIENTATION = 0x0112
_UPRIGHT = 1
_QUALITY = 95


class Picture(NamedTuple):
    """A picture with its size in pixels."""

    content: bytes
    width: int
    height: int


class _Damaged(Exception):
    """A file that is not built as its kind is."""


def picture_type(content: bytes) -> str:
    """The media type of a picture, by its content; empty if it is none."""
    if content.startswith(_PNG):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    is_webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    return "image/webp" if is_webp else ""


def still(content: bytes, media_type: str) -> Picture:
    """A picture without its metadata, upright. Raises `MediaError`."""
    try:
        made = _PARTS[media_type](_upright(content, media_type))
        width, height = _looked_at(made, media_type)
    except MediaError:
        raise
    except Exception as error:
        # A decoder that is handed hostile files raises whatever its parts do.
        raise MediaError(MediaMistake.PICTURE_DAMAGED) from error
    return Picture(made, width, height)


def _looked_at(content: bytes, media_type: str) -> tuple[int, int]:
    """Decode a picture once: whoever is shown it will be able to."""
    # Loaded by whoever reads a picture, and by no page.
    from PIL import Image

    with Image.open(io.BytesIO(content), formats=(_FORMATS[media_type],)) as picture:
        width, height = picture.size
        _require_few_pixels(width, height)
        if getattr(picture, "n_frames", 1) != 1:
            raise MediaError(MediaMistake.PICTURE_MOVES)
        picture.load()
    return width, height


def _require_few_pixels(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        about = {"width": width, "height": height, "most": MOST_PIXELS // 1_000_000}
        raise MediaError(MediaMistake.PICTURE_TOO_LARGE, **about)


def _upright(content: bytes, media_type: str) -> bytes:
    """The file, or the picture turned if its metadata say that it lies on its side."""
    from PIL import Image, ImageOps

    with warnings.catch_warnings():
        # Of metadata that cannot be read, nothing is taken.
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(content), formats=(_FORMATS[media_type],)) as picture:
            _require_few_pixels(*picture.size)
            if getattr(picture, "n_frames", 1) != 1:
                raise MediaError(MediaMistake.PICTURE_MOVES)
            try:
                lies = picture.getexif().get(_ORIENTATION, _UPRIGHT)
            except Exception:  # noqa: BLE001 - it is metadata, and left out in any case
                lies = _UPRIGHT
            if lies not in range(2, 9):
                return content
            turned = ImageOps.exif_transpose(picture)
            written = io.BytesIO()
            turned.save(written, _FORMATS[media_type], quality=_QUALITY)
            return written.getvalue()


def _png(content: bytes) -> bytes:
    kept = [_PNG]
    for name, chunk in _png_chunks(content):
        if name == b"acTL":
            raise MediaError(MediaMistake.PICTURE_MOVES)
        if name in _PNG_KEPT:
            kept.append(chunk)
    return b"".join(kept)


def _png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_PNG)
    while True:
        length = int.from_bytes(content[at : at + 4])
        name, end = content[at + 4 : at + 8], at + 12 + length
        if len(name) < 4 or end > len(content):
            raise _Damaged
        yield name, content[at:end]
        if name == b"IEND":
            return
        at = end


def _webp(content: bytes) -> bytes:
    parts = []
    at, end = 12, min(len(content), 8 + int.from_bytes(content[4:8], "little"))
    while at + 8 <= end:
        name, length = content[at : at + 4], int.from_bytes(content[at + 4 : at + 8], "little")
        # Parts of an odd length are followed by a byte of nothing.
        chunk = content[at : at + 8 + length + length % 2]
        if len(chunk) < 8 + length:
            raise _Damaged
        if name in (b"ANIM", b"ANMF"):
            raise MediaError(MediaMistake.PICTURE_MOVES)
        if name == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & ~_WEBP_METADATA]) + chunk[9:]
        if name in _WEBP_KEPT:
            parts.append(chunk)
        at += len(chunk)
    body = b"WEBP" + b"".join(parts)
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def _jpeg(content: bytes) -> bytes:
    kept = [b"\xff\xd8"]
    at = 2
    while True:
        # Any number of 0xFF may stand before the byte that says what follows.
        if content[at] != 0xFF:
            raise _Damaged
        while content[at] == 0xFF:
            at += 1
        marker = content[at]
        at += 1
        if marker == 0xD9:
            return b"".join([*kept, b"\xff\xd9"])
        end = at + int.from_bytes(content[at : at + 2])
        if end < at + 2 or end > len(content):
            raise _Damaged
        segment = content[at:end]
        if _belongs_to_jpeg(marker, segment[2:]):
            kept.append(bytes([0xFF, marker]) + segment)
        at = end
        if marker == 0xDA:
            end = _end_of_scan(content, at)
            kept.append(content[at:end])
            at = end


def _belongs_to_jpeg(marker: int, said: bytes) -> bool:
    if marker == 0xE0:
        # With a thumbnail it would be a picture within the picture.
        return said.startswith(b"JFIF\0") and len(said) == 14
    if marker == 0xE2:
        return said.startswith(b"ICC_PROFILE\0")
    if marker == 0xEE:
        return said.startswith(b"Adobe")
    return not (0xE0 <= marker <= 0xEF or marker == 0xFE)


def _end_of_scan(content: bytes, at: int) -> int:
    """Where the next marker is; within a scan 0xFF is followed by 0 or by a restart."""
    while True:
        at = content.index(b"\xff", at)
        after = content[at + 1]
        if after and not 0xD0 <= after <= 0xD7 and after != 0xFF:
            return at
        at += 1 if after == 0xFF else 2


_PARTS = {"image/png": _png, "image/jpeg": _jpeg, "image/webp": _webp}
