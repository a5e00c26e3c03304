"""The endpoints that the operator allows, read from one TOML file.

    [endpoints.openai]
    base_url = "https://api.openai.com/v1"
    dialect = "openai"
    api_key_env = "OPENAI_API_KEY"      # the name of a variable, never a key
    concurrency = 50
    requests_per_minute = 500
    tokens_per_minute = 200000
    batch = true                        # it takes batches

    [endpoints.openai.models.small-model]
    input_per_million = 0.25            # in the currency of the bill
    output_per_million = 2.0
    batch_factor = 0.5                  # what a batch costs of these prices; 0.5 unless said
    cached_input_per_million = 0.025    # optional: prompt tokens that the endpoint had in its cache

Pages and the REST interface know endpoints by their name only, so that no researcher can send the
server to an arbitrary address.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from llm_respondents.endpoints.dialects import DIALECTS

FILE_NAME = "endpoints.toml"
_MILLION = 1_000_000
NANO = 1_000_000_000
_VARIABLE = re.compile(r"(?:[A-Z_][A-Z0-9_]*)?")


class EndpointFileError(ValueError):
    """The operator's file cannot be used; the message names the place and what to do."""

    code = "endpoints_file_invalid"


@dataclass(frozen=True, slots=True)
class Price:
    """What a million tokens cost, in the currency of the bill.

    Cached tokens are a part of the prompt; without a price of their own they cost what the rest of
    it costs.
    """

    input_per_million: Decimal
    output_per_million: Decimal
    cached_input_per_million: Decimal | None = None
    # The share of these prices that is billed for calls in a batch.
    batch_factor: Decimal = Decimal("0.5")

    @property
    def in_batch(self) -> Price:
        """What a million tokens cost in a batch."""
        factor, cached = self.batch_factor, self.cached_input_per_million
        return Price(
            self.input_per_million * factor,
            self.output_per_million * factor,
            None if cached is None else cached * factor,
            factor,
        )

    def nano(self, prompt_tokens: int, completion_tokens: int, cached_tokens: int = 0) -> int:
        """The price of one call in billionths of the currency, rounded up."""
        price = self.input_per_million * prompt_tokens + self.output_per_million * completion_tokens
        if self.cached_input_per_million is not None:
            cached = min(cached_tokens, prompt_tokens)
            price += (self.cached_input_per_million - self.input_per_million) * cached
        return math.ceil(price * NANO / _MILLION)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint; limits of 0 mean that none is known."""

    name: str
    base_url: str
    dialect: str = "openai"
    api_key_env: str = ""
    concurrency: int = 0
    requests_per_minute: int = 0
    tokens_per_minute: int = 0
    # Whether it takes batches (``/files`` and ``/batches``), whatever its dialect says.
    batch: bool = False
    models: Mapping[str, Price] = field(default_factory=dict)


def load_endpoints(path: Path) -> dict[str, Endpoint]:
    """Read the file; no file means no endpoint. Raises `EndpointFileError`."""
    if not path.exists():
        return {}
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise EndpointFileError(f"{path}: {error}") from error
    endpoints = content.get("endpoints", {})
    if set(content) - {"endpoints"} or not isinstance(endpoints, dict):
        raise EndpointFileError(f"{path}: write [endpoints.NAME] tables and nothing else.")
    return {name: _endpoint(path, name, table) for name, table in endpoints.items()}


def _endpoint(path: Path, name: str, table: Any) -> Endpoint:
    where = f"{path}: endpoints.{name}"
    known = {part.name for part in fields(Endpoint)} - {"name"}
    if not isinstance(table, dict) or set(table) - known:
        raise EndpointFileError(f"{where}: choose keys of {', '.join(sorted(known))}.")
    if urlsplit(str(table.get("base_url", ""))).scheme not in ("http", "https"):
        raise EndpointFileError(f"{where}.base_url: give an http or https address.")
    if table.get("dialect", "openai") not in DIALECTS:
        raise EndpointFileError(f"{where}.dialect: choose one of {', '.join(DIALECTS)}.")
    if not _VARIABLE.fullmatch(str(table.get("api_key_env", ""))):
        raise EndpointFileError(f"{where}.api_key_env: give a variable's NAME, never a key itself.")
    models = {
        model: _price(f"{where}.models.{model}", price)
        for model, price in table.get("models", {}).items()
    }
    return Endpoint(name, **{**table, "models": models})


def _price(where: str, table: Any) -> Price:
    known = {part.name for part in fields(Price)}
    needed = {part.name for part in fields(Price) if part.default is MISSING}
    if not isinstance(table, dict) or not needed <= set(table) <= known:
        optional = ", ".join(sorted(known - needed))
        needs = " and ".join(sorted(needed))
        raise EndpointFileError(f"{where}: give {needs}, and if you like {optional}.")
    price = {name: Decimal(value) for name, value in table.items()}
    if min(price.values()) < 0:
        raise EndpointFileError(f"{where}: prices are not negative.")
    found = Price(**price)
    if (found.cached_input_per_million or 0) > found.input_per_million:
        raise EndpointFileError(f"{where}: cached input costs no more than other input.")
    return found
