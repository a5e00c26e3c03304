"""psychTestR's dictionaries: keys of prompts and choices, a column for each language. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from surveys.questionnaire_files.content import Sheet
from surveys.questionnaire_files.errors import NotKept
from surveys.questionnaire_files.languages import ASSUMED, LANGUAGES, in_order, language_tag
from surveys.questionnaire_files.questionnaire import (
    Group,
    Kind,
    Option,
    Question,
    Questionnaire,
    Texts,
    Tool,
)
from surveys.questionnaire_files.wording import Wording, shown

_ENTRY = re.compile(r"(.+?)_(PROMPT|CHOICES?0*(\d{1,3}))")


def is_dictionary(sheet: Sheet) -> bool:
    """Tell whether the first column holds the keys of prompts and choices."""
    if not sheet.headers or sheet.headers[0].lower() != "key":
        return False
    return any(_ENTRY.fullmatch(row.get(sheet.headers[0])) for row in sheet.rows)


def read_dictionary(sheet: Sheet) -> Questionnaire:
    """The questionnaire of a dictionary."""
    wording = Wording(Tool.PSYCHTESTR)
    columns = {header: tag for header in sheet.headers[1:] if (tag := _tag_of(header))}
    prompts: dict[str, tuple[int, Texts]] = {}
    choices: dict[str, dict[int, Texts]] = {}
    for row in sheet.rows:
        entry = row.get(sheet.headers[0])
        found = _ENTRY.fullmatch(entry)
        where = f"line {row.line}: {entry}"
        words = wording.texts({columns[h]: row.get(h) for h in columns}, where)
        if found is None:
            wording.note(where, NotKept.SETTING, what=f"“{shown(entry)}”")
        elif found[3]:
            choices.setdefault(found[1], {})[int(found[3])] = words
        else:
            prompts[found[1]] = (row.line, words)
    questions = [
        _prompt(name, line, words, choices.get(name, {})) for name, (line, words) in prompts.items()
    ]
    languages = in_order("", columns.values()) or (ASSUMED,)
    return Questionnaire(
        tool=Tool.PSYCHTESTR,
        title={},
        languages=languages,
        groups=(Group(""),),
        questions=tuple(questions),
        losses=tuple(wording.losses),
    )


def _prompt(name: str, line: int, words: Texts, choices: Mapping[int, Texts]) -> Question:
    return Question(
        name=name,
        place=f"line {line}: {name}_PROMPT",
        # A prompt without choices is a heading or an instruction.
        kind=Kind.CHOICE if choices else Kind.INFORMATION,
        type="prompt",
        text=words,
        options=tuple(Option(str(number), choices[number]) for number in sorted(choices)),
    )


def _tag_of(header: str) -> str:
    """``de_f`` is German in another form of address."""
    head, _, form = header.strip().partition("_")
    tag = language_tag(head)
    if not tag or head.lower() not in LANGUAGES:
        return ""
    return f"{tag}-formal" if form == "f" else tag
