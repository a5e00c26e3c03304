"""What the run found: everything as JSON with its schema, and the main tables as CSV.

A column has one meaning wherever its name occurs: what would be called alike in two tables bears
the name of its table (`group_n`, `item_n`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from enum import Enum
from types import UnionType
from typing import Any, get_args, get_type_hints

from analysis.archive.content import ArchiveContent
from analysis.archive.files.fits import Refit, own_fit
from analysis.archive.files.schema import FORMAT, VERSION, results_schema
from analysis.archive.packing import ArchiveFile
from analysis.archive.text_files import csv_file, json_file
from analysis.compare.companions import ItemFidelity, OutcomeFidelity
from analysis.compare.data.measurement import name_on
from analysis.compare.json_codec import to_plain
from analysis.compare.results import (
    Comparison,
    Estimability,
    GroupSummary,
    Interval,
    PathEstimate,
    PathEvidence,
    VaarScore,
)
from analysis.runs.agreement import NUMBERS, Sizes, agreement_rows, all_sizes

TABLES = "results/tables"
PARAMETER_COLUMNS = (
    *("lhs", "op", "rhs", "group", "label", "free", "est", "se", "z", "pvalue"),
    *("ci_lower", "ci_upper", "std_all", "std_all_se"),
)
# Names that another table has for something else.
OF_PATHS = ("est", "se", "ci_lower", "ci_upper", "pvalue", "n")
PLACE_COLUMNS = ("fit", "outcome_variable", "predictor_variable", "fit_se", "fit_std_se")
INTERVALS = ("hard", "evidence", "joint", "log")
SINGLE = (str, int, float, bool, type(None))


def result_files(content: ArchiveContent, fits: Sequence[Refit]) -> list[ArchiveFile]:
    """Everything under ``results/``."""
    comparison = content.comparison
    return [
        json_file("results/results.json", _results(content)),
        json_file("results/schema.json", results_schema()),
        _paths(comparison, fits),
        _path_set(comparison),
        _indicators(comparison),
        _vaar(comparison),
        _vaar_paths(comparison),
        _records("groups", GroupSummary, comparison.groups, called=_of_groups),
        _estimability(comparison),
        _records("items", ItemFidelity, comparison.items, called=_of_items),
        _fidelity(comparison),
        _outcomes(comparison, fits),
        _beside(comparison),
        _sizes(comparison),
        _fit(fits),
        _parameters(fits),
    ]


def _results(content: ArchiveContent) -> dict[str, object]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "run": to_plain(content.run),
        "comparison": to_plain(content.comparison),
        **content.description,
    }


def _records(name: str, kind: type[Any], rows: Iterable[Any], *, called: Any) -> ArchiveFile:
    """A table with one column per field of `kind`, in their order."""
    names = [field.name for field in fields(kind)]
    values = ([to_plain(getattr(row, each)) for each in names] for row in rows)
    return csv_file(f"{TABLES}/{name}.csv", [called(each) for each in names], values)


def _of_groups(name: str) -> str:
    same = {"key": "group", "kind": "kind", "simulated": "simulated"}
    return same.get(name, f"group_{name}")


def _of_items(name: str) -> str:
    return name if name in ("group", "item") else f"item_{name}"


def _paths(comparison: Comparison, fits: Sequence[Refit]) -> ArchiveFile:
    names = [field.name for field in fields(PathEstimate)]
    header = [f"path_{name}" if name in OF_PATHS else name for name in names]
    rows = (
        [*(to_plain(getattr(row, name)) for name in names), *_place(comparison, fits, row)]
        for row in comparison.paths
    )
    return csv_file(f"{TABLES}/paths.csv", [*header, *PLACE_COLUMNS], rows)


def _place(
    comparison: Comparison, fits: Sequence[Refit], row: PathEstimate
) -> list[str | float | int | None]:
    """The fit of an estimate, what its constructs are called there, and the fit's own errors.

    Where rows share clusters, those of a path are never smaller than those of independent rows, and
    the fit's own are what another program can be compared with.
    """
    plan = comparison.plan
    path = plan.path(row.path)
    fit = own_fit(fits, path.model, row.group, row.rung)
    if fit is None:
        return ["", "", "", None, None]
    ends = (plan.construct(key) for key in (path.outcome, path.predictor))
    outcome, predictor = (name_on(one, row.rung) for one in ends)
    found: Mapping[str, Any] = next(
        (
            one
            for one in fit.summary.parameters
            if (one["lhs"], one["op"], one["rhs"]) == (outcome, "~", predictor)
        ),
        {},
    )
    return [fit.id, outcome, predictor, found.get("se"), found.get("std_all_se")]


def _path_set(comparison: Comparison) -> ArchiveFile:
    """The paths of the plan with the signs that were expected, as VAAR takes them."""
    header = [
        *("path", "model", "outcome", "predictor", "expected_sign", "sign_source", "family"),
        *("path_reference", "path_facet", "scenario"),
    ]
    rows = (
        [
            *(one.key, one.model, one.outcome, one.predictor, one.expected_sign),
            *(one.source.value, one.family, one.reference, one.facet, one.scenario),
        ]
        for one in comparison.plan.paths
    )
    return csv_file(f"{TABLES}/path_set.csv", header, rows)


def _indicators(comparison: Comparison) -> ArchiveFile:
    """Which items an indicator of a construct is the mean of."""
    rows = (
        [construct.key, one.name, one.facet, " ".join(one.items)]
        for construct in comparison.plan.constructs
        for one in construct.indicators
    )
    header = ["construct", "indicator", "facet", "indicator_items"]
    return csv_file(f"{TABLES}/indicators.csv", header, rows)


def _vaar(comparison: Comparison) -> ArchiveFile:
    """Every single number of VAAR, then the ends of its intervals and bounds."""
    kinds = get_type_hints(VaarScore)
    names = [each.name for each in fields(VaarScore) if _is_single(kinds[each.name])]
    ends = [f"{name}_{end}" for name in INTERVALS for end in ("lower", "upper")]
    limits = [f"{name}_{end}" for name in INTERVALS for end in ("least", "most")]
    header = [*names, *ends, *limits, "permutation_p"]
    rows = (
        [
            *(to_plain(getattr(score, name)) for name in names),
            *_ends(score.intervals),
            *_ends(score.bounds),
            score.permutation_p.get("joint"),
        ]
        for score in comparison.vaar
    )
    return csv_file(f"{TABLES}/vaar.csv", header, rows)


def _is_single(kind: Any) -> bool:
    """Whether values of this type fill one cell; results.json has those that do not."""
    options = get_args(kind) if isinstance(kind, UnionType) else (kind,)
    return all(
        one in SINGLE or (isinstance(one, type) and issubclass(one, Enum)) for one in options
    )


def _ends(intervals: Mapping[str, Any]) -> Iterator[float | None]:
    for name in INTERVALS:
        interval = intervals.get(name)
        yield from (interval.lower, interval.upper) if interval else (None, None)


def _vaar_paths(comparison: Comparison) -> ArchiveFile:
    """How each path was scored."""
    names = [field.name for field in fields(PathEvidence)]
    header = ["group", "signs", *(_of_evidence(name) for name in names)]
    rows = (
        [score.group, score.signs.value, *(to_plain(getattr(row, name)) for name in names)]
        for score in comparison.vaar
        for row in score.paths
    )
    return csv_file(f"{TABLES}/vaar_paths.csv", header, rows)


def _of_evidence(name: str) -> str:
    return f"path_{name}" if name in ("hard", "weight") else name


def _estimability(comparison: Comparison) -> ArchiveFile:
    names = [field.name for field in fields(Estimability) if field.name != "attempts"]
    rows = (
        [_listed(to_plain(getattr(row, name))) for name in names] for row in comparison.estimability
    )
    header = ["rung_reason" if name == "reason" else name for name in names]
    return csv_file(f"{TABLES}/estimability.csv", header, rows)


def _listed(value: object) -> object:
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else value


def _fidelity(comparison: Comparison) -> ArchiveFile:
    header = [
        *("group", "median_variance_ratio", "median_wasserstein", "median_jensen_shannon"),
        *("profile_icc", "profile_icc_lower", "profile_icc_upper"),
    ]
    rows = (
        [
            *(one.group, one.variance_ratio, one.wasserstein, one.jensen_shannon),
            one.profile_icc,
            *((one.profile_icc_ci.lower, one.profile_icc_ci.upper) if one.profile_icc_ci else ()),
            *(() if one.profile_icc_ci else (None, None)),
        ]
        for one in comparison.fidelity
    )
    return csv_file(f"{TABLES}/fidelity.csv", header, rows)


def _outcomes(comparison: Comparison, fits: Sequence[Refit]) -> ArchiveFile:
    """Explained variance beside the people's, with the fits that both come from."""
    header = [
        *("group", "outcome", "model", "r2", "human_r2", "r2_ratio"),
        *("r2_ratio_lower", "r2_ratio_upper"),
        *("fit", "outcome_variable", "human_fit", "human_outcome_variable"),
    ]
    rows = (
        [
            *(row.group, row.outcome, row.model, row.r2, row.human_r2, row.ratio),
            *((row.ratio_ci.lower, row.ratio_ci.upper) if row.ratio_ci else (None, None)),
            *_outcome_places(comparison, fits, row),
        ]
        for one in comparison.fidelity
        for row in one.outcomes
    )
    return csv_file(f"{TABLES}/outcomes.csv", header, rows)


