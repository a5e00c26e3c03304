"""A draft of a mapping as TOML: what was recognised, and a ``?`` wherever somebody must answer."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from surveys.imports.drafts.columns import (
    DraftColumn,
    draft_columns,
    looks_like_models,
    versions_of,
)
from surveys.imports.drafts.filters import nobody_counts, row_filters, unsubmitted
from surveys.imports.drafts.fitting import Fitted, fitted
from surveys.imports.drafts.instruments import (
    DraftBlock,
    blocks_of,
    column_of_list,
    instrument_of,
    slug_of,
    study_of,
)
from surveys.imports.drafts.lists import chosen, lists_of
from surveys.imports.drafts.recognising import Recognised, recognise
from surveys.imports.drafts.roles import MOST_OPTIONS, by_time, is_ambiguous, time_format
from surveys.imports.drafts.shapes import is_repeated, recognised_rows
from surveys.imports.drafts.words import day_format
from surveys.imports.files.long import LongShape
from surveys.imports.mapping import ASKED, QUESTION
from surveys.instrument_files import to_toml
from surveys.presentation import Questionnaire

LANGUAGE = "en"
_ROLES = ("weight", "cluster", "stratum", "wave", "time")
# Sampling weights are mostly scaled so that they are 1 in the mean.
_MEAN_OF_WEIGHTS = (0.5, 2.0)


@dataclass(frozen=True, slots=True)
class MappingDraft:
    """A draft: its text, what each column would become, and how much is asked in it.

    `notes` are comments of the text on rows that may be nobody's answers.
    """

    text: str
    columns: tuple[DraftColumn, ...]
    items: Mapping[str, str]
    sampling: Mapping[str, str]
    versions: Mapping[str, str]
    questions: int
    rows: int
    recognised: Recognised
    notes: tuple[str, ...]

    def aim_of(self, column: DraftColumn) -> str:
        """What a column would become."""
        if found := self.items.get(column.name):
            version = self.versions.get(column.name)
            return f"{found} ({version})" if version else found
        if any(name == column.name for name, *_codes in row_filters(self.recognised)):
            return "row filter"
        kept = column.name in self.sampling or column.role in ("id", "demographic")
        return column.role if kept else "left out"


_Asked = tuple[tuple[tuple[str, int | None], ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a draft says of the columns: which is for what."""

    columns: tuple[DraftColumn, ...]
    items: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    sampling: dict[str, str] = field(default_factory=dict)
    fitted: Mapping[str, Fitted] = field(default_factory=dict)
    lists: dict[str, DraftBlock] = field(default_factory=dict)


def draft_file(
    content: bytes,
    *,
    name: str,
    study: str = "",
    there: Questionnaire | None = None,
    sheet: str = "",
) -> MappingDraft:
    """Draft the mapping of a file; the study is named after it. Raises `ImportFileError`.

    `there` is what the study asks, where it is there already: its questions are looked for. Of a
    workbook `sheet` is read, or the longest.
    """
    recognised = recognise(content, name=name, sheet=sheet)
    return draft_of(recognised, slug=study or slug_of(name), there=there)


