"""The way back to a recruiter: a code, an address that is filled in, a form that is posted.

Where somebody is sent is what a member of the study wrote, never what stood in an address: a
placeholder is filled into the path or the query of a host that was allowed, and encoded there.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlsplit

from surveys.codes import Problem, SentenceCode
from surveys.codes import marked as _
from surveys.recruiters.recruiter import Outcome, Recruiter

LONGEST_CODE = 80
LONGEST_ADDRESS = 500
# Allows every host, for recruiters whose hosts nobody can list.
ANY_HOST = "*"

_PLACEHOLDER = re.compile(r"\{([A-Za-z][\w.-]*)\}")
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Exit:
    """What one outcome of a link leads to; all of it may be left out.

    `code` is what the recruiter knows the outcome by, `address` where the browser goes, `credit`
    what our server calls. Both addresses may hold `{id}`, `{code}` and the recruiter's parameters
    by name; the browser's also `{hmac_sha1}` and `{hmac_sha256}`, the server's also `{secret}`.
    """

    code: str = ""
    address: str = ""
    credit: str = ""


@dataclass(frozen=True, slots=True)
class Leaver:
    """Who leaves: the id and parameters they came with, the code they are shown."""

    recruiter_id: str = ""
    parameters: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    code: str = ""
    # The recruiter's secret as the operator keeps it; empty where there is none.
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the browser goes: opened by a link, or with `fields` posted by a form."""

    address: str
    fields: Mapping[str, str] | None = None


class ExitFault(SentenceCode):
    """Why a code or an address cannot be used as one that people leave by."""

    TOO_LONG = "too_long", _("It is longer than %(most)s characters.")
    NOT_HTTPS = "not_https", _("It is no https:// address with a host.")
    HOST = "host", _("Nobody may be sent to %(host)s; allowed are: %(allowed)s.")
    PLACEHOLDER = (
        "placeholder",
        _("Nothing is known that {%(name)s} could be filled in with; use one of: %(known)s."),
    )
    SECRET_WRITTEN = (
        "secret_written",
        _("Write credit_token={secret}: the token itself stays in the operator's environment."),
    )


class _Unfilled(ValueError):
    """A placeholder that nothing is known for: nobody is sent to half an address."""


def read_exits(stored: Mapping[str, Mapping[str, str]]) -> dict[Outcome, Exit]:
    """Exits as they are kept with a link."""
    return {Outcome(outcome): Exit(**parts) for outcome, parts in stored.items()}


def written_exits(exits: Mapping[Outcome, Exit]) -> dict[str, dict[str, str]]:
    """Exits as plain values, without what is empty; `read_exits` reads them."""
    rows = {
        outcome.value: {
            name: value for name in ("code", "address", "credit") if (value := getattr(one, name))
        }
        for outcome, one in exits.items()
    }
    return {outcome: parts for outcome, parts in rows.items() if parts}


def address_problem(
    where: str,
    recruiter: Recruiter,
    address: str,
    allowed: Sequence[str],
    *,
    by_server: bool = False,
) -> Problem | None:
    """What is wrong with an address that people, or calls of ours, go to; None if it can be used.

    `allowed` are the operator's hosts beside the recruiter's own, "*." in front for any below.
    The secret itself goes into no address that a browser opens.
    """
    if len(address) > LONGEST_ADDRESS:
        return Problem(where, ExitFault.TOO_LONG, {"most": LONGEST_ADDRESS})
    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc:
        return Problem(where, ExitFault.NOT_HTTPS)
    plain = re.fullmatch(r"[a-z0-9.-]+(:\d+)?", parts.netloc, re.IGNORECASE)
    if not plain or not _may_go_to(recruiter, parts.hostname, allowed):
        hosts = ", ".join((*recruiter.hosts, *allowed))
        return Problem(where, ExitFault.HOST, {"host": parts.netloc, "allowed": hosts})
    ours = ("secret",) if by_server else tuple(_SIGNATURES)
    known = ["id", "code", *ours, *recruiter.declared]
    for name in _PLACEHOLDER.findall(address):
        if name not in known:
            names = ", ".join(f"{{{one}}}" for one in dict.fromkeys(known))
            return Problem(where, ExitFault.PLACEHOLDER, {"name": name, "known": names})
    if recruiter.credits and re.search(r"credit_token=(?!\{secret\})", address):
        return Problem(where, ExitFault.SECRET_WRITTEN)
    return None


