"""A fit for reading: the numbers a paper reports, as text and as rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["SemSummary", "SummaryRow", "summarise"]

_SECTIONS = {
    "=~": "Loadings",
    "~": "Regressions",
    "~~": "Variances and covariances",
    "~1": "Intercepts and means",
    "|": "Thresholds",
    "~*~": "Scales of latent responses",
    ":=": "Defined parameters",
}
_HEADER = f"{'estimate':>10}{'se':>9}{'z':>9}{'p':>9}{'95 % interval':>20}{'std.all':>10}"


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One parameter; numbers of fixed ones that have no standard error are None."""

    section: str
    group: str
    name: str
    label: str
    est: float
    se: float | None
    z: float | None
    pvalue: float | None
    ci_lower: float | None
    ci_upper: float | None
    std_all: float | None


@dataclass(frozen=True, slots=True)
class SemSummary:
    """`rows` one per parameter, `fit` the indices usually reported, `heading` what was fitted.

    `str(summary)` is the text.
    """

    heading: tuple[str, ...]
    fit: Mapping[str, float]
    rows: tuple[SummaryRow, ...]
    notices: tuple[str, ...]
    bounds: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(_text(self)) + "\n"


_REPORTED = (
    *("chisq", "df", "pvalue", "chisq.scaled", "pvalue.scaled", "chisq.scaling.factor"),
    *("cfi", "tli", "rmsea", "rmsea.ci.lower", "rmsea.ci.upper"),
    *("cfi.robust", "tli.robust", "rmsea.robust", "rmsea.ci.lower.robust"),
    *("rmsea.ci.upper.robust", "cfi.scaled", "tli.scaled", "rmsea.scaled", "srmr"),
    *("logl", "aic", "bic"),
)


class Estimated(Protocol):
    """What a summary needs of a parameter; see `results.Parameter`."""

    # properties, since a parameter is frozen
    @property
    def lhs(self) -> str: ...
    @property
    def op(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def group(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def est(self) -> float: ...
    @property
    def se(self) -> float: ...
    @property
    def z(self) -> float: ...
    @property
    def pvalue(self) -> float: ...
    @property
    def ci_lower(self) -> float: ...
    @property
    def ci_upper(self) -> float: ...
    @property
    def std_all(self) -> float: ...


def summarise(
    heading: Sequence[str],
    fit: Mapping[str, float],
    parameters: Sequence[Estimated],
    *,
    notices: Sequence[str],
    bounds: Sequence[str],
) -> SemSummary:
    """The summary of a fit from its parts; of `fit`, the indices that are usually reported."""
    return SemSummary(
        heading=tuple(heading),
        fit={name: float(fit[name]) for name in _REPORTED if name in fit},
        rows=tuple(map(_row, parameters)),
        notices=tuple(notices),
        bounds=tuple(bounds),
    )


def _row(row: Estimated) -> SummaryRow:
    tested = row.se > 0
    return SummaryRow(
        section=_SECTIONS[row.op],
        group=row.group,
        name=row.lhs if row.op == ":=" else row.name,
        label="" if row.label.startswith(".p") else row.label,
        est=row.est,
        se=row.se if tested else None,
        z=row.z if tested else None,
        pvalue=row.pvalue if tested else None,
        ci_lower=row.ci_lower if tested else None,
        ci_upper=row.ci_upper if tested else None,
        std_all=_known(row.std_all),
    )


def _known(value: float) -> float | None:
    return None if value != value else value  # NaN alone differs from itself


# -- text -------------------------------------------------------------------------------------


def _text(summary: SemSummary) -> Iterator[str]:
    yield from summary.heading
    for notice in summary.notices:
        yield f"note: {notice}"
    yield ""
    yield from _fit_lines(summary.fit)
    for bound in summary.bounds:
        yield f"bound {bound}"
    groups = list(dict.fromkeys(row.group for row in summary.rows))
    named = len([group for group in groups if group]) > 1
    labels = [*map(_full, summary.rows), *(row.section for row in summary.rows)]
    width = max(map(len, labels), default=0)
    for group in groups:
        rows = [row for row in summary.rows if row.group == group]
        if named and group:
            yield f"\nGroup {group}"
        for section in dict.fromkeys(row.section for row in rows):
            yield f"\n{section:<{width + 2}}{_HEADER}"
            for row in rows:
                if row.section == section:
                    yield f"  {_full(row):<{width}}{_numbers(row)}"


def _full(row: SummaryRow) -> str:
    return f"{row.name} ({row.label})" if row.label and row.label != row.name else row.name


def _numbers(row: SummaryRow) -> str:
    cells = f"{row.est:>10.3f}"
    if row.se is None or row.ci_lower is None or row.ci_upper is None:
        cells += " " * 47
    else:
        interval = f"[{row.ci_lower:.3f}, {row.ci_upper:.3f}]"
        cells += f"{row.se:>9.3f}{row.z:>9.3f}{_p(row.pvalue):>9}{interval:>20}"
    return cells if row.std_all is None else f"{cells}{row.std_all:>10.3f}"


def _p(value: float | None) -> str:
    if value is None or value != value:
        return ""
    return "<.001" if value < 0.001 else f"{value:.3f}"


def _fit_lines(fit: Mapping[str, float]) -> Iterator[str]:
    if "chisq" not in fit:
        yield "no fit indices: the search did not converge"
        return
    yield f"chi-square {fit['chisq']:.3f}, df {fit['df']:.0f}, p {_p(fit['pvalue'])}"
    if "chisq.scaled" in fit:
        yield (
            f"  scaled {fit['chisq.scaled']:.3f}, p {_p(fit['pvalue.scaled'])}, "
            f"scaling factor {fit['chisq.scaling.factor']:.3f}"
        )
    yield _index_line("", fit)
    for kind in ("robust", "scaled"):
        if f"cfi.{kind}" in fit:
            yield _index_line(f".{kind}", fit)
            break
    if "aic" in fit:
        yield f"log-likelihood {fit['logl']:.3f}, AIC {fit['aic']:.3f}, BIC {fit['bic']:.3f}"


def _index_line(kind: str, fit: Mapping[str, float]) -> str:
    words = f"  {kind[1:]} " if kind else ""
    line = f"{words}CFI {fit[f'cfi{kind}']:.3f}, TLI {fit[f'tli{kind}']:.3f}, "
    line += f"RMSEA {fit[f'rmsea{kind}']:.3f}"
    bounds = [fit.get(f"rmsea.ci.{end}{kind}") for end in ("lower", "upper")]
    if None not in bounds:
        line += f" [{bounds[0]:.3f}, {bounds[1]:.3f}]"
    return line if kind else f"{line}, SRMR {fit['srmr']:.3f}"
