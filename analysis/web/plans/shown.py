"""A plan's page: every field with what stands in it and what is wrong with it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, gettext_lazy

from analysis.plans.drafting.checking import Asked, place_of, rows_of
from analysis.web.plans.choices import Choice, choices_of, items_of
from analysis.web.plans.parts import DEFAULTS, ESTIMATION, LISTS, NAME, TABLES, Part, Rows
from surveys.codes import Problem
from surveys.instrument_files.errors import FileMistake


@dataclass(frozen=True, slots=True)
class Field:
    """A field as the template writes it; `groups` are its options or boxes by heading."""

    name: str
    part: Part
    value: Any
    mistakes: tuple[str, ...] = ()
    groups: tuple[tuple[str, tuple[tuple[str, str, bool], ...]], ...] = ()

    @property
    def id(self) -> str:
        """The name as an element's id."""
        return self.name.replace(".", "-")

    @property
    def described(self) -> str:
        """The ids of what is said of it."""
        said = [("help", self.part.help), ("wrong", self.mistakes)]
        return " ".join(f"{self.id}-{what}" for what, is_there in said if is_there)

    @property
    def has_empty(self) -> bool:
        """Whether nothing can be chosen: where the plan says something without it, it cannot."""
        return self.part.key not in ("estimator", "missing")


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One row of a list: its fields, and those that are folded away."""

    place: int
    number: int
    title: str
    fields: tuple[Field, ...]
    rare: tuple[Field, ...]
    mistakes: tuple[str, ...]

    @property
    def is_wrong_inside(self) -> bool:
        """Whether something is wrong with a field that is folded away."""
        return any(one.mistakes for one in self.rare)


@dataclass(frozen=True, slots=True)
class ShownRows:
    """A list with its rows; the last ones may be empty, to be filled in."""

    rows: Rows
    shown: tuple[ShownRow, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A mistake as the list of what is to do tells it, with the field that it is mended in.

    `heading` is that of the list in which nothing stands yet.
    """

    heading: str
    sentence: str
    code: str
    where: str
    anchor: str


