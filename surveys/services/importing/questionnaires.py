"""Questionnaires of other programs: read and shown first, published when somebody has said yes.

made = read_import(name="gardens.lss", content=content, said=said)
loaded = load_import(made=made, said=said, owner=owner, by=by)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from surveys.errors import QuestionnaireError, Refused
from surveys.instrument_files import InstrumentDefinition, read_instrument_values, to_toml
from surveys.models import InstrumentVersion, Study
from surveys.questionnaire_files.languages import language_tag
from surveys.questionnaire_files.made.instruments import (
    Import,
    instrument_file,
    make_instruments,
    reverse_keys,
    with_reverse_keys,
)
from surveys.questionnaire_files.made.report import ReverseKeys
from surveys.questionnaire_files.made.said import Said
from surveys.questionnaire_files.reading import read_questionnaire
from surveys.questionnaire_files.tables.response_options import NAMES, options_of
from surveys.services.audit import Actor
from surveys.services.drafts import make_draft, read_materials
from surveys.services.instruments import publish_instrument


@dataclass(frozen=True, slots=True)
class LoadedImport:
    """What was published, and the draft that was made of it; None where none was asked for."""

    versions: tuple[InstrumentVersion, ...]
    study: Study | None


def read_import(*, name: str, content: bytes, said: Said) -> Import:
    """Read a file and make instruments of it; nothing is stored.

    Raises `QuestionnaireFileError`; `QuestionnaireError`: `language_malformed`, `options_unknown`.
    """
    if said.language and language_tag(said.language) != said.language:
        raise QuestionnaireError(Refused.LANGUAGE_MALFORMED, given=said.language)
    if said.options and not options_of(said.options, said.language or "en"):
        known = ", ".join(NAMES)
        raise QuestionnaireError(Refused.OPTIONS_UNKNOWN, given=said.options, known=known)
    questionnaire = read_questionnaire(content, name, language=said.language)
    return make_instruments(questionnaire, name=said.name or _stem(name), said=said)


def said_keys(*, made: Import, said: Said) -> ReverseKeys | None:
    """The reverse keys that were said, by instrument; None where nobody has said any.

    Raises `QuestionnaireError` (`reverse_unknown`).
    """
    if said.reverse is None:
        return None
    try:
        return reverse_keys(made, said.reverse)
    except KeyError as error:
        raise QuestionnaireError(Refused.REVERSE_UNKNOWN, given=error.args[0]) from None


def import_files(*, made: Import, said: Said) -> dict[str, str]:
    """The files of an import by their names: one for each instrument, and the study's."""
    keys = said_keys(made=made, said=said)
    files = {
        f"{one.definition.slug}.toml": instrument_file(
            one, None if keys is None else keys[one.definition.slug]
        )
        for one in made.instruments
    }
    if made.study:
        files[f"{made.study['slug']}.toml"] = to_toml(made.study)
    return files


@transaction.atomic
def load_import(
    *, made: Import, said: Said, with_study: bool, owner: AbstractBaseUser, by: Actor
) -> LoadedImport:
    """Publish the instruments of an import and, if asked for, make the draft of its study.

    Raises `QuestionnaireError`: `nothing_kept`, `reverse_unsaid`, `reverse_unknown`;
    `InstrumentError` (`version_is_frozen`), `StudyError` (`study_exists`).
    """
    if not made.instruments:
        raise QuestionnaireError(Refused.NOTHING_KEPT)
    keys = said_keys(made=made, said=said)
    if keys is None:
        raise QuestionnaireError(Refused.REVERSE_UNSAID)
    definitions = [
        read_instrument_values(with_reverse_keys(one, keys[one.definition.slug]))
        for one in made.instruments
    ]
    return publish_with_draft(
        definitions=definitions, study=made.study if with_study else {}, owner=owner, by=by
    )


@transaction.atomic
def publish_with_draft(
    *,
    definitions: list[InstrumentDefinition],
    study: Mapping[str, Any],
    owner: AbstractBaseUser,
    by: Actor,
) -> LoadedImport:
    """Publish instruments and make a draft of a study given as its tables, if any are given.

    Raises `InstrumentError` (`version_is_frozen`), `StudyError` (`study_exists`),
    `InstrumentFileError` with everything that is wrong with the study.
    """
    versions = [
        version
        for definition in definitions
        for version in publish_instrument(definition=definition, by=by)
    ]
    if not study:
        return LoadedImport(tuple(versions), None)
    materials = read_materials(study, instruments=definitions)
    return LoadedImport(tuple(versions), make_draft(materials=materials, owner=owner, by=by))


def _stem(name: str) -> str:
    return name.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
