"""What an endpoint says is wrong: the kind of failure, by status, code and words. Pure.

Endpoints agree on few codes. An empty account is a 429, a 402 or a 400; a conversation that is too
long is a 400, a 413 or an error in the body of a success, in words of each server's own; a filter
that turns a question away is a 400 or a 403. What follows from each is very different, so that
words are looked at where the status and the code leave it open.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from time import time

from llm_respondents.providers.base import FailureKind

_LONGEST_SENTENCE = 300
_LONGEST_SEARCHED = 5000

_QUOTA_CODE = re.compile(
    r"insufficient_?(?:\w+_)?(?:quota|balance|credits?|funds)|arrearage|payment_required"
    r"|allocationquota|billing_error|(?:free_)?trial_(?:expired|ended)"
    r"|(?:credit|balance|budget|billing|spend(?:ing)?)_?\w*(?:limit|exceeded|exhausted|reached|low"
    r"|disabled|not_active|error)|credits?_exhausted|exceeded_(?:current_quota|budget)"
    r"|exceededbudget|usage_limit_(?:reached|exceeded)"
    # Google: what has to be settled with the account first; what is used up until tomorrow.
    r"|failed_precondition|per_day\Z"
)
_QUOTA_WORDS = re.compile(
    r"insufficient (?:funds|balance|credit|quota)|credit balance|(?:out of|more|no) credits?\b"
    r"|credits? (?:have been |has been |are |is )?(?:exhausted|used up|depleted|too low)"
    r"|(?:all|monthly|included|available) credits|exceeded your current quota|plan and billing"
    r"|(?:add|purchase|buy) (?:[0-9,]+ |more )*credits|budget (?:has been|is) exceeded"
    r"|over budget|exceeded\b[^.]{0,50}(?<!ing )\bbudget\b"
    r"|free (?:tier|trial)\b[^.]{0,40}\b(?:exhausted|used up|ended|expired|over)\b"
    r"|limited to [0-9,]+ [^.]{0,30}(?:/|\bper\b) ?(?:day|month)"
    r"|billing (?:hard )?limit|billing (?:is |has |must )?(?:to )?(?:be )?(?:disabled|enabled)"
    r"|spend(?:ing)? (?:limit|cap)|api usage limits?|(?:exceeded|reached) \w+ (?:\w+ )?usage limit"
    r"|(?:monthly|weekly|daily)(?: \w+){0,2} (?:limit|quota)|(?:quota|limit)\b.{0,60}\bper day\b"
    r"|payment (?:required|method)|overdue|good standing|account balance"
    r"|balance (?:is )?(?:insufficient|too low|not enough)|recharge|top up|key limit exceeded"
    r"|余额|餘額|欠费|欠費|额度不足|額度不足|充值",
    re.IGNORECASE,
)
_CONTEXT_CODES = frozenset(
    {
        "context_length_exceeded", "context_window_exceeded", "exceed_context_size_error",
        "context_size_exceeded", "request_too_large", "prompt_too_long", "input_too_long",
        "model_context_window_exceeded", "model_max_prompt_tokens_exceeded",
    }
)  # fmt: skip
_CONTEXT_WORDS = re.compile(
    r"context[ _-]?(?:length|window|size|limit)|(?:exceed|larger than|longer than|too long for)"
    r"[^.]{0,40}\bcontext|(?:prompt|input|conversation|request|message)s? (?:is|are|was) too"
    r" (?:long|large)|too many (?:input |prompt )?tokens|input token count|reduce the length"
    r"|max(?:imum)? (?:input |prompt |model |sequence )?(?:length|tokens? in)|input length"
    r"|\btokens?\b[^.]{0,40}\b(?:prompt|inputs?)\b[^.]{0,40}exceed|less than [0-9]+ tokens"
    r"|\b(?:prompt|inputs?)\b[^.]{0,60}exceed[^.]{0,60}\b(?:tokens|limit)\b|max_new_tokens|n_ctx"
    # What is left of the context for a reply is less than nothing.
    r"|max_(?:completion_)?tokens must be at least [0-9]+, got -"
    r"|上下文|输入长度|輸入長度",
    re.IGNORECASE,
)
_FILTER_CODES = frozenset(
    {
        "content_filter", "content_policy_violation", "responsibleaipolicyviolation",
        "moderation", "moderation_blocked", "content_moderation", "data_inspection_failed",
        "sensitive_content", "safety", "prohibited_content", "guardrail_blocked",
        "guardrail_intervened", "content_blocked",
    }
)  # fmt: skip
_FILTER_WORDS = re.compile(
    r"moderation|flagged|content[ _](?:policy|filter|management)|(?:usage|guardrail) polic"
    r"|safety (?:system|filter|polic|check)|violates? safety|harmful content|inappropriate content"
    r"|violat\w+ (?:\w+ ){0,3}(?:guidelines|policy|policies)|blocked by (?:\w+ ){0,3}guardrails?"
    r"|content exists risk|敏感|不安全|违规|違規",
    re.IGNORECASE,
)
_KEY_CODES = frozenset({"api_key_invalid"})
_KEY_WORDS = re.compile(
    r"(?:incorrect|invalid|unknown|expired) (?:x-)?api[- ]key"
    r"|api key (?:is |has |was )?(?:not valid|invalid|incorrect|expired|not found"
    r"|been (?:revoked|disabled))",
    re.IGNORECASE,
)
_UNKNOWN_MODEL_CODES = frozenset(
    {"model_not_found", "model_not_exist", "deployment_not_found", "invalid_model"}
)
_UNKNOWN_MODEL_WORDS = re.compile(
    r"\bmodel\b[^.,;]{0,80}\b(?:not exist|not found)|not a valid model\b|no such model"
    r"|(?:invalid|unknown) model(?: id| name)?:",
    re.IGNORECASE,
)
_BY_STATUS: Mapping[int, FailureKind] = {
    401: "auth",
    403: "auth",
    404: "not_found",
    408: "server",
    409: "server",
    413: "context_length",
    429: "rate_limit",
}
# Statuses with which an empty account, a conversation that is too long, a filter may come; 0 is
# that of an error in the body of a success that names none.
_OF_THE_ACCOUNT = frozenset({0, 400, 401, 402, 403, 412, 429})
_OF_THE_REQUEST = frozenset({0, 400, 403, 413, 422, 451, 500})
_OF_A_FILTER = frozenset({0, 400, 403, 422, 451})
_OF_A_NAME = frozenset({0, 400, 422})
_WAITED_FOR = frozenset({429, 503, 529})
# Kinds of errors by name -> the status that they come with, where a gateway gives another or none.
_STATUS_OF: Mapping[str, int] = {
    "authentication_error": 401, "unauthenticated": 401, "permission_error": 403,
    "permission_denied": 403, "not_found_error": 404, "not_found": 404, "rate_limit_error": 429,
    "rate_limit_exceeded": 429, "rate_limited": 429, "resource_exhausted": 429,
    "api_error": 500, "server_error": 500, "internal": 500, "internal_server_error": 500,
    "unavailable": 503, "vector_store_timeout": 504, "deadline_exceeded": 504,
    "timeout_error": 504, "overloaded_error": 529,
}  # fmt: skip

_UNIT = r"(?:milliseconds?|ms|hours?|h|minutes?|mins?|m|seconds?|secs?|s)(?![a-z])"
_WAIT = re.compile(
    rf"(?:retry|try(?:ing)? again|wait)\D{{0,40}}?((?:\d+(?:\.\d+)?\s*{_UNIT}[\s,]*(?:and\s+)?)+)",
    re.IGNORECASE,
)
_PART = re.compile(rf"(\d+(?:\.\d+)?)\s*({_UNIT})", re.IGNORECASE)
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0}


@dataclass(frozen=True, slots=True)
class Complaint:
    """The codes and the words of an error body, in whichever of the usual shapes it comes.

    `wait` are the seconds after which it says that it is over, wherever in the body.
    """

    codes: tuple[str, ...]
    words: str
    wait: float | None = None

    @property
    def sentence(self) -> str:
        """What is shown of its words."""
        return self.words[:_LONGEST_SENTENCE]

    @property
    def status(self) -> int:
        """A status among the codes, as gateways pass on that of the server behind them; or 0.

        Numbers of a vendor's own, such as 1113, are none.
        """
        numbers = [int(code) for code in self.codes if code.isdecimal() and len(code) == 3]
        named = [_STATUS_OF[code.lower()] for code in self.codes if code.lower() in _STATUS_OF]
        return next((one for one in numbers + named if 400 <= one < 600), 0)

    def withholds(self, status: int) -> bool:
        """Whether a filter turned the question away: that is about this turn alone."""
        if self._has(_FILTER_CODES) or status == HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS:
            return True
        return status in _OF_A_FILTER and bool(_FILTER_WORDS.search(self.words))

    def kind(self, status: int) -> FailureKind:
        """What kind of failure it is, with the status that it came with."""
        if status == HTTPStatus.PAYMENT_REQUIRED or self._is_quota(status):
            return "quota"
        if self._has(_KEY_CODES) or (status in _OF_A_NAME and _KEY_WORDS.search(self.words)):
            return "auth"
        if self._has(_CONTEXT_CODES):
            return "context_length"
        if status in _OF_THE_REQUEST and _CONTEXT_WORDS.search(self.words):
            return "context_length"
        if self._has(_UNKNOWN_MODEL_CODES) or (
            status in _OF_A_NAME and _UNKNOWN_MODEL_WORDS.search(self.words)
        ):
            return "not_found"
        return _BY_STATUS.get(status, "server" if status >= 500 else "bad_request")

    def _is_quota(self, status: int) -> bool:
        if any(_QUOTA_CODE.search(code.lower()) for code in self.codes):
            return True
        if status not in _OF_THE_ACCOUNT or not _QUOTA_WORDS.search(self.words):
            return False
        # A quota by the minute says when it is free again; that of an account does not.
        return self.wait is None and "per_minute" not in self.codes

    def _has(self, codes: frozenset[str]) -> bool:
        return any(code.lower() in codes for code in self.codes)


def complaint(raw: str) -> Complaint:
    """Read an error body. One that is no JSON is its own sentence."""
    codes, words = _codes_and_words(raw)
    return Complaint(codes, words[:_LONGEST_SEARCHED], wait_in(raw))


def _codes_and_words(raw: str) -> tuple[tuple[str, ...], str]:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return (), excerpt(raw)
    if isinstance(body, list) and body:
        body = body[0]
    error = (body.get("error") or body) if isinstance(body, dict) else body
    if not isinstance(error, dict):
        return (), excerpt(str(error))
    names = ("code", "type", "status", "error_code")
    inner = error.get("innererror")
    codes = [error.get(name) for name in names]
    codes += [inner.get("code")] if isinstance(inner, dict) else []
    codes += _of_details(error.get("details"))
    found = tuple(str(code) for code in codes if code and isinstance(code, str | int))
    further, behind = _of_server_behind(error.get("metadata"))
    words = _sentence(error.get("message")) or _sentence(error.get("detail"))
    return found + further, ": ".join(part for part in (words, behind) if part)


def _sentence(said: object) -> str:
    """Words as they are, or what of a request was not taken, as checks of requests list it."""
    if isinstance(said, list):
        return "; ".join(filter(None, map(_sentence, said)))
    if not isinstance(said, dict):
        return said if isinstance(said, str) else ""
    words = next((said[name] for name in ("msg", "message", "detail") if said.get(name)), "")
    where = said.get("loc")
    place = ".".join(map(str, where)) if isinstance(where, list) else ""
    return ": ".join(filter(None, (place, _sentence(words))))


def _of_server_behind(metadata: object) -> tuple[tuple[str, ...], str]:
    """What a router passes on of the server behind it, whose error may be all that says anything.

    Its status and kinds stand in the router's own terms already; only what names a cause counts.
    """
    raw = metadata.get("raw") if isinstance(metadata, dict) else None
    if not raw:
        return (), ""
    codes, words = _codes_and_words(raw if isinstance(raw, str) else json.dumps(raw))
    return tuple(code for code in codes if not code.isdecimal()), words


def _of_details(details: object) -> list[str]:
    """The codes in Google's list of details: the reason of an error, the quota that was met."""
    found = []
    for one in details if isinstance(details, list) else []:
        if isinstance(one, dict):
            met = str(one.get("violations"))
            found.append(str(one.get("reason") or ""))
            found += ["per_day"] if "PerDay" in met else []
            found += ["per_minute"] if "PerMinute" in met else []
    return found


