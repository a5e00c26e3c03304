"""The agreed values of a study: the one model that page, REST, command and file are held to.

Settings stay as they are written. What is left out is not filled in, because a frozen study's
checksum covers them as they stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, with_config
from typing_extensions import TypedDict

from surveys.codes import Problem
from surveys.instrument_files.strict import STRICT, Seed, Text, read


@with_config(STRICT)
class ReportSettings(TypedDict, total=False):
    """What the title page of a report says of the study, and the language of the report."""

    language: Literal["en", "de"]
    analyst: Text
    funding: Text
    conflicts: Text
    model_access_payer: Text
    preregistration: Text
    deviations: Text


@with_config(STRICT)
class PeopleSettings(TypedDict, total=False):
    """How the people came to answer, as a report prints it (the topics of CHERRIES and AAPOR).

    What is said here stands before what the program knows of its own pages.
    """

    target_population: Text
    sampling_frame: Text
    survey_access: Text
    recruitment: Text
    first_contact: Text
    advertising: Text
    incentive: Text
    voluntary: Text
    weighting: Text
    field_dates: Text
    mode: Text
    languages: Text
    devices: Text
    ethics_approval: Text
    consent: Text
    stated_duration: Text
    data_storage: Text
    retention: Text
    deletion_route: Text
    pilot_testing: Text
    pages: Text
    items_per_page: Text
    order_randomisation: Text
    branching: Text
    forced_answers: Text
    back_button: Text
    completeness_check: Text
    visitor_determination: Text
    duplicate_prevention: Text
    cookies: Text
    ip_check: Text
    log_file: Text
    duplicates_dropped: Text
    time_cutoffs: Text
    partials: Text
    bot_screening: Text


@with_config(STRICT)
class StudySettings(TypedDict, total=False):
    """What is agreed beside the questions.

    `minutes` is the expected duration that people are told. With a `seed` a person whom a recruiter
    sends sees the same order of questions in every run. A ``balanced`` `scale_direction` turns the
    response scales round for every other person. `question` is the research question of a report.
    """

    minutes: Annotated[int, Field(ge=1, le=1440)]
    seed: Seed
    scale_direction: Literal["forward", "balanced"]
    question: Text
    report: ReportSettings
    people: PeopleSettings


def settings_problems(settings: Mapping[str, Any]) -> list[Problem]:
    """Return everything that is wrong with a study's settings; empty if nothing is."""
    _, problems = read(StudySettings, settings)
    return problems
