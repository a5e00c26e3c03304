"""The study that a mapping is for, and what it asks whoever is imported into it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError

from surveys.codes import Problem, advice
from surveys.errors import ImportFileError, Refused, StudyError
from surveys.imports import AnyMapping
from surveys.imports.mistakes import ImportMistake
from surveys.instrument_files import DemographicField, StudyDefinition
from surveys.models import Study
from surveys.presentation import Questionnaire
from surveys.selectors import study_content, study_named, varied_in
from surveys.services.audit import Actor
from surveys.services.definitions import demographic_fields
from surveys.services.instruments import publish_instrument
from surveys.services.studies import create_study


@dataclass(frozen=True, slots=True)
class Asked:
    """What rows of a file are read for."""

    language: str
    questionnaire: Questionnaire
    demographics: Sequence[DemographicField]


def asked_of_study(mapping: AnyMapping, study: Study) -> Asked:
    """What a study asks whoever is imported into it. Raises `ImportFileError`."""
    language = language_of(mapping, study)
    questionnaire = study_content(study, language).questionnaire
    return Asked(language, questionnaire, demographic_fields(study))


def study_of_mapping(*, mapping: AnyMapping, by: Actor) -> Study:
    """The study that a mapping names, or describes: that is made, and nobody's, if it is not there.

    Raises `StudyError` (`study_differs`, `study_unknown`, `study_changed`, `condition_unknown`).
    """
    if mapping.study is None:
        study = study_named(mapping.slug)
    else:
        study = _described_study(mapping, mapping.study, by)
    require_one_condition(study)
    return study


def _described_study(mapping: AnyMapping, described: StudyDefinition, by: Actor) -> Study:
    try:
        for instrument in mapping.instruments:
            publish_instrument(definition=instrument, by=by)
        study = Study.objects.filter(slug=mapping.slug).first()
        if study is None:
            return create_study(definition=described, owner=None, by=by)
    except IntegrityError as error:
        # Somebody else is making the same at this moment.
        raise StudyError(Refused.STUDY_CHANGED, study=mapping.slug) from error
    _require_same_study(study, described, mapping.name)
    return study


def language_of(mapping: AnyMapping, study: Study) -> str:
    """The language that the answers are filed under. Raises `ImportFileError`."""
    language = mapping.language or study.default_language
    if language not in study.languages:
        about = {"given": language, "advice": advice(language, study.languages)}
        problem = Problem("data.language", ImportMistake.LANGUAGE_NOT_OFFERED, about)
        raise ImportFileError(mapping.name, [problem])
    return language


def require_one_condition(study: Study) -> None:
    """Nobody knows under which condition answers were given elsewhere."""
    if varied := varied_in(study):
        conditions = ", ".join(varied)
        raise StudyError(Refused.CONDITION_UNKNOWN, study=study.slug, conditions=conditions)


def _require_same_study(study: Study, definition: StudyDefinition, file: str) -> None:
    there = {
        "version": study.version,
        "titles": study.titles,
        "languages": study.languages,
        "demographics": [one["key"] for one in study.demographics],
        "blocks": [
            (block.key, version.instrument.slug, version.version)
            for block in study.blocks.order_by("position").prefetch_related("versions__instrument")
            for version in block.versions.all()[:1]
        ],
    }
    wanted = {
        "version": definition.version,
        "titles": dict(definition.title),
        "languages": list(definition.languages),
        "demographics": [one.key for one in definition.demographics],
        "blocks": [(block.key, block.instrument, block.version) for block in definition.blocks],
    }
    if differing := [key for key in there if there[key] != wanted[key]]:
        raise StudyError(
            Refused.STUDY_DIFFERS,
            study=study.slug,
            differing=", ".join(differing),
            file=file,
        )
