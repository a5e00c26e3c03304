"""Models: decisions, syntax, every estimate, discriminant validity, local misfit, ladders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analysis.compare.data.measurement import name_on
from analysis.compare.results import FitSummary, InvarianceStep, InvarianceVerdict
from analysis.language import ends, gettext, gettext_noop
from analysis.report.content import ReportContent
from analysis.report.facts import facts_of
from analysis.report.readout.refusals import p_values_refused
from analysis.report.readout.results import bounds, standing_of
from analysis.report.typesetting.formatting import (
    NOT_ESTIMABLE,
    NOT_RECORDED,
    bounded,
    count,
    decimal,
    estimate_with_interval,
    listed,
    p_value,
)
from analysis.report.typesetting.style import plain
from analysis.report.typesetting.tables import Band, Row, numbers, row, words
from analysis.report.words import REASONS
from analysis.report.writer import Writer

_TOPICS = {
    "specification": "Specification",
    "estimation": "Estimation",
    "changes": "Changes and alternatives",
    "precision": "Power and precision",
    "checks": "Further checks",
}


def write(report: Writer, content: ReportContent) -> None:
    """What the models are, what was estimated in each, and how far they hold."""
    report.section("models", "Models and all estimates")
    _decisions(report, content)
    _estimates(report, content)
    report.subsection("discriminant", "Discriminant validity and local misfit")
    _htmt(report, content)
    _residuals(report, content)
    if any(each.steps for each in content.comparison.invariance):
        report.subsection("ladders", "Invariance, step by step")
        _invariance(report, content)


def _decisions(report: Writer, content: ReportContent) -> None:
    entries: list[Row | Band] = []
    for topic, title in _TOPICS.items():
        entries.append(Band(title))
        entries += [row(fact.label, fact.text) for fact in facts_of(content.modelling, topic)]
    report.table(
        "table-modelling",
        "Decisions about the structural models",
        (words("Topic", 32), words("This study", 68)),
        entries,
    )


# ---------------------------------------------------------------- estimates


def _estimates(report: Writer, content: ReportContent) -> None:
    seen: set[str] = set()
    for fit in content.comparison.fits:
        if fit.syntax not in seen:
            seen.add(fit.syntax)
            told = gettext("<b>Model {model}</b>, lavaan-style syntax:")
            report.text(told.format(model=plain(fit.model)))
            report.verbatim(fit.syntax)
    for at, fit in enumerate(content.comparison.fits):
        if not fit.parameters:
            continue
        groups = listed(content.label(key) for key in fit.groups)
        report.table(
            f"table-estimates-{at}",
            gettext("Estimates of model {model}: {groups}").format(
                model=fit.model, groups=f"{groups}{standing_of(fit)}"
            ),
            (
                words("Parameter", 42),
                words("Status", 10),
                numbers("Estimate", 11),
                numbers("SE", 10),
                numbers("95% CI", 18),
                numbers("Standardised", 16),
                numbers("<i>p</i>", 9),
            ),
            _parameters(content, fit, withheld=_p_withheld(content, fit)),
            note=_estimates_note(content, fit),
            together=False,
            to_archive=True,
        )


def _estimates_note(content: ReportContent, fit: FitSummary) -> str:
    told = gettext(
        "{n} free parameters; estimator {estimator}, missing {missing}. A label in brackets ties "
        "parameters. {explained}"
    ).format(
        n=fit.npar,
        estimator=plain(fit.estimator),
        missing=plain(fit.missing),
        explained=_explained(content, fit),
    )
    if not fit.group_equal:
        return told
    equal = gettext("Equal across groups: {names}.").format(names=plain(listed(fit.group_equal)))
    return f"{told} {equal}"


def _p_withheld(content: ReportContent, fit: FitSummary) -> bool:
    """A group's own p-values are withheld here as they are beside the paths."""
    return len(fit.groups) == 1 and p_values_refused(content, fit.groups[0])


def _parameters(content: ReportContent, fit: FitSummary, *, withheld: bool) -> list[Row | Band]:
    """The parameters, under the names of their groups where there are several."""
    entries: list[Row | Band] = []
    before = None
    for each in fit.parameters:
        group = each.get("group")
        if len(fit.groups) > 1 and group != before:
            before = group
            known = isinstance(group, str) and group in fit.groups
            entries.append(
                Band(content.label(str(group)) if known else gettext("Defined parameters"))
            )
        entries.append(_parameter(each, withheld=withheld))
    return entries


def _explained(content: ReportContent, fit: FitSummary) -> str:
    called = {name_on(one, fit.rung): one.label for one in content.comparison.plan.constructs}
    parts = [
        gettext("R² of {outcome} in {group} = {value}").format(
            outcome=plain(called[outcome]), group=plain(content.label(group)), value=bounded(value)
        )
        for group, outcomes in fit.r2.items()
        for outcome, value in outcomes.items()
        if outcome in called
    ]
    return f"{'; '.join(parts)}." if parts else f"R²: {gettext(NOT_RECORDED)}."


Parameter = Mapping[str, str | float | int | None]


def _number(each: Parameter, *names: str) -> float | None:
    """The first of several spellings of a column that holds a number."""
    for name in names:
        value = each.get(name)
        if isinstance(value, int | float):
            return float(value)
    return None