def draft_of(
    recognised: Recognised, *, slug: str, there: Questionnaire | None = None
) -> MappingDraft:
    """Draft a mapping of people for a study of this name. What cannot be known is a question."""
    read, shape = recognised_rows(recognised)
    columns = draft_columns(read)
    if repeated := "" if shape else is_repeated(read.data, columns):
        # Without it each row would be a person of its own; with it the import is refused.
        columns = tuple(replace(o, role="id") if o.name == repeated else o for o in columns)
    blocks: list[DraftBlock] = []
    if there is not None:
        found = fitted(columns, there)
        plan = _Plan(columns, {name: one.ref for name, one in found.items()}, fitted=found)
    else:
        lists = lists_of(columns, read)
        listed = set(chosen(lists))
        columns = tuple(replace(o, role="list") if o.name in listed else o for o in columns)
        versions = versions_of(columns, read.data)
        later = {name for name, (_first, version) in versions.items() if version != "A"}
        blocks = list(blocks_of([one for one in columns if one.name not in later], lists, slug))
        items = {one.name: f"{b.key}.{key}" for b in blocks for one, key in b.column_keys}
        items |= {name: items[versions[name][0].name] for name in later}
        plan = _Plan(columns, items, {name: version for name, (_, version) in versions.items()})
        plan.lists.update({one.name: b for b in blocks if b.listed for one in b.listed.columns})
    plan.sampling.update(_sampling(columns))
    head = {
        "source": {"citation": QUESTION, "licence": QUESTION},
        "data": _data(read, columns, shape, slug if there else ""),
        **({} if there else {"study": study_of(slug, blocks)}),
    }
    tail = to_toml({"instruments": [instrument_of(block) for block in blocks]}) if blocks else ""
    notes = tuple(_notes(read, repeated))
    text = "\n".join([_OPENING, *notes, to_toml(head), tail, *_columns(plan)]).rstrip() + "\n"
    questions = len(re.findall(f'"{ASKED.pattern}"', text))
    rows = len(recognised.data.rows)
    return MappingDraft(
        text, columns, plan.items, plan.sampling, plan.versions, questions, rows, recognised, notes
    )


_OPENING = """\
# A draft, made from the data file alone. Where a ? stands between quotation marks, nobody can know
# the answer from the file: put it there, or remove the line where there is none (an instrument
# without reversed items). A number behind a ? is a proposal: the range of a question is that which
# people could use, and the file has only what they did use. Nothing is imported before that.
# docs/imports.md explains every key.
"""


def _data(
    recognised: Recognised, columns: Sequence[DraftColumn], shape: LongShape | None, study: str
) -> dict[str, Any]:
    layout = recognised.layout
    unsure = looks_like_models(columns) or any(nobody_counts(recognised))
    data: dict[str, Any] = {"respondents": QUESTION if unsure else "people"}
    if study:
        data["study"] = study
    if found := next((one.name for one in columns if one.role == "id"), ""):
        data["id_column"] = found
    if shape:
        data |= {"shape": "long", "item_column": shape.item_column}
        data["value_column"] = shape.value_column
    usual = {
        "format": "csv",
        "delimiter": ",",
        "encoding": "utf-8",
        "decimal": ".",
        "header_rows": 1,
        "sheet": "",
    }
    data |= {name: getattr(layout, name) for name in usual if getattr(layout, name) != usual[name]}
    if kept := {name: codes for name, codes, _others in row_filters(recognised)}:
        data["only"] = kept
    return data


def _notes(recognised: Recognised, repeated: str) -> Iterator[str]:
    """What whoever reads the draft should know of the rows, as comments."""
    if len(recognised.sheets) > 1:
        told = ", ".join(f"{_line(one)}: {rows}" for one, rows in recognised.sheets.items())
        yield f"# The workbook has several sheets (rows: {told}); say with sheet which is read.\n"
    for name, _kept, others in row_filters(recognised):
        told = ", ".join(f"{code or 'empty'}: {count}" for code, count in others.items())
        yield f"# Rows are left out by {name} (see only under [data]): {_line(told)}.\n"
    for name, _none, others in nobody_counts(recognised):
        told = ", ".join(f"{code or 'empty'}: {count}" for code, count in others.items())
        yield (
            f"# By {_line(name)} no row is a finished answer of a person ({_line(told)}): all are\n"
            "# of previews, tests, bots or unfinished. Say under [data] whose answers these are.\n"
        )
    name, lacking = unsubmitted(recognised.data)
    if lacking:
        yield f"# {lacking} rows have no {_line(name)}: these people did not submit.\n"
    if repeated:
        yield (
            f"# {_line(repeated)} tells people apart and occurs more than once, which the import "
            "refuses.\n# Where these are waves, take one with only under [data]; where a row is "
            'one answer,\n# set shape = "long"; where it tells nobody apart, remove id_column.\n'
        )


