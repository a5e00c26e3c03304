"""The agreed values and the facts of a study: the models that every door is held to.

Settings stay as they are written. What is left out is not filled in, because a frozen study's
checksum covers them as they stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from pydantic import Field, with_config
from typing_extensions import TypedDict

from surveys.codes import Problem
from surveys.codes import marked as _
from surveys.instrument_files.strict import STRICT, Distinct, Seed, Slug, Text, read
from surveys.paradata.collected import Recorded

MOST_DAYS_KEPT = 36_500


@with_config(STRICT)
class ReportFacts(TypedDict, total=False):
    """What the title page of a report says of the study."""

    analyst: Annotated[Text, _("Analyst")]
    funding: Annotated[Text, _("Funding")]
    conflicts: Annotated[Text, _("Conflicts of interest")]
    model_access_payer: Annotated[Text, _("Model access paid by")]
    preregistration: Annotated[Text, _("Preregistration")]
    deviations: Annotated[Text, _("Deviations from the plan")]


@with_config(STRICT)
class ReportSettings(ReportFacts, total=False):
    """What the title page of a report says of the study, and the language of the report."""

    language: Literal["en", "de"]


@with_config(STRICT)
class PeopleSettings(TypedDict, total=False):
    """How the people came to answer, as a report prints it (the topics of CHERRIES and AAPOR).

    What is said here stands before what the program knows of its own pages.
    """

    target_population: Annotated[Text, _("Target population")]
    sampling_frame: Annotated[Text, _("Sampling frame")]
    survey_access: Annotated[Text, _("Open or closed survey")]
    recruitment: Annotated[Text, _("Recruitment route")]
    first_contact: Annotated[Text, _("First contact")]
    advertising: Annotated[Text, _("Advertising")]
    incentive: Annotated[Text, _("Incentive")]
    voluntary: Annotated[Text, _("Voluntary or mandatory")]
    weighting: Annotated[Text, _("Weighting")]
    field_dates: Annotated[Text, _("Field dates")]
    mode: Annotated[Text, _("Mode")]
    languages: Annotated[Text, _("Language")]
    devices: Annotated[Text, _("Device")]
    ethics_approval: Annotated[Text, _("Ethics approval")]
    consent: Annotated[Text, _("Consent")]
    stated_duration: Annotated[Text, _("Stated duration")]
    data_storage: Annotated[Text, _("Data storage")]
    retention: Annotated[Text, _("Retention")]
    deletion_route: Annotated[Text, _("Deletion route")]
    pilot_testing: Annotated[Text, _("Pilot and usability testing")]
    pages: Annotated[Text, _("Pages")]
    items_per_page: Annotated[Text, _("Items per page")]
    order_randomisation: Annotated[Text, _("Order randomisation")]
    branching: Annotated[Text, _("Branching")]
    forced_answers: Annotated[Text, _("Forced answers")]
    back_button: Annotated[Text, _("Back button and review")]
    completeness_check: Annotated[Text, _("Completeness check")]
    visitor_determination: Annotated[Text, _("How a unique visitor was determined")]
    duplicate_prevention: Annotated[Text, _("Duplicate prevention")]
    cookies: Annotated[Text, _("Cookies")]
    ip_check: Annotated[Text, _("IP check")]
    log_file: Annotated[Text, _("Log file analysis")]
    duplicates_dropped: Annotated[Text, _("Duplicates dropped")]
    time_cutoffs: Annotated[Text, _("Time cut-offs")]
    partials: Annotated[Text, _("Incomplete questionnaires")]
    bot_screening: Annotated[Text, _("Suspected automated answers")]


@with_config(STRICT)
class PanelFacts(TypedDict, total=False):
    """What is known of a model and of its panel that no program can tell (GUIDE-LLM)."""

    purpose: Annotated[Text, _("Purpose of the model")]
    automation: Annotated[Text, _("Degree of automation")]
    checked_by: Annotated[Text, _("Outputs checked by")]
    model_size: Annotated[Text, _("Size")]
    api_version: Annotated[Text, _("API version")]
    weights_sha256: Annotated[Text, _("Local weights hash")]
    quantisation: Annotated[Text, _("Quantisation")]
    contamination: Annotated[Text, _("Training-data contamination")]
    drift_check: Annotated[Text, _("Provider drift check")]
    energy: Annotated[Text, _("Energy")]


@with_config(STRICT)
class AnalysisFacts(TypedDict, total=False):
    """What was done beside the plan; what was decided beforehand stands in the plan's file."""

    improper_solutions: Annotated[Text, _("Improper solutions")]
    respecification: Annotated[Text, _("Respecification")]
    alternatives: Annotated[Text, _("Alternative models compared")]
    common_method: Annotated[Text, _("Common-method check")]
    known_groups: Annotated[Text, _("Known-groups check")]
    data_availability: Annotated[Text, _("Data")]
    data_licence: Annotated[Text, _("Licence of the data")]
    prompt_availability: Annotated[Text, _("Prompts")]


