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
    r"|billing (?:hard )?limit|billing (?:is |has |must )?(?:to )?(?:be )?(?:disabled|enabled)"
    r"|spend(?:ing)? (?:limit|cap)|api usage limits?|(?:exceeded|reached) \w+ (?:\w+ )?usage limit"
    r"|(?:monthly|weekly|daily)(?: \w+){0,2} (?:limit|quota)|(?:quota|limit)\b.{0,60}\bper day\b"
    r"|payment (?:required|method)|overdue|good standing|account balance"
    r"|balance (?:is )?(?:insufficient|too low)|recharge|top up|key limit exceeded"
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
    r"context[ _-](?:length|window|size|limit)|(?:exceed|larger than|longer than|too long for)"
    r"[^.]{0,40}\bcontext|(?:prompt|input|conversation|request|message)s? (?:is|are|was) too"
    r" (?:long|large)|too many (?:input |prompt )?tokens|input token count|reduce the length"
    r"|max(?:imum)? (?:input |prompt |model |sequence )?(?:length|tokens? in)|input length"
    r"|\btokens?\b[^.]{0,40}\b(?:prompt|inputs?)\b[^.]{0,40}exceed|less than [0-9]+ tokens"
    r"|\b(?:prompt|inputs?)\b[^.]{0,60}exceed[^.]{0,60}\b(?:tokens|limit)\b|max_new_tokens|n_ctx"
    r"|上下文|输入长度|輸入長度",
    re.IGNORECASE,
)
_FILTER_CODES = frozenset(
    {
        "content_filter", "content_policy_violation", "responsibleaipolicyviolation",
        "moderation", "moderation_blocked", "content_moderation", "data_inspection_failed",
        "sensitive_content", "safety", "prohibited_content",
    }
)  # fmt: skip
_FILTER_WORDS = re.compile(
    r"moderation|flagged|content[ _](?:policy|filter|management)|usage polic"
    r"|safety (?:system|filter|polic)|violates? safety|harmful content|inappropriate content"
    r"|content exists risk|敏感|不安全|违规|違規",
    re.IGNORECASE,
)
_KEY_CODES = frozenset({"api_key_invalid"})
_UNKNOWN_MODEL_CODES = frozenset({"model_not_found", "model_not_exist", "deployment_not_found"})
_BY_STATUS: Mapping[int, FailureKind] = {
    401: "auth",
    403: "auth",
    404: "not_found",
    408: "server",
    409: "server",
    413: "context_length",
    429: "rate_limit",
}
# Statuses with which an empty account, a conversation that is too long, a filter may come.
_OF_THE_ACCOUNT = frozenset({400, 401, 402, 403, 412, 429})
_OF_THE_REQUEST = frozenset({0, 400, 403, 413, 422, 451, 500})
_WAITED_FOR = frozenset({429, 503, 529})

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
        """A status among the codes, as gateways pass on that of the server behind them; or 0."""
        return next((int(code) for code in self.codes if code.isdecimal()), 0)

    def withholds(self, status: int) -> bool:
        """Whether a filter turned the question away: that is about this turn alone."""
        if self._has(_FILTER_CODES):
            return True
        return status in (400, 403, 422, 451) and bool(_FILTER_WORDS.search(self.words))

    def kind(self, status: int) -> FailureKind:
        """What kind of failure it is, with the status that it came with."""
        if status == HTTPStatus.PAYMENT_REQUIRED or self._is_quota(status):
            return "quota"
        if self._has(_KEY_CODES):
            return "auth"
        if self._has(_CONTEXT_CODES):
            return "context_length"
        if status in _OF_THE_REQUEST and _CONTEXT_WORDS.search(self.words):
            return "context_length"
        if self._has(_UNKNOWN_MODEL_CODES):
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
    words = error.get("message") or error.get("detail") or ""
    return tuple(str(code) for code in codes if code and isinstance(code, str | int)), str(words)


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
