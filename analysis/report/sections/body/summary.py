"""The first page: what a dean reads."""

from __future__ import annotations

from typing import Any

from reportlab.platypus import Paragraph, Table

from analysis.compare.results import GroupSummary, VaarScore
from analysis.report.content import MODEL_LABEL, ReportContent
from analysis.report.drawings.vaar_strip import mini_strip
from analysis.report.facts import facts_of
from analysis.report.refusals import notices, verdict_of
from analysis.report.results import cfi_text, main_fit, rmsea_text, score_text
from analysis.report.typesetting.fonts import SERIF
from analysis.report.typesetting.formatting import (
    NOT_ESTIMABLE,
    NOT_RECORDED,
    bounded,
    count,
    counted,
    listed,
    percent,
    recorded,
)
from analysis.report.typesetting.palette import SILVER
from analysis.report.typesetting.style import TEXT_WIDTH, plain, style
from analysis.report.typesetting.tables import Row, numbers, row, words
from analysis.report.words import INVARIANCE, VAAR_IS_OURS
from analysis.report.writer import Writer

_HASH_SHOWN = 16
_NOTICES_SHOWN = 3
_URGENT = (
    "orientation_unclear",
    "copied_rows",
    "ranking_refused",
    "too_few_clusters",
    "metric_invariance_fails",
    "invariance_not_tested",
    "variance_ratio_low",
    "r2_ratio_far",
    "pooled_repeats",
    "rung_differs",
    "not_estimable",
)


def write(report: Writer, content: ReportContent) -> None:
    """Title, identification, abstract, the key numbers, and what must be read first."""
    report.begin_sheet()
    report.text("Counterpart report", "kicker")
    report.unnumbered("summary", content.study.title, "title")
    report.text(_standing(content), "subtitle")
    report.story.append(_identification(content))
    report.space(8)
    for lead, sentence in _abstract(content):
        report.text(f"<b>{lead}.</b> {sentence}", "lead")
    _key_numbers(report, content)
    _read_first(report, content)
    report.end_sheet()


def _standing(content: ReportContent) -> str:
    """What kind of data this is, in one sentence."""
    simulated = [group for group in content.groups if group.simulated]
    if not simulated:
        made = f"Answers of people{' and of language models' if content.model_groups else ''}."
    elif len(simulated) == len(content.groups):
        made = "Simulated data: every group, the people included, was answered by simulation."
    else:
        made = f"Simulated data: {listed(plain(group.label) for group in simulated)}."
    return f"{made} Rows of language models are {MODEL_LABEL}." if content.model_groups else made


def _identification(content: ReportContent) -> Any:
    """Two rows of labelled facts, four to a row, and the front-matter declarations."""
    study = content.study
    cells = [
        ("Study", study.study_id),
        ("Report", study.report_id),
        ("Date", study.date),
        ("Software", study.software_version),
        ("Data, SHA-256", f"{study.data_sha256[:_HASH_SHOWN]}…"),
        *((fact.label, fact.text) for fact in facts_of(study, "front")),
    ]
    cells += [("", "")] * (-len(cells) % 4)
    data = [
        [
            [Paragraph(plain(label), style("label")), Paragraph(plain(text), style("value"))]
            for label, text in cells[start : start + 4]
        ]
        for start in range(0, len(cells), 4)
    ]
    made = Table(data, colWidths=[TEXT_WIDTH / 4] * 4, hAlign="LEFT")
    made.setStyle(
        [
            ("FONT", (0, 0), (-1, -1), SERIF),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 8),
            ("TOPPADDING", (0, 0), (-1, -1), 3),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
            ("LINEABOVE", (0, 0), (-1, 0), 0.5, SILVER),
            ("LINEBELOW", (0, -1), (-1, -1), 0.5, SILVER),
        ]
    )
    return made


def _abstract(content: ReportContent) -> list[tuple[str, str]]:
    parts = [("Question", plain(recorded(content.study.question)))]
    parts.append(("Who answered", _who(content)))
    parts.append(("Measurement", _measurement(content)))
    if content.comparison.vaar:
        parts.append(("Agreement with the expected signs (VAAR)", _agreement(content)))
    return parts


