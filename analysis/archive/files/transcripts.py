"""Transcripts of models' sessions, made fit to leave the house.

What was asked and replied stays word for word; what would name a row of the database, a computer or
a person does not.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

# Ids of rows, names of computers, and the address of an endpoint that may be private.
NEVER = frozenset(
    {
        *("id", "pk", "administration", "administration_id", "respondent_id", "token", "panel_id"),
        "recruiter_id",
        *("matched_to", "worker", "base_url", "api_key_env", "headers", "request_id"),
    }
)
PERSONA = frozenset({"persona", "demographics", "design"})
LEFT_OUT = "[left out]"


def public_transcripts(
    lines: Iterable[str],
    pseudonyms: Mapping[int, str],
    groups: Mapping[int, str],
    *,
    redact: bool,
) -> dict[str, str]:
    """Group -> its JSON Lines, with pseudonyms for respondents, in the order of `lines`.

    `groups` maps a respondent to the group; whoever is in no group or has no pseudonym is not in
    the archive, and the sessions are dropped. `redact` leaves out personas, and with them the
    system messages that contain them: the persona of a matched session is the demographics of a
    single person.
    """
    found: dict[str, list[str]] = {}
    for line in lines:
        if not line.strip():
            continue
        record = json.loads(line)
        respondent = record.get("respondent")
        if respondent in groups and respondent in pseudonyms:
            public = {**_public(record, redact=redact), "respondent": pseudonyms[respondent]}
            text = json.dumps(public, ensure_ascii=False, sort_keys=True) + "\n"
            found.setdefault(groups[respondent], []).append(text)
    return {group: "".join(texts) for group, texts in found.items()}


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
