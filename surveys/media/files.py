"""A file becomes what can be stored and shown: its type by its content, within limits.

What is read is written back in the same way whatever program made it, so that reading it again
gives the same bytes and the same checksum.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from surveys.media.medium import MediumKind, kind_of
from surveys.media.mistakes import MediaError, MediaMistake
from surveys.media.pictures import picture_type, still
from surveys.media.recordings import captions, is_captions, recording_type

# The most bytes of each kind. People wait for a picture before they answer.
LARGEST: dict[MediumKind, int] = {
    "picture": 2_000_000,
    "sound": 10_000_000,
    "video": 30_000_000,
    "captions": 200_000,
}
LARGEST_FILE = max(LARGEST.values())
_ENDINGS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "text/vtt": ".vtt",
}
_MARK = 8
_LONGEST_STEM = 60


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What is known of a stored file; `width` and `height` (pixels) of pictures alone, else 0."""

    sha256: str
    type: str
    width: int = 0
    height: int = 0

    @property
    def kind(self) -> MediumKind:
        """What it is."""
        return kind_of(self.type)


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file that can be shown, with what is known of it."""

    content: bytes
    facts: MediaFacts

    @property
    def sha256(self) -> str:
        """The checksum by which it is known."""
        return self.facts.sha256


def read_media(content: bytes) -> MediaFile:
    """Read a file: what it is, without metadata if it is a picture. Raises `MediaError`."""
    if not content:
        raise MediaError(MediaMistake.MEDIA_EMPTY)
    if media_type := picture_type(content):
        _require_small(content, "picture")
        picture = still(content, media_type)
        # A picture that had to be turned is written anew.
        _require_small(picture.content, "picture")
        return _file(picture.content, media_type, picture.width, picture.height)
    if media_type := recording_type(content):
        _require_small(content, kind_of(media_type))
        return _file(content, media_type)
    if is_captions(content):
        _require_small(content, "captions")
        return _file(captions(content), "text/vtt")
    raise MediaError(MediaMistake.MEDIA_TYPE_UNKNOWN)


def named_file(name: str, facts: MediaFacts) -> str:
    """The name of a file in exports: as it was called, with a mark of its content and its ending.

    The name of a file that has its mark already stays as it is.
    """
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", PurePosixPath(name.replace("\\", "/")).stem)
    mark = f"-{facts.sha256[:_MARK]}"
    stem = stem.removesuffix(mark).strip("-.")[:_LONGEST_STEM] or facts.kind
    return f"{stem}{mark}{_ENDINGS[facts.type]}"


def _file(content: bytes, media_type: str, width: int = 0, height: int = 0) -> MediaFile:
    sha256 = hashlib.sha256(content).hexdigest()
    return MediaFile(content, MediaFacts(sha256, media_type, width, height))


def _require_small(content: bytes, kind: MediumKind) -> None:
    if len(content) > LARGEST[kind]:
        given, most = -(-len(content) // 1000), LARGEST[kind] // 1000
        raise MediaError(MediaMistake.MEDIA_TOO_LARGE, given=given, most=most)