def _who(content: ReportContent) -> str:
    people = listed(counted(group.n, "person", "people") for group in content.people_groups)
    sentence = f"{people} {'were' if content.reference.n != 1 else 'was'} analysed"
    if not content.model_groups:
        return f"{sentence}."
    panels = listed(
        f"{plain(group.label)} ({counted(group.n, 'session')})" for group in content.model_groups
    )
    return f"{sentence}. Beside them stand, never added to them, model sessions of {panels}."


def _measurement(content: ReportContent) -> str:
    fit = main_fit(content, content.reference.key)
    if fit is None:
        return f"The model of the people is {NOT_ESTIMABLE}."
    sentence = f"In the people the model fits with CFI = {cfi_text(fit)}, RMSEA = {rmsea_text(fit)}"
    return f"{sentence}; {_local_misfit(content)}. {_as_specified(content)}"


def _local_misfit(content: ReportContent) -> str:
    if content.residuals is None:
        return f"local misfit {NOT_RECORDED}"
    found = sum(each.group == content.reference.key for each in content.residuals)
    if not found:
        return "no residual correlation exceeds .10"
    return f"{counted(found, 'residual correlation')} above .10"


def _as_specified(content: ReportContent) -> str:
    answer = content.modelling.interpreted_as_specified
    if answer is None:
        return f"Whether the interpreted model is the one specified at the start: {NOT_RECORDED}."
    if answer:
        return "The interpreted model is the one specified at the start."
    return "The interpreted model is not the one specified at the start."


def _agreement(content: ReportContent) -> str:
    sentences = [_verdict(content, score) for score in content.comparison.vaar]
    return f"{' '.join(sentences)} {plain(VAAR_IS_OURS)}"


def _verdict(content: ReportContent, score: VaarScore) -> str:
    label = plain(content.label(score.group))
    if score.not_estimable >= 1:
        return f"{label}: no path could be estimated; evidence is bounded by 0 and 1 only."
    evidence = score_text(score.evidence, score.intervals.get("evidence"))
    return (
        f"{label} agrees on {percent(score.agree)} of the paths and contradicts "
        f"{percent(score.contradict)}; evidence {evidence}."
    )


def _key_numbers(report: Writer, content: ReportContent) -> None:
    simulated = listed((group.label for group in content.groups if group.simulated), none="")
    columns = (
        words("Group", 27),
        numbers("<i>n</i>", 6),
        numbers("CFI", 12),
        numbers("RMSEA [90% CI]", 21),
        words("Invariance with people", 17),
        words("VAAR: verdicts", 22),
        numbers("Hard", 7),
    )
    report.table(
        "table-key",
        "Key results: the people, and each model beside them",
        columns,
        [_key_row(content, group) for group in content.groups],
        note="VAAR bars: solid = agree, hatched = contradict, dotted = undetermined, crossed = not "
        f"estimable. Intervals, companions and refusals: {report.see('vaar')}."
        f"{f' Models are {MODEL_LABEL}.' if content.model_groups else ''}"
        f"{f' Simulated: {plain(simulated)}.' if simulated else ''}",
    )


def _key_row(content: ReportContent, group: GroupSummary) -> Row:
    fit = main_fit(content, group.key)
    score = next((each for each in content.comparison.vaar if each.group == group.key), None)
    verdict = verdict_of(content, group.key)
    reference = group.key == content.reference.key
    level = "reference" if reference else INVARIANCE[verdict.reached] if verdict else NOT_RECORDED
    return row(
        group.label,
        count(group.n),
        cfi_text(fit),
        rmsea_text(fit),
        level,
        mini_strip(score, 80) if score else "n/a",
        bounded(score.hard) if score else "n/a",
    )


def _read_first(report: Writer, content: ReportContent) -> None:
    """The notices that change how the table above may be read."""
    # The reminder that both kinds are counted apart already stands under the title.
    found = [each for each in notices(content) if each.code != "people_and_models_added"]
    if not found:
        return
    found.sort(key=lambda each: _URGENT.index(each.code) if each.code in _URGENT else len(_URGENT))
    report.text("<b>Read before use</b>", "lead")
    report.bullets((plain(each.sentence) for each in found[:_NOTICES_SHOWN]), "warning")
    left = len(found) - _NOTICES_SHOWN
    if left > 0:
        report.text(f"{counted(left, 'further notice')}: {report.see('vaar-notices')}.", "lead")
