"""formr's sheets: a row for each item, lists of choices in a second sheet. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from surveys.questionnaire_files.content import Row, Sheet
from surveys.questionnaire_files.errors import Changed, NotKept
from surveys.questionnaire_files.languages import implied, numbered
from surveys.questionnaire_files.questionnaire import (
    Group,
    Kind,
    Option,
    Question,
    Questionnaire,
    Required,
    Tool,
)
from surveys.questionnaire_files.reverse import names_reversed
from surveys.questionnaire_files.wording import Wording, shown

_HEADERS = {
    "typ": "type",
    "variablenname": "name",
    "wortlaut": "label",
    "skala": "scale",
    "antwortformatanzahl": "choices_asked",
    "ratinguntererpol": "choice1",
    "ratingobererpol": "choice2",
}
_CHOICE = re.compile(r"(?:choice|mcalt)0*(\d{1,3})")
_KINDS = {
    **dict.fromkeys(("mc", "mc_button", "select_one", "select_or_add_one", "sex"), Kind.CHOICE),
    **dict.fromkeys(("rating_button", "rating"), Kind.CHOICE),
    **dict.fromkeys(
        (
            "mc_multiple",
            "mc_multiple_button",
            "mselect",
            "select_multiple",
            "select_or_add_multiple",
        ),
        Kind.SEVERAL,
    ),
    **dict.fromkeys(("check", "check_button"), Kind.SEVERAL),
    **dict.fromkeys(("number",), Kind.NUMBER),
    **dict.fromkeys(("range", "range_ticks", "visual_analog_scale"), Kind.SLIDER),
    **dict.fromkeys(("text", "textarea", "letters", "email", "tel", "url"), Kind.TEXT),
    **dict.fromkeys(
        ("date", "datetime", "datetime_local", "year", "month", "yearmonth", "week", "time"),
        Kind.DATE,
    ),
    **dict.fromkeys(
        ("note", "block", "instruction", "mc_heading", "note_iframe"), Kind.INFORMATION
    ),
}
_PAGES = ("submit", "fork")
_BOXES = ("check", "check_button")
_OPTIONAL = frozenset(("check", "check_button", "note", "block", "instruction", "mc_heading"))
_HEADING = re.compile(r"^#{1,6}[ \t]*", re.MULTILINE)
_LINK = re.compile(r"\[([^\[\]]{1,500})\]\([^()\s]{1,2000}\)")
_PICTURE = re.compile(r"!\[[^\[\]]{0,500}\]\(([^()\s]{1,2000})\)")
_NEVER = frozenset(("FALSE", "F", "0"))
_RANGE = re.compile(r"\s*(-?\d{1,6})\s*,\s*(-?\d{1,6})\s*(?:,\s*(\d{1,6}|any)\s*)?")


def is_sheet(sheet: Sheet) -> bool:
    """Tell whether a sheet has type, name and label as formr's do, under any of their headers."""
    names = {_normal(header) for header in sheet.headers}
    if not {"type", "name", "label"} <= names:
        return False
    types = {_type_of(_row(row))[0] for row in sheet.rows}
    return bool(types & {*_KINDS, *_PAGES})


def read_sheets(sheets: Sequence[Sheet], language: str) -> Questionnaire:
    """The questionnaire of a workbook, whose texts are in `language`."""
    reading = _Reading(Wording(Tool.FORMR), language, _lists(sheets[1:]))
    questions = []
    page = 1
    for raw in sheets[0].rows:
        row = _row(raw)
        kind = _type_of(row)[0]
        if kind in _PAGES:
            page += 1
        elif kind:
            questions.append(reading.question(row, f"page{page}"))
        elif row.get("label") or row.get("name"):
            reading.wording.note(f"line {row.line}", NotKept.SETTING, what=shown(str(row.cells)))
    groups = dict.fromkeys(one.group for one in questions)
    return Questionnaire(
        tool=Tool.FORMR,
        title={},
        languages=(language,),
        groups=tuple(Group(key) for key in groups),
        questions=tuple(questions),
        losses=tuple(reading.wording.losses),
        language_said=False,
    )


def _normal(header: str) -> str:
    name = header.strip().lower()
    if choice := _CHOICE.fullmatch(name):
        return f"choice{choice[1]}"
    return _HEADERS.get(name, name)


def _row(raw: Row) -> Row:
    cells: dict[str, str] = {}
    for header, cell in raw.cells.items():
        if cell:
            cells.setdefault(_normal(header), cell)
    return Row(raw.line, cells)


def _type_of(row: Row) -> tuple[str, str]:
    """The type and what is written behind it: ``mc_button agreement``."""
    name, _, rest = row.get("type").strip().partition(" ")
    return name.lower().replace("-", "_"), rest.strip()


def _lists(sheets: Sequence[Sheet]) -> dict[str, list[tuple[str, str]]]:
    """Lists by name, which stands on the first of its rows."""
    found: dict[str, list[tuple[str, str]]] = {}
    for sheet in sheets:
        current = ""
        for raw in sheet.rows:
            row = Row(raw.line, {name.strip().lower(): cell for name, cell in raw.cells.items()})
            current = row.get("list_name", "list name") or current
            if current and row.get("name"):
                found.setdefault(current, []).append((row.get("name"), row.get("label")))
    return found


