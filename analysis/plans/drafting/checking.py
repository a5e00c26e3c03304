"""Everything that is wrong with a plan so far, also where parts of it are not written yet. Pure."""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from analysis.compare.plan import Plan
from analysis.plans.drafts import NAMED_BY, ConstructDraft, PathDraft, PlanFile
from analysis.plans.files import is_over_waves, led_back, resolve
from analysis.plans.mistakes import PlanMistake
from surveys.codes import Problem, Saying
from surveys.instrument_files.errors import FileMistake, InstrumentFileError, Wanted
from surveys.instrument_files.strict import read, row_names

T = TypeVar("T")
Values = Mapping[str, Any]

# A draft with these would not be what its author meant: it is not stored. Anything else is a plan
# that is not finished.
REFUSED = frozenset(
    {
        FileMistake.UNKNOWN_KEY,
        FileMistake.WRONG_TYPE,
        FileMistake.UNKNOWN_CHOICE,
        FileMistake.UNSTORABLE_TEXT,
        FileMistake.TOO_LONG,
        PlanMistake.OTHER_STUDY,
    }
)
# A plan has some kilobytes.
LONGEST = 200_000
_ROW = re.compile(r"(\w+)\[(.*?)\](?:\.(.+))?")
# What is said of a row that names another one is not said where that one is not readable yet.
_OF_OTHERS = {
    PlanMistake.UNKNOWN_CONSTRUCT: ("constructs", "key"),
    PlanMistake.NO_OUTCOME: ("paths", "outcome"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a plan can name: the study's items, questions about the person, groups of people.

    `came_again` are those groups whose people were asked before, in an earlier wave.
    """

    study: str
    codebook: Sequence[Mapping[str, Any]]
    demographics: Sequence[Mapping[str, Any]] = ()
    people: Sequence[str] = ()
    waves: Sequence[int] = ()
    came_again: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft as read: `plan` and `carried_out` where nothing is wrong, else `problems`.

    `constructs` and `paths` are those that can be read already, for whoever draws them.
    """

    problems: tuple[Problem, ...]
    constructs: tuple[ConstructDraft, ...]
    paths: tuple[PathDraft, ...]
    plan: PlanFile | None = None
    carried_out: Plan | None = None

    @property
    def refused(self) -> bool:
        """Whether it is not even a draft."""
        return any(
            one.code in REFUSED or (one.where == "name" and one.code != PlanMistake.NAME_IS_FROZEN)
            for one in self.problems
        )


def check(values: Values, asked: Asked) -> Checked:
    """Read a draft with everything that is wrong with it.

    The parts that cannot be read are told, and the others are still held against each other and
    against the study.
    """
    drawn = _readable(ConstructDraft, rows_of(values, "constructs"))
    paths = _readable(PathDraft, rows_of(values, "paths"))
    plan, problems = read(PlanFile, values, named_by=NAMED_BY)
    problems += _of_another_study(values, asked)
    if plan is None:
        problems += _of_the_rest(values, problems, asked)
        return Checked(tuple(problems), drawn, paths)
    found, carried_out = _fit(plan, asked)
    problems += found
    whole = plan if not problems else None
    return Checked(tuple(problems), drawn, paths, whole, carried_out if whole else None)


def require_small(values: object) -> None:
    """Raise `InstrumentFileError` for what is no table, is too long, or holds a NaN."""
    if not isinstance(values, Mapping):
        about = {"wanted": Saying(Wanted.TABLE), "given": type(values).__name__}
        raise InstrumentFileError("plan", [Problem("file", FileMistake.WRONG_TYPE, about)])
    try:
        long = len(json.dumps(values, default=str, allow_nan=False))
    except ValueError:
        about = {"wanted": Saying(Wanted.NUMBER), "given": "nan"}
        problem = Problem("file", FileMistake.WRONG_TYPE, about)
        raise InstrumentFileError("plan", [problem]) from None
    if long > LONGEST:
        about = {"given": long, "most": LONGEST}
        raise InstrumentFileError("plan", [Problem("file", FileMistake.TOO_LONG, about)])


def rows_of(values: Values, key: str) -> list[Any]:
    """The rows of a list as they were written; none where it is no list."""
    rows = values.get(key)
    return rows if isinstance(rows, list) else []


def place_of(where: str, values: Values) -> tuple[str, int | None, str]:
    """Where a problem stands: the list or key, the row from 0, and the key in it.

    A key of the plan itself, such as ``exclusions.minimum_seconds``, has no row.
    """
    found = _ROW.match(where)
    if found is None:
        key, _, inside = where.partition(".")
        return key, None, inside
    key, name, inside = found.groups()
    written = [
        row.get(NAMED_BY.get(key, "")) if isinstance(row, Mapping) else None
        for row in rows_of(values, key)
    ]
    return key, _row(name, written), inside or ""


def _row(name: str, written: Sequence[Any]) -> int | None:
    names = row_names(written)
    if name in names:
        return names.index(name)
    # Of rows that have one name the last is the one too many.
    same = [place for place, one in enumerate(written) if one == name]
    return same[-1] if same else None


def _readable(kind: type[T], rows: Iterable[Any]) -> tuple[T, ...]:
    tables = (row for row in rows if isinstance(row, Mapping))
    found = (read(kind, row)[0] for row in tables)
    return tuple(one for one in found if one is not None)


def _of_the_rest(values: Values, problems: Sequence[Problem], asked: Asked) -> list[Problem]:
    """What is wrong with the parts that can be read, where others cannot."""
    found = _led_back(values)
    kept = _kept(values, problems)
    part = read(PlanFile, _without(values, problems, kept))[0]
    if part is not None:
        rest = (_at_home(one, values, kept) for one in _fit(part, asked)[0])
        told = {(one.where, one.code) for one in found}
        found += [
            one
            for one in rest
            if (one.where, one.code) not in told
            and one.code is not PlanMistake.PATH_LOOP
            and not _follows(one, values)
        ]
    return found


def _led_back(values: Values) -> list[Problem]:
    """Paths that lead back, also of rows that are not whole yet."""
    rows = [row if isinstance(row, Mapping) else {} for row in rows_of(values, "paths")]
    names = row_names([row.get("predictor") for row in rows])
    ends: list[tuple[str, str, str]] = []
    places: list[str] = []
    for row, name in zip(rows, names, strict=True):
        model = row.get("model", "main")
        predictor, outcome = row.get("predictor"), row.get("outcome")
        if isinstance(model, str) and isinstance(predictor, str) and isinstance(outcome, str):
            ends.append((model, predictor, outcome))
            places.append(f"paths[{name}]")
    return list(led_back(ends, places))


def _kept(values: Values, problems: Sequence[Problem]) -> dict[str, list[int]]:
    """The places of the rows of each list that nothing is wrong with."""
    wrong = [place_of(one.where, values)[:2] for one in problems]
    return {
        key: [place for place in range(len(rows_of(values, key))) if (key, place) not in wrong]
        for key in NAMED_BY
    }


def _without(
    values: Values, problems: Sequence[Problem], kept: Mapping[str, Sequence[int]]
) -> dict[str, Any]:
    """The draft without the rows and keys that something is wrong with."""
    wrong = [place_of(one.where, values) for one in problems]
    keys = {key for key, row, _inside in wrong if row is None}
    rest = {key: value for key, value in values.items() if key not in keys}
    lists = {
        key: [rows_of(values, key)[place] for place in places]
        for key, places in kept.items()
        if key in rest
    }
    return {"name": "draft", "study": "draft", **rest, **lists}


def _at_home(problem: Problem, values: Values, kept: Mapping[str, Sequence[int]]) -> Problem:
    """A problem of the rest, at its place in the whole draft."""
    rows = {key: [rows_of(values, key)[place] for place in kept[key]] for key in kept}
    key, row, inside = place_of(problem.where, rows)
    if row is None:
        return problem
    names = [
        one.get(NAMED_BY[key]) if isinstance(one, Mapping) else None for one in rows_of(values, key)
    ]
    where = f"{key}[{row_names(names)[kept[key][row]]}]"
    return Problem(f"{where}.{inside}" if inside else where, problem.code, problem.arguments)


def _fit(plan: PlanFile, asked: Asked) -> tuple[list[Problem], Plan | None]:
    """What does not fit together, or not the study; the plan as carried out where all does."""
    problems: list[Problem] = []
    carried_out = None
    try:
        carried_out = _carried_out(plan, asked)
    except InstrumentFileError as error:
        problems += error.problems
    people = asked.people
    if is_over_waves(plan):
        people = [one for one in people if one not in asked.came_again]
    if not plan.reference_group and len(people) > 1:
        about = {"groups": ", ".join(people)}
        problems.append(Problem("reference_group", PlanMistake.SEVERAL_GROUPS, about))
    return problems, carried_out


def _carried_out(plan: PlanFile, asked: Asked) -> Plan:
    people = asked.people[0] if asked.people else "people"
    return resolve(
        plan, codebook=asked.codebook, reference_group=people, demographics=asked.demographics
    )


def _of_another_study(values: Values, asked: Asked) -> list[Problem]:
    given = values.get("study")
    if not isinstance(given, str) or given == asked.study:
        return []
    about = {"given": given, "study": asked.study}
    return [Problem("study", PlanMistake.OTHER_STUDY, about)]


def _follows(problem: Problem, values: Values) -> bool:
    """Whether something is only wrong because a part that it names cannot be read yet."""
    if problem.code is PlanMistake.UNKNOWN_PATH:
        return True
    if problem.code not in _OF_OTHERS:
        return False
    key, name = _OF_OTHERS[problem.code]  # type: ignore[index]
    rows = (row for row in rows_of(values, key) if isinstance(row, Mapping))
    return problem.arguments["given"] in [row.get(name) for row in rows]
