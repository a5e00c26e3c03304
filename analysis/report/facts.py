"""Facts that a reader of the report is owed about a study and its two arms.

Each field carries the words it is printed under and the topic it belongs to. A fact that nobody
recorded stays None and is printed as "not recorded": the report never leaves a gap unmarked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

from analysis.language import gettext
from analysis.report.typesetting.formatting import recorded
from analysis.runs.datasheet import DemographicRow, Exclusion


def fact(label: str, topic: str) -> Any:
    """A field of the dataclasses below: optional text, printed under ``label``."""
    return field(default=None, metadata={"label": label, "topic": topic})


class Fact(NamedTuple):
    """One printed line: the field's name, its label, and its text or "not recorded"."""

    name: str
    label: str
    text: str


def facts_of(values: Any, topic: str) -> Iterator[Fact]:
    """Every fact of ``values`` (a dataclass below) on one topic, in order of declaration."""
    for each in fields(values):
        if each.metadata.get("topic") == topic:
            yield Fact(
                each.name, gettext(each.metadata["label"]), recorded(getattr(values, each.name))
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyFacts:
    """What stands on the title page. ``title`` names both populations and the design."""

    title: str
    study_id: str
    report_id: str
    software_version: str
    data_sha256: str
    date: str
    question: str | None = None
    analyst: str | None = fact("Analyst", "front")
    funding: str | None = fact("Funding", "front")
    conflicts: str | None = fact("Conflicts of interest", "front")
    model_access_payer: str | None = fact("Model access paid by", "front")
    preregistration: str | None = fact("Preregistration", "front")
    deviations: str | None = fact("Deviations from the plan", "front")


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleArm:
    """How the people came to answer (the topics of CHERRIES and the AAPOR disclosure)."""

    target_population: str | None = fact("Target population", "sample")
    sampling_frame: str | None = fact("Sampling frame", "sample")
    survey_access: str | None = fact("Open or closed survey", "sample")
    recruitment: str | None = fact("Recruitment route", "sample")
    first_contact: str | None = fact("First contact", "sample")
    advertising: str | None = fact("Advertising", "sample")
    incentive: str | None = fact("Incentive", "sample")
    voluntary: str | None = fact("Voluntary or mandatory", "sample")
    weighting: str | None = fact("Weighting", "sample")
    field_dates: str | None = fact("Field dates", "mode")
    mode: str | None = fact("Mode", "mode")
    languages: str | None = fact("Language", "mode")
    devices: str | None = fact("Device", "mode")
    ethics_approval: str | None = fact("Ethics approval", "ethics")
    consent: str | None = fact("Consent", "ethics")
    stated_duration: str | None = fact("Stated duration", "ethics")
    data_storage: str | None = fact("Data storage", "ethics")
    retention: str | None = fact("Retention", "ethics")
    deletion_route: str | None = fact("Deletion route", "ethics")
    pilot_testing: str | None = fact("Pilot and usability testing", "delivery")
    pages: str | None = fact("Pages", "delivery")
    items_per_page: str | None = fact("Items per page", "delivery")
    order_randomisation: str | None = fact("Order randomisation", "delivery")
    branching: str | None = fact("Branching", "delivery")
    forced_answers: str | None = fact("Forced answers", "delivery")
    back_button: str | None = fact("Back button and review", "delivery")
    completeness_check: str | None = fact("Completeness check", "delivery")
    visitor_determination: str | None = fact("How a unique visitor was determined", "duplicates")
    duplicate_prevention: str | None = fact("Duplicate prevention", "duplicates")
    cookies: str | None = fact("Cookies", "duplicates")
    ip_check: str | None = fact("IP check", "duplicates")
    log_file: str | None = fact("Log file analysis", "duplicates")
    duplicates_dropped: str | None = fact("Duplicates dropped", "duplicates")
    time_cutoffs: str | None = fact("Time cut-offs", "screening")
    partials: str | None = fact("Incomplete questionnaires", "screening")
    bot_screening: str | None = fact("Suspected automated answers", "screening")
    known_of_some: frozenset[str] = frozenset()  # facts that hold for a part of the people only
    consent_text: str | None = None
    consent_language: str | None = None
    exclusions: tuple[Exclusion, ...] = ()
    demographics: tuple[DemographicRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelArm:
    """How one panel of model sessions was run (the topics of GUIDE-LLM). ``group`` is its key."""

    group: str
    imported: bool = False  # collected elsewhere: nothing is known but what its file tells
    purpose: str | None = fact("Purpose of the model", "role")
    automation: str | None = fact("Degree of automation", "role")
    checked_by: str | None = fact("Outputs checked by", "role")
    provider: str | None = fact("Provider", "identity")
    model_id: str | None = fact("Exact model id", "identity")
    model_size: str | None = fact("Size", "identity")
    access_route: str | None = fact("Access route", "identity")
    run_dates: str | None = fact("Dates of the run", "identity")
    endpoint: str | None = fact("Endpoint", "identity")
    api_version: str | None = fact("API version", "identity")
    weights_sha256: str | None = fact("Local weights hash", "identity")
    quantisation: str | None = fact("Quantisation", "identity")
    temperature: str | None = fact("Temperature", "settings")
    top_p: str | None = fact("Top-p", "settings")
    max_tokens: str | None = fact("Maximum tokens", "settings")
    seed: str | None = fact("Seed", "settings")
    reasoning: str | None = fact("Reasoning setting", "settings")
    penalties: str | None = fact("Penalties", "settings")
    stop: str | None = fact("Stop sequences", "settings")
    extra_parameters: str | None = fact("Further parameters of a request", "settings")
    tools: str | None = fact("Tools, retrieval, fine-tuning", "settings")
    call_structure: str | None = fact("One chat or separate calls", "history")
    history: str | None = fact("History carried", "history")
    session_bound: str | None = fact("Session bound", "history")
    context_used: str | None = fact("Context length used", "history")
    persistent_memory: str | None = fact("Persistent memory", "history")
    retries: str | None = fact("Retries", "history")
    persona_frame: str | None = fact("Persona sampling frame", "prompting")
    answer_format: str | None = fact("Answer format", "prompting")
    order_rule: str | None = fact("Order rule", "prompting")
    pictures: str | None = fact("Pictures, sound and video", "prompting")
    parsing_rule: str | None = fact("Parsing rule", "parsing")
    parsed_at_once: str | None = fact("Parsed at once", "parsing")
    parsed_after_retry: str | None = fact("Parsed after a re-ask", "parsing")
    refused: str | None = fact("Refused", "parsing")
    out_of_range: str | None = fact("Out of range", "parsing")
    imputation: str | None = fact("Imputation", "parsing")
    human_parse_check: str | None = fact("Human check of parses", "parsing")
    unit_of_analysis: str | None = fact("Unit of analysis", "clusters")
    what_varies: str | None = fact("What varies between sessions", "clusters")
    archive: str | None = fact("Transcripts and code", "archive")
    cost: str | None = fact("Cost", "archive")
    energy: str | None = fact("Energy", "archive")
    contamination: str | None = fact("Training-data contamination", "archive")
    drift_check: str | None = fact("Provider drift check", "archive")
    system_prompt: str | None = None
    persona_text: str | None = None
    item_prompt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModellingFacts:
    """What a reader needs to judge the structural models."""

    identification: str | None = fact("Identification", "specification")
    latent_scaling: str | None = fact("Latent scaling", "specification")
    direction_rationale: str | None = fact("Why the arrows point this way", "specification")
    order_of_asking: str | None = fact("Order of asking", "specification")
    equivalent_models: str | None = fact("Equivalent models", "specification")
    estimator_reason: str | None = fact("Estimator and reason", "estimation")
    starting_values: str | None = fact("Starting values and iterations", "estimation")
    missing_mechanism: str | None = fact("Assumed missing-data mechanism", "estimation")
    missing_handling: str | None = fact("Handling of missing answers", "estimation")
    improper_solutions: str | None = fact("Improper solutions", "estimation")
    fit_criteria: str | None = fact("Fit criteria stated beforehand", "estimation")
    respecification: str | None = fact("Respecification", "changes")
    alternatives: str | None = fact("Alternative models compared", "changes")
    planned_n: str | None = fact("Planned n", "precision")
    detectable_path: str | None = fact("Minimum detectable path", "precision")
    common_method: str | None = fact("Common-method check", "checks")
    known_groups: str | None = fact("Known-groups check", "checks")
    interpreted_as_specified: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """From what, by what and when this report was made."""

    plan_sha256: str | None = fact("Plan hash (SHA-256)", "plan")
    plan_frozen_at: str | None = fact("Plan frozen at", "plan")
    plan_frozen_by: str | None = fact("Plan frozen by", "plan")
    data_sha256: str | None = fact("Data hash (SHA-256)", "data")
    instrument_sha256: str | None = fact("Instrument checksums", "data")
    prompt_sha256: str | None = fact("Prompt hash (SHA-256)", "data")
    transcripts_sha256: str | None = fact("Transcript archive hash", "data")
    run_id: str | None = fact("Analysis run", "run")
    seeds: str | None = fact("Seeds", "run")
    software: str | None = fact("Software", "run")
    platform: str | None = fact("Platform", "run")
    started_at: str | None = fact("Analysis started", "run")
    finished_at: str | None = fact("Analysis finished", "run")
    data_availability: str | None = fact("Data", "availability")
    data_licence: str | None = fact("Licence of the data", "availability")
    code_availability: str | None = fact("Code", "availability")
    prompt_availability: str | None = fact("Prompts", "availability")
    licences: str | None = fact("Licences", "availability")
    model_answers_when_frozen: int | None = None

    @property
    def frozen(self) -> str:
        """When the plan was frozen, beside the answers of models; a part of a sentence."""
        if self.model_answers_when_frozen is None:
            return gettext("frozen in the plan")
        if self.model_answers_when_frozen:
            return gettext("frozen when the study held {n} answers of models").format(
                n=f"{self.model_answers_when_frozen:,}"
            )
        return gettext("frozen beforehand")
