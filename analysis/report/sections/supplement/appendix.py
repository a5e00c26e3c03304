"""Appendix: wording, estimates, correlations, prompts, provenance."""

from __future__ import annotations

from collections.abc import Mapping

from reportlab.platypus import Paragraph

from analysis.compare.results import FitSummary
from analysis.report.content import InstrumentFacts, ItemWording, ReportContent
from analysis.report.drawings.path_diagram import path_diagram_figures
from analysis.report.facts import facts_of
from analysis.report.refusals import p_values_refused
from analysis.report.results import standing_of
from analysis.report.sections.supplement import (
    checklists,
    figure_words,
    item_statistics,
    sensitivity_grid,
)
from analysis.report.typesetting.formatting import (
    NOT_ESTIMABLE,
    NOT_RECORDED,
    bounded,
    count,
    decimal,
    listed,
    p_value,
    recorded,
)
from analysis.report.typesetting.style import plain, style
from analysis.report.typesetting.tables import Band, Column, Row, numbers, row, words
from analysis.report.writer import Writer
from analysis.runs.datasheet import Correlations

_PROVENANCE = {
    "plan": "Plan",
    "data": "Data and instruments",
    "run": "Analysis",
    "availability": "Availability",
}


def write(report: Writer, content: ReportContent) -> None:
    """Everything a methodologist refits or checks."""
    report.begin_appendix()
    _items(report, content)
    item_statistics.write(report, content)
    _estimates(report, content)
    _correlations(report, content)
    sensitivity_grid.write(report, content)
    _prompts(report, content)
    _provenance(report, content)
    checklists.write(report, content)
    figure_words.write(report, content)


# ---------------------------------------------------------------- wording


def _items(report: Writer, content: ReportContent) -> None:
    report.section("appendix-items", _seen_by(content))
    given = "Prompt" if content.imported_from else "Web form and prompt"
    column = given if content.model_groups else "Text"
    for instrument in content.instruments:
        report.table(
            f"table-wording-{instrument.key}",
            f"Wording of {instrument.title}, version {instrument.version}",
            (
                words("Item", 19),
                words(column, 68),
                words("Facet", 13),
            ),
            [_wording(instrument, item) for item in instrument.items],
            note=_wording_note(content, instrument),
            together=False,
        )


def _seen_by(content: ReportContent) -> str:
    if not content.model_groups:
        return "Items"
    if content.imported_from:
        return "Items as models were given them"
    return "Items as both kinds of respondent saw them"


def _wording(instrument: InstrumentFacts, item: ItemWording) -> Row:
    facet = recorded(item.facet) if item.facet else "none"
    name = instrument.item_label(item)
    if item.model_text is None or item.model_text == item.text:
        return row(name, item.text, facet)
    both = f"<b>Web form:</b> {plain(item.text)}<br/><b>Prompt:</b> {plain(item.model_text)}"
    return row(name, Paragraph(both, style("cell")), facet, alert=True)


def _wording_note(content: ReportContent, instrument: InstrumentFacts) -> str:
    if not content.model_groups:
        return "(R) = reverse-keyed."
    if content.imported_from:
        return "(R) = reverse-keyed. The words as models were given them."
    differing = [item.ref for item in instrument.items if item.model_text not in (None, item.text)]
    same = "Web form and prompt are equal word for word"
    difference = f"{same} except in {listed(differing)}." if differing else f"{same}."
    return f"(R) = reverse-keyed. {plain(difference)}"


# ---------------------------------------------------------------- estimates


def _estimates(report: Writer, content: ReportContent) -> None:
    report.section("appendix-estimates", "Models and all estimates")
    seen: set[str] = set()
    for fit in content.comparison.fits:
        if fit.syntax not in seen:
            seen.add(fit.syntax)
            report.text(f"<b>Model {plain(fit.model)}</b>, lavaan-style syntax:")
            report.verbatim(fit.syntax)
    for figure in path_diagram_figures(content)[1:]:
        report.figure(figure)
    for at, fit in enumerate(content.comparison.fits):
        if not fit.parameters:
            continue
        groups = listed(content.label(key) for key in fit.groups)
        equal = f" Equal across groups: {listed(fit.group_equal)}." if fit.group_equal else ""
        report.table(
            f"table-estimates-{at}",
            f"Estimates of model {fit.model}: {groups}{standing_of(fit)}",
            (
                words("Parameter", 46),
                words("Status", 10),
                numbers("Estimate", 11),
                numbers("SE", 10),
                numbers("95% CI", 18),
                numbers("Standard-<br/>ised", 12),
                numbers("<i>p</i>", 9),
            ),
            _parameters(content, fit, withheld=_p_withheld(content, fit)),
            note=f"{fit.npar} free parameters; estimator {plain(fit.estimator)}, missing "
            f"{plain(fit.missing)}.{plain(equal)} A label in brackets ties "
            f"parameters. {_explained(content, fit.r2)}",
            together=False,
        )


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
            entries.append(Band(content.label(str(group)) if known else "Defined parameters"))
        entries.append(_parameter(each, withheld=withheld))
    return entries