@dataclass(frozen=True, slots=True)
class _Reading:
    wording: Wording
    language: str
    lists: Mapping[str, list[tuple[str, str]]] = field(default_factory=dict)

    def question(self, row: Row, group: str) -> Question:
        """The question of one row."""
        name, rest = _type_of(row)
        where = f"line {row.line}: {row.get('name')}"
        kind = _KINDS.get(name, Kind.OTHER)
        bounds = _RANGE.match(rest)
        condition = row.get("showif")
        if condition:
            self.wording.note(where, NotKept.CONDITION, condition=shown(condition))
        if row.get("value") and kind is not Kind.OTHER:
            self.wording.note(where, NotKept.DEFAULT, value=shown(row.get("value")))
        if name.startswith("select_or_add"):
            self.wording.note(where, NotKept.OTHER_OPTION)
        if row.get("block_order") or row.get("item_order"):
            order = f"{row.get('block_order')} {row.get('item_order')}".strip()
            self.wording.note(where, NotKept.RANDOM, what=f"order {order}")
        ends = ("", "")
        if kind is Kind.SLIDER and row.get("choice1") and row.get("choice2"):
            ends = (row.get("choice1"), row.get("choice2"))
        limited = bounds is not None and kind in (Kind.NUMBER, Kind.SLIDER)
        return Question(
            name=row.get("name"),
            place=where,
            kind=kind,
            type=" ".join(part for part in (name, rest) if part),
            text=self.wording.texts({self.language: self._words(row, where)}, where),
            options=self._options(row, where, name, rest),
            group=group,
            required=_required(row, name),
            condition=condition,
            minimum=bounds[1] if bounds and limited else "",
            maximum=bounds[2] if bounds and limited else "",
            low=self.wording.texts({self.language: ends[0]}, where),
            high=self.wording.texts({self.language: ends[1]}, where),
            hidden=condition.strip().upper() in _NEVER,
            reversed_in_file=kind is Kind.CHOICE and names_reversed(row.get("name")),
        )

    def _words(self, row: Row, where: str) -> str:
        label = row.get("label")
        if _HEADING.search(label):
            self.wording.note(where, NotKept.MARKUP, tags="#")
        for picture in _PICTURE.finditer(label):
            self.wording.note(where, NotKept.PICTURE, source=shown(picture[1]))
        label = _PICTURE.sub("", label)
        # Left as they are, their brackets would be read as something to fill in.
        if _LINK.search(label):
            self.wording.note(where, NotKept.MARKUP, tags="[](…)")
        return _HEADING.sub("", _LINK.sub(r"\1", label))

    def _options(self, row: Row, where: str, name: str, rest: str) -> tuple[Option, ...]:
        kind = _KINDS.get(name)
        if kind not in (Kind.CHOICE, Kind.SEVERAL):
            return ()
        if name in ("rating_button", "rating"):
            return self._rating(row, where, rest)
        options = self._listed(rest, where) or self._own(row, where)
        if name == "sex":
            self.wording.note(where, Changed.IMPLIED_LABELS, type=name)
            return implied((("1", "male"), ("2", "female")), (self.language,))
        if name in _BOXES and not options:
            # One box, whose words are the question's.
            return (
                Option("1", self.wording.texts({self.language: self._words(row, where)}, where)),
            )
        return options

    def _listed(self, rest: str, where: str) -> tuple[Option, ...]:
        named = next((one for one in reversed(rest.split()) if one in self.lists), "")
        return tuple(
            Option(code, self.wording.texts({self.language: label}, where))
            for code, label in self.lists.get(named, ())
        )

    def _own(self, row: Row, where: str) -> tuple[Option, ...]:
        """Choices of the row: each has the number of its column as its code, gaps included."""
        numbers = sorted(int(one[1]) for name in row.cells if (one := _CHOICE.fullmatch(name)))
        return tuple(
            Option(
                str(number),
                self.wording.texts({self.language: row.get(f"choice{number}")}, where),
            )
            for number in numbers
        )

    def _rating(self, row: Row, where: str, rest: str) -> tuple[Option, ...]:
        """Numbers with words at the ends, from 1 to 5 unless it says others.

        The words are the first two choices, however many points there are.
        """
        least, most, step = _points(rest, row.get("choices_asked"))
        points = numbered(least, min(most, least + 500 * step))[::step]
        ends = self._listed(rest, where) or self._own(row, where)
        if len(points) < 2 or len(ends) < 2:
            return points
        for end in ends[2:]:
            self.wording.note(where, NotKept.END_LABELS, text=shown(", ".join(end.label.values())))
        first, *middle, last = points
        return (Option(first.code, ends[0].label), *middle, Option(last.code, ends[1].label))


def _points(rest: str, asked: str) -> tuple[int, int, int]:
    """Least, most and step of a rating: ``1,7,1``, ``7``, or how many points a column says."""
    if bounds := _RANGE.match(rest):
        step = int(bounds[3]) if bounds[3] and bounds[3].isdigit() else 1
        return int(bounds[1]), int(bounds[2]), max(step, 1)
    single = rest.split()[:1] or [asked]
    most = int(single[0]) if single[0].isdigit() and len(single[0]) < 4 else 5
    return 1, max(most, 2), 1


def _required(row: Row, name: str) -> Required:
    """Items must be answered unless they say otherwise; boxes need not be ticked."""
    optional = row.get("optional").strip()
    if optional in ("*", "!"):
        return Required.NO if optional == "*" else Required.YES
    return Required.NO if name in _OPTIONAL or name not in _KINDS else Required.YES
