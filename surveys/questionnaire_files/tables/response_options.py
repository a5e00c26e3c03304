"""Options that are written in one cell or on one line, and scales that go by a name. Pure.

options_of("1 = Disagree | 2 = Neither | 3 = Agree", "en")
options_of("agreement-5", "de")
options_of("0-10", "en")
"""

from __future__ import annotations

import re

from surveys.instrument_files.authoring.presets import LABELS
from surveys.questionnaire_files.questionnaire import Option

MOST_OPTIONS = 200
_RANGE = re.compile(r"\s*([-+−]?\d{1,3})\s*(?:-|–|—|\.\.|…|to|bis)\s*\+?([-−]?\d{1,3})\s*")
_CODED = re.compile(r"\s*([-+−]?\w[\w.-]{0,40})\s*(?:=|:|,)\s*(.+?)\s*", re.DOTALL)
NAMES = tuple(LABELS)


def options_of(written: str, language: str) -> tuple[Option, ...]:
    """The options that a text stands for; none where it is no list of options."""
    return named(written, language) or _range(written) or _list(written, language)


def named(written: str, language: str) -> tuple[Option, ...]:
    """The options of a scale that goes by its name, such as ``agreement 5``; else none."""
    name = "-".join(written.lower().replace("_", " ").replace("-", " ").split())
    words = LABELS.get(name, {})
    labels = words.get(language.split("-")[0], ())
    return tuple(
        Option(str(value), {language: label}) for value, label in enumerate(labels, start=1)
    )


def _range(written: str) -> tuple[Option, ...]:
    found = _RANGE.fullmatch(written)
    if not found:
        return ()
    least, most = (int(one.replace("−", "-")) for one in found.groups())
    if not 1 <= most - least < MOST_OPTIONS:
        return ()
    return tuple(Option(str(value)) for value in range(least, most + 1))


def _list(written: str, language: str) -> tuple[Option, ...]:
    mark = next((one for one in ("|", "\n", ";") if one in written), "")
    parts = [part.strip() for part in written.split(mark)] if mark else []
    if not mark and written.count("=") > 1:
        parts = [part.strip() for part in written.split(",")]
    parts = [part for part in parts if part]
    if not 2 <= len(parts) <= MOST_OPTIONS:
        return ()
    coded = [_CODED.fullmatch(part) for part in parts]
    pairs = [(one[1], one[2]) for one in coded if one]
    if len(pairs) == len(parts):
        return tuple(Option(code.replace("−", "-"), {language: text}) for code, text in pairs)
    return tuple(Option(str(n), {language: part}) for n, part in enumerate(parts, start=1))
