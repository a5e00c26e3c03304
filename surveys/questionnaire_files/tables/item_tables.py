"""Item tables: a row for each item, as researchers keep them in a sheet. Pure.

The words stand in a column called ``text`` (or item, question, label …), or in one for each
language (``en``, ``text_de``). Other columns are ``key``, ``facet``, ``R`` and ``scale``, and what
can be answered: ``choice1`` and so on, ``options``, or the name of a list in a second sheet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from surveys.questionnaire_files.content import Refusal, Row, Sheet
from surveys.questionnaire_files.errors import NotKept, Unreadable
from surveys.questionnaire_files.questionnaire import (
    Group,
    Kind,
    Option,
    Question,
    Questionnaire,
    Required,
    Texts,
    Tool,
)
from surveys.questionnaire_files.reverse import marks_reversed
from surveys.questionnaire_files.tables.item_columns import Columns, columns_of
from surveys.questionnaire_files.tables.response_options import options_of
from surveys.questionnaire_files.wording import Wording, shown

_LISTS = ("choices", "options", "scales", "response_scales", "lists", "antworten")
# Columns that only a sheet of lists has.
_LISTED = ("list_name", "list name", "list")


def read_table(sheets: Sequence[Sheet], language: str) -> Questionnaire:
    """The questionnaire of a table. Raises `Refusal` where no column holds words."""
    sheet = sheets[0]
    columns = columns_of(sheet.headers, language)
    if "key" in columns.roles:
        columns = columns.directed({row.get(columns.roles["key"]) for row in sheet.rows} - {""})
    if not columns.texts:
        raise Refusal(Unreadable.NO_TEXT_COLUMN)
    reading = _Reading(Wording(Tool.ITEM_TABLE), columns, _lists(sheets[1:], language))
    questions = [
        one
        for number, row in enumerate(sheet.rows, start=1)
        if (one := reading.question(row, number)) is not None
    ]
    for header in sheet.headers:
        if header and header not in columns.known and any(row.get(header) for row in sheet.rows):
            reading.wording.note(f"column {header}", NotKept.SETTING, what=f"“{shown(header)}”")
    groups = list(dict.fromkeys(one.group for one in questions))
    # Items of one scale belong together, also where those of several stand in turns.
    questions.sort(key=lambda one: groups.index(one.group))
    return Questionnaire(
        tool=Tool.ITEM_TABLE,
        title={},
        languages=columns.languages,
        groups=tuple(Group(key, {columns.languages[0]: key} if key else {}) for key in groups),
        questions=tuple(questions),
        losses=tuple(reading.wording.losses),
        language_said=columns.language_said,
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    wording: Wording
    columns: Columns
    lists: Mapping[str, tuple[Option, ...]]

    def question(self, row: Row, number: int) -> Question | None:
        """The item of one row; None for one without a word."""
        where = f"line {row.line}"
        key = self._cell(row, "key") or f"item_{number}"
        where = f"{where}: {key}"
        raw = {language: row.get(column) for language, column in self.columns.texts.items()}
        texts = self.wording.texts(raw, where)
        if not texts:
            return None
        options, group = self._options(row, where)
        condition = self._cell(row, "condition")
        if condition:
            self.wording.note(where, NotKept.CONDITION, condition=shown(condition))
        stem = self._cell(row, "instruction")
        required = self._cell(row, "required").lower() in ("y", "yes", "1", "true", "x", "ja")
        return Question(
            name=key,
            place=where,
            kind=Kind.CHOICE,
            type="item",
            text=texts,
            options=options,
            group=group,
            stem=self.wording.texts({self.columns.languages[0]: stem}, where),
            required=Required.YES if required else Required.NO,
            condition=condition,
            facet=self._cell(row, "facet"),
            reversed_in_file=self._reversed(row),
        )

    def _cell(self, row: Row, role: str) -> str:
        return row.get(self.columns.roles[role]) if role in self.columns.roles else ""

    def _reversed(self, row: Row) -> bool:
        cell = self._cell(row, "reverse")
        if self.columns.signed:
            return cell.startswith(("-", "−")) or cell.lower() in ("r", "negative", "reverse")
        # A dash in a column of marks is a cell without one.
        return cell not in ("", "-", "–", "+") and marks_reversed(cell)

    def _options(self, row: Row, where: str) -> tuple[tuple[Option, ...], str]:
        """What can be answered, and the scale that the item belongs to.

        A column called scale can name either.
        """
        scale, written = self._cell(row, "scale"), self._cell(row, "options")
        base = self.columns.languages[0]
        own = self._own(row, where)
        if own:
            return own, scale
        for cell in (written, scale):
            options = self.lists.get(cell) or (options_of(cell, base) if cell else ())
            if options:
                return options, "" if cell == scale else scale
        return (), scale

    def _own(self, row: Row, where: str) -> tuple[Option, ...]:
        options = []
        for number, columns in self.columns.choices.items():
            raw = {language: row.get(column) for language, column in columns.items()}
            if any(raw.values()):
                options.append(Option(str(number), self.wording.texts(raw, where)))
        return tuple(options)


def is_list(sheet: Sheet) -> bool:
    """Tell whether a sheet holds lists of options, each named on its first row."""
    key, code, label = _list_columns(sheet)
    return bool(key and code and label) or sheet.name.lower() in _LISTS


def has_items(sheet: Sheet, language: str) -> bool:
    """Tell whether some column of a sheet holds words of items, and not of lists alone."""
    listing = any(header.strip().lower() in _LISTED for header in sheet.headers)
    if listing or sheet.name.lower() in _LISTS:
        return False
    return bool(columns_of(sheet.headers, language).texts)


def _list_columns(sheet: Sheet) -> tuple[str, str, str]:
    """The columns with a list's name, an option's code and its label; empty where there is none."""
    names = {header.strip().lower(): header for header in sheet.headers}
    wanted = ((*_LISTED, "scale", "key"), ("name", "value", "code"), ("label", "text"))
    key, code, label = (next((names[one] for one in ones if one in names), "") for ones in wanted)
    return key, code, label


def _lists(sheets: Iterable[Sheet], language: str) -> dict[str, tuple[Option, ...]]:
    """The lists of options in further sheets."""
    found: dict[str, list[Option]] = {}
    for sheet in sheets:
        key, code, label = _list_columns(sheet)
        current = ""
        for row in sheet.rows:
            current = row.get(key) or current
            if current and row.get(code):
                words: Texts = {language: row.get(label)} if row.get(label) else {}
                found.setdefault(current, []).append(Option(row.get(code), words))
    return {name: tuple(options) for name, options in found.items()}
