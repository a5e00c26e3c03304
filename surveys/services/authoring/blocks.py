"""The blocks of a draft study, changed one at a time; each change is one of the whole draft."""

from typing import Any

from django.db import transaction

from surveys.errors import StudyError
from surveys.instrument_files.authoring.names import free_name, name_of
from surveys.models import Study
from surveys.services.audit import Actor
from surveys.services.authoring.draft_values import draft_values, store_draft
from surveys.services.authoring.refusals import AuthoringRefused


@transaction.atomic
def add_block(
    *,
    study: Study,
    instrument: str,
    version: str,
    by: Actor,
    key: str = "",
    shuffle: bool = True,
    items_per_page: int = 8,
) -> Study:
    """Ask an instrument behind what a draft asks already; without a `key` it is called after it.

    Raises `StudyError` (`study_is_frozen`), `InstrumentFileError` with all that keeps it out.
    """
    values = draft_values(study)
    taken = [one["key"] for one in values["blocks"]]
    block = {
        "key": key or free_name(name_of(instrument), taken),
        "instrument": instrument,
        "version": version,
        "items_per_page": items_per_page,
        "shuffle": shuffle,
    }
    values["blocks"].append(block)
    return store_draft(study=study, values=values, by=by)


@transaction.atomic
def move_block(*, study: Study, key: str, steps: int, by: Actor) -> Study:
    """Ask a block so many places later, or earlier where `steps` is negative.

    Raises `StudyError` (`study_is_frozen`, `block_unknown`), `InstrumentFileError`.
    """
    values = draft_values(study)
    blocks = values["blocks"]
    at = _place(study, blocks, key)
    block = blocks.pop(at)
    blocks.insert(max(at + steps, 0), block)
    return store_draft(study=study, values=values, by=by)


@transaction.atomic
def remove_block(*, study: Study, key: str, by: Actor) -> Study:
    """Ask a block no more; its attention checks go with it.

    Raises `StudyError` (`study_is_frozen`, `block_unknown`), `InstrumentFileError` where a rule
    still names it.
    """
    values = draft_values(study)
    del values["blocks"][_place(study, values["blocks"], key)]
    checks = values.get("attention_checks", [])
    values["attention_checks"] = [one for one in checks if one["block"] != key]
    return store_draft(study=study, values=values, by=by)


def _place(study: Study, blocks: list[dict[str, Any]], key: str) -> int:
    keys = [one["key"] for one in blocks]
    if key not in keys:
        raise StudyError(AuthoringRefused.BLOCK_NOT_THERE, study=study.slug, block=key)
    return keys.index(key)