def _sampling(columns: Sequence[DraftColumn]) -> Iterator[tuple[str, str]]:
    """Column -> role, of which each has one column; asked where a weight may be somebody's own."""
    for role in _ROLES:
        found = [one for one in columns if one.role == role]
        if role == "time":
            found.sort(key=lambda one: by_time(one.name, one.text))
        for one in found[:1]:
            low, high = _MEAN_OF_WEIGHTS
            sure = role != "weight" or (one.mean is not None and low <= one.mean <= high)
            yield one.name, role if sure else QUESTION


def _columns(plan: _Plan) -> Iterator[str]:
    recodings = _recodings(plan)
    if recodings:
        yield to_toml(
            {"recodings": [{"key": k, **_codes(asked)} for asked, k in recodings.items()]}
        )
    for column in plan.columns:
        yield f"# {_told(column)}"
        if column.name in plan.items:
            yield to_toml({"columns": [_item(column, plan, recodings)]})
        elif column.name in plan.sampling:
            entry = {"name": column.name, "sampling": plan.sampling[column.name]}
            if column.role == "time" and (written := time_format(column.cells)):
                entry["format"] = QUESTION if is_ambiguous(column.cells) else written
            yield to_toml({"columns": [entry]})
        else:
            yield f"# {_LEFT_OUT.get(column.role) or _why_left_out(column)}\n"


_LEFT_OUT = {
    "id": "the id, see [data]",
    "demographic": "left out; a demographic question of [study] could take it",
    "personal": "left out: it may say who somebody is",
    "condition": "left out: which version of an experiment somebody was in is no answer",
}


_NO_ANSWERS = "its numbers look computed, or are a row's own"


def _why_left_out(column: DraftColumn) -> str:
    if not column.filled:
        return "left out: empty"
    if len(column.cells) == 1:
        return "left out: the same wherever it is filled"
    many = column.mean is not None and len(column.cells) > MOST_OPTIONS
    return f"left out: {_NO_ANSWERS}" if many else "left out"


def _told(column: DraftColumn) -> str:
    """Name, words, counts and examples, in one line."""
    shown = "  ".join(f"{cell[:40]}: {count}" for cell, count in column.examples)
    return _line(f"{column.name}  {column.text[:120]}  {column.filled} filled  {shown}")


def _line(text: str) -> str:
    """Text that stays in its comment, whatever signs it has."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _item(column: DraftColumn, plan: _Plan, recodings: Mapping[_Asked, str]) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": column.name, "item": plan.items[column.name]}
    if version := plan.versions.get(column.name):
        entry["version"] = version
    if block := plan.lists.get(column.name):
        return {**entry, **column_of_list(block, column.name)}
    if (one := plan.fitted.get(column.name)) and one.option:
        entry["option"] = one.option
    if column.role == "date" and (written := day_format(_answers(column))):
        entry["format"] = written
    asked = _asked(column, plan)
    if asked in recodings:
        return {**entry, "recoding": recodings[asked]}
    return {**entry, **_codes(asked)}


def _answers(column: DraftColumn) -> list[str]:
    apart = {code for code, _label in column.apart}
    return [cell for cell in column.cells if cell not in apart]


def _asked(column: DraftColumn, plan: _Plan) -> _Asked:
    """Codes with the values that are known, or are asked for; and codes whose reasons are."""
    if one := plan.fitted.get(column.name):
        return one.codes, one.apart
    codes = (
        ()
        if column.values or column.role == "text"
        else tuple((code, None) for code, _label in column.codes)
    )
    return codes, tuple(code for code, _label in column.apart)


def _codes(asked: _Asked) -> dict[str, Any]:
    codes, apart = asked
    values = {code: QUESTION if value is None else value for code, value in codes}
    parts = {"values": values, "missing": dict.fromkeys(apart, QUESTION)}
    return {name: given for name, given in parts.items() if given}


def _recodings(plan: _Plan) -> dict[_Asked, str]:
    """What several columns ask alike -> the key under which it is asked once."""
    asking = [one for one in plan.columns if one.name in plan.items and one.name not in plan.lists]
    counts = Counter(_asked(one, plan) for one in asking)
    shared = [asked for asked, count in counts.items() if count > 1 and any(asked)]
    return {asked: f"codes_{number}" for number, asked in enumerate(shared, start=1)}