@with_config(STRICT)
class QuestionFact(TypedDict, total=False):
    """What the study is for."""

    question: Annotated[Text, _("Research question")]


@with_config(STRICT)
class StatedFacts(
    QuestionFact, ReportFacts, PeopleSettings, PanelFacts, AnalysisFacts, total=False
):
    """The facts of a study: nobody who takes part is shown any, so they may be stated at any time.

    What is said of panels holds for all of them; `panels` has what holds for one, by its key.
    """

    panels: dict[Slug, PanelFacts]


# In the order of the form.
FACT_TOPICS: Mapping[str, type] = {
    _("The study"): QuestionFact,
    _("Declarations"): ReportFacts,
    _("The people"): PeopleSettings,
    _("Every panel of models"): PanelFacts,
    _("Analysis and availability"): AnalysisFacts,
}


@with_config(STRICT)
class RetentionSettings(TypedDict):
    """How many days after a person's end recruiters' ids are deleted, and whether answers are.

    With ``answers`` everything goes; with ``ids`` answers stay, and nothing says whose they were.
    """

    days: Annotated[int, Field(ge=1, le=MOST_DAYS_KEPT)]
    delete: Literal["ids", "answers"]


@with_config(STRICT)
class StudySettings(TypedDict, total=False):
    """What is agreed beside the questions.

    `minutes` is the expected duration that people are told. With a `seed` a person whom a recruiter
    sends sees the same order of questions in every run. A ``balanced`` `scale_direction` turns the
    response scales round for every other person. `publish_texts` lets an archive have the texts and
    dates that people wrote, which may tell who they are. With a ``shuffled`` `block_order` every
    respondent has an order of blocks of their own. With `demographics_first` people are asked about
    themselves before anything else. In an `anonymous` study nothing is stored that tells who
    somebody is: no recruiter's id, no order, no clock time. `paradata` is what is recorded of how
    people answer, which they are told; `paradata_told` says it in words of the study's own, by
    language. `retention` is what a study begins with: it can be set again at any time.
    `question`, `report` and `people` are facts that are frozen with the study; those that may be
    stated later are `StatedFacts`.
    """

    minutes: Annotated[int, Field(ge=1, le=1440)]
    seed: Seed
    scale_direction: Literal["forward", "balanced"]
    publish_texts: bool
    block_order: Literal["file", "shuffled"]
    demographics_first: bool
    anonymous: bool
    paradata: Annotated[list[Recorded], Distinct]
    paradata_told: dict[Text, Text]
    retention: RetentionSettings
    question: Text
    report: ReportSettings
    people: PeopleSettings


def fact_labels(kind: type) -> dict[str, str]:
    """Key -> what the fact is called, in English and marked for the catalogue."""
    hints = get_type_hints(kind, include_extras=True)
    found = {key: get_args(hint) for key, hint in hints.items() if get_origin(hint) is Annotated}
    return {key: parts[-1] for key, parts in found.items()}


def facts_problems(facts: Mapping[str, Any]) -> list[Problem]:
    """Return everything that is wrong with the facts of a study; empty if nothing is."""
    _values, problems = read(StatedFacts, facts)
    return problems


def settings_problems(settings: Mapping[str, Any]) -> list[Problem]:
    """Return everything that is wrong with a study's settings; empty if nothing is."""
    _values, problems = read(StudySettings, settings)
    return problems
