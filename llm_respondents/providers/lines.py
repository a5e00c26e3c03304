"""The way to an endpoint: one line for each interface, by its provider's own client.

A client's typed calls walk the whole history every time, which on a session of 33 turns costs more
processor time than everything else together. A line sends a body that is prepared; the client adds
the address, the key and its headers. Its own retries are off: the retry policy is the runner's, and
is data.
"""

from __future__ import annotations

from typing import Any, Protocol

import httpx2
import openai
from openai._models import FinalRequestOptions

from llm_respondents.endpoints.apis import ApiName
from llm_respondents.providers.base import read_key
from llm_respondents.providers.clients import CONNECT_SECONDS, openai_client
from llm_respondents.providers.lanes import http_client

_PATHS = {"chat": "/chat/completions", "responses": "/responses"}


class Line(Protocol):
    """Sends bodies to one address."""

    async def post(self, body: bytes) -> httpx2.Response:
        """Send a body and wait for the response, whatever its status.

        Raises `TimeoutError` and `ConnectionError`.
        """
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...


def open_line(
    api: ApiName, *, model: str, base_url: str, api_key_env: str, concurrency: int
) -> Line:
    """Open the line of an interface, inside the loop that uses it.

    Raises `MissingKey` if a variable is named for the key and not set.
    """
    # The provider bounds the whole call; a clock for each of its steps would only cost time.
    timeout = httpx2.Timeout(None, connect=CONNECT_SECONDS)
    connections = http_client(concurrency=concurrency, timeout=timeout)
    if api == "anthropic":
        return AnthropicLine(base_url, read_key(api_key_env), connections)
    if api == "gemini":
        return GeminiLine(model, base_url, read_key(api_key_env), connections)
    client = openai_client(
        base_url=base_url, api_key_env=api_key_env, timeout=timeout, http_client=connections
    )
    return OpenAILine(client, _PATHS[api])


class OpenAILine:
    """A path of an OpenAI-compatible endpoint."""

    def __init__(self, client: openai.AsyncOpenAI, path: str) -> None:
        self._client = client
        # `client.post()` makes these anew for each call, and copies every default deeply.
        self._options = FinalRequestOptions.construct(method="post", url=path)

    async def post(self, body: bytes) -> httpx2.Response:
        """See `Line.post`."""
        options = self._options.model_copy(update={"content": body})
        try:
            return await self._client.request(httpx2.Response, options)
        except openai.APIStatusError as error:
            return error.response
        except openai.APITimeoutError as error:
            raise TimeoutError from error
        except openai.APIConnectionError as error:
            raise ConnectionError(str(error.__cause__ or error)) from error

    async def aclose(self) -> None:
        """See `Line.aclose`."""
        await self._client.close()


class AnthropicLine:
    """Anthropic's messages. An address may end with the version that the client adds itself."""

    def __init__(self, base_url: str, key: str, connections: httpx2.AsyncClient) -> None:
        # Part of an extra, and loaded only where it is used.
        import anthropic
        from anthropic._models import FinalRequestOptions as Options

        self._errors = anthropic
        self._client = _anthropic(base_url, key, connections)
        self._options = Options.construct(method="post", url="/v1/messages")

    async def post(self, body: bytes) -> httpx2.Response:
        """See `Line.post`."""
        options = self._options.model_copy(update={"content": body})
        try:
            answered: httpx2.Response = await self._client.request(httpx2.Response, options)
        except self._errors.APIStatusError as error:
            return error.response
        except self._errors.APITimeoutError as error:
            raise TimeoutError from error
        except self._errors.APIConnectionError as error:
            raise ConnectionError(str(error.__cause__ or error)) from error
        return answered

    async def aclose(self) -> None:
        """See `Line.aclose`."""
        await self._client.close()


class GeminiLine:
    """Gemini's `generateContent` for one model.

    The client is asked once what a request looks like; its way of sending one gives the response
    away, and with it the connection on which a reply may have come twice.
    """

    def __init__(
        self, model: str, base_url: str, key: str, connections: httpx2.AsyncClient
    ) -> None:
        client = _genai(base_url, key, connections)
        path = f"{{api_version}}/models/{model.removeprefix('models/')}:generateContent"
        prepared = client._api_client._build_request("post", path, {})  # noqa: SLF001
        self._url, self._headers = prepared.url, prepared.headers
        self._connections = connections

    async def post(self, body: bytes) -> httpx2.Response:
        """See `Line.post`."""
        try:
            return await self._connections.post(self._url, content=body, headers=self._headers)
        except httpx2.TimeoutException as error:
            raise TimeoutError from error
        except httpx2.TransportError as error:
            raise ConnectionError(str(error)) from error

    async def aclose(self) -> None:
        """See `Line.aclose`."""
        await self._connections.aclose()


def anthropic_client(base_url: str, api_key_env: str, timeout_seconds: float) -> Any:
    """Anthropic's client, for what is not asked call by call. Raises `MissingKey`."""
    timeout = httpx2.Timeout(timeout_seconds, connect=CONNECT_SECONDS)
    return _anthropic(base_url, read_key(api_key_env), httpx2.AsyncClient(timeout=timeout))


def gemini_client(base_url: str, api_key_env: str, connections: httpx2.AsyncClient) -> Any:
    """Google's client, for what is not asked call by call. Raises `MissingKey`."""
    return _genai(base_url, read_key(api_key_env), connections)


def _anthropic(base_url: str, key: str, connections: httpx2.AsyncClient) -> Any:
    import anthropic

    return anthropic.AsyncAnthropic(
        api_key=key,
        base_url=_without_version(base_url) or "https://api.anthropic.com",
        max_retries=0,
        timeout=connections.timeout,
        http_client=connections,
    )


def _genai(base_url: str, key: str, connections: httpx2.AsyncClient) -> Any:
    from google import genai
    from google.genai import types

    address = _without_version(base_url)
    options: dict[str, Any] = {"base_url": address} if address else {}
    return genai.Client(
        api_key=key,
        vertexai=False,
        http_options=types.HttpOptions(httpx_async_client=connections, **options),
    )


def _without_version(base_url: str) -> str:
    """An address as these two clients want it: they add the version themselves."""
    return base_url.rstrip("/").removesuffix("/v1").removesuffix("/v1beta")
