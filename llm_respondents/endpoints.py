"""The endpoints that the operator allows, read from one TOML file.

    [endpoints.openai]
    base_url = "https://api.openai.com/v1"
    dialect = "openai"
    api_key_env = "OPENAI_API_KEY"      # the name of a variable, never a key
    concurrency = 50
    requests_per_minute = 500
    tokens_per_minute = 200000

    [endpoints.openai.models.small-model]
    input_per_million = 0.25            # in the currency of the bill
    output_per_million = 2.0

Pages and the REST interface know endpoints by their name only, so that no researcher can send the
server to an arbitrary address.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from llm_respondents.providers.dialects import DIALECTS

FILE_NAME = "endpoints.toml"
_MILLION = 1_000_000
NANO = 1_000_000_000
_VARIABLE = re.compile(r"(?:[A-Z_][A-Z0-9_]*)?")


class EndpointFileError(ValueError):
    """The operator's file cannot be used; the message names the place and what to do."""

    code = "endpoints_file_invalid"


@dataclass(frozen=True, slots=True)
class Price:
    """What a million tokens cost, in the currency of the bill."""

    input_per_million: Decimal
    output_per_million: Decimal

    def nano(self, prompt_tokens: int, completion_tokens: int) -> int:
        """The price of one call in billionths of the currency, rounded up."""
        price = self.input_per_million * prompt_tokens + self.output_per_million * completion_tokens
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
    names = {part.name for part in fields(Price)}
    if not isinstance(table, dict) or set(table) != names:
        raise EndpointFileError(f"{where}: give {' and '.join(sorted(names))}.")
    price = {name: Decimal(table[name]) for name in names}
    if min(price.values()) < 0:
        raise EndpointFileError(f"{where}: prices are not negative.")
    return Price(**price)
