"""Response scales that are used again and again, in the words of the languages known here. Pure.

A preset has words in English and German; in any other language they are left to be written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from surveys.codes import SentenceCode
from surveys.codes import marked as _
from surveys.instrument_files.authoring.names import free_name

Values = dict[str, Any]

LABELS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "agreement-5": {
        "en": (
            "Strongly disagree",
            "Disagree",
            "Neither agree nor disagree",
            "Agree",
            "Strongly agree",
        ),
        "de": (
            "Stimme überhaupt nicht zu",
            "Stimme nicht zu",
            "Weder noch",
            "Stimme zu",
            "Stimme voll und ganz zu",
        ),
    },
    "agreement-7": {
        "en": (
            "Strongly disagree",
            "Disagree",
            "Somewhat disagree",
            "Neither agree nor disagree",
            "Somewhat agree",
            "Agree",
            "Strongly agree",
        ),
        "de": (
            "Stimme überhaupt nicht zu",
            "Stimme nicht zu",
            "Stimme eher nicht zu",
            "Weder noch",
            "Stimme eher zu",
            "Stimme zu",
            "Stimme voll und ganz zu",
        ),
    },
    "frequency-5": {
        "en": ("Never", "Rarely", "Sometimes", "Often", "Always"),
        "de": ("Nie", "Selten", "Manchmal", "Oft", "Immer"),
    },
    "accuracy-5": {
        "en": (
            "Very inaccurate",
            "Moderately inaccurate",
            "Neither accurate nor inaccurate",
            "Moderately accurate",
            "Very accurate",
        ),
        "de": (
            "Trifft gar nicht zu",
            "Trifft eher nicht zu",
            "Weder noch",
            "Trifft eher zu",
            "Trifft genau zu",
        ),
    },
}


class Preset(SentenceCode):
    """A scale that can be chosen by its name, and what it is called."""

    AGREEMENT_5 = "agreement-5", _("Agreement, 5 labelled points")
    AGREEMENT_7 = "agreement-7", _("Agreement, 7 labelled points")
    FREQUENCY_5 = "frequency-5", _("Frequency, 5 labelled points")
    ACCURACY_5 = "accuracy-5", _("Accuracy, 5 labelled points")
    YES_NO = "yes-no", _("Yes or no")
    NUMBERS_0_10 = "numbers-0-10", _("Numbers 0–10, labels at the ends")
    NUMBERS_1_7 = "numbers-1-7", _("Numbers 1–7, labels at the ends")
    SLIDER = "slider", _("Slider 0–100")
    NUMBER = "number", _("A number that is typed")
    SEVERAL = "several", _("Several of many")
    RANKING = "ranking", _("Ranking")
    TEXT = "text", _("Short text")
    LONG_TEXT = "long-text", _("Long text")
    DATE = "date", _("Date")
    INFORMATION = "information", _("Information or vignette: read, not answered")


_NOT_AT_ALL = {"en": "Not at all", "de": "Gar nicht"}
_COMPLETELY = {"en": "Completely", "de": "Völlig"}
_OPTIONS = [{"key": f"option_{n}", "label": {}} for n in (1, 2, 3)]
_OTHERS: Mapping[str, Values] = {
    "yes-no": {
        "options": [
            {"value": 0, "label": {"en": "No", "de": "Nein"}},
            {"value": 1, "label": {"en": "Yes", "de": "Ja"}},
        ]
    },
    "numbers-0-10": {
        "kind": "numbered",
        "minimum": 0,
        "maximum": 10,
        "labels": [{"value": 0, "label": _NOT_AT_ALL}, {"value": 10, "label": _COMPLETELY}],
    },
    "numbers-1-7": {
        "kind": "numbered",
        "minimum": 1,
        "maximum": 7,
        "labels": [{"value": 1, "label": _NOT_AT_ALL}, {"value": 7, "label": _COMPLETELY}],
    },
    "slider": {"kind": "slider", "low": _NOT_AT_ALL, "high": _COMPLETELY},
    "number": {"kind": "number", "minimum": 0, "maximum": 100},
    "several": {"kind": "several", "options": _OPTIONS},
    "ranking": {"kind": "ranking", "options": _OPTIONS},
    "text": {"kind": "text"},
    "long-text": {"kind": "text", "long": True, "longest": 1000},
    "date": {"kind": "date", "earliest": "1900-01-01", "latest": "2100-12-31"},
    "information": {"kind": "information"},
}


def preset_scale(preset: Preset, languages: Sequence[str], taken: Sequence[str] = ()) -> Values:
    """The table of a response scale, under a key that is none of `taken`.

    Texts are in those of the languages that the preset has words in.
    """
    return {
        "key": free_name(preset.value.replace("-", "_"), taken),
        **_in(_table(preset), languages),
    }


def _table(preset: Preset) -> Values:
    if preset.value not in LABELS:
        return deepcopy(dict(_OTHERS[preset.value]))
    words = LABELS[preset.value]
    points = range(len(words["en"]))
    labels = [{language: said[at] for language, said in words.items()} for at in points]
    return {"options": [{"value": n, "label": one} for n, one in enumerate(labels, start=1)]}


def _in(value: Any, languages: Sequence[str]) -> Any:
    """The same with texts in these languages alone; ``de-CH`` is written as ``de`` is."""
    if isinstance(value, list):
        return [_in(one, languages) for one in value]
    if not isinstance(value, dict):
        return value
    if value and set(value) <= {"en", "de"}:
        known = {language: value.get(language.split("-")[0]) for language in languages}
        return {language: text for language, text in known.items() if text}
    return {key: _in(one, languages) for key, one in value.items()}
