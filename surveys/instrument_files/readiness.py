"""What a draft may still lack, and what has to be written before people are asked. Pure.

A mistake (a key that there is not, a scale without a value) is refused wherever it is written. What
is only not there yet may be saved, and is said again before the study opens.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from surveys.codes import Problem, SentenceCode
from surveys.codes import marked as _
from surveys.instrument_files.definitions import StudyDefinition
from surveys.instrument_files.errors import FileMistake

PLACEHOLDER = re.compile(r"\[[^\[\]]+\]")
LONGEST_PLACEHOLDER = 60
ABSENT = frozenset({FileMistake.MISSING_KEY, FileMistake.EMPTY_TEXT, FileMistake.EMPTY_LIST})


class Unready(SentenceCode):
    """What keeps a study that can be read from being opened."""

    NO_CONSENT = (
        "no_consent",
        _("there is no consent yet; write [consent]: information, statement and contact"),
    )
    NO_CONTACT = (
        "no_contact",
        _("nobody is named whom people can write to; give name, institution and address"),
    )
    NO_BLOCK = "no_block", _("nothing is asked yet; add a block")
    PARADATA_UNTOLD = (
        "paradata_untold",
        _(
            "nobody who reads %(language)s is told what is recorded beside the answers: the "
            "program has no words in it; write them under settings.paradata_told"
        ),
    )
    PLACEHOLDER_LEFT = (
        "placeholder_left",
        _("%(text)s still stands in square brackets; write what it stands for, without them"),
    )


class Locked(SentenceCode):
    """What can no longer be changed once a study is open."""

    WORDS = "words", _("title and languages")
    CONSENT = "consent", _("information, consent and contact")
    BLOCKS = "blocks", _("blocks: their instruments, their order and how many items a page has")
    CHECKS = "checks", _("attention checks")
    FLOW = "flow", _("conditions, rules of what is shown, and screenings")
    DEMOGRAPHICS = "demographics", _("questions about the person")
    SETTINGS = "settings", _("settings, among them duration, seed and scale direction")


def may_wait(problem: Problem) -> bool:
    """Tell whether a draft can be saved with this problem: something is not written yet."""
    if problem.code == FileMistake.CHECK_OUTSIDE_BLOCK:
        return True
    if problem.code == FileMistake.MISSING_LANGUAGE:
        # A block without words in a language has nothing that it could be stored with.
        return not problem.where.startswith("blocks[")
    place = problem.where.split(".")[0]
    return problem.code in ABSENT and place in ("consent", "blocks")


def lacking(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return what may wait, said as what is missing from the study instead of from a file."""
    waiting = [problem for problem in problems if may_wait(problem)]
    whole = {one.where for one in waiting if one.code in ABSENT}
    parts = [one for one in waiting if "consent" not in whole or not _inside(one, "consent")]
    return tuple(_as_missing(one) for one in parts)


def people_problems(study: StudyDefinition, untold: Collection[str] = ()) -> tuple[Problem, ...]:
    """Return what keeps real people out: places left to be filled in, and what is not told.

    `untold` are languages of the study in which the program cannot say what the study records.
    """
    own_words = study.settings.get("paradata_told", {})
    return (
        *_placeholders_left(study),
        *(
            Problem(f"settings.paradata_told.{one}", Unready.PARADATA_UNTOLD, {"language": one})
            for one in untold
            if one not in own_words
        ),
    )


def _placeholders_left(study: StudyDefinition) -> Iterator[Problem]:
    consent = study.consent
    written: dict[str, Any] = {
        "title": study.title,
        "consent": {
            "information": consent.information,
            "statement": consent.statement,
            "contact": consent.contact,
        },
        "settings": study.settings,
    }
    for where, text in _texts(written):
        for found in placeholders([text]):
            yield Problem(where, Unready.PLACEHOLDER_LEFT, {"text": _cut(found)})


def placeholders(texts: Sequence[str]) -> list[str]:
    """Return every distinct place of the texts that is still to be filled in, "[e-mail]"."""
    found = (one for text in texts for one in PLACEHOLDER.findall(text))
    # "[1]" is a note, and no place.
    return list(dict.fromkeys(one for one in found if any(map(str.isalpha, one))))


def _inside(problem: Problem, part: str) -> bool:
    return problem.where.startswith(f"{part}.")


def _as_missing(problem: Problem) -> Problem:
    codes = {
        "consent": Unready.NO_CONSENT,
        "consent.contact": Unready.NO_CONTACT,
        "blocks": Unready.NO_BLOCK,
    }
    code = codes.get(problem.where) if problem.code in ABSENT else None
    return Problem(problem.where, code) if code else problem


def _texts(values: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for key, value in values.items():
        where = f"{path}.{key}" if path else str(key)
        if isinstance(value, Mapping):
            yield from _texts(value, where)
        elif isinstance(value, str):
            yield where, value


def _cut(text: str) -> str:
    shown = " ".join(text.split())
    return shown if len(shown) <= LONGEST_PLACEHOLDER else shown[: LONGEST_PLACEHOLDER - 1] + "…"