def excerpt(raw: str) -> str:
    """The beginning of a body in one line."""
    return " ".join(raw[:400].split())[:200]


def retry_after(headers: Mapping[str, str], raw: str = "", status: int = 429) -> float | None:
    """Seconds that the server asks to wait: in a header, or in words where it is too busy.

    A header has milliseconds, seconds or a date.
    """
    milliseconds = headers.get("retry-after-ms", "")
    if milliseconds.replace(".", "", 1).isdecimal():
        return float(milliseconds) / 1000
    wanted = headers.get("retry-after", "")
    if wanted.replace(".", "", 1).isdecimal():
        return float(wanted)
    try:
        if wanted:
            return max(0.0, parsedate_to_datetime(wanted).timestamp() - time())
    except ValueError:
        pass
    return wait_in(raw) if status in _WAITED_FOR else None


def wait_in(text: str) -> float | None:
    """Seconds to wait by words such as "Please retry in 32.5s" or "try again in 1m20s"."""
    found = _WAIT.search(text[:_LONGEST_SEARCHED])
    if found is None:
        return None
    return sum(float(number) * _unit(unit.lower()) for number, unit in _PART.findall(found[1]))


def _unit(name: str) -> float:
    return 0.001 if name.startswith(("ms", "milli")) else _SECONDS[name[0]]
