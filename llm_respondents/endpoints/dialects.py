"""How endpoints that speak the same interface, chat completions, differ; as data.

What an endpoint says it does and what it does are two things: the dialect is what is sent, and the
capability probe (`providers.probe`) records what came of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from llm_respondents.mistakes import MistakeCode, refuse


@dataclass(frozen=True, slots=True)
class BatchTerms:
    """What a file of requests may hold, and the path that each of its lines and its batch name."""

    path: str = "/v1/chat/completions"
    calls: int = 50_000
    bytes: int = 200_000_000


# What the interfaces take that are one provider's own, whatever the dialect.
BATCHES_OF_PROVIDERS: Mapping[str, BatchTerms] = MappingProxyType(
    {
        "anthropic": BatchTerms("/v1/messages", calls=100_000),
        "gemini": BatchTerms("generateContent"),
    }
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """What to send to one kind of endpoint.

    `seed_parameter` is what it calls a seed, "" where it takes none. `default_temperature` is
    sent where the endpoint would otherwise take it from the model's own files. `extra` goes into
    every request body. `batch` says that its endpoints take batches, and on what terms. `note` is
    for whoever sets up a panel.
    """

    name: str
    token_parameter: str = "max_completion_tokens"  # noqa: S105 - the tokens of a model
    seed_parameter: str = "seed"
    enforces_schema: bool = True
    highest_temperature: float = 2.0
    default_temperature: float | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    batch: BatchTerms | None = None
    # Calls at once where the operator says nothing: a server on a desk has a slot or a few.
    concurrency: int = 50
    note: str = ""


_MAX_TOKENS = "max_tokens"
DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {
        dialect.name: dialect
        for dialect in (
            Dialect("openai", batch=BatchTerms()),
            Dialect(
                "azure",
                batch=BatchTerms(path="/chat/completions"),
                note="The model is the name of the deployment.",
            ),
            Dialect(
                "vllm",
                concurrency=16,
                default_temperature=1.0,
                note="Without a temperature the model's generation_config.json decides.",
            ),
            Dialect(
                "ollama",
                token_parameter=_MAX_TOKENS,
                concurrency=1,
                note="The context (4,096 tokens unless the server says otherwise) cannot be set "
                "from here, and longer sessions lose their beginning without a word.",
            ),
            Dialect(
                "llama_cpp",
                token_parameter=_MAX_TOKENS,
                concurrency=1,
                note="The context is divided by the number of parallel slots.",
            ),
            Dialect(
                "openrouter",
                token_parameter=_MAX_TOKENS,
                # Another upstream, or one that drops parameters, would be another respondent.
                extra={"provider": {"require_parameters": True, "allow_fallbacks": False}},
            ),
            Dialect(
                "anthropic",
                token_parameter=_MAX_TOKENS,
                seed_parameter="",
                enforces_schema=False,
                highest_temperature=1.0,
                note="The compatible endpoint ignores schemas and seeds; ask for the number.",
            ),
            Dialect("gemini", token_parameter=_MAX_TOKENS),
            # What it does not know it rejects, a seed by its usual name among it.
            Dialect("mistral", token_parameter=_MAX_TOKENS, seed_parameter="random_seed"),
        )
    }
)


def _known(name: str) -> str:
    if name not in DIALECTS:
        raise refuse(MistakeCode.NOT_A_CHOICE, choices=", ".join(DIALECTS))
    return name


DialectName = Annotated[str, Field(strict=True), AfterValidator(_known)]
