"""The endpoints that the operator allows, read from one TOML file.

    [endpoints.openai]
    base_url = "https://api.openai.com/v1"
    api = "chat"                        # chat responses anthropic gemini
    dialect = "openai"
    api_key_env = "OPENAI_API_KEY"      # the name of a variable, never a key
    concurrency = 50
    requests_per_minute = 500
    tokens_per_minute = 200000
    timeout_seconds = 120               # how long a call may take; longer for a slow server
    batch = true                        # it takes batches
    pictures = true                     # its models take pictures; else words stand for them

    [endpoints.openai.extra_body]       # optional: sent with every request
    service_tier = "flex"

    [endpoints.openai.models.small-model]
    input_per_million = 0.25            # in the currency of the bill
    output_per_million = 2.0
    batch_factor = 0.5                  # what a batch costs of these prices; 0.5 unless said
    cached_input_per_million = 0.025    # optional: prompt tokens that the endpoint had in its cache
    cache_write_per_million = 0.3125    # optional: prompt tokens that it wrote into its cache

Pages and the REST interface know endpoints by their name only, so that no researcher can send the
server to an arbitrary address.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
)

from llm_respondents.endpoints.apis import ApiName
from llm_respondents.endpoints.dialects import DialectName
from llm_respondents.endpoints.extra import ExtraBody
from llm_respondents.errors import EndpointFileError, UnreadableError
from llm_respondents.mistakes import (
    Address,
    Count,
    Location,
    Mistake,
    MistakeCode,
    Text,
    VariableName,
    YesOrNo,
    mistakes_of,
    refuse,
    unknown_name,
)
from llm_respondents.written import line_of, toml_values

FILE_NAME = "endpoints.toml"
_ROOT = "endpoints"
_MILLION = 1_000_000
NANO = 1_000_000_000


def _exact(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise refuse(MistakeCode.NOT_A_NUMBER)
    return value


_Amount = Annotated[Decimal, BeforeValidator(_exact), Field(ge=0, le=10**9)]
_Share = Annotated[Decimal, BeforeValidator(_exact), Field(ge=0, le=1)]


@dataclass(frozen=True, slots=True)
class Price:
    """What a million tokens cost, in the currency of the bill.

    Tokens that the endpoint had in its cache, or wrote into it, are parts of the prompt; without a
    price of their own they cost what the rest of it costs.
    """

    input_per_million: _Amount
    output_per_million: _Amount
    cached_input_per_million: _Amount | None = None
    # The share of these prices that is billed for calls in a batch.
    batch_factor: _Share = Decimal("0.5")
    cache_write_per_million: _Amount | None = None

    @property
    def in_batch(self) -> Price:
        """What a million tokens cost in a batch."""
        factor = self.batch_factor
        cached, written = self.cached_input_per_million, self.cache_write_per_million
        return Price(
            self.input_per_million * factor,
            self.output_per_million * factor,
            None if cached is None else cached * factor,
            factor,
            None if written is None else written * factor,
        )

    def nano(
        self,
        prompt_tokens: int,
        completion_tokens: int,
        cached_tokens: int = 0,
        written_tokens: int = 0,
    ) -> int:
        """The price of one call in billionths of the currency, rounded up.

        Of the prompt, `cached_tokens` came out of the endpoint's cache, `written_tokens` went in.
        """
        price = self.input_per_million * prompt_tokens + self.output_per_million * completion_tokens
        cached = min(cached_tokens, prompt_tokens)
        if self.cached_input_per_million is not None:
            price += (self.cached_input_per_million - self.input_per_million) * cached
        if self.cache_write_per_million is not None:
            written = min(written_tokens, prompt_tokens - cached)
            price += (self.cache_write_per_million - self.input_per_million) * written
        return math.ceil(price * NANO / _MILLION)

    def most(self, prompt_tokens: int, completion_tokens: int) -> int:
        """The most that a call with so many tokens can cost, whatever the cache does (`nano`)."""
        written = self.cache_write_per_million or 0
        is_dearer = written > self.input_per_million
        return self.nano(prompt_tokens, completion_tokens, 0, prompt_tokens if is_dearer else 0)


def _cached_is_cheaper(price: Price) -> Price:
    if (price.cached_input_per_million or 0) > price.input_per_million:
        raise refuse(MistakeCode.CACHED_DEARER)
    return price


def _given(address: str) -> str:
    if not address:
        raise refuse(MistakeCode.NO_ADDRESS)
    return address


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint; limits of 0 mean that none is known."""

    name: Text
    base_url: Annotated[Address, AfterValidator(_given)]
    api: ApiName = "chat"
    dialect: DialectName = "openai"
    api_key_env: VariableName = ""
    concurrency: Count = 0
    requests_per_minute: Count = 0
    tokens_per_minute: Count = 0
    timeout_seconds: Count = 0
    # Whether it takes batches (``/files`` and ``/batches``), whatever its dialect says.
    batch: YesOrNo = False
    # Whether its models take pictures; where they do not, words stand for them.
    pictures: YesOrNo = False
    extra_body: ExtraBody = field(default_factory=dict)
    models: dict[Text, Annotated[Price, AfterValidator(_cached_is_cheaper)]] = field(
        default_factory=dict
    )


_ENDPOINTS = TypeAdapter(dict[Text, Endpoint], config=ConfigDict(extra="forbid"))


def load_endpoints(path: Path) -> dict[str, Endpoint]:
    """Read the file; no file means no endpoint. Raises `EndpointFileError`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError as error:
        raise EndpointFileError([Mistake((), MistakeCode.NOT_UTF8)]) from error
    except OSError as error:
        what = {"what": error.strerror or type(error).__name__}
        raise EndpointFileError([Mistake((), MistakeCode.NO_FILE, what)]) from error
    return read_endpoints(text)


def read_endpoints(text: str) -> dict[str, Endpoint]:
    """Read what the file says. Raises `EndpointFileError`."""
    try:
        content = toml_values(text, exact=True)
    except UnreadableError as error:
        raise EndpointFileError(error.mistakes) from error
    tables, mistakes = _tables(content)
    # An endpoint is called what its table is called.
    named = {
        name: {**table, "name": name} if isinstance(table, dict) else table
        for name, table in tables.items()
    }
    endpoints: dict[str, Endpoint] = {}
    try:
        endpoints = _ENDPOINTS.validate_python(named)
    except ValidationError as error:
        mistakes += mistakes_of(error, _names_at, lambda at: (_ROOT, *at))
    if mistakes:
        raise EndpointFileError([replace(one, line=line_of(text, one.at)) for one in mistakes])
    return endpoints


def _tables(content: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[Mistake]]:
    """The tables of endpoints, and what is written beside them or in the wrong place."""
    mistakes = [Mistake((name,), MistakeCode.ONLY_ENDPOINTS) for name in content if name != _ROOT]
    tables = content.get(_ROOT, {})
    if not isinstance(tables, dict):
        return {}, [*mistakes, Mistake((_ROOT,), MistakeCode.NOT_A_TABLE)]
    mistakes += [
        unknown_name((_ROOT, name, "name"), _names_at(()))
        for name, table in tables.items()
        if isinstance(table, dict) and "name" in table
    ]
    return tables, mistakes


def _names_at(location: Location) -> Collection[str]:
    """The names that there are where an unknown one was met."""
    # Of an endpoint (name, key), of a price (name, "models", model, key).
    kind = Price if len(location) > 2 else Endpoint
    return {part.name for part in fields(kind)} - {"name"}
