"""What a plan asks of factors and items, as the page of a run shows it."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from analysis.compare.results import AlignedFactor, Comparison, FitSize, Untold
from analysis.report.words import FIT_LABELS
from analysis.web.agreement import Line, cell
from surveys.templatetags.survey_text import decimal

# Nye, Bradburn, Olenick, Bialko and Drasgow (2019): from so much on bias is small, and not nothing.
SMALL_BIAS = 0.20


@dataclass(frozen=True, slots=True)
class FactorTable:
    """A table of the page: its caption, heads of columns, lines, and a note below."""

    key: str
    caption: str
    heads: tuple[str, ...]
    lines: tuple[Line, ...]
    note: str

    @property
    def rows(self) -> list[tuple[Line, list[tuple[str, str]]]]:
        """Lines with their cells under their heads."""
        return [line.under(self.heads[1:]) for line in self.lines]


def factor_tables(comparison: Comparison) -> Iterator[FactorTable]:
    """The tables that there is something for."""
    labels = {group.key: group.label for group in comparison.groups}
    if comparison.latent_means:
        yield FactorTable(
            "means",
            _("Latent means of models less those of people"),
            (_("Model, construct"), _("Difference"), "d", "p"),
            tuple(_means(comparison, labels)),
            _("d is in standard deviations of the factor; given where scalar invariance holds."),
        )
    if comparison.item_bias:
        yield FactorTable(
            "bias",
            _("Bias of indicators"),
            (_("Model, indicator"), "dMACS", _("Shift")),
            tuple(_bias(comparison, labels)),
            _("In standard deviations of the indicator; 0.2 and more is shown, the rest counted."),
        )
    if comparison.alignment:
        yield FactorTable(
            "alignment",
            _("Aligned factors"),
            (_("Construct, group"), _("Mean"), _("Variance")),
            tuple(line for one in comparison.alignment for line in _aligned(one, labels)),
            _("All groups at once, in units of the people's factor."),
        )
    if comparison.fit_sizes:
        yield FactorTable(
            "fit",
            _("T-size fit"),
            (_("Group"), "RMSEA", "CFI"),
            tuple(_size(one, labels) for one in comparison.fit_sizes),
            _("With 95 % confidence RMSEA is below and CFI above these values."),
        )
    if comparison.plan.measurement.reliability:
        yield from _reliability(comparison, labels)


def _reliability(comparison: Comparison, labels: dict[str, str]) -> Iterator[FactorTable]:
    yield FactorTable(
        "reliability",
        _("Reliability by construct and group"),
        (_("Group, construct"), "ω", "AVE"),
        tuple(
            Line(
                f"{labels[one.group]}, {one.construct}",
                (cell(one.omega, one.omega_ci), cell(one.ave, one.ave_ci)),
            )
            for one in comparison.reliability
        ),
        _("With 95 % intervals where the planned model was fitted."),
    )
    if comparison.htmt:
        yield FactorTable(
            "htmt",
            _("Heterotrait–monotrait ratios (HTMT)"),
            (_("Group, two constructs"), "HTMT"),
            tuple(
                Line(f"{labels[one.group]}, {one.first} / {one.second}", (cell(one.value, one.ci),))
                for one in comparison.htmt
            ),
            _("Values near 1 mean that two constructs are not told apart."),
        )


def _untold(reason: Untold) -> str:
    return _("not told: %(why)s") % {"why": _(reason.sentence)}


def _means(comparison: Comparison, labels: dict[str, str]) -> Iterator[Line]:
    for one in comparison.latent_means:
        label = f"{labels[one.group]}, {one.construct}"
        if one.reason is not None:
            yield Line(label, (), _untold(one.reason))
        else:
            cells = cell(one.difference, one.difference_ci), cell(one.d, one.d_ci)
            yield Line(label, (*cells, _p_value(one.pvalue)))


def _p_value(value: float | None) -> str:
    if value is None:
        return _("withheld")
    return f"< {decimal(0.001, 3)}" if value < 0.001 else decimal(value, 3)


def _bias(comparison: Comparison, labels: dict[str, str]) -> Iterator[Line]:
    """Indicators with bias that is not negligible, and how many have less."""
    for group in dict.fromkeys(one.group for one in comparison.item_bias):
        own = [one for one in comparison.item_bias if one.group == group]
        reasons = dict.fromkeys(one.reason for one in own if one.reason is not None)
        for reason in reasons:
            yield Line(labels[group], (), _untold(reason))
        told = [one for one in own if one.size is not None]
        shown = [one for one in told if (one.size or 0.0) >= SMALL_BIAS]
        for one in shown:
            yield Line(f"{labels[group]}, {one.indicator}", (decimal(one.size), decimal(one.shift)))
        if told:
            less = _("%(count)s below 0.2") % {"count": len(told) - len(shown)}
            yield Line(labels[group], (), less)


def _aligned(factor: AlignedFactor, labels: dict[str, str]) -> Iterator[Line]:
    if factor.reason is not None:
        yield Line(factor.construct, (), _untold(factor.reason))
    for one in factor.means:
        cells = cell(one.mean, one.mean_ci), cell(one.variance, one.variance_ci)
        yield Line(f"{factor.construct}, {labels[one.group]}", cells)


def _size(one: FitSize, labels: dict[str, str]) -> Line:
    if one.reason is not None:
        return Line(labels[one.group], (), _untold(one.reason))
    pairs = ((one.rmsea, one.rmsea_label), (one.cfi, one.cfi_label))
    return Line(labels[one.group], tuple(_labelled(*pair) for pair in pairs))


def _labelled(value: float | None, label: str) -> str:
    return f"{decimal(value, 3)} ({_(FIT_LABELS[label])})" if label else decimal(value, 3)
