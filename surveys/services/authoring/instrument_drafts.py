"""Drafts of instruments: begun, pasted into, changed for days, published. The published ones stay.

draft = make_instrument_draft(tables=tables, owner=owner, by=by)
draft = paste_items(draft=draft, text=text, scale="agreement-5", by=by)
versions = publish_instrument_draft(draft=draft, by=by)
"""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from surveys.checksums import sha256_of
from surveys.errors import InstrumentError
from surveys.instrument_files import InstrumentDefinition, InstrumentFileError, instrument_values
from surveys.instrument_files.authoring.draft_tables import finished, require_draft
from surveys.instrument_files.authoring.pasting import read_paste
from surveys.instrument_files.authoring.presets import Preset, preset_scale
from surveys.instrument_files.authoring.taking_over import with_items
from surveys.instrument_files.errors import Shape
from surveys.instrument_files.media.beside import with_files
from surveys.instrument_files.toml_tables import MAX_NAME_LENGTH, SLUG, malformed_name
from surveys.models import Action, InstrumentDraft, InstrumentVersion
from surveys.services.audit import Actor, record
from surveys.services.authoring.media import known_media
from surveys.services.authoring.refusals import AuthoringRefused
from surveys.services.definitions import published_instruments
from surveys.services.instruments import publish_instrument

BLANK: Mapping[str, Any] = {"version": "1.0", "languages": ["en"]}


@transaction.atomic
def make_instrument_draft(
    *, tables: Mapping[str, Any], owner: AbstractBaseUser, by: Actor
) -> InstrumentDraft:
    """Begin a draft of the tables of an instrument's file, as far as they are written.

    Raises `InstrumentFileError` for what has no place in an instrument.
    """
    require_draft(tables)
    draft = InstrumentDraft.objects.create(owner_id=owner.pk, tables=_with_media(tables))
    after = {"content": sha256_of(draft.tables)}
    record(by=by, action=Action.INSTRUMENT_DRAFTED, subject=draft, after=after)
    return draft


@transaction.atomic
def change_instrument_draft(
    *, draft: InstrumentDraft, tables: Mapping[str, Any], by: Actor, revision: str = ""
) -> InstrumentDraft:
    """Let a draft hold these tables and nothing else. The same again changes nothing.

    `revision` is the one that was read: whoever changed it since is not written over. Raises
    `InstrumentFileError` for what has no place in an instrument, `InstrumentError`
    (`instrument_draft_changed`).
    """
    require_draft(tables)
    draft = InstrumentDraft.objects.select_for_update().get(pk=draft.pk)
    if revision not in ("", revision_of(draft)) and sha256_of(draft.tables) != sha256_of(
        _with_media(tables)
    ):
        raise InstrumentError(AuthoringRefused.DRAFT_CHANGED, draft=draft.name)
    written = _with_media(tables)
    before, after = sha256_of(draft.tables), sha256_of(written)
    if before != after:
        draft.tables = written
        draft.save(update_fields=("tables", "saved_at"))
        record(
            by=by,
            action=Action.INSTRUMENT_DRAFT_SAVED,
            subject=draft,
            before={"content": before},
            after={"content": after},
        )
    return draft


def revision_of(draft: InstrumentDraft) -> str:
    """What changes with every change of a draft's content."""
    return sha256_of(draft.tables)[:16]


def _with_media(tables: Mapping[str, Any]) -> dict[str, Any]:
    """The tables with what is known of files; what is not may be stored later."""
    return with_files(tables, known=known_media).tables


@transaction.atomic
def paste_items(
    *, draft: InstrumentDraft, text: str, by: Actor, scale: str = "agreement-5"
) -> InstrumentDraft:
    """Put pasted items behind those of the draft, each answered by `scale` unless its row says how.

    `scale` is the key of a scale of the draft, or the name of a preset. Raises
    `InstrumentFileError` with everything in the text that is not understood; then nothing is taken.
    """
    pasted = read_paste(text, draft.tables.get("languages", ()))
    if pasted.problems:
        raise InstrumentFileError("paste", pasted.problems)
    tables = with_items(draft.tables, pasted.items, scale)
    return change_instrument_draft(draft=draft, tables=tables, by=by)