def _outcome_places(
    comparison: Comparison, fits: Sequence[Refit], row: OutcomeFidelity
) -> list[str]:
    """Fit and variable of the model and of the people, who are on the model's rung if fitted so."""
    rungs = {(one.group, one.model): one.rung for one in comparison.estimability}
    people = comparison.plan.reference_group
    rung, own = (rungs[key, row.model] for key in (row.group, people))
    construct = comparison.plan.construct(row.outcome)
    matched = rung if own_fit(fits, row.model, people, rung) else own
    places: list[str] = []
    for key, on in ((row.group, rung), (people, matched)):
        fit = own_fit(fits, row.model, key, on)
        places += [fit.id, name_on(construct, on)] if fit else ["", ""]
    return places


def _beside(comparison: Comparison) -> ArchiveFile:
    """One line per number of every row that a model's VAAR is read beside, itself first."""
    header = [
        *("group", "signs", "benchmark", "sample_n", "no_model", "told"),
        *("vaar_number", "vaar_value", "vaar_lower", "vaar_upper"),
    ]
    rows = (
        [
            *(row.group, row.signs.value, row.benchmark or "model", row.n),
            *(row.no_model, " ".join(row.told), name, row.values.get(name)),
            *_limits(row.intervals.get(name)),
        ]
        for score in comparison.vaar
        for row in agreement_rows(score)
        for name in NUMBERS
    )
    return csv_file(f"{TABLES}/benchmarks.csv", header, rows)


