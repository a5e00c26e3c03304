"""Limits, in fixed wording: nobody edits them away when a result is pleasing."""

from __future__ import annotations

from analysis.language import gettext as _
from analysis.language import gettext_noop
from analysis.report.content import ReportContent
from analysis.report.typesetting.formatting import listed, recorded
from analysis.report.typesetting.style import plain
from analysis.report.writer import Writer

FIXED_LIMITS = (
    gettext_noop(
        "A model that answers consistently may be copying its own earlier answers from the "
        "context. Consistency within a session is not evidence of an attitude."
    ),
    gettext_noop(
        "The findings hold for these items, these prompts, these dates and these models. A model "
        "of the same name may answer otherwise tomorrow."
    ),
    gettext_noop(
        "Nothing here shows that a language model has values, attitudes or intentions. The report "
        "compares patterns of answers."
    ),
    gettext_noop(
        "Model sessions are model-generated. They are not participants, they do not stand for "
        "people who were not asked, and their number does not add precision to an estimate about "
        "people."
    ),
    gettext_noop(
        "Variables that were not measured may account for any path. Paths are relations among "
        "answers given once; causal words are avoided on purpose."
    ),
)


def _stated(content: ReportContent) -> str:
    outcomes = dict.fromkeys(path.outcome for path in content.comparison.plan.paths)
    stated = plain(listed(content.construct_label(outcome) for outcome in outcomes))
    return _(
        "What people report is not what they do. Answers to a questionnaire stand for {stated}; "
        "nothing that anybody did was observed."
    ).format(stated=stated)


def write(report: Writer, content: ReportContent) -> None:
    """The fixed limits, then those of this sample."""
    report.section("limits", "Limits")
    report.bullets((_stated(content), *map(_, FIXED_LIMITS)))
    people = content.people
    route, weighting = plain(recorded(people.recruitment)), plain(recorded(people.weighting))
    report.text(
        _(
            "<b>Generalisability.</b> The people were reached by: {route}. Target population: "
            "{population}. Weighting: {weighting}. No margin of sampling error is stated."
        ).format(
            route=route, population=plain(recorded(people.target_population)), weighting=weighting
        )
    )
    if content.simulated:
        report.text(
            "<b>Simulated data.</b> Groups marked simulated were answered by a program with known "
            "traits. Their results show that the method works; they say nothing about people or "
            "about any language model."
        )
