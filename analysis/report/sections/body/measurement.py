"""Measurement: the models as specified, reliability, fit, local misfit, invariance."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import shorten

from analysis.compare.models.invariance import told_of
from analysis.compare.notices.details import detail_in_words
from analysis.compare.plan import Plan
from analysis.compare.results import (
    Estimability,
    FitSummary,
    Invariance,
    RungAttempt,
)
from analysis.language import gettext as _
from analysis.language import ngettext
from analysis.report.content import ReportContent
from analysis.report.readout.results import (
    NO_DF,
    bounds,
    cfi_text,
    index_of,
    preferred_index,
    rmsea_text,
    standing_of,
)
from analysis.report.sections.factors import pointers
from analysis.report.typesetting.formatting import (
    NOT_ESTIMABLE,
    bounded,
    count,
    decimal,
    estimate_with_interval,
    listed,
    p_value,
    percent,
)
from analysis.report.typesetting.style import plain
from analysis.report.typesetting.tables import Band, Row, numbers, row, words
from analysis.report.words import INVARIANCE, REASONS, RUNGS
from analysis.report.writer import Writer

# What fits a row: names of items, and characters of a reason that names many.
_MOST_NAMED = 6
_LONGEST_REASON = 160


def write(report: Writer, content: ReportContent) -> None:
    """The section."""
    report.section("measurement", "Measurement")
    report.subsection("specification", "Models as specified")
    _specification(report, content)
    _estimability(report, content)
    report.subsection("reliability", "Reliability and discriminant validity")
    _reliability(report, content)
    report.subsection("fit", "Model fit")
    _fit(report, content)
    report.text(_local_misfit(report, content))
    report.subsection("invariance", "Invariance against the people")
    _invariance(report, content)
    if told := pointers(report, content):
        report.text(told)


def _specification(report: Writer, content: ReportContent) -> None:
    plan = content.comparison.plan
    report.text(
        _(
            "Estimator {estimator}, missing answers {missing}, intervals at {level}. Model syntax, "
            "with every free, fixed and equal parameter, and the decisions behind it stand in "
            "{where}."
        ).format(
            estimator=plain(plan.estimator),
            missing=plain(plan.missing),
            level=percent(plan.level),
            where=report.see("models"),
        )
        + _covariates(plan)
    )


def _covariates(plan: Plan) -> str:
    if not plan.covariates:
        return ""
    told = _(
        "Every regression also has the covariates {names}, which are no paths of the comparison."
    )
    return f" {told.format(names=plain(listed(plan.covariates)))}"


def _estimability(report: Writer, content: ReportContent) -> None:
    rows = []
    for each in content.comparison.estimability:
        reason = f"; {REASONS[each.reason]}" if each.reason else ""
        tried = "; ".join(_tried(step) for step in each.attempts if step.reason) or "none"
        label = content.label(each.group)
        if each.model != "main":
            label = _("{group}, model {model}").format(group=label, model=each.model)
        rows.append(
            row(
                label,
                f"{RUNGS[each.rung]}{reason}",
                _items_left_out(content, each),
                tried,
            )
        )
    if not rows:
        report.text("Estimability of each group: not recorded.")
        return
    report.table(
        "table-estimability",
        "What each group could support",
        (
            words("Group", 18),
            words("Estimated as", 22),
            words("Constant and dropped items", 22),
            words("Tried, and why it was left or stands lower", 38),
        ),
        rows,
        note="Where the full model cannot be had, simpler ones are tried in a fixed order. Groups "
        "that stand on different rungs are not silently compared. Long lists are cut short here; "
        "results.json in the archive has them whole.",
    )


def _tried(step: RungAttempt) -> str:
    """A rung, and the engine's own words on it."""
    reason = "" if step.reason is None else REASONS[step.reason]
    words = shorten(detail_in_words(step.detail), _LONGEST_REASON, placeholder=" …")
    return f"{RUNGS[step.rung]}: {reason}{f' ({words})' if words else ''}"


def _items_left_out(content: ReportContent, each: Estimability) -> str:
    if len(each.constant_items) == len(content.comparison.plan.items) > 1:
        return _("every item")
    if each.constant_items == each.dropped_items:
        return _first(each.constant_items)
    return _("constant: {constant}; dropped: {dropped}").format(
        constant=_first(each.constant_items), dropped=_first(each.dropped_items)
    )


def _first(names: Sequence[str]) -> str:
    """The first names of a long list, and how many more there are."""
    left = len(names) - _MOST_NAMED
    if left <= 1:
        return listed(names)
    more = ngettext("{count} more", "{count} more", left).format(count=left)
    return listed([*names[:_MOST_NAMED], more])


# ---------------------------------------------------------------- reliability