def _sizes(comparison: Comparison) -> ArchiveFile:
    """One line per size: ratios of slopes and of R-squared, and the calibration line."""
    header = [
        *("group", "size", "size_of", "line_paths"),
        *("size_value", "size_lower", "size_upper", "size_method"),
    ]
    rows = ([each.paths.group, *row] for each in all_sizes(comparison) for row in _size_rows(each))
    return csv_file(f"{TABLES}/sizes.csv", header, rows)


def _size_rows(sizes: Sizes) -> Iterator[list[object]]:
    own, line = sizes.paths, sizes.paths.calibration
    found: list[tuple[str, str, int | None, float | None, Interval | None]]
    found = [("mean_slope_ratio", "", None, own.ratio, own.ratio_ci)]
    found += [("slope_ratio", one.path, None, one.ratio, one.ci) for one in own.ratios]
    found += [("r2_ratio", one.outcome, None, one.ratio, one.ratio_ci) for one in sizes.outcomes]
    found += [("calibration_intercept", "", line.paths, line.intercept, line.intercept_ci)]
    found += [("calibration_slope", "", line.paths, line.slope, line.slope_ci)]
    for size, of, paths, value, interval in found:
        method = interval.method if interval else ""
        yield [size, of, paths, value, *_limits(interval), method]


def _limits(interval: Interval | None) -> list[float | None]:
    return [interval.lower, interval.upper] if interval else [None, None]


def _fit(fits: Sequence[Refit]) -> ArchiveFile:
    indices = list(dict.fromkeys(name for fit in fits for name in fit.summary.indices))
    header = [
        *("fit", "model", "step", "groups", "rung", "estimator", "missing", "clustered"),
        *("nobs", "converged", "admissible", *indices),
    ]
    rows = (
        [
            fit.id,
            fit.summary.model,
            fit.summary.label,
            " ".join(fit.summary.groups),
            fit.summary.rung.value,
            fit.summary.estimator,
            fit.summary.missing,
            fit.clustered,
            " ".join(map(str, fit.summary.nobs)),
            fit.summary.converged,
            fit.summary.admissible,
            *(fit.summary.indices.get(name) for name in indices),
        ]
        for fit in fits
    )
    return csv_file(f"{TABLES}/fit.csv", header, rows)


def _parameters(fits: Sequence[Refit]) -> ArchiveFile:
    rows = ([fit.id, *_cells(parameter)] for fit in fits for parameter in fit.summary.parameters)
    return csv_file(f"{TABLES}/parameters.csv", ["fit", *PARAMETER_COLUMNS], rows)


def _cells(parameter: Mapping[str, object]) -> list[object]:
    return [parameter.get(name) for name in PARAMETER_COLUMNS]
