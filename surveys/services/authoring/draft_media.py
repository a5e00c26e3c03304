"""Pictures, sounds and videos of the items of a draft, put in and taken out one at a time."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from surveys.errors import InstrumentError
from surveys.instrument_files.media.tables import MOST_MEDIA
from surveys.media import MediaMistake, named_file
from surveys.models import InstrumentDraft
from surveys.services.audit import Actor
from surveys.services.authoring.instrument_drafts import change_instrument_draft
from surveys.services.authoring.media import store_media

Named = tuple[str, bytes]


@transaction.atomic
def add_medium(
    *,
    draft: InstrumentDraft,
    item: int,
    files: Mapping[str, Named],
    alt: Mapping[str, str],
    by: Actor,
) -> InstrumentDraft:
    """Show a file above the text of an item, the last of those that it shows; items count from 1.

    `files` are (name, content) of the ``file`` and, if there are any, of its ``captions``; `alt` is
    said of it in each language. Raises `InstrumentError` with a code of `MediaMistake`.
    """
    table: dict[str, Any] = {}
    for part, (name, content) in files.items():
        facts = store_media(content=content, by=by).facts
        if (facts.kind == "captions") != (part == "captions"):
            code = MediaMistake.ONLY_CAPTIONS if part == "file" else MediaMistake.NO_CAPTIONS_FILE
            about: dict[str, Any] = {"given": name} if "given" in code.arguments else {}
            raise InstrumentError(code, **about)
        sha256 = "sha256" if part == "file" else "captions_sha256"
        table |= {part: named_file(name, facts), sha256: facts.sha256}

    def added(media: list[Any]) -> list[Any]:
        if len(media) >= MOST_MEDIA:
            given = len(media) + 1
            raise InstrumentError(MediaMistake.TOO_MANY_MEDIA, given=given, most=MOST_MEDIA)
        return [*media, {**table, "alt": dict(alt)}]

    return _changed(draft, item, added, by)


@transaction.atomic
def remove_medium(*, draft: InstrumentDraft, item: int, place: int, by: Actor) -> InstrumentDraft:
    """Show a file no more; places count from 1, and one that is not there is none to be removed."""
    return _changed(draft, item, lambda media: media[: place - 1] + media[place:], by)


def _changed(
    draft: InstrumentDraft, item: int, change: Callable[[list[Any]], list[Any]], by: Actor
) -> InstrumentDraft:
    draft = InstrumentDraft.objects.select_for_update().get(pk=draft.pk)
    items = list(draft.tables["items"])
    row = {**items[item - 1]}
    media = change(list(row.pop("media", ())))
    items[item - 1] = {**row, **({"media": media} if media else {})}
    return change_instrument_draft(draft=draft, tables={**draft.tables, "items": items}, by=by)
