"""Studies of one's own: drafts that are read, saved, copied, and made anew of what is frozen.

Page, REST and command read what somebody wrote with `read_materials` and hand it on whole:

    materials = read_materials(parse_toml(text, file="tea.toml"), file="tea.toml")
    study = make_draft(materials=materials, owner=owner, by=by)
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from surveys.checksums import sha256_of
from surveys.codes import Problem
from surveys.errors import Refused, StudyError
from surveys.instrument_files import (
    InstrumentDefinition,
    InstrumentFileError,
    StudyDefinition,
    bundled_instruments,
    read_draft,
    study_values,
)
from surveys.instrument_files.errors import FileMistake, Shape
from surveys.instrument_files.instruments import read_instrument_values
from surveys.instrument_files.media.beside import FileOf
from surveys.instrument_files.media.packed import read_packed
from surveys.instrument_files.toml_tables import (
    MAX_NAME_LENGTH,
    SLUG,
    VERSION,
    malformed_name,
    parse_toml,
)
from surveys.media import MediaFile
from surveys.models import Action, Study
from surveys.services.access.members import add_member
from surveys.services.audit import Actor, record
from surveys.services.authoring.media import keep_media, no_file, tables_with_files
from surveys.services.definitions import published_instruments, study_definition
from surveys.services.instruments import publish_instrument
from surveys.services.studies import create_study
from surveys.services.study_content import write_content

NO_INSTRUMENTS: Sequence["SourceFile"] = ()


@dataclass(frozen=True, slots=True)
class SourceFile:
    """What somebody wrote, under the name by which mistakes in it are told.

    `file_of` gives the pictures, sounds and videos that lie beside it.
    """

    name: str
    text: str
    file_of: FileOf = no_file


@dataclass(frozen=True, slots=True)
class Materials:
    """A draft, what it lacks, and the instruments that are to be published with it."""

    definition: StudyDefinition
    lacking: tuple[Problem, ...] = ()
    instruments: tuple[InstrumentDefinition, ...] = ()
    # What the instruments show, as far as it came with them.
    media: tuple[MediaFile, ...] = ()


class MaterialsError(ValueError):
    """Files that cannot be used; each of `errors` has all that is wrong with one of them."""

    def __init__(self, errors: Sequence[InstrumentFileError]) -> None:
        super().__init__("\n".join(map(str, errors)))
        self.errors = tuple(errors)
        self.code = errors[0].code

    @property
    def details(self) -> dict[str, Any]:
        """Every problem of every file as plain values, for programs."""
        return {
            "problems": [
                {"file": error.file, **problem.as_json()}
                for error in self.errors
                for problem in error.problems
            ]
        }


def read_files(
    *, study: SourceFile, instruments: Sequence[SourceFile] = NO_INSTRUMENTS
) -> Materials:
    """Read a study file and instrument files beside it; `MaterialsError` with all that is wrong."""
    errors: list[InstrumentFileError] = []
    read: list[InstrumentDefinition] = []
    media: dict[str, MediaFile] = {}
    for file in instruments:
        try:
            tables = parse_toml(file.text, file=file.name)
            made = tables_with_files(tables, file=file.name, file_of=file.file_of)
            read.append(read_instrument_values(made.tables, file=file.name))
            media |= made.files
        except InstrumentFileError as error:
            errors.append(error)
    unread = bool(errors)
    try:
        values = parse_toml(study.text, file=study.name)
        materials = read_materials(values, file=study.name, instruments=read)
    except InstrumentFileError as error:
        # An instrument that could not be read is not unknown besides.
        code = FileMistake.UNKNOWN_INSTRUMENT if unread else None
        if rest := [problem for problem in error.problems if problem.code != code]:
            errors.insert(0, InstrumentFileError(error.file, rest))
    if errors:
        raise MaterialsError(errors)
    return replace(materials, media=tuple(media.values()))


def read_packed_files(*, content: bytes, name: str) -> Materials:
    """Read a study out of a zip file as an export gives it; `MaterialsError` with what is wrong."""
    try:
        packed = read_packed(content, file=name)
    except InstrumentFileError as error:
        raise MaterialsError([error]) from error
    study = SourceFile(*packed.study)
    beside = [SourceFile(*one, packed.file_of) for one in packed.instruments]
    return read_files(study=study, instruments=beside)


def read_materials(
    values: Mapping[str, Any],
    *,
    file: str = "study",
    instruments: Sequence[InstrumentDefinition] = (),
) -> Materials:
    """Read a study given as the tables of its file, against all the instruments there are.

    Those are `instruments`, what is published, and what comes with the program, in this order.
    Raises `InstrumentFileError` with everything that is wrong with the study.
    """
    given = {(one.slug, one.version): one for one in instruments}
    published = {(one.slug, one.version): one for one in published_instruments(_named(values))}
    bundled = {(one.slug, one.version): one for one in bundled_instruments()}
    known = {**bundled, **published, **given}
    draft = read_draft(values, instruments=list(known.values()), file=file)
    used = {(block.instrument, block.version) for block in draft.definition.blocks}
    unpublished = [one for name, one in bundled.items() if name in used and name not in published]
    publish = {(one.slug, one.version): one for one in (*unpublished, *instruments)}
    return Materials(draft.definition, draft.lacking, tuple(publish.values()))


@transaction.atomic
def load_draft(*, materials: Materials, owner: AbstractBaseUser, by: Actor) -> tuple[Study, bool]:
    """Make the draft, or change the one of this name that `owner` has; True where it was made.

    Raises `StudyError`: `study_exists` (somebody else's), `study_is_frozen`; `InstrumentError`.
    """
    slug = materials.definition.slug
    study = Study.objects.filter(slug=slug).first()
    if study is None:
        return make_draft(materials=materials, owner=owner, by=by), True
    if not study.memberships.filter(user_id=owner.pk).exists():
        raise StudyError(Refused.STUDY_EXISTS, study=slug)
    return change_draft(study=study, materials=materials, by=by), False


@transaction.atomic
def make_draft(*, materials: Materials, owner: AbstractBaseUser, by: Actor) -> Study:
    """Publish the instruments and make a draft of the study.

    Raises `StudyError` (`study_exists`), `InstrumentError` (`version_is_frozen`).
    """
    _publish(materials, by)
    return create_study(definition=materials.definition, owner=owner, by=by)


@transaction.atomic
def change_draft(*, study: Study, materials: Materials, by: Actor) -> Study:
    """Let a draft hold what was written, and nothing else. The same again changes nothing.

    Raises `StudyError`: `study_is_frozen`, `name_differs`; `InstrumentError` (`version_is_frozen`).
    """
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.status != Study.Status.DRAFT:
        raise StudyError(Refused.STUDY_IS_FROZEN, study=study.slug)
    definition = materials.definition
    if definition.slug != study.slug:
        raise StudyError(Refused.NAME_DIFFERS, given=definition.slug, study=study.slug)
    before = _content(study_definition(study))
    _publish(materials, by)
    write_content(study, definition)
    if before != (after := _content(definition)):
        record(
            by=by,
            action=Action.DRAFT_SAVED,
            study=study,
            subject=study,
            before={"content": before},
            after={"content": after},
        )
    return study


@transaction.atomic
def copy_study(*, study: Study, slug: str, owner: AbstractBaseUser, by: Actor) -> Study:
    """Make a draft of what a study asks, under another name.

    Nobody's answers come along, nor do facts: they say how this study was carried out.

    Raises `StudyError`: `name_malformed`, `study_exists`.
    """
    _require_name(slug)
    definition = replace(study_definition(study), slug=slug, facts={})
    return create_study(definition=definition, owner=owner, by=by)


@transaction.atomic
def new_version(
    *, study: Study, version: str, owner: AbstractBaseUser, by: Actor, slug: str = ""
) -> Study:
    """Make a draft that amends a frozen study, for the same members; people in that one stay there.

    Without a `slug` it is called after the study and the version: ``tea`` 2.0 is ``tea-v2-0``.

    Raises `StudyError`: `not_frozen`, `same_version`, `name_malformed`, `study_exists`.
    """
    if study.status == Study.Status.DRAFT:
        raise StudyError(Refused.NOT_FROZEN, study=study.slug)
    if version == study.version:
        raise StudyError(Refused.SAME_VERSION, study=study.slug, version=version)
    if not VERSION.fullmatch(version):
        raise _malformed(malformed_name("version", version, Shape.VERSION))
    slug = slug or f"{_root(study.slug)}-v{version.replace('.', '-')}"
    _require_name(slug)
    definition = replace(study_definition(study), slug=slug, version=version, facts={})
    amended = create_study(definition=definition, owner=owner, by=by)
    amended.previous = study
    amended.save(update_fields=("previous",))
    _take_members_along(study, amended, owner, by)
    return amended


def _take_members_along(study: Study, amended: Study, owner: AbstractBaseUser, by: Actor) -> None:
    """Everybody with their role; last whoever makes the version, who owns it until then."""
    members = study.memberships.select_related("user")
    for member in (*members.exclude(user_id=owner.pk), *members.filter(user_id=owner.pk)):
        add_member(study=amended, user=member.user, role=member.role, by=by)


def _publish(materials: Materials, by: Actor) -> None:
    keep_media(files=materials.media, by=by)
    for instrument in materials.instruments:
        publish_instrument(definition=instrument, by=by)


def _content(definition: StudyDefinition) -> str:
    return sha256_of(study_values(definition))


def _named(values: Mapping[str, Any]) -> set[str]:
    """The instruments that the blocks name, of tables that nobody has checked yet."""
    blocks = values.get("blocks")
    rows = blocks if isinstance(blocks, list) else []
    names = (row.get("instrument") for row in rows if isinstance(row, Mapping))
    return {name for name in names if isinstance(name, str) and SLUG.fullmatch(name)}


def _root(slug: str) -> str:
    return re.sub(r"-v\d+(-\d+)*$", "", slug)


def _require_name(slug: str) -> None:
    if not (SLUG.fullmatch(slug) and len(slug) <= MAX_NAME_LENGTH):
        raise _malformed(malformed_name("slug", slug, Shape.SLUG))


def _malformed(problem: Problem) -> StudyError:
    return StudyError(Refused.NAME_MALFORMED, problem=problem.saying)
