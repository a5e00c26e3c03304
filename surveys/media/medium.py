"""One picture, sound or video as a question shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MediumKind = Literal["picture", "sound", "video", "captions"]
_KINDS: dict[str, MediumKind] = {"image": "picture", "audio": "sound", "video": "video"}


@dataclass(frozen=True, slots=True)
class Medium:
    """What is shown with a text, known by the SHA-256 (hex) of its file; sizes are in pixels.

    `alt` says in words what it shows or what is said in it. `captions` is the SHA-256 of the
    WebVTT file that belongs to it; empty without one.
    """

    sha256: str
    type: str
    alt: str
    width: int = 0
    height: int = 0
    captions: str = ""

    @property
    def kind(self) -> MediumKind:
        """What it is, by its type."""
        return kind_of(self.type)

    @property
    def shown(self) -> list[str]:
        """What of it counts for what a respondent was shown."""
        return [self.sha256, self.alt, self.captions]


def kind_of(media_type: str) -> MediumKind:
    """What a media type such as ``image/png`` is."""
    return _KINDS.get(media_type.split("/")[0], "captions")
