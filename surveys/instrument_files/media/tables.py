"""The table of a picture, a sound or a video, strictly. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from surveys.codes import Problem
from surveys.flow import answers_in, conditions_in, malformed_in
from surveys.instrument_files.definitions import ItemDefinition, MediumDefinition
from surveys.instrument_files.errors import FileMistake
from surveys.instrument_files.toml_tables import LANGUAGE, Table
from surveys.media import MediaMistake

# Enough for two pictures beside each other, or a video with a still of it.
MOST_MEDIA = 4
# A transcript of some twenty minutes.
LONGEST_ALT = 20_000
LONGEST_NAME = 200
SHA256 = re.compile(r"[0-9a-f]{64}")
TYPES = (
    *("image/png", "image/jpeg", "image/webp"),
    *("audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav"),
    *("video/mp4", "video/webm"),
)


_PLACEHOLDERS = (conditions_in, answers_in, malformed_in)


def read_medium(table: Table, languages: Sequence[str]) -> MediumDefinition:
    """Read what is shown with an item; what is known of its file stands in the table by then."""
    file = table.text("file", longest=LONGEST_NAME)
    own = table.names("languages", shape=LANGUAGE, required=False)
    for one in own:
        if one not in languages:
            table.note("languages", FileMistake.UNDECLARED_LANGUAGE, language=one)
    medium = MediumDefinition(
        file=file,
        sha256=_checksum(table, "sha256", file),
        type=table.choice("type", TYPES) if table.has("type") else TYPES[0],
        alt=table.texts("alt", own or languages, longest=LONGEST_ALT),
        width=table.integer("width", default=0, minimum=0),
        height=table.integer("height", default=0, minimum=0),
        captions=table.text("captions", default="", longest=LONGEST_NAME)
        if table.has("captions")
        else "",
        captions_sha256=_checksum(table, "captions_sha256", table.raw("captions"))
        if table.has("captions")
        else "",
        # In all languages is in every language.
        languages=() if set(own) >= set(languages) else own,
    )
    table.finish()
    return medium


def _checksum(table: Table, key: str, file: object) -> str:
    if not table.has(key):
        table.note(
            "file" if key == "sha256" else "captions", MediaMistake.MEDIA_MISSING, given=file
        )
        return ""
    given = table.text(key)
    if not SHA256.fullmatch(given):
        table.note(key, MediaMistake.MEDIA_MISSING, given=given)
    return given


def media_contradictions(item: ItemDefinition) -> Iterable[Problem]:
    """Yield what is wrong with what an item shows, well formed as it is."""
    where = f"items[{item.key}].media"
    if len(item.media) > MOST_MEDIA:
        about = {"given": len(item.media), "most": MOST_MEDIA}
        yield Problem(where, MediaMistake.TOO_MANY_MEDIA, about)
    for one in item.media:
        at = f"{where}[{one.file}]"
        if one.captions and one.kind != "video":
            yield Problem(f"{at}.captions", MediaMistake.CAPTIONS_WITHOUT_VIDEO)
        for language, text in one.alt.items():
            if any(True for found in _PLACEHOLDERS for _ in found(text)):
                yield Problem(f"{at}.alt.{language}", MediaMistake.PLACEHOLDER_IN_ALT)
