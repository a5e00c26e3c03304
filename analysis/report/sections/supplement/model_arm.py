"""The model arm: what answered in place of a person, and how it was asked (GUIDE-LLM topics)."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.language import gettext as _
from analysis.report.content import MODEL_LABEL, ReportContent
from analysis.report.facts import Fact, ModelArm, facts_of
from analysis.report.readout.results import icc_text
from analysis.report.typesetting.formatting import NOT_RECORDED, count, decimal
from analysis.report.typesetting.tables import Band, Row, row, side_by_side, words
from analysis.report.writer import Writer
from analysis.runs.datasheet import ModelFlow

TOPICS = {
    "role": "Purpose and oversight",
    "identity": "Model and access",
    "settings": "Settings",
    "history": "Sessions and history",
    "prompting": "Prompting",
    "parsing": "Parsing and missing answers",
    "clusters": "Unit of analysis",
    "archive": "Archive, cost and stability",
}


def write(report: Writer, content: ReportContent) -> None:
    """One table of facts, the panels side by side."""
    if not content.model_groups:
        return
    report.section("model-arm", "The model arm")
    report.text(
        _(
            "The sessions below are {label}. A fact that is the same in every panel is printed "
            "once. The prompts of one session of each panel are printed in full in {where}."
        ).format(label=_(MODEL_LABEL), where=report.see("appendix-prompts"))
    )
    for at, (suffix, part) in enumerate(side_by_side(_arms(content))):
        _table(report, content, part, f"table-model-arm-{at}", suffix)


def _arms(content: ReportContent) -> list[ModelArm]:
    """One arm for each model group; a group without recorded facts has an empty one."""
    known = {arm.group: arm for arm in content.model_arms}
    return [known.get(group.key, ModelArm(group=group.key)) for group in content.model_groups]


def _entry(facts: Sequence[Fact]) -> Row:
    texts = list(dict.fromkeys(fact.text for fact in facts))
    label = facts[0].label
    if len(facts) > 1 and len(texts) == 1:
        return row(label, texts[0], span=True)
    return row(label, *(fact.text for fact in facts))


def _counts(content: ReportContent, arms: Sequence[ModelArm]) -> list[Row]:
    """Counted facts of the clusters topic, from the comparison rather than from memory."""
    flows = {flow.group: flow for flow in content.model_flow}
    groups = [content.group(arm.group) for arm in arms]
    return [
        row(
            _("Sessions recruited / begun / finished"),
            *(_sessions(flows[arm.group]) if arm.group in flows else NOT_RECORDED for arm in arms),
        ),
        row(_("Clusters"), *(count(group.clusters) for group in groups)),
        row("ICC", *(icc_text(group) for group in groups)),
        row(_("Design effect"), *(decimal(group.design_effect) for group in groups)),
        row(_("Effective n"), *(decimal(group.effective_n, 0) for group in groups)),
    ]


def _sessions(flow: ModelFlow) -> str:
    return " / ".join(_(count(one)) for one in (flow.recruited, flow.begun, flow.finished))


def _table(
    report: Writer, content: ReportContent, arms: Sequence[ModelArm], key: str, suffix: str
) -> None:
    entries: list[Row | Band] = []
    for topic, title in TOPICS.items():
        entries.append(Band(title))
        facts = [list(facts_of(arm, topic)) for arm in arms]
        entries += [_entry(same) for same in zip(*facts, strict=True)]
        if topic == "clusters":
            entries += _counts(content, arms)
    columns = [words("Topic", 26)]
    columns += [words(content.label(arm.group), 74 / len(arms)) for arm in arms]
    report.table(
        key,
        _("How the model sessions were run (topics of GUIDE-LLM)") + suffix,
        columns,
        entries,
        note=_("All rows are {label}.").format(label=_(MODEL_LABEL)),
    )