def _explained(content: ReportContent, r2: Mapping[str, Mapping[str, float]]) -> str:
    constructs = {construct.key for construct in content.comparison.plan.constructs}
    parts = [
        f"R² of {plain(content.construct_label(outcome))} in {plain(content.label(group))} = "
        f"{bounded(value)}"
        for group, outcomes in r2.items()
        for outcome, value in outcomes.items()
        if outcome in constructs
    ]
    return f"{'; '.join(parts)}." if parts else f"R²: {NOT_RECORDED}."


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
    status = "defined" if defined else "free" if free else "fixed"
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
    return f"[{decimal(low)}, {decimal(high)}]"


# ---------------------------------------------------------------- correlations


def _correlations(report: Writer, content: ReportContent) -> None:
    report.section("appendix-correlations", "Correlations of the indicators")
    if not content.correlations:
        report.text(f"Correlation or covariance matrices: {NOT_RECORDED}.")
        return
    report.text(
        "With the standard deviations these matrices give the covariances back, so that the models "
        "can be refitted elsewhere; the raw data are in the replication archive."
    )
    for each in content.correlations:
        _matrix(report, content, each)


def _matrix(report: Writer, content: ReportContent, each: Correlations) -> None:
    size = len(each.names)
    columns: list[Column] = [words("", 22), numbers("<i>M</i>", 8), numbers("<i>SD</i>", 8)]
    columns += [numbers(str(at + 1), 70 / size) for at in range(size)]
    entries = [
        row(
            f"{at + 1} {name}",
            _short(each.means[at], leading=True),
            _short(each.sds[at], leading=True),
            *(_short(value) for value in each.rows[at][: at + 1]),
            *[""] * (size - at - 1),
        )
        for at, name in enumerate(each.names)
    ]
    report.table(
        f"table-correlations-{each.group}",
        f"Correlations: {content.label(each.group)} (n = {count(each.n)})",
        columns,
        entries,
        note="× not estimable.",
        together=True,
    )


def _short(value: float | None, *, leading: bool = False) -> str:
    """A matrix cell: the sign × stands for "not estimable", which would not fit."""
    if value is None:
        return "×"
    return decimal(value) if leading else bounded(value)


# ---------------------------------------------------------------- prompts and provenance


def _prompts(report: Writer, content: ReportContent) -> None:
    report.section("appendix-prompts", "Consent text and prompts, verbatim")
    language = content.people.consent_language
    shown = f", in the language that most of them chose ({plain(language)})" if language else ""
    report.text(f"<b>Information and consent, as people saw it{shown}</b>")
    report.quote(recorded(content.people.consent_text))
    if content.model_arms:
        report.text(
            "Prompts are those of one session of each panel, as an example; what varies between "
            "sessions is stated with the model arm."
        )
    for name, title in (
        ("system_prompt", "System prompt"),
        ("persona_text", "Persona text"),
        ("item_prompt", "Item prompt"),
    ):
        texts: dict[str, list[str]] = {}
        for arm in content.model_arms:
            texts.setdefault(recorded(getattr(arm, name)), []).append(content.label(arm.group))
        for text, labels in texts.items():
            report.text(f"<b>{title}</b>, {plain(listed(labels))}")
            report.verbatim(text)


def _provenance(report: Writer, content: ReportContent) -> None:
    report.section("appendix-provenance", "Provenance")
    study = content.study
    entries: list[Row | Band] = [
        Band("Report"),
        row("Study", study.study_id),
        row("Report", study.report_id),
        row("Date", study.date),
        row("Software of the analysis", study.software_version),
    ]
    for topic, title in _PROVENANCE.items():
        entries.append(Band(title))
        entries += [row(fact.label, fact.text) for fact in facts_of(content.provenance, topic)]
    if content.comparison.resampling is not None:
        entries.append(row("Resampling seed", str(content.comparison.resampling.seed)))
    report.table(
        "table-provenance",
        "From what, by what and when this report was made",
        (words("Fact", 30), words("Value", 70)),
        entries,
        note="The same content gives the same bytes of this file.",
    )
