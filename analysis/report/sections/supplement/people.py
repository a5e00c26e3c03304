"""The people: rates of response, and how the survey was run (topics of CHERRIES and AAPOR)."""

from __future__ import annotations

from analysis.compare.results import GroupSummary
from analysis.language import gettext as _
from analysis.report.content import ReportContent
from analysis.report.facts import facts_of
from analysis.report.typesetting.formatting import NOT_RECORDED, count, percent
from analysis.report.typesetting.tables import Band, Row, numbers, row, words
from analysis.report.writer import Writer
from analysis.runs.datasheet import PeopleFlow

_TOPICS = {
    "sample": "Sample and recruitment",
    "mode": "Mode",
    "ethics": "Ethics, consent and data protection",
    "delivery": "Design and delivery of the questionnaire",
    "duplicates": "Visitors and duplicates",
    "screening": "Screening",
}


def write(report: Writer, content: ReportContent) -> None:
    """Both tables; the flow itself stands in the report."""
    report.section("people", "The people")
    if content.people_flow:
        _rates(report, content)
    report.subsection("survey", "How the survey was run")
    _survey(report, content)


def _rate(part: int | None, whole: int | None) -> str:
    if part is None or not whole:
        return NOT_RECORDED
    return _("{share} ({part} of {whole})").format(
        share=percent(part / whole, 1), part=count(part), whole=count(whole)
    )


def _rate_rows(flow: PeopleFlow, group: GroupSummary) -> list[tuple[str, str]]:
    return [
        (_("Unique visitors"), count(flow.visited)),
        (_("View rate (started / visitors)"), _rate(flow.started, flow.visited)),
        (_("Participation rate (consented / started)"), _rate(flow.consented, flow.started)),
        (_("Completion rate (completed / consented)"), _rate(flow.completed, flow.consented)),
        (_("Kept by the rules (kept / completed)"), _rate(flow.kept, flow.completed)),
        (_("Gave any answer (with answers / kept)"), _rate(group.n, flow.kept)),
        (_("Used by the fits (n / kept)"), _rate(group.fitted, flow.kept)),
        (_("Declined at the consent page"), count(flow.declined)),
        (_("Withdrew afterwards"), count(flow.withdrawn)),
        *([(_("Erased, on request or in time"), count(flow.erased))] if flow.erased else []),
    ]


def _rates(report: Writer, content: ReportContent) -> None:
    entries: list[Row | Band] = []
    for flow in content.people_flow:
        if len(content.people_flow) > 1:
            entries.append(Band(content.label(flow.group)))
        entries += [row(label, text) for label, text in _rate_rows(flow, content.group(flow.group))]
    report.table(
        "table-rates",
        "Rates of response with their denominators",
        (words("", 55), numbers("Rate", 45)),
        entries,
        width=0.72,
    )


def _survey(report: Writer, content: ReportContent) -> None:
    entries: list[Row | Band] = []
    for topic, title in _TOPICS.items():
        entries.append(Band(title))
        entries += [row(fact.label, fact.text) for fact in facts_of(content.people, topic)]
    report.table(
        "table-survey",
        "How the survey of people was run (topics of CHERRIES and of the AAPOR disclosure)",
        (words("Topic", 32), words("This study", 68)),
        entries,
    )
