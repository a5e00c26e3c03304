"""The instruments and studies that come with the program."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from surveys.instrument_files.definitions import InstrumentDefinition, StudyDefinition
from surveys.instrument_files.errors import UnknownBundle
from surveys.instrument_files.instruments import load_instrument
from surveys.instrument_files.studies import load_study

INSTRUMENTS_DIR = Path(__file__).resolve().parent.parent / "instruments"


@cache
def bundled_instruments() -> tuple[InstrumentDefinition, ...]:
    """Return every bundled instrument, sorted by file name."""
    return tuple(load_instrument(path) for path in sorted(INSTRUMENTS_DIR.glob("*.toml")))


@cache
def bundled_studies() -> tuple[StudyDefinition, ...]:
    """Return every bundled study, sorted by file name and checked against the instruments."""
    return tuple(
        load_study(path, instruments=bundled_instruments())
        for path in sorted(INSTRUMENTS_DIR.glob("studies/*.toml"))
    )


@cache
def study_skeleton() -> str:
    """The text of a study that is still to be written, with places to be filled in."""
    return (INSTRUMENTS_DIR / "studies" / "skeleton.txt").read_text(encoding="utf-8")


def bundled_study(slug: str) -> StudyDefinition:
    """Return one bundled study; `UnknownBundle` if there is none with this slug."""
    studies = {study.slug: study for study in bundled_studies()}
    if slug not in studies:
        raise UnknownBundle(slug, list(studies))
    return studies[slug]
