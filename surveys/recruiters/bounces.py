"""What comes back of mails: reports that one could not be delivered, and complaints. Pure.

Mail servers report by RFC 3464 (`multipart/report; report-type=delivery-status`), providers whose
reader called a mail unwanted by RFC 5965 (`report-type=feedback-report`). Which mail it was is told
by the id that it was sent with: in the part that is returned of it, in the address that the report
was sent to, or in the headers of the report.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses
from enum import StrEnum


class Came(StrEnum):
    """What became of a mail, as a report says it."""

    BOUNCED = "bounced"
    COMPLAINED = "complained"
    # It is still being tried, or was delivered or passed on: nothing to be noted.
    UNDER_WAY = "under_way"


@dataclass(frozen=True, slots=True)
class Report:
    """A report on one mail: what came of it, which ids it may have had, what the server said.

    `said` names no address.
    """

    came: Came
    ids: tuple[str, ...]
    said: str = ""


# The headers in which a report's own address stands, and those that name earlier mails.
_TO = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
_NAMING = ("In-Reply-To", "References", "X-Failed-Message-ID")
_ID = re.compile(r"<([^<>\s@]{1,200})@[^<>\s@]{1,200}>")
# Behind the plus sign of an address such as bounces+ID@example.org.
_TAGGED = re.compile(r"[^+@]{1,64}\+([^@\s]{1,200})@")
_ADDRESS = re.compile(r"[^\s<>@;:,\"']{1,64}@[^\s<>@;:,\"']{1,255}")
LONGEST_SAID = 200


def read_report(content: bytes) -> Report | None:
    """The report that a mail is; None for any other mail, such as a holiday notice."""
    mail = message_from_bytes(content)
    if mail.get_content_type() != "multipart/report" or not mail.is_multipart():
        return None
    kind = str(mail.get_param("report-type") or "").lower()
    parts = list(mail.walk())
    if kind == "delivery-status":
        came, said = _of_status(parts)
    elif kind == "feedback-report":
        came, said = _of_feedback(parts)
    else:
        return None
    return Report(came, tuple(dict.fromkeys(_ids(mail, parts))), _without_addresses(said))


def _of_status(parts: list[Message]) -> tuple[Came, str]:
    """The worst that is said of a recipient. Each mail of ours has one."""
    for fields in _groups(parts, "message/delivery-status"):
        action = str(fields.get("Action", "")).strip().lower()
        status = str(fields.get("Status", "")).strip()
        if action == "failed" and not status.startswith("4."):
            diagnosis = str(fields.get("Diagnostic-Code", "")).partition(";")[2].strip()
            return Came.BOUNCED, " ".join(f"{status} {diagnosis}".split())
    return Came.UNDER_WAY, ""


def _of_feedback(parts: list[Message]) -> tuple[Came, str]:
    for fields in _groups(parts, "message/feedback-report"):
        kind = str(fields.get("Feedback-Type", "")).strip().lower()
        if kind in ("abuse", "fraud", "other"):
            return Came.COMPLAINED, kind
    return Came.UNDER_WAY, ""


def _groups(parts: list[Message], kind: str) -> Iterator[Message]:
    """The groups of fields in the machine-readable part of a report."""
    for part in parts:
        if part.get_content_type() == kind:
            inner = part.get_payload()
            if isinstance(inner, list):
                yield from (one for one in inner if isinstance(one, Message))
            else:
                decoded = part.get_payload(decode=True)
                content = decoded if isinstance(decoded, bytes) else b""
                yield from map(message_from_bytes, re.split(rb"\r?\n\r?\n", content))


def _ids(mail: Message, parts: list[Message]) -> Iterator[str]:
    """Every id that the report may be about, the mail that it returns first."""
    for part in parts[1:]:
        kind = part.get_content_type()
        returned = part
        if kind == "text/rfc822-headers":
            decoded = part.get_payload(decode=True)
            returned = message_from_bytes(decoded if isinstance(decoded, bytes) else b"")
        yield from _ID.findall(str(returned.get("Message-ID", "")))
    for fields in _groups(parts, "message/delivery-status"):
        yield from _ID.findall(str(fields.get("Original-Envelope-Id", "")))
    for name in _NAMING:
        yield from _ID.findall(" ".join(map(str, mail.get_all(name, []))))
    for name in _TO:
        for _shown, address in getaddresses(list(map(str, mail.get_all(name, [])))):
            yield from _TAGGED.findall(address)


def _without_addresses(said: str) -> str:
    return _ADDRESS.sub("…", said)[:LONGEST_SAID]
