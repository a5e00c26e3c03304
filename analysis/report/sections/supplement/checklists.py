"""Appendix: the topics of JARS, CHERRIES and GUIDE-LLM, what was reported of each, and where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from analysis.language import gettext as _
from analysis.plans.files import PlanFacts
from analysis.report.content import ReportContent
from analysis.report.facts import ModelArm
from analysis.report.typesetting.formatting import NOT_RECORDED, listed, recorded
from analysis.report.typesetting.style import plain
from analysis.report.typesetting.tables import Row, numbers, row, words
from analysis.report.writer import Writer
from surveys.instrument_files.settings import StatedFacts


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
    Topic("Informed consent, its text and the stated duration",
          ("consent", "consent_text", "stated_duration"), "survey"),
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
          ("temperature", "top_p", "max_tokens", "seed", "reasoning", "penalties", "stop",
           "extra_parameters"), "model-arm"),
    Topic("Tools, retrieval and fine-tuning", ("tools",), "model-arm"),
    Topic("Session structure, history and memory",
          ("call_structure", "history", "session_bound", "context_used", "persistent_memory"),
          "model-arm"),
    Topic("Prompts, verbatim", ("system_prompt", "item_prompt"), "appendix-prompts"),
    Topic("Personas and their sampling frame", ("persona_frame",), "model-arm"),
    Topic("Answer format, order, parsing", ("answer_format", "order_rule", "parsing_rule"),
          "model-arm"),
    Topic("Failures: re-asks, refusals, missing answers, imputation",
          ("parsed_at_once", "parsed_after_retry", "retries", "refused", "out_of_range",
           "imputation"), "model-arm"),
    Topic("Validation of outputs by people", ("human_parse_check",), "model-arm"),
    Topic("Unit of analysis, clusters, repeated runs",
          ("unit_of_analysis", "what_varies"), "model-arm"),
    Topic("Transcripts, code, cost, energy", ("archive", "cost", "energy"), "model-arm"),
    Topic("Training-data contamination and drift", ("contamination", "drift_check"), "model-arm"),
)  # fmt: skip


JARS = (
    Topic("Research question", ("question",), "summary"),
    Topic("Author of the analysis", ("analyst",), "summary"),
    Topic("Funding and conflicts of interest", ("funding", "conflicts"), "summary"),
    Topic("Who paid for access to models", ("model_access_payer",), "summary"),
    Topic("Preregistration and deviations from the plan", ("preregistration", "deviations"),
          "summary"),
    Topic("Why arrows point as they do; equivalent models",
          ("direction_rationale", "equivalent_models"), "measurement"),
    Topic("Identification and scaling", ("identification", "latent_scaling"), "measurement"),
    Topic("Estimator, starting values, improper solutions",
          ("estimator_reason", "starting_values", "improper_solutions"), "measurement"),
    Topic("Missing data: mechanism and handling", ("missing_mechanism", "missing_handling"),
          "measurement"),
    Topic("Criteria of fit stated beforehand", ("fit_criteria",), "measurement"),
    Topic("Respecification and alternative models", ("respecification", "alternatives"),
          "measurement"),
    Topic("Planned n and the smallest path it can show", ("planned_n", "detectable_path"),
          "measurement"),
    Topic("Common-method and known-groups checks", ("common_method", "known_groups"),
          "measurement"),
    Topic("Availability and licence of data, prompts and code",
          ("data_availability", "data_licence", "prompt_availability", "code_availability"),
          "appendix-provenance"),
)  # fmt: skip
IN_STUDY = frozenset(StatedFacts.__annotations__)
IN_PLAN = frozenset(PlanFacts.__annotations__)


def write(report: Writer, content: ReportContent) -> None:
    """The tables: of the study, of its people, of its models."""
    report.section("appendix-checklists", "Reporting checklists")
    report.text(
        "The topics are given in this project's words; the checklists themselves are JARS-Quant "
        "(Appelbaum et al., 2018), CHERRIES (Eysenbach, 2004) and GUIDE-LLM (Feuerriegel et al., "
        "2026). What is missing can be given under the key named: in the table [facts] of the "
        "study's file or on its page “Facts for the report”, and for decisions made beforehand in "
        "the table [facts] of the plan."
    )
    study = (content.study, content.modelling, content.provenance)
    _table(
        report,
        "table-jars",
        "JARS-Quant topics: the study and its models",
        [_line(report, topic, _told_by(study, topic)) for topic in JARS],
    )
    _table(
        report,
        "table-cherries",
        "CHERRIES topics: the people",
        [_line(report, topic, _people_values(content, topic)) for topic in CHERRIES],
    )
    if content.model_groups:
        _table(
            report,
            "table-guide-llm",
            "GUIDE-LLM topics: the models",
            [_line(report, topic, _told_by(_arms(content), topic)) for topic in GUIDE_LLM],
        )


def _arms(content: ReportContent) -> list[ModelArm]:
    """An arm for each panel: one without recorded facts has told nothing."""
    known = {arm.group: arm for arm in content.model_arms}
    return [known.get(group.key, ModelArm(group=group.key)) for group in content.model_groups]


class Told(NamedTuple):
    """A fact that a topic rests on, and how far it was told: no, of some, yes."""

    name: str
    known: bool
    whole: bool = True


def _people_values(content: ReportContent, topic: Topic) -> list[Told]:
    """What a topic of the people rests on: facts, or without any the counts of the flow."""
    if topic.fields:
        some = content.people.known_of_some
        told = _told_by([content.people], topic)
        return [one._replace(whole=one.name not in some) for one in told]
    return [
        Told("", number is not None)
        for flow in content.people_flow
        for number in (flow.visited, flow.started, flow.consented, flow.completed)
    ]


def _told_by(sources: Sequence[object], topic: Topic) -> list[Told]:
    return [
        Told(name, recorded(getattr(source, name)) != NOT_RECORDED)
        for source in sources
        for name in topic.fields
        if hasattr(source, name)
    ]


def _line(report: Writer, topic: Topic, told: Sequence[Told]) -> Row:
    return row(_(topic.words), plain(_status(told)), report.page(topic.mark))


def _status(told: Sequence[Told]) -> str:
    """Reported, partly, or not recorded; and under which keys what is missing can be given."""
    missing = dict.fromkeys(one.name for one in told if not one.known)
    if not missing and all(one.whole for one in told):
        return _("reported" if told else NOT_RECORDED)
    known = any(one.known for one in told)
    return f"{_('reported in part' if known else NOT_RECORDED)}{_keys(missing)}"


def _keys(missing: Iterable[str]) -> str:
    names = list(missing)
    parts = [
        told.format(keys=listed(given))
        for given, told in (
            ([name for name in names if name in IN_STUDY], _("give {keys} under [facts]")),
            (
                [name for name in names if name in IN_PLAN],
                _("give {keys} under [facts] of the plan"),
            ),
        )
        if given
    ]
    return f": {'; '.join(parts)}" if parts else ""


def _table(report: Writer, key: str, title: str, entries: list[Row]) -> None:
    report.table(
        key,
        title,
        (words("Topic", 46), words("Status", 44), numbers("Page", 8)),
        entries,
        width=0.9,
    )
