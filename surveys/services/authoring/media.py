"""Pictures, sound and video: stored once by their checksums, and said of instruments' tables.

file = store_media(content=content, by=by)
tables = known_tables(tables)     # each `media` table with what is known of its file
"""

import io
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from surveys.errors import InstrumentError
from surveys.instrument_files import (
    InstrumentDefinition,
    InstrumentFileError,
    instrument_values,
    to_toml,
)
from surveys.instrument_files.media.beside import (
    FileOf,
    WithFiles,
    by_checksum,
    shown_in,
    with_files,
)
from surveys.media import MediaError, MediaFacts, read_media
from surveys.media import MediaFile as ReadFile
from surveys.models import Action, InstrumentDraft, Item, MediaFile
from surveys.services.audit import Actor, record
from surveys.services.authoring.refusals import AuthoringRefused

# So long a file may wait for an instrument that shows it.
UNUSED_FOR = timedelta(days=30)


def store_media(*, content: bytes, by: Actor) -> MediaFile:
    """Store a file, without the metadata of pictures; the same file again is the one there is.

    Raises `InstrumentError` with a code of `MediaMistake` for a file that cannot be shown.
    """
    try:
        read = read_media(content)
    except MediaError as error:
        raise InstrumentError(error.mistake, **error.arguments) from error
    return keep_media(files=[read], by=by)[0]


@transaction.atomic
def keep_media(*, files: Iterable[ReadFile], by: Actor) -> list[MediaFile]:
    """Store files that were read; those that are stored already stay as they are."""
    return [_kept(file, by) for file in files]


def _kept(file: ReadFile, by: Actor) -> MediaFile:
    facts = file.facts
    row, is_new = MediaFile.objects.get_or_create(
        sha256=facts.sha256,
        defaults={
            "type": facts.type,
            "size": len(file.content),
            "width": facts.width,
            "height": facts.height,
            "content": file.content,
            "stored_by_id": by.user_id,
        },
    )
    if is_new:
        after = {"sha256": facts.sha256, "type": facts.type, "size": row.size}
        record(by=by, action=Action.MEDIA_STORED, subject=row, after=after)
    else:
        # Whoever sends it means to use it: it is as good as new to whoever tidies up.
        MediaFile.objects.filter(pk=row.pk).update(stored_at=timezone.now())
    return row


@transaction.atomic
def forget_unused_media() -> int:
    """Delete files that no instrument and no draft has shown for long; how many.

    One that is sent again meanwhile is new, and stays.
    """
    old = MediaFile.objects.filter(stored_at__lt=timezone.now() - UNUSED_FOR)
    waiting = dict(old.select_for_update().values_list("sha256", "pk"))
    if not waiting:
        return 0
    for used in _used_media():
        waiting.pop(used, None)
    deleted, _by_table = old.filter(pk__in=waiting.values()).delete()
    return deleted


def _used_media() -> Iterator[str]:
    """The checksums of all that is shown, of whatever language or draft; some several times."""
    items = Item.objects.exclude(media=[]).values_list("media", flat=True)
    drafts = InstrumentDraft.objects.values_list("tables", flat=True)
    of_drafts = (shown_in(tables) for tables in drafts.iterator())
    for shown in (*items.iterator(), *of_drafts):
        for one in shown:
            # A draft may hold anything that can be sent.
            yield from (str(one.get(key)) for key in ("sha256", "captions_sha256"))


def known_media(sha256: str) -> MediaFacts | None:
    """What is known of a stored file; None if there is none."""
    row = MediaFile.objects.defer("content").filter(sha256=sha256).first()
    return row.facts if row else None


def no_file(_name: str) -> bytes | None:
    """Nothing lies beside what was sent: what it names must be stored."""
    return None


def tables_with_files(
    tables: Mapping[str, Any], *, file: str, file_of: FileOf = no_file
) -> WithFiles:
    """The tables with what is known of the files that they name, and the files beside them.

    Raises `InstrumentFileError` with everything that is wrong with the files.
    """
    made = with_files(tables, file_of=file_of, known=known_media)
    if made.problems:
        raise InstrumentFileError(file, made.problems)
    return made


def known_tables(tables: Mapping[str, Any], *, file: str = "instrument") -> dict[str, Any]:
    """The tables with what is known of stored files. Raises `InstrumentFileError`."""
    return tables_with_files(tables, file=file).tables


def require_stored(definition: InstrumentDefinition) -> None:
    """Raise `InstrumentError` (`media_not_stored`) unless all that is shown is stored."""
    said = {
        checksum: media_type
        for item in definition.items
        for one in item.media
        for checksum, media_type in (
            (one.sha256, one.type),
            *(((one.captions_sha256, "text/vtt"),) if one.captions_sha256 else ()),
        )
    }
    if not said:
        return
    stored = dict(MediaFile.objects.filter(sha256__in=said).values_list("sha256", "type"))
    for checksum, media_type in said.items():
        if stored.get(checksum) != media_type:
            raise InstrumentError(AuthoringRefused.MEDIA_NOT_STORED, given=checksum)


def media_of(definitions: Iterable[InstrumentDefinition]) -> list[tuple[str, str]]:
    """The files that instruments show, each (name, SHA-256) once, sorted.

    Items can call different files alike, so that a name alone says nothing.
    """
    found = {
        pair
        for definition in definitions
        for item in definition.items
        for one in item.media
        for pair in (
            (one.file, one.sha256),
            *(((one.captions, one.captions_sha256),) if one.captions else ()),
        )
    }
    return sorted(found)


def contents_of(checksums: Collection[str]) -> dict[str, bytes]:
    """SHA-256 -> content of stored files."""
    rows = MediaFile.objects.filter(sha256__in=checksums).values_list("sha256", "content")
    return {checksum: bytes(content) for checksum, content in rows}


def study_files(instruments: Iterable[InstrumentDefinition]) -> Iterator[tuple[str, bytes]]:
    """The files of instruments, (name, content), each followed by those that it shows.

    Where different files are called alike, the later one lies under its checksum.
    """
    given: dict[str, str] = {}
    for one in instruments:
        yield f"{one.slug}-{one.version}.toml", to_toml(instrument_values(one)).encode()
        shown = media_of([one])
        contents = contents_of({checksum for _name, checksum in shown})
        for name, checksum in shown:
            there = name if given.get(name, checksum) == checksum else by_checksum(name, checksum)
            if there not in given:
                given[there] = checksum
                yield there, contents[checksum]


def zipped(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Files as one: what `load_study` reads once it is unpacked."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return packed.getvalue()