def _reliability(report: Writer, content: ReportContent) -> None:
    entries: list[Row | Band] = []
    for group in content.groups:
        own = [each for each in content.comparison.reliability if each.group == group.key]
        if not own:
            continue
        entries.append(Band(group.label))
        entries += [
            row(
                content.construct_label(each.construct),
                count(each.indicators),
                estimate_with_interval(each.omega, bounds(each.omega_ci)),
                estimate_with_interval(each.alpha, bounds(each.alpha_ci)),
                estimate_with_interval(each.ave, bounds(each.ave_ci)),
            )
            for each in own
        ]
    if not entries:
        report.text("Reliability: not recorded.")
        return
    report.table(
        "table-reliability",
        "Reliability by construct and group",
        (
            words("Construct", 34),
            numbers("Indicators", 12),
            numbers("ω", 18),
            numbers("α [95% CI]", 18),
            numbers("AVE", 18),
        ),
        entries,
        note="ω = McDonald's omega total; α = Cronbach's alpha; AVE = average variance extracted.",
        width=0.86,
    )


# ---------------------------------------------------------------- fit


def _fit_row(content: ReportContent, fit: FitSummary) -> Row:
    df = index_of(fit, "df")
    problems = [] if fit.converged else [_("did not converge")]
    if not fit.admissible:
        problems.append(_("inadmissible"))
    labels = f"{listed(content.label(key) for key in fit.groups)}{standing_of(fit)}"
    return row(
        f"{labels}{': ' + ', '.join(problems) if problems else ''}",
        " + ".join(count(n) for n in fit.nobs),
        decimal(index_of(fit, "chisq")),
        NOT_ESTIMABLE if df is None else decimal(df, 0),
        p_value(index_of(fit, "pvalue")) if df else "n/a",
        decimal(index_of(fit, "chisq.scaled")) if _has(fit, "chisq.scaled") else "n/a",
        cfi_text(fit),
        NO_DF if df == 0 else bounded(preferred_index(fit, "tli"), 3),
        rmsea_text(fit),
        bounded(index_of(fit, "srmr"), 3),
        alert=bool(problems),
    )


def _has(fit: FitSummary, name: str) -> bool:
    return index_of(fit, name) is not None


def _fit(report: Writer, content: ReportContent) -> None:
    fits = content.comparison.fits
    if not fits:
        report.text("Fit: not estimable.")
        return
    entries: list[Row | Band] = []
    for model in dict.fromkeys(fit.model for fit in fits):
        entries.append(Band(_("Model {model}").format(model=model)))
        entries += [_fit_row(content, fit) for fit in fits if fit.model == model]
    report.table(
        "table-fit",
        "Fit of every model",
        (
            words("Group", 24),
            numbers("<i>n</i>", 13),
            numbers("χ²", 9),
            numbers("df", 5),
            numbers("<i>p</i>", 8),
            numbers("χ² scaled", 9),
            numbers("CFI", 8),
            numbers("TLI", 8),
            numbers("RMSEA [90% CI]", 21),
            numbers("SRMR", 8),
        ),
        entries,
        note="A model is said to fit acceptably with a CFI of at least .90 and an RMSEA of at most "
        ".10; these are guides, read together with local misfit. CFI, TLI and RMSEA are robust or "
        "scaled where computed; df = 0: fit cannot be tested.",
    )
    for fit in fits:
        if fit.warnings:
            groups = plain(listed(content.label(key) for key in fit.groups))
            whose = _("{group}, model {model}").format(group=groups, model=plain(fit.model))
            report.text(f"{whose}: {plain(' '.join(fit.warnings))}")


def _local_misfit(report: Writer, content: ReportContent) -> str:
    found = content.residuals
    if found is None:
        return _("Residual correlations above .10: not recorded.")
    if not found:
        return _("No residual correlation exceeds .10 in size.")
    return ngettext(
        "{count} residual correlation above .10 in size: {where}.",
        "{count} residual correlations above .10 in size: {where}.",
        len(found),
    ).format(count=count(len(found)), where=report.see("table-residuals"))


# ---------------------------------------------------------------- invariance


def _invariance(report: Writer, content: ReportContent) -> None:
    if not content.comparison.invariance:
        report.text(
            "Invariance against the people: not recorded. Without it neither latent paths nor "
            "latent means are printed as comparable."
        )
        return
    report.bullets(_verdict_sentences(content))
    if any(each.steps for each in content.comparison.invariance):
        told = _("The ladders, step by step: {where}.")
        report.text(told.format(where=report.see("ladders")))


def _verdict_sentences(content: ReportContent) -> list[str]:
    """The verdicts in words; models in which the same was found share a sentence."""
    models: dict[tuple[tuple[str, ...], Invariance, str], list[str]] = {}
    for verdict in content.comparison.invariance:
        found = (verdict.groups, verdict.reached, told_of(verdict))
        models.setdefault(found, []).append(verdict.model)
    return [
        _verdict_sentence(content, groups, reached, sentence, names)
        for (groups, reached, sentence), names in models.items()
    ]


def _verdict_sentence(
    content: ReportContent,
    groups: tuple[str, ...],
    reached: Invariance,
    sentence: str,
    models: Sequence[str],
) -> str:
    told = ngettext(
        "<b>{groups}, model {models}: {reached}.</b> {sentence}",
        "<b>{groups}, models {models}: {reached}.</b> {sentence}",
        len(models),
    )
    return told.format(
        groups=plain(listed(content.label(key) for key in groups)),
        models=plain(listed(models)),
        reached=INVARIANCE[reached],
        sentence=plain(sentence),
    )
