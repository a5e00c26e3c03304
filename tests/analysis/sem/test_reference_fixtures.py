"""Every model that lavaan fitted for us, number by number. A new fixture is a new file."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.analysis.sem.reference import Reference, differences, lines, references

FOLDER = Path(settings.BASE_DIR).parent / "shared" / "reference"

# gfi, agfi and pgfi changed their definition between versions of lavaan
NOT_COMPARED = {
    *("gfi", "agfi", "pgfi", "gfi.ci.lower", "gfi.ci.upper", "gfi.ci.level"),
    *("gfi_lisrel", "agfi_lisrel", "gfi.robust", "gfi.ci.lower.robust", "gfi.ci.upper.robust"),
}
# with missing values these depend on the version of lavaan from the fifth digit on
ROBUST = {
    f"{name}.robust"
    for name in (
        "cfi",
        "tli",
        "nnfi",
        "rni",
        "rmsea",
        "rmsea.ci.lower",
        "rmsea.ci.upper",
        "rmsea.pvalue",
        "rmsea.notclose.pvalue",
    )
}
# estimators still to come; empty when all are done
PENDING_ESTIMATORS: set[str] = set()
PENDING_MISSING: set[str] = set()


def is_pending(reference: Reference) -> bool:
    options = reference.content["options"]
    return reference.estimator in PENDING_ESTIMATORS or options["missing"] in PENDING_MISSING


CASES = [case for case in references(FOLDER) if not is_pending(case)]

pytestmark = pytest.mark.skipif(not CASES, reason="reference numbers are not on this machine")


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Reference:
    return request.param


def test_it_finds_lavaans_estimates_and_standard_errors(case: Reference) -> None:
    assert differences(_pairs(case, "parameter_estimates", ("est", "se")), case.tolerance) == []


def test_it_finds_lavaans_standardised_solution(case: Reference) -> None:
    assert (
        differences(_pairs(case, "standardized_all", ("std_all", "std_all_se")), case.tolerance)
        == []
    )


def test_it_finds_lavaans_fit_measures(case: Reference) -> None:
    result = case.fit()
    unsettled = case.content["options"]["missing"] == "ml" or case.estimator == "WLSMV"
    not_compared = NOT_COMPARED | (ROBUST if unsettled else set())
    pairs = {
        name: (result.fit.get(name, float("nan")), value)
        for name, value in case.content["fitmeasures"].items()
        if name not in not_compared
    }
    # lavaan's own baseline model stops at its optimiser's tolerance
    loose = {name: pair for name, pair in pairs.items() if name.startswith("baseline.")}
    exact = {name: pair for name, pair in pairs.items() if name not in loose}
    assert differences(exact, case.tolerance) == []
    assert differences(loose, max(case.tolerance, 5e-6)) == []


def test_it_finds_lavaans_explained_variance(case: Reference) -> None:
    result, theirs = case.fit(), case.content["r2"]
    by_group = theirs if isinstance(theirs, dict) else {"all": theirs}
    pairs = {
        f"r2 {group} {number}": (ours, value)
        for group, values in by_group.items()
        for number, (ours, value) in enumerate(zip(result.r2[group].values(), values, strict=True))
    }
    assert differences(pairs, case.tolerance) == []


def test_it_converged_to_an_admissible_solution(case: Reference) -> None:
    result = case.fit()
    assert result.converged
    assert result.admissible == case.content["post_check"]["value"]


_COLUMNS = {"est": "est", "se": "se", "std_all": "est.std", "std_all_se": "se"}


def _pairs(
    case: Reference, table: str, names: tuple[str, ...]
) -> dict[str, tuple[float, float | None]]:
    result = case.fit()
    ours = {(row.lhs, row.op, row.rhs, row.group): row for row in result.parameters}
    defined = {row.lhs: row for row in result.parameters if row.op == ":="}
    pairs: dict[str, tuple[float, float | None]] = {}
    for line in lines(case.content[table]):
        if line["op"] == "==":
            continue
        label = _group_of(case, line)
        row = (
            defined[line["lhs"]]
            if line["op"] == ":="
            else ours[line["lhs"], line["op"], line["rhs"], label]
        )
        for name in names:
            pairs[f"{row.name} ({label}) {name}"] = (getattr(row, name), line[_COLUMNS[name]])
    return pairs


def _group_of(case: Reference, line: dict[str, Any]) -> str:
    if not case.groups or line["op"] == ":=":
        return "all"
    group = line["group"]
    return group if isinstance(group, str) else case.groups[group - 1]
