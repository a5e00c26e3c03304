"""Who answered: both flows, how the people were reached, and the groups as analysed."""

from __future__ import annotations

from analysis.compare.results import GroupSummary, Kind
from analysis.language import gettext as _
from analysis.report.content import MODEL_LABEL, ReportContent, rule_words
from analysis.report.readout.results import icc_text, people_used, sessions_used
from analysis.report.typesetting.formatting import (
    count,
    decimal,
    listed,
    percent,
    recorded,
)
from analysis.report.typesetting.style import plain
from analysis.report.typesetting.tables import Band, Row, numbers, row, words
from analysis.report.writer import Writer


def write(report: Writer, content: ReportContent) -> None:
    """The section, people first."""
    report.section("respondents", "Who answered")
    report.text(_opening(content))
    if content.imported_from:
        report.text(_import(content))
    if content.absent:
        report.text(plain(" ".join(content.absent)))
    if report.figures.flow:
        report.figure(report.figures.flow)
    _groups(report, content)
    _exclusions(report, content)
    _demographics(report, content)
    rates, run = report.see("people"), report.see("survey")
    told = _("Rates of response: {rates}. How the survey was run: {run}.")
    report.text(told.format(rates=rates, run=run))


def _opening(content: ReportContent) -> str:
    people = listed(
        f"{people_used(group)} ({plain(group.label)})" for group in content.people_groups
    )
    if not content.model_groups:
        return _("The analysis rests on {people}.").format(people=people)
    models = listed(
        _("{sessions} of {model}").format(sessions=sessions_used(group), model=plain(group.label))
        for group in content.model_groups
    )
    return _(
        "The analysis rests on {people}. It compares them with {models}. Model sessions are "
        "{label}: they are counted apart and never added to the people."
    ).format(people=people, models=models, label=_(MODEL_LABEL))


def _import(content: ReportContent) -> str:
    delivery = content.delivery(content.reference.key)
    source = plain(content.imported_from)
    if content.all_imported or delivery is None:
        told = _(
            "The people were not asked by this program: their answers were imported. Source: "
            "{source}"
        ).format(source=source)
    else:
        told = _(
            "{some} of the people were not asked by this program: their answers were imported. "
            "Source: {source}"
        ).format(some=count(delivery.imported), source=source)
    if not content.imported_on:
        return told
    return f"{told} {_('Imported on: {days}.').format(days=plain(content.imported_on))}"


def _group_row(group: GroupSummary, *, imported: bool) -> Row:
    model = group.kind == Kind.LLM
    kinds = [_("model-generated") if model else _("people")]
    if imported:
        kinds.append(_("imported"))
    if group.simulated:
        kinds.append(_("simulated"))
    return row(
        f"{group.label}, {_('near-copies')}" if group.copies else group.label,
        ", ".join(kinds),
        count(group.rows),
        count(group.n),
        count(group.analysed),
        count(group.clusters) if model else "n/a",
        icc_text(group),
        decimal(group.design_effect) if model else "n/a",
        decimal(group.effective_n, 0) if model else "n/a",
        count(group.distinct_rows),
        percent(group.refusal_share, 1) if model else "n/a",
        alert=group.copies,
    )


def _groups(report: Writer, content: ReportContent) -> None:
    columns = (
        words("Group", 21),
        words("Kind", 22),
        numbers("Rows", 8),
        numbers("With answers", 11),
        numbers("<i>n</i>", 7),
        numbers("Clusters", 12.5),
        numbers("ICC", 8),
        numbers("Design<br/>effect", 11),
        numbers("Effective<br/><i>n</i>", 12.5),
        numbers("Distinct rows", 11.5),
        numbers("Refusals", 12),
    )
    report.table(
        "table-groups",
        "Groups as analysed",
        columns,
        [_group_row(one, imported=one in content.imported_models) for one in content.groups],
        note="Rows after exclusions; those with any answer; <i>n</i> = rows that the fits used, "
        "the fewest where there are several fits. For models the unit is the cluster: what varies "
        "between clusters is stated with the model arm. Design effect = 1 + (<i>m</i> − 1) ICC "
        "with <i>m</i> the mean cluster size. Distinct rows: different patterns of answers. "
        "n/a: does not apply to people, nor an ICC to "
        "clusters of one.",
    )


def _exclusions(report: Writer, content: ReportContent) -> None:
    rules = content.people.exclusions
    if not rules and content.people_flow:
        rules = content.people_flow[0].exclusions
    if not rules:
        report.text("Exclusions with counts: not recorded.")
        return
    report.table(
        "table-exclusions",
        "Rules of exclusion among the people",
        (words("Rule", 40), words("Cut-off", 44), numbers("Excluded", 16)),
        [row(rule_words(rule), _(recorded(rule.cutoff)), count(rule.count)) for rule in rules],
        width=0.72,
    )


def _demographics(report: Writer, content: ReportContent) -> None:
    found = content.people.demographics
    if not found:
        report.text("Demographics of the people: not recorded.")
        return
    entries: list[Row | Band] = []
    totals: dict[str, int] = {}
    for each in found:
        totals[each.field] = totals.get(each.field, 0) + each.count
    for field, total in totals.items():
        entries.append(Band(field))
        entries += [
            row(each.category, count(each.count), percent(each.count / total, 1))
            for each in found
            if each.field == field
        ]
    report.table(
        "table-demographics",
        "Demographics of the people kept",
        (words("", 60), numbers("<i>n</i>", 14), numbers("Share", 14)),
        entries,
        together=True,
        width=0.6,
    )
