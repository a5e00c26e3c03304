"""The run page's tables of agreement and of sizes, in the reader's language."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from analysis.compare.results import CalibrationLine, Comparison, Interval, NoModel
from analysis.report import words
from analysis.runs.agreement import NUMBERS, AgreementRow, Sizes, agreement_rows, all_sizes
from surveys.templatetags.survey_text import decimal

_UNBROKEN = "\N{NO-BREAK SPACE}"
NAMES = {
    "agree": gettext_lazy("Agree"),
    "contradict": gettext_lazy("Contradict"),
    "undetermined": gettext_lazy("Undetermined"),
    "not_estimable": gettext_lazy("Not estimable"),
    "hard": gettext_lazy("Hard"),
    "evidence": gettext_lazy("Evidence"),
    "joint": gettext_lazy("Joint"),
    "log": gettext_lazy("Log form"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: texts of its cells, or one sentence that says why there are none."""

    label: str
    cells: tuple[str, ...]
    sentence: str = ""

    def under(self, heads: Sequence[str]) -> tuple["Line", list[tuple[str, str]]]:
        """Itself, and its cells, each with the head of its column."""
        return self, list(zip(heads, self.cells, strict=True)) if self.cells else []


@dataclass(frozen=True, slots=True)
class AgreementTable:
    """A model's VAAR and what it is read beside; ``n`` is the size of the drawn samples."""

    label: str
    n: int | None
    lines: tuple[Line, ...]

    @property
    def heads(self) -> list[str]:
        """What each cell of a line is."""
        return [str(NAMES[name]) for name in NUMBERS]

    @property
    def rows(self) -> list[tuple[Line, list[tuple[str, str]]]]:
        """Lines with their cells under their heads."""
        return [line.under(self.heads) for line in self.lines]


@dataclass(frozen=True, slots=True)
class SizeTable:
    """The sizes of a model's paths, and its calibration line in words."""

    label: str
    lines: tuple[Line, ...]
    sentences: tuple[str, ...]


def agreement_tables(comparison: Comparison) -> Iterator[AgreementTable]:
    """One table per model, and per source of signs where there are two."""
    labels = {group.key: group.label for group in comparison.groups}
    both = {score.group for score in comparison.vaar if score.signs == "H"}
    for score in comparison.vaar:
        label = labels[score.group]
        if score.group in both:
            label = f"{label}, VAAR-{score.signs.value}"
        rows = agreement_rows(score)
        yield AgreementTable(label, score.sample_n, tuple(_agreement(label, row) for row in rows))


def size_tables(comparison: Comparison) -> Iterator[SizeTable]:
    """One table per model."""
    labels = {group.key: group.label for group in comparison.groups}
    for sizes in all_sizes(comparison):
        line = sizes.paths.calibration
        said = (_calibration(line), _(verdict) if (verdict := words.line_verdict(line)) else "")
        yield SizeTable(
            label=labels[sizes.paths.group],
            lines=tuple(_sizes(sizes, comparison)),
            sentences=tuple(filter(None, said)),
        )


def _agreement(label: str, row: AgreementRow) -> Line:
    if row.benchmark is not None:
        label = _(words.BENCHMARKS[row.benchmark])
    if row.no_model not in (None, NoModel.SCORED):
        return Line(label, (), _(words.NO_MODEL[row.no_model]))
    if not row.drawn:
        return Line(label, (), _(words.NOT_DRAWN))
    cells = (cell(row.values.get(name), row.intervals.get(name)) for name in NUMBERS)
    return Line(label, tuple(cells))


def _sizes(sizes: Sizes, comparison: Comparison) -> Iterator[Line]:
    paths = {path.key: f"{path.predictor} → {path.outcome}" for path in comparison.plan.paths}
    own = sizes.paths
    yield Line(_(words.SIZE_OF_SLOPES), (cell(own.ratio, own.ratio_ci),))
    for one in own.ratios:
        label = _(words.SIZE_OF_SLOPE) % {"path": paths[one.path]}
        yield Line(label, (cell(one.ratio, one.ci),))
    for each in sizes.outcomes:
        label = _(words.SIZE_OF_R2) % {"outcome": each.outcome}
        yield Line(label, (cell(each.ratio, each.ratio_ci),))


def _calibration(line: CalibrationLine) -> str:
    ends = (("intercept", line.intercept, line.intercept_ci), ("slope", line.slope, line.slope_ci))
    told = {"paths": str(line.paths)}
    for name, value, interval in ends:
        if value is not None:
            told[name] = decimal(value)
        if interval is not None:
            told |= {f"{name}_{end}": decimal(getattr(interval, end)) for end in ("lower", "upper")}
    return _(words.line_sentence(line)) % told


def cell(value: float | None, interval: Interval | None) -> str:
    """A number with its interval, where it has one."""
    if interval is None:
        return decimal(value)
    comma = pgettext("ends of an interval", ",")
    lower, upper = decimal(interval.lower), decimal(interval.upper)
    return f"{decimal(value)} [{lower}{comma}{_UNBROKEN}{upper}]"
