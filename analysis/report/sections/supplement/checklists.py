"""Appendix: the CHERRIES and GUIDE-LLM topics, each with what was reported and on which page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from analysis.report.content import ReportContent
from analysis.report.facts import ModelArm
from analysis.report.typesetting.formatting import NOT_RECORDED, recorded
from analysis.report.typesetting.tables import Row, numbers, row, words
from analysis.report.writer import Writer


class Topic(NamedTuple):
    """A line of a checklist: its words, the recorded facts it rests on, and where it is printed.

    Without fields the topic rests on the flow of the people.
    """

    words: str
    fields: tuple[str, ...]
    mark: str


CHERRIES = (
    Topic("Target population and sampling frame",
          ("target_population", "sampling_frame"), "survey"),
    Topic("Approval by an ethics board", ("ethics_approval",), "survey"),
    Topic("Informed consent and stated duration", ("consent", "stated_duration"), "survey"),
    Topic("Data protection: storage, retention, deletion",
          ("data_storage", "retention", "deletion_route"), "survey"),
    Topic("Development and pre-testing", ("pilot_testing",), "survey"),
    Topic("Open or closed survey", ("survey_access",), "survey"),
    Topic("First contact with respondents", ("first_contact", "recruitment"), "survey"),
    Topic("Advertising of the survey", ("advertising",), "survey"),
    Topic("Mode, language and device", ("mode", "languages", "devices"), "survey"),
    Topic("Mandatory or voluntary", ("voluntary",), "survey"),
    Topic("Incentives", ("incentive",), "survey"),
    Topic("Time of data collection", ("field_dates",), "survey"),
    Topic("Randomisation of items", ("order_randomisation",), "survey"),
    Topic("Adaptive questioning", ("branching",), "survey"),
    Topic("Number of items and of pages", ("items_per_page", "pages"), "survey"),
    Topic("Completeness check and forced answers",
          ("completeness_check", "forced_answers"), "survey"),
    Topic("Review step (back button)", ("back_button",), "survey"),
    Topic("Unique site visitor", ("visitor_determination",), "survey"),
    Topic("View, participation and completion rates", (), "people"),
    Topic("Cookies", ("cookies",), "survey"),
    Topic("IP check", ("ip_check",), "survey"),
    Topic("Log file analysis", ("log_file",), "survey"),
    Topic("Duplicate entries", ("duplicate_prevention", "duplicates_dropped"), "survey"),
    Topic("Handling of incomplete questionnaires", ("partials",), "survey"),
    Topic("Questionnaires with an atypical time stamp", ("time_cutoffs",), "survey"),
    Topic("Statistical correction (weighting)", ("weighting",), "survey"),
)  # fmt: skip

GUIDE_LLM = (
    Topic("Why a language model, and for what task", ("purpose",), "model-arm"),
    Topic("Degree of automation and human oversight", ("automation", "checked_by"), "model-arm"),
    Topic("Model: provider, exact id, size", ("provider", "model_id", "model_size"), "model-arm"),
    Topic("Access: route, endpoint, dates, versions",
          ("access_route", "endpoint", "api_version", "run_dates"), "model-arm"),
    Topic("Local weights and quantisation", ("weights_sha256", "quantisation"), "model-arm"),
    Topic("Settings: sampling, length, seed, reasoning",
          ("temperature", "top_p", "max_tokens", "seed", "reasoning", "penalties", "stop"),
          "model-arm"),
    Topic("Tools, retrieval and fine-tuning", ("tools",), "model-arm"),
    Topic("Session structure, history and memory",
          ("call_structure", "history", "session_bound", "context_used", "persistent_memory"),
          "model-arm"),
    Topic("Prompts, verbatim", ("system_prompt", "item_prompt"), "appendix-prompts"),
    Topic("Personas and their sampling frame", ("persona_frame",), "model-arm"),
    Topic("Answer format, order, parsing", ("answer_format", "order_rule", "parsing_rule"),
          "model-arm"),
    Topic("Failures: re-asks, refusals, missing answers, imputation",
          ("retries", "refused", "out_of_range", "imputation"), "model-arm"),
    Topic("Validation of outputs by people", ("human_parse_check",), "model-arm"),
    Topic("Unit of analysis, clusters, repeated runs",
          ("unit_of_analysis", "what_varies"), "model-arm"),
    Topic("Transcripts, code, cost, energy", ("archive", "cost", "energy"), "model-arm"),
    Topic("Training-data contamination and drift", ("contamination", "drift_check"), "model-arm"),
)  # fmt: skip


def write(report: Writer, content: ReportContent) -> None:
    """Both tables."""
    report.section("appendix-checklists", "Reporting checklists")
    report.text(
        "The topics are given in this project's words; the checklists themselves are CHERRIES "
        "(Eysenbach, 2004) and GUIDE-LLM (Feuerriegel et al., 2026)."
    )
    _table(
        report,
        "table-cherries",
        "CHERRIES topics: the people",
        [_line(report, topic, _people_values(content, topic)) for topic in CHERRIES],
    )
    if content.model_groups:
        arms = content.model_arms or (ModelArm(group=""),)
        _table(
            report,
            "table-guide-llm",
            "GUIDE-LLM topics: the models",
            [_line(report, topic, _values(arms, topic)) for topic in GUIDE_LLM],
        )


def _people_values(content: ReportContent, topic: Topic) -> list[str | None]:
    """What a topic of the people rests on: facts, or without any the counts of the flow."""
    if topic.fields:
        return _values([content.people], topic)
    counts = [
        number
        for flow in content.people_flow
        for number in (flow.visited, flow.started, flow.consented, flow.completed)
    ]
    return [None if number is None else str(number) for number in counts]


def _values(sources: Sequence[object], topic: Topic) -> list[str | None]:
    return [getattr(source, name) for source in sources for name in topic.fields]


def _line(report: Writer, topic: Topic, values: Sequence[str | None]) -> Row:
    return row(topic.words, _status(values), report.page(topic.mark))


def _status(values: Sequence[str | None]) -> str:
    """Reported, partly, or not recorded."""
    known = [value for value in values if recorded(value) != NOT_RECORDED]
    if not known:
        return NOT_RECORDED
    if len(known) == len(values):
        return "reported"
    return "reported in part"


def _table(report: Writer, key: str, title: str, entries: list[Row]) -> None:
    report.table(
        key,
        title,
        (words("Topic", 62), words("Status", 24), numbers("Page", 10)),
        entries,
        width=0.9,
    )
