"""psychTestR's dictionaries: keys of prompts and choices, a column for each language. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from surveys.instrument_files.marks import label_number
from surveys.questionnaire_files.content import Refusal, Sheet
from surveys.questionnaire_files.errors import Changed, NotKept, Unreadable
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

# What tells an item bank: keys and scoring, in a file beside the dictionary.
_BANK = {"main_id", "template", "score_func"}
_TURNED = re.compile(r"\d+\s*-\s*\(?\s*x")
_ENTRY = re.compile(r"(.+?)_(PROMPT|CHOICES?0*(\d{1,3}))")


def is_dictionary(sheet: Sheet) -> bool:
    """Tell whether the first column holds the keys of prompts and choices."""
    if not sheet.headers or sheet.headers[0].lower() != "key":
        return False
    return any(_ENTRY.fullmatch(row.get(sheet.headers[0])) for row in sheet.rows)


def require_words(sheet: Sheet) -> None:
    """Raise `Refusal` for an item bank, with the items that its scoring turns round."""
    names = {header.strip(): header for header in sheet.headers}
    if not names.keys() >= _BANK:
        return
    keys = [
        row.get(names["main_id"]).lower()
        for row in sheet.rows
        if _TURNED.search(row.get(names["score_func"]))
    ]
    raise Refusal(Unreadable.ITEM_BANK, reverse=",".join(dict.fromkeys(keys)) or "none")


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
        _prompt(wording, name, line, words, choices.get(name, {}))
        for name, (line, words) in prompts.items()
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


def _prompt(
    wording: Wording, name: str, line: int, words: Texts, choices: Mapping[int, Texts]
) -> Question:
    place, moved = f"line {line}: {name}_PROMPT", _moved(choices)
    if moved:
        wording.note(place, Changed.NUMBERED_BY_LABEL, most=max(choices))
    return Question(
        name=name,
        place=place,
        # A prompt without choices is a heading or an instruction.
        kind=Kind.CHOICE if choices else Kind.INFORMATION,
        type="prompt",
        text=words,
        options=tuple(Option(str(number + moved), choices[number]) for number in sorted(choices)),
    )


def _moved(choices: Mapping[int, Texts]) -> int:
    """By how much the numbers that several labels show differ from their places, if alike."""
    found = {
        (place, shows - place)
        for place, texts in choices.items()
        for label in texts.values()
        if (shows := label_number(label)) is not None
    }
    by = {moved for _place, moved in found}
    return by.pop() if len(by) == 1 and len(found) > 1 else 0


def _tag_of(header: str) -> str:
    """``de_f`` is German in another form of address."""
    head, _, form = header.strip().partition("_")
    tag = language_tag(head)
    if not tag or head.lower() not in LANGUAGES:
        return ""
    return f"{tag}-formal" if form == "f" else tag