def _parameter(each: Parameter, *, withheld: bool) -> Row:
    name = f"{each.get('lhs', '')} {each.get('op', '')} {each.get('rhs', '')}".strip()
    free = each.get("free")
    label = each.get("label")
    defined = each.get("op") == ":="
    shown = f"{name} [{label}]" if label and not defined else name
    status = gettext("defined") if defined else "free" if free else "fixed"
    est, se = _number(each, "est"), _number(each, "se")
    standardised = _number(each, "std_all", "std.all", "std")
    fixed = not free or se is None
    return row(
        shown,
        status,
        decimal(est, 3),
        "fixed" if fixed else decimal(se, 3),
        "fixed" if fixed else _interval(each, est, se),
        bounded(standardised, 3) if standardised is not None else NOT_RECORDED,
        "fixed" if fixed else "withheld" if withheld else p_value(_number(each, "pvalue")),
    )


def _interval(each: Parameter, est: float | None, se: float | None) -> str:
    low, high = _number(each, "ci_lower", "ci.lower"), _number(each, "ci_upper", "ci.upper")
    if low is None or high is None:
        if est is None or se is None:
            return NOT_ESTIMABLE
        low, high = est - 1.959964 * se, est + 1.959964 * se
    return ends(decimal(low), decimal(high))


# ---------------------------------------------------------------- validity and misfit


def _htmt(report: Writer, content: ReportContent) -> None:
    found = content.comparison.htmt
    if not found:
        report.text("Heterotrait–monotrait ratios: not recorded.")
        return
    pairs = list(dict.fromkeys((each.first, each.second) for each in found))
    values = {
        (each.group, each.first, each.second): estimate_with_interval(each.value, bounds(each.ci))
        for each in found
    }
    columns = [words("Group", 28)]
    columns += [
        numbers(f"{plain(content.construct_label(a))} / {plain(content.construct_label(b))}", 24)
        for a, b in pairs
    ]
    report.table(
        "table-htmt",
        "Heterotrait–monotrait ratios (HTMT)",
        columns,
        [
            row(group.label, *(values.get((group.key, *pair), NOT_ESTIMABLE) for pair in pairs))
            for group in content.groups
        ],
        note="Values near 1 mean that two constructs are not told apart.",
    )


def _residuals(report: Writer, content: ReportContent) -> None:
    found = content.residuals
    if not found:
        return
    report.table(
        "table-residuals",
        "Local misfit: residual correlations above .10 in size",
        (words("Group", 32), words("Model", 14), words("Indicators", 40), numbers("Residual", 14)),
        [
            row(
                content.label(each.group),
                each.model,
                gettext("{first} with {second}").format(first=each.first, second=each.second),
                bounded(each.value, 3),
            )
            for each in found
        ],
        width=0.86,
    )


# ---------------------------------------------------------------- invariance


def _step_row(step: InvarianceStep) -> Row:
    if step.cfi is None:
        reason = REASONS[step.reason] if step.reason else gettext(NOT_ESTIMABLE)
        blank = [NOT_ESTIMABLE, *[""] * 6]
        name = f"{gettext(step.level.replace('_', ' '))}: {reason}"
        return row(name, *blank, "not tested", alert=True)
    first = step.delta_cfi is None
    return row(
        _step_name(step),
        decimal(step.chisq),
        count(step.df),
        bounded(step.cfi, 3),
        bounded(step.rmsea, 3),
        "n/a" if first else bounded(step.delta_cfi, 3),
        "n/a" if first else bounded(step.delta_rmsea, 3),
        "n/a" if step.delta_pvalue is None else p_value(step.delta_pvalue),
        "yes" if step.holds else "cannot tell" if step.undecided else "no",
    )


def _step_name(step: InvarianceStep) -> str:
    level = gettext(step.level.replace("_", " "))
    if not step.freed:
        return level
    return gettext("{level} (freed: {names})").format(level=level, names=listed(step.freed))


def _invariance(report: Writer, content: ReportContent) -> None:
    """The ladders step by step, of the plan's first model on their own; verdicts: the report."""
    verdicts = [each for each in content.comparison.invariance if each.steps]
    first = content.comparison.plan.paths[0].model
    main = [each for each in verdicts if each.model == first]
    others = [each for each in verdicts if each.model != first]
    if main:
        title = gettext_noop("Invariance ladder of every model against the people")
        _ladders(report, content, main, "table-invariance", title)
    if others:
        title = gettext_noop("Invariance ladders in the other structural models")
        _ladders(report, content, others, "table-other-invariance", title)


def _ladders(
    report: Writer,
    content: ReportContent,
    verdicts: Sequence[InvarianceVerdict],
    key: str,
    title: str,
) -> None:
    entries: list[Row | Band] = []
    for verdict in verdicts:
        entries.append(Band(_verdict_title(content, verdict)))
        entries += [_step_row(step) for step in verdict.steps]
    report.table(
        key,
        title,
        (
            words("Step", 30),
            numbers("χ²", 11),
            numbers("df", 7),
            numbers("CFI", 9),
            numbers("RMSEA", 9),
            numbers("ΔCFI", 9),
            numbers("ΔRMSEA", 10),
            numbers("<i>p</i> of Δχ²", 11),
            numbers("Holds", 8),
        ),
        entries,
        note="Guides, not laws: a step holds when CFI falls by at most .010 and RMSEA rises by at "
        "most .015. No: beyond these, and not by chance as the difference test has it (of the "
        "first step, the interval of CFI or RMSEA); else it cannot be told at this <i>n</i>. Where "
        "metric invariance fails, latent paths are not compared; without scalar invariance, latent "
        "means are not printed.",
        to_archive=True,
    )


def _verdict_title(content: ReportContent, verdict: InvarianceVerdict) -> str:
    names = listed(content.label(key) for key in verdict.groups)
    if verdict.model == "main":
        return names
    return gettext("{group}, model {model}").format(group=names, model=verdict.model)