class PlanPage:
    """The fields of a draft; `added` names a list that has an empty row at its end."""

    def __init__(
        self, values: Mapping[str, Any], problems: Sequence[Problem], asked: Asked, added: str = ""
    ) -> None:
        self._values = values
        self._asked = asked
        self._added = added
        self._choices = choices_of(values, asked)
        self._told: dict[tuple[str, int | None, str], list[str]] = {}
        self.todo = [self._tell(one) for one in problems]

    @property
    def name(self) -> Field:
        """What the plan is called."""
        return self._field(NAME, self._values, "", (NAME.key, None, ""))

    @property
    def lists(self) -> dict[str, ShownRows]:
        """The lists by key."""
        return {rows.key: self._list(rows) for rows in LISTS}

    @property
    def estimation(self) -> list[Field]:
        """How the plan is estimated."""
        return [self._field(part, self._values, "", (part.key, None, "")) for part in ESTIMATION]

    @property
    def tables(self) -> dict[str, list[Field]]:
        """The tables by key."""
        return {key: self._table(key, parts) for key, parts in TABLES.items()}

    def _tell(self, problem: Problem) -> Told:
        key, row, inside = place_of(problem.where, self._values)
        said = _in_words(problem)
        self._told.setdefault((key, row, inside), []).append(said)
        heading = _HEADINGS.get(key, "") if row is None and not inside else ""
        return Told(
            str(heading), said, problem.code.value, problem.where, _anchor(key, row, inside)
        )

    def _table(self, key: str, parts: Iterable[Part]) -> list[Field]:
        table = self._values.get(key)
        given = table if isinstance(table, Mapping) else {}
        default = DEFAULTS.get(key)
        filled = {part.key: getattr(default, part.key, "") for part in parts} | dict(given)
        return [self._field(part, filled, f"{key}.", (key, None, part.key)) for part in parts]

    def _list(self, rows: Rows) -> ShownRows:
        written: list[Any] = rows_of(self._values, rows.key)
        needs_one = not written and rows.key in ("constructs", "paths")
        if self._added == rows.key or needs_one:
            written = [*written, {}]
        return ShownRows(rows, tuple(self._row(rows, n, row) for n, row in enumerate(written)))

    def _row(self, rows: Rows, place: int, row: Any) -> ShownRow:
        given = row if isinstance(row, Mapping) else {}
        shown = [
            self._field(part, given, f"{rows.key}.{place}.", (rows.key, place, part.key))
            for part in rows.parts
        ]
        return ShownRow(
            place=place,
            number=place + 1,
            title=_title(rows.key, given),
            fields=tuple(one for one in shown if not one.part.rare),
            rare=tuple(one for one in shown if one.part.rare),
            mistakes=tuple(self._told.get((rows.key, place, ""), ())),
        )

    def _field(
        self,
        part: Part,
        given: Mapping[str, Any],
        before: str,
        place: tuple[str, int | None, str],
    ) -> Field:
        value = given.get(part.key, DEFAULTS.get(part.key, ""))
        return Field(
            name=before + part.key,
            part=part,
            value=_typed(part, value),
            mistakes=tuple(self._told.get(place, ())),
            groups=self._groups(part, given, value),
        )

    def _groups(
        self, part: Part, given: Mapping[str, Any], value: Any
    ) -> tuple[tuple[str, tuple[tuple[str, str, bool], ...]], ...]:
        if not part.choices:
            return ()
        if part.choices == "items":
            groups = items_of(given.get("block"), self._asked)
        else:
            groups = [("", self._choices[part.choices])]
        chosen = [str(one) for one in value] if isinstance(value, list) else [str(value)]
        known = {key for _heading, some in groups for key, _said in some}
        # What cannot be chosen any more still stands in the plan, and is shown.
        if gone := [(key, key) for key in chosen if key and key not in known]:
            groups = [*groups, ("", gone)]
        return tuple((heading, _marked(some, chosen)) for heading, some in groups)


def _in_words(problem: Problem) -> str:
    """What is wrong, said to somebody who has fields before them and no file."""
    if problem.code is FileMistake.MISSING_KEY:
        return gettext("this is missing; fill it in")
    if problem.code is FileMistake.EMPTY_LIST:
        return gettext("nothing stands here yet; add one")
    return problem.said(gettext)


_HEADINGS = {
    "constructs": gettext_lazy("What is measured"),
    "paths": gettext_lazy("What you expect"),
}


def _marked(some: Iterable[Choice], chosen: Sequence[str]) -> tuple[tuple[str, str, bool], ...]:
    return tuple((key, said, key in chosen) for key, said in some)


def _typed(part: Part, value: Any) -> Any:
    """A value as it stands in a field."""
    if part.kind == "lines" and isinstance(value, list):
        return "\n".join(map(str, value))
    if part.kind == "numbers" and isinstance(value, list):
        return " ".join(_plain(one) for one in value)
    if part.kind in ("number", "decimal"):
        return _plain(value)
    return value


def _plain(number: Any) -> str:
    is_whole = isinstance(number, float) and number.is_integer()
    return str(int(number) if is_whole else number)


def _title(key: str, row: Mapping[str, Any]) -> str:
    if key == "paths" and row.get("predictor") and row.get("outcome"):
        return f"{row['predictor']} → {row['outcome']}"
    named = {"constructs": "label", "subgroups": "by", "adjustments": "by", "sensitivity": "choice"}
    return str(row.get(named.get(key, ""), ""))


def _anchor(key: str, row: int | None, inside: str) -> str:
    """The id of the field, or of the row, in which something is mended."""
    if row is None and key in {rows.key for rows in LISTS}:
        return key
    parts = [key, *([] if row is None else [str(row)]), *([inside] if inside else [])]
    return "field-" + "-".join(parts) if inside or row is None else "-".join(parts)
