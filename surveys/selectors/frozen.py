"""What never changes of a frozen study, kept in memory by its checksum.

Rows are read without it, which takes a third of the time, and it is put in afterwards. What is
kept is text: each reader has values of their own, and changes nobody else's.
"""

import json
from functools import lru_cache
from typing import Any

from django.db.models import Model, QuerySet

from surveys.models import ConsentText, Study

# What the checksum covers, and what is in no use where somebody answers.
FROZEN = ("version", "titles", "languages", "demographics", "settings", "flow")
_UNREAD = (
    *FROZEN,
    *("facts", "created_at", "opened_at", "closed_at", "archived_at", "previous"),
)


def without_frozen(rows: QuerySet[Any], study: str) -> QuerySet[Any]:
    """Rows that join a study under this name, without what `put_in` adds."""
    return rows.defer(*(f"{study}__{name}" for name in _UNREAD))


def put_in(study: Study) -> None:
    """Add to a study what `without_frozen` left out. A draft's is read, in one query."""
    if study.checksum:
        vars(study).update(json.loads(_frozen_values(study.pk, study.checksum)))
    else:
        study.refresh_from_db(fields=_UNREAD)


def consent_text(study: Study, language: str) -> ConsentText | None:
    """The newest information and consent of a study in `language`."""
    if not study.checksum:
        return _newest_text(study.pk, language)
    kept = _frozen_text(study.pk, study.checksum, language)
    if kept is None:
        return None
    names, values = kept
    return ConsentText.from_db(study._state.db, names, values)  # noqa: SLF001 - as Django does it


@lru_cache(maxsize=64)
def _frozen_values(study_id: int, checksum: str) -> str:  # noqa: ARG001
    return json.dumps(Study.objects.values(*FROZEN).get(pk=study_id))


@lru_cache(maxsize=64)
def _frozen_text(
    study_id: int,
    checksum: str,  # noqa: ARG001
    language: str,
) -> tuple[list[str], list[Any]] | None:
    text = _newest_text(study_id, language)
    return _columns_of(text) if text else None


def _newest_text(study_id: int, language: str) -> ConsentText | None:
    texts = ConsentText.objects.filter(study_id=study_id, language=language)
    return texts.order_by("-pk").first()


def _columns_of(row: Model) -> tuple[list[str], list[Any]]:
    names = [field.attname for field in row._meta.concrete_fields]  # noqa: SLF001
    return names, [getattr(row, name) for name in names]


def forget() -> None:
    """Empty what is kept."""
    _frozen_values.cache_clear()
    _frozen_text.cache_clear()
