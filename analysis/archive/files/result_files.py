"""What the run found: everything as JSON with its schema, and the main tables as CSV."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields

from analysis.archive.content import ArchiveContent
from analysis.archive.files.fits import Refit, name_on, own_fit
from analysis.archive.files.schema import FORMAT, VERSION, results_schema
from analysis.archive.files.text_files import csv_file, json_file
from analysis.archive.packing import ArchiveFile
from analysis.compare.json_codec import to_plain
from analysis.compare.results import Comparison, PathEstimate

PARAMETER_COLUMNS = (
    *("lhs", "op", "rhs", "group", "label", "free", "est", "se", "z", "pvalue"),
    *("ci_lower", "ci_upper", "std_all", "std_all_se"),
)
PLACE_COLUMNS = ("fit", "outcome_variable", "predictor_variable", "fit_se", "fit_std_se")
SCORES = ("hard", "agree", "contradict", "undetermined", "not_estimable", "evidence", "joint")
INTERVALS = ("hard", "evidence", "joint")


def result_files(content: ArchiveContent, fits: Sequence[Refit]) -> list[ArchiveFile]:
    """Everything under ``results/``."""
    comparison = content.comparison
    return [
        json_file("results/results.json", _results(content)),
        json_file("results/schema.json", results_schema()),
        _paths(comparison, fits),
        _vaar(comparison),
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


def _paths(comparison: Comparison, fits: Sequence[Refit]) -> ArchiveFile:
    names = [field.name for field in fields(PathEstimate)]
    header = [*names, *PLACE_COLUMNS]
    rows = (
        [*(to_plain(getattr(row, name)) for name in names), *_place(comparison, fits, row)]
        for row in comparison.paths
    )
    return csv_file("results/tables/paths.csv", header, rows)


def _place(
    comparison: Comparison, fits: Sequence[Refit], row: PathEstimate
) -> list[str | float | int | None]:
    """The fit of an estimate, what its constructs are called there, and the fit's own errors.

    Where rows share clusters, those of a path are never smaller than those of independent rows, and
    the fit's own are what another program can be compared with.
    """
    plan = comparison.plan
    path = plan.path(row.path)
    fit = own_fit(fits, path.model, row)
    if fit is None:
        return ["", "", "", None, None]
    outcome, predictor = (name_on(plan, key, row.rung) for key in (path.outcome, path.predictor))
    found = next(
        one
        for one in fit.summary.parameters
        if (one["lhs"], one["op"], one["rhs"]) == (outcome, "~", predictor)
    )
    return [fit.id, outcome, predictor, found["se"], found["std_all_se"]]


def _vaar(comparison: Comparison) -> ArchiveFile:
    limits = [f"{name}_{end}" for name in INTERVALS for end in ("lower", "upper")]
    header = ["group", "signs", *SCORES, "ceiling", "joint_normalised", *limits, "permutation_p"]
    return csv_file("results/tables/vaar.csv", header, _vaar_rows(comparison))


def _vaar_rows(comparison: Comparison) -> Iterator[list[object]]:
    for score in comparison.vaar:
        limits: list[object] = []
        for name in INTERVALS:
            interval = score.intervals.get(name)
            limits += [interval.lower, interval.upper] if interval else [None, None]
        yield [
            score.group,
            score.signs.value,
            *(getattr(score, name) for name in SCORES),
            score.ceiling,
            score.joint_normalised,
            *limits,
            score.permutation_p.get("joint"),
        ]


def _fit(fits: Sequence[Refit]) -> ArchiveFile:
    indices = list(dict.fromkeys(name for fit in fits for name in fit.summary.indices))
    header = [
        *("fit", "model", "label", "groups", "rung", "estimator", "missing", "clustered"),
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
    return csv_file("results/tables/fit.csv", header, rows)


def _parameters(fits: Sequence[Refit]) -> ArchiveFile:
    rows = ([fit.id, *_cells(parameter)] for fit in fits for parameter in fit.summary.parameters)
    return csv_file("results/tables/parameters.csv", ["fit", *PARAMETER_COLUMNS], rows)


def _cells(parameter: Mapping[str, object]) -> list[object]:
    return [parameter.get(name) for name in PARAMETER_COLUMNS]
