"""Every model that lavaan fitted for us, number by number. A new fixture is a new file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from analysis import sem
from tests.analysis.sem.reference import Reference, differences, lines, references

SHARED = Path(settings.BASE_DIR).parent / "shared"
BATCHES = ("reference", "reference2")

# gfi, agfi and pgfi changed their definition between versions of lavaan
NOT_COMPARED = {
    *("gfi", "agfi", "pgfi", "gfi.ci.lower", "gfi.ci.upper", "gfi.ci.level"),
    *("gfi_lisrel", "agfi_lisrel", "gfi.robust", "gfi.ci.lower.robust", "gfi.ci.upper.robust"),
}
INDICES = ("cfi", "tli", "nnfi", "rni", "rmsea", "rmsea.ci.lower", "rmsea.ci.upper")
ROBUST = {f"{name}.robust" for name in (*INDICES, "rmsea.pvalue", "rmsea.notclose.pvalue")}


def _cases() -> Iterator[Any]:
    for batch in BATCHES:
        for case in references(SHARED / batch):
            yield pytest.param(case, id=case.name)


CASES = list(_cases())

pytestmark = pytest.mark.skipif(not CASES, reason="reference numbers are not on this machine")


@pytest.mark.parametrize("case", CASES)
def test_it_finds_lavaans_numbers(case: Reference) -> None:
    """Estimates, standard errors, standardised solution, fit, R², indices, convergence."""
    result = case.fit()
    found = differences(_pairs(case, "parameter_estimates", ("est", "se")), case.tolerance)
    found += differences(
        _pairs(case, "standardized_all", ("std_all", "std_all_se")), case.tolerance
    )
    found += _differing_measures(case, result)
    found += differences(_explained(case, result), case.tolerance)
    found += differences(_latent_means(case, result), case.tolerance)
    if case.batch == "reference2":
        found += differences(_modification(case, result), 10 * case.tolerance)
    assert found == []
    assert result.converged
    assert result.admissible == case.content["post_check"]["value"]


@pytest.mark.parametrize("case", CASES)
def test_every_option_of_lavaans_call_is_repeated(case: Reference) -> None:
    """A fixture that asks for what nobody passes on would be compared with another model."""
    assert case.not_repeated() == {}


def _mistaken(case: Reference) -> set[str]:
    """Numbers of lavaan's that are not to be had."""
    options, measures = case.options, case.content["fitmeasures"]
    found = set(NOT_COMPARED)
    if (measures.get("chisq.scaling.factor") or 1.0) * measures["df"] < 1.0:
        # an interval from 0 to 0 around 0.39
        found |= {"rmsea.ci.lower.scaled", "rmsea.ci.upper.scaled"}
    whole = not case.groups and options.get("sampling.weights.normalization") != "none"
    if "sampling.weights" in options and options["missing"] == "ml" and not whole:
        # sums of weights are cut to whole numbers on the way to the complete-data statistic
        found |= ROBUST
    return found


def _differing_measures(case: Reference, result: sem.SemFit) -> list[str]:
    left_out = _mistaken(case)
    if case.is_ordinal and case.groups:
        # lavaan does not weight the groups' parts of the baseline's factor
        left_out = left_out | {f"{name}.robust" for name in ("cfi", "tli", "nnfi", "rni")}
        if case.content["lavaan_version"] != "0.6-14":  # later ones divide by N, not N - G
            left_out = left_out | ROBUST
    pairs = {
        name: (result.fit.get(name, float("nan")), value)
        for name, value in case.content["fitmeasures"].items()
        if name not in left_out
    }
    # lavaan's own baseline model stops at its optimiser's tolerance
    loose = {name: pair for name, pair in pairs.items() if name.startswith("baseline.")}
    # with missing values these depend on lavaan's EM, which stops early in the first batch
    by_em = {name: pairs[name] for name in pairs if name in ROBUST and _stops_early(case)}
    exact = {name: pair for name, pair in pairs.items() if name not in {*loose, *by_em}}
    return (
        differences(exact, case.tolerance)
        + differences(loose, max(case.tolerance, 5e-6))
        + differences(by_em, 1e-3)
    )


def _stops_early(case: Reference) -> bool:
    return case.batch == "reference" and case.options["missing"] == "ml"


def _explained(case: Reference, result: sem.SemFit) -> dict[str, tuple[float, float | None]]:
    theirs = case.content["r2"]
    by_group = theirs if isinstance(theirs, dict) else {"all": theirs}
    return {
        f"r2 {group} {number}": (ours, value)
        for group, values in by_group.items()
        for number, (ours, value) in enumerate(zip(result.r2[group].values(), values, strict=True))
    }


def _latent_means(case: Reference, result: sem.SemFit) -> dict[str, tuple[float, float | None]]:
    """Model-implied means of the factors, where the fixture has them."""
    theirs = case.content.get("latent_means") or {}
    implied, latent = result.estimation.search.point.implied, result.estimation.layout.latent
    pairs: dict[str, tuple[float, float | None]] = {}
    for number, group in enumerate(result.groups):
        means = theirs.get(group, {}) if case.groups else theirs
        for factor, value in means.items():
            ours = float(implied.level[number][latent.index(factor)])
            pairs[f"mean of {factor} ({group})"] = (ours, value)
    return pairs


def _modification(case: Reference, result: sem.SemFit) -> dict[str, tuple[float, float | None]]:
    theirs = case.content.get("modindices_top10", {})
    if not isinstance(theirs.get("op"), list):
        return {}
    if max(theirs["mi"], default=0.0) > 10.0 * (10.0 + result.fit["chisq"]):
        return {}  # 891 in a model whose χ² is 4: the information matrix is singular there
    ours = {(i.lhs, i.op, i.rhs, i.group): i for i in sem.modification_indices(result)}
    pairs: dict[str, tuple[float, float | None]] = {}
    for line in lines(theirs):
        if line["mi"] < 1e-6 or _no_index(case, line):
            continue
        label = _group_of(case, line)
        key = (line["lhs"], line["op"], line["rhs"], label)
        index = ours.get(key) or ours[line["rhs"], line["op"], line["lhs"], label]
        pairs[f"{key} mi"] = (index.mi, line["mi"])
        pairs[f"{key} epc"] = (index.epc, line["epc"])
        if line["op"] != "~*~":  # of any scale lavaan prints 1 or -1
            pairs[f"{key} sepc"] = (index.sepc_all, line["sepc.all"])
    return pairs


def _no_index(case: Reference, line: dict[str, Any]) -> bool:
    """Whether it is of a scale or residual variance that the parameterisation does not have."""
    scale = line["op"] == "~*~" and case.options["parameterization"] == "theta"
    own = (line["op"], line["lhs"]) == ("~~", line["rhs"])
    residual = own and line["lhs"] in case.ordered and not scale
    return scale or residual


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
        key = line["lhs"], line["op"], line["rhs"], label
        if line["op"] == "~~" and key not in ours:  # lavaan orders them as the variables
            key = line["rhs"], line["op"], line["lhs"], label
        row = defined[line["lhs"]] if line["op"] == ":=" else ours[key]
        for name in names:
            pairs[f"{row.name} ({label}) {name}"] = (getattr(row, name), line[_COLUMNS[name]])
    return pairs


def _group_of(case: Reference, line: dict[str, Any]) -> str:
    if not case.groups or line["op"] == ":=":
        return "all"
    group = line["group"]
    return group if isinstance(group, str) else case.groups[group - 1]
