"""REDCap's data dictionary, under the headers of its downloads or those of its interface. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from surveys.questionnaire_files.content import Row, Sheet
from surveys.questionnaire_files.errors import Changed, LeftOut, NotKept
from surveys.questionnaire_files.languages import implied
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
from surveys.questionnaire_files.reverse import says_reversed
from surveys.questionnaire_files.wording import Wording, shown

_HEADERS = {
    "variable / field name": "field_name",
    "form name": "form_name",
    "section header": "section_header",
    "field type": "field_type",
    "field label": "field_label",
    "choices, calculations, or slider labels": "select_choices_or_calculations",
    "choices or calculations": "select_choices_or_calculations",
    "field note": "field_note",
    "text validation type or show slider number": "text_validation_type_or_show_slider_number",
    "text validation min": "text_validation_min",
    "text validation max": "text_validation_max",
    "identifier?": "identifier",
    "branching logic (show field only if...)": "branching_logic",
    "branching logic (show field only if ...)": "branching_logic",
    "required field?": "required_field",
    "custom alignment": "custom_alignment",
    "question number (surveys only)": "question_number",
    "matrix group name": "matrix_group_name",
    "matrix ranking?": "matrix_ranking",
    "field annotation": "field_annotation",
}
_KINDS = {
    "notes": Kind.TEXT,
    "radio": Kind.CHOICE,
    "dropdown": Kind.CHOICE,
    "select": Kind.CHOICE,
    "checkbox": Kind.SEVERAL,
    "slider": Kind.SLIDER,
    "descriptive": Kind.INFORMATION,
}
_IMPLIED = {
    "yesno": (("1", "yes"), ("0", "no")),
    "truefalse": (("1", "true"), ("0", "false")),
}
_NUMBERS = re.compile(r"int|integer|number.*|float|vas.*")
_FIELD = re.compile(r"[a-z][a-z0-9_]*")
_HIDDEN = re.compile(r"@HIDDEN(?:-SURVEY)?(?![\w-])")


def is_dictionary(sheet: Sheet) -> bool:
    """Tell whether the headers are those of a data dictionary, the first of which may be blank."""
    known = {_normal(header) for header in sheet.headers}
    return {"field_type", "field_label"} <= known and ("field_name" in known or _is_blank(sheet))


def _is_blank(sheet: Sheet) -> bool:
    """Whether the first column has names of fields as REDCap takes them, and no header."""
    names = [row.cells[""] for row in sheet.rows if "" in row.cells]
    return not sheet.headers[0] and bool(names) and all(map(_FIELD.fullmatch, names))


def read_dictionary(sheet: Sheet, language: str) -> Questionnaire:
    """The questionnaire of a data dictionary, whose texts are in `language`."""
    wording = Wording(Tool.REDCAP)
    named = "field_name" in {_normal(header) for header in sheet.headers}
    reading = _Reading(wording, language)
    questions: list[Question] = []
    groups: dict[str, Group] = {}
    header: Texts = {}
    for place, raw in enumerate(sheet.rows):
        row = _row(raw, named=named)
        form = row.get("form_name")
        if form not in groups:
            groups[form], header = Group(form, {language: form} if form else {}), {}
        where = f"line {row.line}: {row.get('field_name')}"
        if row.get("section_header"):
            header = wording.texts({language: row.get("section_header")}, where)
        if not row.get("field_name"):
            continue
        if place == 0 and row.get("field_type") == "text":
            wording.note(where, LeftOut.RECORD_ID)
            continue
        questions.append(reading.question(row, where, header))
    return Questionnaire(
        tool=Tool.REDCAP,
        title={},
        languages=(language,),
        groups=tuple(groups.values()),
        questions=tuple(questions),
        losses=tuple(wording.losses),
        language_said=False,
    )


def _normal(header: str) -> str:
    plain = " ".join(header.strip().strip('"').lower().split())
    return _HEADERS.get(plain, plain)


def _row(raw: Row, *, named: bool) -> Row:
    """A row under the headers of the interface; R writes NA where a cell is empty.

    Where no column is `named` for the fields, it is the first.
    """
    first = "" if named else "field_name"
    cells = {_normal(name) or first: cell for name, cell in raw.cells.items()}
    words = ("field_name", "field_label")
    return Row(
        raw.line, {name: cell for name, cell in cells.items() if cell != "NA" or name in words}
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    wording: Wording
    language: str

    def question(self, row: Row, where: str, header: Texts) -> Question:
        """The question of one row."""
        kind = _kind(row)
        annotation = row.get("field_annotation")
        self._note(row, where, kind)
        ends = self._ends(row, where, kind)
        return Question(
            name=row.get("field_name"),
            place=where,
            kind=kind,
            type=_type(row),
            text=self.wording.texts({self.language: row.get("field_label")}, where),
            options=self._options(row, where, kind),
            group=row.get("form_name"),
            matrix=row.get("matrix_group_name"),
            stem=header,
            required=Required.YES if _yes(row.get("required_field")) else Required.NO,
            condition=row.get("branching_logic"),
            minimum=row.get("text_validation_min") or ("0" if kind is Kind.SLIDER else ""),
            maximum=row.get("text_validation_max") or ("100" if kind is Kind.SLIDER else ""),
            low=ends.get("low", {}),
            high=ends.get("high", {}),
            hidden=bool(_HIDDEN.search(annotation)),
            reversed_in_file=says_reversed(annotation),
        )

    def _options(self, row: Row, where: str, kind: Kind) -> tuple[Option, ...]:
        field_type = row.get("field_type").lower()
        if field_type in _IMPLIED:
            self.wording.note(where, Changed.IMPLIED_LABELS, type=field_type)
            return implied(_IMPLIED[field_type], (self.language,))
        if kind not in (Kind.CHOICE, Kind.SEVERAL, Kind.RANKING):
            return ()
        choices = row.get("select_choices_or_calculations")
        return tuple(
            Option(code, self.wording.texts({self.language: label}, where))
            for code, label in _choices(choices)
        )

    def _ends(self, row: Row, where: str, kind: Kind) -> dict[str, Texts]:
        """The words at the ends of a slider; one in the middle has no place."""
        words = row.get("select_choices_or_calculations").split("|")
        if kind is not Kind.SLIDER or len(words) < 2:
            return {}
        low, *middle, high = words
        if any(one.strip() for one in middle):
            self.wording.note(where, NotKept.END_LABELS, text=shown("|".join(middle)))
        ends = {"low": low, "high": high}
        return {end: self.wording.texts({self.language: text}, where) for end, text in ends.items()}

    def _note(self, row: Row, where: str, kind: Kind) -> None:
        note = self.wording.note
        self.wording.help({"": row.get("field_note")}, where)
        if condition := row.get("branching_logic"):
            note(where, NotKept.CONDITION, condition=shown(condition))
        if _yes(row.get("identifier")):
            note(where, NotKept.IDENTIFIER)
        if annotation := row.get("field_annotation"):
            note(where, NotKept.ANNOTATION, text=shown(annotation))
        validation = row.get("text_validation_type_or_show_slider_number")
        if kind is Kind.TEXT and validation:
            note(where, NotKept.RULE, rule=shown(validation))
        if _yes(row.get("matrix_ranking")):
            note(where, NotKept.RULE, rule="matrix ranking")


def _type(row: Row) -> str:
    validation = row.get("text_validation_type_or_show_slider_number")
    field_type = row.get("field_type").lower()
    return f"{field_type}/{validation}" if field_type == "text" and validation else field_type


def _kind(row: Row) -> Kind:
    field_type = row.get("field_type").lower()
    if field_type in _IMPLIED:
        return Kind.CHOICE
    if field_type != "text":
        return _KINDS.get(field_type, Kind.OTHER)
    validation = row.get("text_validation_type_or_show_slider_number").lower()
    if _NUMBERS.fullmatch(validation):
        return Kind.NUMBER
    return Kind.DATE if validation.startswith("date") else Kind.TEXT


def _choices(written: str) -> list[tuple[str, str]]:
    """Pairs of code and label: options end at a bar, a code at the first comma."""
    # Where somebody typed an option a line instead.
    bars = "|" if "|" in written else "\n"
    parts = [part.strip() for part in written.split(bars)]
    pairs = [(part.partition(",")) for part in parts if part]
    return [(code.strip(), label.strip()) for code, _, label in pairs]


def _yes(flag: str) -> bool:
    return flag.strip().lower() in ("y", "yes", "1", "true")