@transaction.atomic
def add_scale(*, draft: InstrumentDraft, preset: Preset, by: Actor) -> InstrumentDraft:
    """Give a draft another response scale."""
    scales = list(draft.tables.get("response_scales", ()))
    taken = [one.get("key", "") for one in scales]
    made = preset_scale(preset, draft.tables.get("languages", ()), taken)
    tables = {**draft.tables, "response_scales": [*scales, made]}
    return change_instrument_draft(draft=draft, tables=tables, by=by)


@transaction.atomic
def publish_instrument_draft(*, draft: InstrumentDraft, by: Actor) -> list[InstrumentVersion]:
    """Publish a draft for good in each of its languages, and delete the draft.

    Raises `InstrumentFileError` with everything that is missing or wrong, `InstrumentError`
    (`version_is_frozen`) if that version is published with other words.
    """
    draft = InstrumentDraft.objects.select_for_update().get(pk=draft.pk)
    definition, problems = finished(draft.tables)
    if definition is None:
        raise InstrumentFileError(draft.name, problems)
    versions = publish_instrument(definition=definition, by=by)
    draft.delete()
    return versions


@transaction.atomic
def delete_instrument_draft(*, draft: InstrumentDraft, by: Actor) -> None:
    """Delete a draft; nothing that is published is touched."""
    before = {"content": sha256_of(draft.tables)}
    record(by=by, action=Action.INSTRUMENT_DRAFT_DELETED, subject=draft, before=before)
    draft.delete()


@transaction.atomic
def copy_instrument(
    *, slug: str, version: str, name: str, owner: AbstractBaseUser, by: Actor
) -> InstrumentDraft:
    """Make a draft of a published version under another name, to be changed as one's own.

    Its wording note says where it comes from. Raises `InstrumentError`: `instrument_unknown`,
    `instrument_name`.
    """
    if not (SLUG.fullmatch(name) and len(name) <= MAX_NAME_LENGTH) or name == slug:
        problem = malformed_name("slug", name, Shape.SLUG).saying
        raise InstrumentError(AuthoringRefused.INSTRUMENT_NAME, given=name, problem=problem)
    tables = instrument_values(published_instrument(slug=slug, version=version))
    note = f"{tables['wording_note']} (After {slug} {version}.)"
    tables |= {"slug": name, "version": "1.0", "wording_note": note}
    return make_instrument_draft(tables=tables, owner=owner, by=by)


@transaction.atomic
def draft_next_version(
    *, slug: str, version: str, owner: AbstractBaseUser, by: Actor
) -> InstrumentDraft:
    """Make a draft of the version that follows a published one. Raises `InstrumentError`."""
    tables = instrument_values(published_instrument(slug=slug, version=version))
    taken = {one.version for one in published_instruments({slug})}
    tables["version"] = following_version(version, taken)
    return make_instrument_draft(tables=tables, owner=owner, by=by)


def published_instrument(*, slug: str, version: str) -> InstrumentDefinition:
    """A published version in all its languages; `InstrumentError` (`instrument_unknown`)."""
    for one in published_instruments({slug}):
        if one.version == version:
            return one
    raise InstrumentError(AuthoringRefused.INSTRUMENT_UNKNOWN, instrument=slug, version=version)


def following_version(version: str, taken: set[str]) -> str:
    """The version with its last number one higher, as often as needed to be none of `taken`."""
    *first, last = version.split(".")
    numbers = (".".join([*first, str(int(last) + n)]) for n in range(1, len(taken) + 2))
    return next(one for one in numbers if one not in taken)
