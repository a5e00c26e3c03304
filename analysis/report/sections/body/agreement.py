"""VAAR beside people against themselves, no effect and no model; sizes beside signs."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.compare.results import CalibrationLine, Interval, NoModel
from analysis.language import gettext as _
from analysis.report import words as said
from analysis.report.content import ReportContent
from analysis.report.readout.results import bounds, open_interval, score_text
from analysis.report.typesetting.formatting import NOT_RECORDED, count, decimal
from analysis.report.typesetting.parts import cell
from analysis.report.typesetting.style import plain
from analysis.report.typesetting.tables import Band, Row, numbers, row, words
from analysis.report.writer import Writer
from analysis.runs.agreement import AgreementRow, Sizes, agreement_rows, all_sizes

_DECISIVE = ("agree", "contradict", "undetermined")
_GRADED = ("hard", "evidence", "joint", "log")


def write(report: Writer, content: ReportContent) -> None:
    """The decisive split beside its yardsticks, sizes, the calibration lines in words."""
    report.subsection("vaar-beside", "Agreement, and what to read it beside")
    report.text(
        "A model is read beside what others get by the same rule in samples of its effective n: "
        "people of this study against themselves; the model's own sessions with outcomes dealt to "
        "other sessions, which leaves no effect; and a plain regression of each construct on what "
        "the sessions were told, which knows nothing of how attitude goes with action. Agreement "
        "that they reach too is no merit of the model. Rows of models are values, the others "
        "means; brackets are intervals."
    )
    _agreement(report, content, "table-beside", _("the decisive split"), _DECISIVE)
    told = _("The graded numbers beside the same: {where}.")
    report.text(told.format(where=report.see("table-beside-graded")))
    report.subsection("vaar-sizes", "Size beside sign")
    _sizes(report, content)


def write_graded(report: Writer, content: ReportContent) -> None:
    """The graded numbers beside the same yardsticks, for the supplement."""
    _agreement(report, content, "table-beside-graded", _("the graded numbers"), _GRADED)


def _agreement(
    report: Writer, content: ReportContent, key: str, what: str, names: tuple[str, ...]
) -> None:
    entries: list[Row | Band] = []
    for score in content.comparison.vaar:
        n = NOT_RECORDED if score.sample_n is None else count(score.sample_n)
        label = f"{content.label(score.group)}, VAAR-{score.signs.value}"
        entries.append(Band(_("{label} (effective n: {n})").format(label=label, n=_(n))))
        entries += [_agreement_row(each, names) for each in agreement_rows(score)]
    report.table(
        key,
        _("VAAR beside its benchmarks: {what} (this project's definition)").format(what=what),
        (words("", 28), *(numbers(name.capitalize(), 72 / len(names)) for name in names)),
        entries,
    )


def _agreement_row(each: AgreementRow, names: tuple[str, ...]) -> Row:
    label = _("The model" if each.benchmark is None else said.BENCHMARKS[each.benchmark])
    if each.told:
        label = f"{label} ({', '.join(each.told)})"
    if each.no_model not in (None, NoModel.SCORED):
        return row(label, cell(plain(_(said.NO_MODEL[each.no_model])), "cell"), span=True)
    if not each.drawn:
        return row(label, cell(plain(_(said.NOT_DRAWN)), "cell"), span=True)
    cells = [_cell(each, name) for name in names]
    return row(label, *cells)


def _cell(each: AgreementRow, name: str) -> str:
    value, interval = each.values.get(name), each.intervals.get(name)
    if value is None and interval is not None:  # a stored result that has no means
        return open_interval(interval)
    return score_text(value, interval)


def _sizes(report: Writer, content: ReportContent) -> None:
    found = list(all_sizes(content.comparison))
    if not found:
        report.text("Sizes: not recorded.")
        return
    entries: list[Row | Band] = []
    for sizes in found:
        entries.append(Band(content.label(sizes.paths.group)))
        entries += _size_rows(content, sizes)
    report.table(
        "table-sizes",
        "Sizes of a model's paths over the people's",
        (words("", 60), numbers("Ratio", 40)),
        entries,
        note="Slopes are standardised; 1 is the people's size. The mean ratio leaves out paths "
        "that are null in people. No interval where the people's slope cannot be told from zero.",
        width=0.8,
    )
    for sizes in found:
        line = sizes.paths.calibration
        report.text(f"{plain(content.label(sizes.paths.group))}: {_in_words(line)}")


def _size_rows(content: ReportContent, sizes: Sizes) -> Iterator[Row]:
    plan, own = content.comparison.plan, sizes.paths
    yield row(_(said.SIZE_OF_SLOPES), _ratio(own.ratio, own.ratio_ci))
    for one in own.ratios:
        label = content.path_label(plan.path(one.path))
        yield row(_(said.SIZE_OF_SLOPE) % {"path": label}, _ratio(one.ratio, one.ci))
    for each in sizes.outcomes:
        label = content.construct_label(each.outcome)
        yield row(_(said.SIZE_OF_R2) % {"outcome": label}, _ratio(each.ratio, each.ratio_ci))


def _ratio(value: float | None, interval: Interval | None) -> str:
    return (
        decimal(value)
        if bounds(interval) is None
        else f"{decimal(value)} {open_interval(interval)}"
    )


def _in_words(line: CalibrationLine) -> str:
    ends = (("intercept", line.intercept, line.intercept_ci), ("slope", line.slope, line.slope_ci))
    told = {"paths": count(line.paths)}
    for name, value, interval in ends:
        told[name] = decimal(value)
        if interval is not None:
            told[f"{name}_lower"] = decimal(interval.lower)
            told[f"{name}_upper"] = decimal(interval.upper)
    return f"{_(said.line_sentence(line)) % told} {_(said.line_verdict(line))}".strip()