def _may_go_to(recruiter: Recruiter, host: str, allowed: Sequence[str]) -> bool:
    if any(fnmatchcase(host, pattern) for pattern in recruiter.hosts):
        return True
    return any(
        fnmatchcase(host, pattern)
        for pattern in allowed
        if pattern != ANY_HOST or not recruiter.hosts
    )


def redirect_origins(recruiter: Recruiter, exits: Mapping[Outcome, Exit]) -> list[str]:
    """The origins that people of a link can be sent to, for the policy of its pages."""
    addresses = [_template(recruiter, outcome, one) for outcome, one in exits.items()]
    origins = {f"https://{urlsplit(address).netloc}" for address in addresses if address}
    if recruiter.submission and any(one.code for one in exits.values()):
        origins |= set(recruiter.submission.origins)
    return sorted(origins)


def destination(
    recruiter: Recruiter, outcome: Outcome, exits: Mapping[Outcome, Exit], leaver: Leaver
) -> Destination | None:
    """Where somebody goes after `outcome`; None where nothing leads on, or not for this person."""
    one = exits.get(outcome)
    if one is None:
        return None
    if recruiter.submission:
        return _submitted(recruiter, one, leaver)
    template = _template(recruiter, outcome, one)
    try:
        return Destination(_filled(template, leaver)) if template else None
    except _Unfilled:
        return None


def credit_address(one: Exit, leaver: Leaver) -> str:
    """The address at which the recruiter gives credit; empty where something for it is missing."""
    try:
        return _filled(one.credit, leaver)
    except _Unfilled:
        return ""


def _template(recruiter: Recruiter, outcome: Outcome, one: Exit) -> str:
    return one.address or (recruiter.back.get(outcome, "") if one.code else "")


def _submitted(recruiter: Recruiter, one: Exit, leaver: Leaver) -> Destination | None:
    form = recruiter.submission
    assert form is not None
    origin = leaver.parameters.get(form.origin, "").rstrip("/").replace("http://", "https://", 1)
    fields = {name: leaver.parameters.get(name, "") for name in form.fields}
    if not one.code or origin not in form.origins or not all(fields.values()):
        return None
    return Destination(origin + form.path, {**fields, "code": leaver.code})


def _filled(template: str, leaver: Leaver) -> str:
    """The address with every placeholder filled in and encoded; signatures come last.

    Raises `_Unfilled`.
    """
    values: dict[str, Any] = {
        **leaver.parameters,
        "id": leaver.recruiter_id,
        "code": leaver.code,
        "secret": leaver.secret,
    }

    def fill(found: re.Match[str]) -> str:
        if found[1] in _SIGNATURES:
            return found[0]
        if not values.get(found[1]):
            raise _Unfilled(found[1])
        return quote(str(values[found[1]]), safe="")

    return _signed(_PLACEHOLDER.sub(fill, template), leaver.secret)


def _signed(address: str, secret: str) -> str:
    """Put signatures in: of everything that stands before the name of their parameter."""
    while found := _PLACEHOLDER.search(address):
        if not secret:
            raise _Unfilled(found[1])
        before = address[: found.start()]
        message = before[: max(before.rfind("?"), before.rfind("&")) + 1]
        signature = _SIGNATURES[found[1]](secret.encode(), message.encode())
        address = before + signature + address[found.end() :]
    return address


def _sha1(secret: bytes, message: bytes) -> str:
    digest = hmac.digest(secret, message, hashlib.sha1)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _sha256(secret: bytes, message: bytes) -> str:
    return hmac.digest(secret, message, hashlib.sha256).hex()


_SIGNATURES = {"hmac_sha1": _sha1, "hmac_sha256": _sha256}
