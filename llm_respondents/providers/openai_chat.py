"""Any endpoint that speaks ``/chat/completions``, through the `openai` client.

The client's typed `create()` walks the whole history on every call, which on a session of 33 turns
costs more processor time than everything else together. `client.request()` sends the same bytes
from a prepared body. The client's own retries are off: the retry policy is the
runner's, and is data.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
import openai
from openai._models import FinalRequestOptions

from llm_respondents.conversation.prompts import response_format
from llm_respondents.providers.base import Failure, Reply, Request, encode
from llm_respondents.providers.bodies import read_completion, read_error
from llm_respondents.providers.clients import CONNECT_SECONDS, openai_client
from llm_respondents.providers.connections import Identifiers, came_twice
from llm_respondents.providers.lanes import http_client

# Some servers take no larger seed than a signed 32-bit integer.
_SEED_MODULUS = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Sampling:
    """What is sent beside the messages; None or empty leaves it to the endpoint.

    `token_parameter` is ``max_completion_tokens`` for current endpoints and ``max_tokens`` for
    those that ignore it. `extra` is sent as it is.
    """

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int = 1000
    token_parameter: str = "max_completion_tokens"  # noqa: S105 - the tokens of a model
    sends_seed: bool = True
    reasoning_effort: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


class OpenAIProvider:
    """A model behind an OpenAI-compatible endpoint. Make it inside the loop that uses it."""

    name = "openai"

    def __init__(
        self,
        *,
        model: str,
        base_url: str = "",
        api_key_env: str = "",
        sampling: Sampling | None = None,
        timeout_seconds: float = 120.0,
        concurrency: int = 50,
    ) -> None:
        self._model = model
        self._sampling = sampling or Sampling()
        self._timeout = timeout_seconds
        self._identifiers = Identifiers()
        # False once an endpoint was found to reject it.
        self.takes_seed = True
        # `complete` bounds the whole call; a clock for each of its steps would only cost time.
        timeout = httpx2.Timeout(None, connect=CONNECT_SECONDS)
        self._client = openai_client(
            base_url=base_url,
            api_key_env=api_key_env,
            timeout=timeout,
            http_client=http_client(concurrency=concurrency, timeout=timeout),
        )
        # `client.post()` makes these anew for each call, and copies every default deeply.
        self._options = FinalRequestOptions.construct(method="post", url="/chat/completions")

    def parameters(self, request: Request) -> dict[str, Any]:
        """Everything in the request body but the messages."""
        body = self.base_parameters()
        if self._sampling.sends_seed and self.takes_seed:
            body["seed"] = request.seed % _SEED_MODULUS
        schema = response_format(request.turn, request.arm)
        if schema is not None:
            body["response_format"] = schema
        return body

    def base_parameters(self) -> dict[str, Any]:
        """What every request of the panel carries."""
        sampling = self._sampling
        body: dict[str, Any] = {"model": self._model, sampling.token_parameter: sampling.max_tokens}
        if sampling.temperature is not None:
            body["temperature"] = sampling.temperature
        if sampling.top_p is not None:
            body["top_p"] = sampling.top_p
        if sampling.reasoning_effort:
            body["reasoning_effort"] = sampling.reasoning_effort
        return {**body, **sampling.extra}

    async def ask(self, request: Request, parameters: Mapping[str, Any]) -> Reply | Failure:
        """Send one request; a call that fails is a `Failure`, never an exception."""
        head = encode(parameters)[:-1]
        return await self._post(f'{head},"messages":[{",".join(request.encoded)}]}}')

    async def complete(self, body: Mapping[str, Any]) -> Reply | Failure:
        """Send a request body. A call that fails is a `Failure`, never an exception."""
        return await self._post(encode(body))

    async def _post(self, body: str) -> Reply | Failure:
        options = self._options.model_copy(update={"content": body.encode()})
        try:
            # The client's timeout restarts with every byte; this one is for the whole call.
            async with asyncio.timeout(self._timeout):
                response = await self._client.request(httpx2.Response, options)
        except (TimeoutError, openai.APITimeoutError):
            return Failure("timeout", f"no complete reply within {self._timeout:g} s")
        except openai.APIStatusError as error:
            return from_status(error.response)
        except openai.APIConnectionError as error:
            return Failure("connection", str(error.__cause__ or error))
        reply = from_response(response)
        if came_twice(response, reply.request_id, self._identifiers):
            return Failure("connection", "an earlier reply came once more", response.status_code)
        return reply

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()


def from_response(response: httpx2.Response) -> Reply | Failure:
    """Read a successful HTTP response; anything but a chat completion is a failure."""
    return read_completion(response.text, response.status_code, response.headers)


def from_status(response: httpx2.Response) -> Reply | Failure:
    """Classify an HTTP error."""
    return read_error(response.text, response.status_code, response.headers)
