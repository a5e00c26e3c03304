"""The interfaces that an endpoint may speak, as data: what each takes, and which client it needs.

Chat completions are what most servers speak; how those differ among each other is a dialect.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

ApiName = Literal["chat", "responses", "anthropic", "gemini"]
API_NAMES: tuple[ApiName, ...] = get_args(ApiName)


@dataclass(frozen=True, slots=True)
class ApiTerms:
    """What holds for one interface.

    `route` names it in a report and `provider` whose it is, "" where anybody's. `carries` says that
    reasoning can be sent back in it. `package` has the client and is installed by `extra`; both are
    "" where the client comes along.
    """

    route: str
    provider: str = ""
    takes_seed: bool = True
    takes_temperature: bool = True
    carries: bool = True
    package: str = ""
    extra: str = ""


APIS: Mapping[ApiName, ApiTerms] = MappingProxyType(
    {
        "chat": ApiTerms("OpenAI-compatible chat completions API", carries=False),
        "responses": ApiTerms(
            "OpenAI Responses API, nothing stored there",
            takes_seed=False,
        ),
        "anthropic": ApiTerms(
            "Anthropic Messages API",
            "anthropic",
            takes_seed=False,
            takes_temperature=False,
            package="anthropic",
            extra="anthropic",
        ),
        "gemini": ApiTerms(
            "Gemini generateContent API",
            "google",
            package="google.genai",
            extra="gemini",
        ),
    }
)
