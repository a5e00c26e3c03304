"""A model behind an endpoint, whichever interface it speaks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from llm_respondents.conversation.pictures import Contents
from llm_respondents.conversation.prompts import response_format
from llm_respondents.endpoints.apis import ApiName
from llm_respondents.providers.apis.chat import ChatApi
from llm_respondents.providers.apis.gemini import GeminiApi
from llm_respondents.providers.apis.messages import MessagesApi
from llm_respondents.providers.apis.reading import read_error
from llm_respondents.providers.apis.responses import ResponsesApi
from llm_respondents.providers.apis.shape import NO_PICTURES, Api, Sampling
from llm_respondents.providers.base import Failure, Reply, Request
from llm_respondents.providers.connections import Identifiers, came_twice
from llm_respondents.providers.lines import Line, open_line

_APIS: Mapping[ApiName, type[ChatApi | ResponsesApi | MessagesApi | GeminiApi]] = {
    "chat": ChatApi,
    "responses": ResponsesApi,
    "anthropic": MessagesApi,
    "gemini": GeminiApi,
}


def endpoint_provider(
    *,
    model: str,
    api: ApiName = "chat",
    base_url: str = "",
    api_key_env: str = "",
    sampling: Sampling | None = None,
    timeout_seconds: float = 120.0,
    concurrency: int = 50,
    pictures: Contents = NO_PICTURES,
) -> EndpointProvider:
    """Make whoever replies at an endpoint, inside the loop that uses it.

    `pictures` are those that its messages name.

    Raises `MissingKey` if a variable is named for the key and not set.
    """
    line = open_line(
        api, model=model, base_url=base_url, api_key_env=api_key_env, concurrency=concurrency
    )
    wanted = sampling or Sampling()
    return EndpointProvider(
        name=api,
        api=_APIS[api](model, wanted, pictures),
        line=line,
        timeout_seconds=timeout_seconds,
        sends_seed=wanted.sends_seed,
    )


class EndpointProvider:
    """A model behind an endpoint. A call that fails is a `Failure`, never an exception."""

    def __init__(
        self, *, name: ApiName, api: Api, line: Line, timeout_seconds: float, sends_seed: bool
    ) -> None:
        self.name = name
        self.api = api
        self._line = line
        self._timeout = timeout_seconds
        self._identifiers = Identifiers()
        # False where no seed is wanted, or once an endpoint was found to reject it.
        self.sends_seed = sends_seed

    def parameters(self, request: Request) -> dict[str, Any]:
        """Everything in the request body but the messages."""
        seed = request.seed if self.sends_seed else None
        schema = response_format(request.turn, request.arm)
        return self.api.formed(self.api.base(), schema, seed)

    async def ask(self, request: Request, parameters: Mapping[str, Any]) -> Reply | Failure:
        """Send one request."""
        return await self._post(self.api.body(parameters, request.messages, request.encoded))

    async def complete(self, asked: Mapping[str, Any]) -> Reply | Failure:
        """Send what is described as chat completions would have it; see `Api.whole`."""
        return await self._post(self.api.whole(asked))

    async def _post(self, body: str) -> Reply | Failure:
        try:
            # The client's timeout restarts with every byte; this one is for the whole call.
            async with asyncio.timeout(self._timeout):
                response = await self._line.post(body.encode())
        except TimeoutError:
            return Failure("timeout", f"no complete reply within {self._timeout:g} s")
        except ConnectionError as error:
            return Failure("connection", str(error))
        status, headers = response.status_code, response.headers
        if not response.is_success:
            return read_error(response.text, status, headers)
        reply = self.api.read(response.text, status, headers)
        if came_twice(response, reply.request_id, self._identifiers):
            return Failure("connection", "an earlier reply came once more", status)
        return reply

    async def aclose(self) -> None:
        """Close the connections."""
        await self._line.aclose()
