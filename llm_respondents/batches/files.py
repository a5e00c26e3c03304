"""The files of a batch: one JSON line for each request, one for each reply, in any order.

Pure. A line is known by its `custom_id`, which is the place of the call in its session and so the
same whenever the line is written again.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, BinaryIO

from llm_respondents.endpoints.dialects import BatchTerms
from llm_respondents.providers.apis.chat import read_completion
from llm_respondents.providers.apis.reading import failed, read_error
from llm_respondents.providers.base import Failure, Reply

Read = Callable[[str, int, Mapping[str, str]], Reply | Failure]
_LONGEST_RAW = 2_000
# What providers call a line whose time was up before it was begun.
_EXPIRED = ("batch_expired:", "expired:")
# What a line says about its call although the rest of it cannot be read.
_CUSTOM_ID = re.compile(r'"custom_id"\s*:\s*"(\d+-\d+-\d+)"')


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call stands: its session, the turn from 0, the number of the call in it from 1."""

    administration: int
    turn: int
    number: int

    @property
    def custom_id(self) -> str:
        """The name of the call in the files."""
        return f"{self.administration}-{self.turn}-{self.number}"


def line(place: Place, body: Mapping[str, Any], path: str) -> bytes:
    """One request as a line of the file, with its end."""
    request = {"custom_id": place.custom_id, "method": "POST", "url": path, "body": body}
    return json.dumps(request, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


@dataclass(slots=True)
class Room:
    """What is left of a file; calls of one session are always in the same."""

    terms: BatchTerms
    calls: int = 0
    bytes: int = 0

    def take(self, sizes: Iterable[int]) -> bool:
        """Take lines of these sizes (bytes) if all of them fit; an empty file takes any."""
        sizes = list(sizes)
        calls, size = self.calls + len(sizes), self.bytes + sum(sizes)
        if self.calls and (calls > self.terms.calls or size > self.terms.bytes):
            return False
        self.calls, self.bytes = calls, size
        return True


@dataclass(slots=True)
class Results:
    """The replies of a batch, left in their file; `notes` counts the lines that say nothing.

    `answered` tells whether any call has a reply, `expired` whether the time of the whole batch was
    up: some providers then give out no results at all.
    """

    file: BinaryIO
    # How the body of a reply is read: (text, status, headers) -> what became of the call.
    read: Read = read_completion
    # custom_id -> where its line begins, and how long it is.
    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    notes: Counter[str] = field(default_factory=Counter)
    answered: bool = False
    expired: bool = False

    def of(self, place: Place) -> Reply | Failure:
        """What became of a call; one that is in no file may have been billed all the same."""
        if place.custom_id not in self.places:
            why = "batch_expired: " if self.expired else ""
            return Failure("timeout", f"{why}the batch ended without a line for this call")
        start, size = self.places[place.custom_id]
        self.file.seek(start)
        return self.outcome(self.file.read(size))[1]

    def outcome(self, raw: bytes) -> tuple[str, Reply | Failure]:
        """The custom id of a line, "" if it names none, and what became of its call."""
        return _outcome(_text(raw), self.read)


def read_results(file: BinaryIO, known: Iterable[str], read: Read = read_completion) -> Results:
    """Read what a batch brought, line by line; `known` are the custom ids that were sent.

    The first line of a call counts. Lines that repeat one, or name a call that was never sent, are
    left out and counted. The file must stay open for as long as the results are used.
    """
    results, sent, start = Results(file, read), frozenset(known), 0
    file.seek(0)
    # A file of bytes ends its lines at the line feed alone: replies hold other ends of lines.
    for raw in file:
        if raw.strip():
            _note_line(raw, start, sent, results)
        start += len(raw)
    return results


def _note_line(raw: bytes, start: int, sent: frozenset[str], results: Results) -> None:
    custom_id, outcome = results.outcome(raw)
    if custom_id not in sent:
        results.notes["unknown" if custom_id else "unreadable"] += 1
    elif custom_id in results.places:
        results.notes["repeated"] += 1
    else:
        results.places[custom_id] = start, len(raw)
        results.answered = results.answered or isinstance(outcome, Reply)


def is_expired(found: Reply | Failure) -> bool:
    """Whether the time of a batch was up before it had anything to say of the call."""
    return isinstance(found, Failure) and found.message.startswith(_EXPIRED)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace").removesuffix("\n")


def _outcome(raw: str, read: Read) -> tuple[str, Reply | Failure]:
    malformed = Failure("malformed", "a line that is no result", raw=raw[:_LONGEST_RAW])
    try:
        found = json.loads(raw)
        custom_id = str(found.get("custom_id") or "")
        if response := found.get("response"):
            return custom_id, _response(response, read)
        if error := found.get("error"):
            return custom_id, _not_begun(error, raw)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        named = _CUSTOM_ID.search(raw)
        return (named.group(1) if named else ""), malformed
    return custom_id, malformed


def _not_begun(error: Mapping[str, Any], raw: str) -> Reply | Failure:
    """Expired or cancelled before its turn came, never begun and never billed; or refused."""
    said = replace(failed(error), raw=raw[:_LONGEST_RAW])
    if isinstance(said, Failure) and said.kind == "bad_request":
        return replace(said, kind="server")
    return said


def _response(response: Mapping[str, Any], read: Read) -> Reply | Failure:
    status = int(response["status_code"])
    body = response.get("body")
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    headers = {"x-request-id": str(response.get("request_id") or "")}
    return (read if status == HTTPStatus.OK else read_error)(text, status, headers)
