"""The library of instruments: what is taken into it from the shelf, and what leaves it unused."""

from typing import Any

from django.db import transaction

from surveys.codes import advice
from surveys.errors import InstrumentError
from surveys.instrument_files.authoring.shelf import shelf, shelved
from surveys.models import Action, Block, Instrument, InstrumentVersion
from surveys.services.audit import Actor, record
from surveys.services.authoring.refusals import AuthoringRefused
from surveys.services.instruments import publish_instrument


@transaction.atomic
def take_from_shelf(*, name: str, by: Actor) -> list[InstrumentVersion]:
    """Publish a scale of the shelf, so that studies can ask it. Idempotent.

    Raises `InstrumentError`: `unknown_shelved`; `version_is_frozen` where one's own has its name.
    """
    found = shelved(name)
    if found is None:
        known = [one.definition.slug for one in shelf()]
        raise InstrumentError(
            AuthoringRefused.UNKNOWN_SHELVED, given=name, advice=advice(name, known)
        )
    return publish_instrument(definition=found.definition, by=by)


@transaction.atomic
def delete_instrument_version(*, slug: str, version: str, by: Actor) -> None:
    """Delete a published version in all its languages that no study uses; the log keeps its name.

    Whoever published it may, a superuser, and a command. Raises `InstrumentError`:
    `instrument_unknown`, `instrument_in_use`, `instrument_not_yours`.
    """
    rows = InstrumentVersion.objects.select_for_update().select_related("instrument")
    versions = list(rows.filter(instrument__slug=slug, version=version))
    about: dict[str, Any] = {"instrument": slug, "version": version}
    if not versions:
        raise InstrumentError(AuthoringRefused.INSTRUMENT_UNKNOWN, **about)
    if studies := Block.objects.filter(versions__in=versions).values("study").distinct().count():
        raise InstrumentError(AuthoringRefused.INSTRUMENT_IN_USE, **about, studies=studies)
    if not may_delete(versions, by):
        raise InstrumentError(AuthoringRefused.INSTRUMENT_NOT_YOURS, **about)
    for one in versions:
        before = {"checksum": one.checksum}
        record(by=by, action=Action.INSTRUMENT_DELETED, subject=one, before=before)
        # Items keep their facet and scale; so they go before these.
        one.items.all().delete()
        one.delete()
    Instrument.objects.filter(slug=slug, versions__isnull=True).delete()


def may_delete(versions: list[InstrumentVersion], by: Actor) -> bool:
    """Whether somebody may delete these rows, if no study uses them."""
    if by.user is None or getattr(by.user, "is_superuser", False):
        return True
    return all(one.published_by_id == by.user_id for one in versions)
