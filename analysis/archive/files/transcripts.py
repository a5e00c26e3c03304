"""Transcripts of models' sessions, made fit to leave the house.

What was asked and replied stays word for word; what would name a row of the database, a computer or
a person does not.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

# Ids of rows, names of computers, and the address of an endpoint that may be private.
NEVER = frozenset(
    {
        *("id", "pk", "administration", "administration_id", "respondent_id", "token", "panel_id"),
        *("matched_to", "worker", "base_url", "api_key_env", "headers", "request_id"),
    }
)
PERSONA = frozenset({"persona", "demographics", "design"})
LEFT_OUT = "[left out]"


def public_lines(
    lines: Iterable[str], pseudonyms: Mapping[int, str], *, redact: bool
) -> Iterator[str]:
    """JSON Lines with pseudonyms for respondents; sessions that are not in the archive are dropped.

    `redact` leaves out personas, and with them the system messages that contain them: the persona
    of a matched session is the demographics of a single person.
    """
    for line in lines:
        if not line.strip():
            continue
        record = json.loads(line)
        name = pseudonyms.get(record.get("respondent"))
        if name is not None:
            public = {**_public(record, redact=redact), "respondent": name}
            yield json.dumps(public, ensure_ascii=False, sort_keys=True) + "\n"


def _public(value: Any, *, redact: bool) -> Any:
    if isinstance(value, list):
        return [_public(part, redact=redact) for part in value]
    if not isinstance(value, dict):
        return value
    kept = {name: part for name, part in value.items() if name not in NEVER}
    if redact and kept.get("role") in ("system", "developer"):
        kept["content"] = LEFT_OUT
    return {
        name: LEFT_OUT if redact and name in PERSONA else _public(part, redact=redact)
        for name, part in kept.items()
    }
