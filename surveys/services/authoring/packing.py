"""A study with all that belongs to it as one file, which page, command and REST take back."""

from collections.abc import Iterable

from surveys.instrument_files import (
    InstrumentDefinition,
    StudyDefinition,
    study_values,
    to_toml,
)
from surveys.services.authoring.media import study_files, zipped
from surveys.services.definitions import published_instruments


def instruments_of(definition: StudyDefinition) -> list[InstrumentDefinition]:
    """The published instruments that a study asks, each in the version that it asks."""
    named = {(block.instrument, block.version) for block in definition.blocks}
    known = published_instruments({slug for slug, _version in named})
    return [one for one in known if (one.slug, one.version) in named]


def packed_study(definition: StudyDefinition, instruments: Iterable[InstrumentDefinition]) -> bytes:
    """A zip file of the study's file, its instruments', and what these show."""
    text = to_toml(study_values(definition)).encode()
    return zipped([(f"{definition.slug}.toml", text), *study_files(instruments)])
