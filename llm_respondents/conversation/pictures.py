"""Pictures in a conversation: what is sent of them, and how many tokens they are worth.

A message names a picture by its checksum; its bytes are put in where a request is written, and
nowhere else: neither records nor logs hold them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TypedDict

from surveys.media import Medium

# Providers count differently, and change how: the smallest and the largest published rules, and
# the one between them. Published are (as known in 2026, the first and last by others' accounts):
# - OpenAI, platform.openai.com/docs/guides/images-vision: a base and so many for each tile of 512
#   (85 and 170 for most models, 2,833 and 5,667 for the dearest), 85 in all at low detail; others
#   count patches of 32 pixels, 1,536 at most, times 2.46 at most;
# - Anthropic, docs.claude.com/en/docs/vision: pixels by 750, about 1,600 at most, 4,784 in newer
#   models, which read larger pictures;
# - Google, ai.google.dev/gemini-api/docs/tokens: 258 for each tile of 768.
# Assumed, as no page says it: a picture smaller than 768 pixels is not scaled up to them.
_FEWEST = 85
_PIXELS_PER_TOKEN = 750
_MOST_USUAL = 1_600
# A picture is fitted into a square of 2,048 pixels, its shorter side scaled to 768, and cut into
# tiles of 512; the dearest published rule counts so many tokens for it and for each tile.
_SQUARE, _SHORTER, _TILE = 2_048, 768, 512
_BASE, _PER_TILE = 2_833, 5_667
_CHARACTERS_PER_TOKEN = 4


class SentPicture(TypedDict):
    """A picture that is part of a message; its sizes are in pixels."""

    sha256: str
    type: str
    width: int
    height: int


Contents = Mapping[str, str]
"""SHA-256 of a picture -> its bytes in base 64."""


def sent_picture(medium: Medium) -> SentPicture:
    """A picture as a message names it."""
    return {
        "sha256": medium.sha256,
        "type": medium.type,
        "width": medium.width,
        "height": medium.height,
    }


def fewest_tokens(_picture: SentPicture) -> int:
    """What a picture is worth where it is counted least."""
    return _FEWEST


def usual_tokens(picture: SentPicture) -> int:
    """What a picture is worth by the rule between the others: its pixels by 750."""
    tokens = math.ceil(picture["width"] * picture["height"] / _PIXELS_PER_TOKEN)
    return min(max(tokens, _FEWEST), _MOST_USUAL)


def most_tokens(picture: SentPicture) -> int:
    """What no published rule exceeds: a bound, well above what most models count."""
    width, height = max(picture["width"], 1), max(picture["height"], 1)
    scale = min(1.0, _SQUARE / max(width, height))
    scale *= min(1.0, _SHORTER / (min(width, height) * scale))
    tiles = math.ceil(width * scale / _TILE) * math.ceil(height * scale / _TILE)
    return _BASE + _PER_TILE * tiles


def as_characters(picture: SentPicture) -> int:
    """What a picture counts for where a request is estimated by its characters."""
    return _CHARACTERS_PER_TOKEN * usual_tokens(picture)
