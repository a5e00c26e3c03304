"""One connection for each call at once, instead of one pool that looks at all of them.

The HTTP client's pool examines every connection it has when a request comes and again when it goes.
With 50 sessions at once that is a third of the client's processor time, with 200 most of it. Here a
call takes the connection that was given back last, or opens one, and nobody looks at the others.
"""

from __future__ import annotations

import ssl
import urllib.request
from collections.abc import AsyncIterable
from typing import Any

import httpcore2
import httpx2
import openai

from llm_respondents.providers.connections import WatchedBackend, watch

# How long a connection that nobody uses is kept, in seconds: as long as the HTTP client would.
_KEEPALIVE_SECONDS = 5.0
# What goes wrong below is named as the HTTP client names it.
_ERRORS: dict[type[Exception], type[httpx2.TransportError]] = {
    httpcore2.TimeoutException: httpx2.TimeoutException,
    httpcore2.ConnectTimeout: httpx2.ConnectTimeout,
    httpcore2.ReadTimeout: httpx2.ReadTimeout,
    httpcore2.WriteTimeout: httpx2.WriteTimeout,
    httpcore2.PoolTimeout: httpx2.PoolTimeout,
    httpcore2.NetworkError: httpx2.NetworkError,
    httpcore2.ConnectError: httpx2.ConnectError,
    httpcore2.ReadError: httpx2.ReadError,
    httpcore2.WriteError: httpx2.WriteError,
    httpcore2.UnsupportedProtocol: httpx2.UnsupportedProtocol,
    httpcore2.ProtocolError: httpx2.ProtocolError,
    httpcore2.LocalProtocolError: httpx2.LocalProtocolError,
    httpcore2.RemoteProtocolError: httpx2.RemoteProtocolError,
}


class Lanes(httpx2.AsyncBaseTransport):
    """As many pools as there are calls at once, each with a single, watched connection.

    Cookies are left behind: they would tie sessions together that are different respondents.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._backend = WatchedBackend(httpcore2.AnyIOBackend())
        self._idle: list[httpcore2.AsyncConnectionPool] = []
        self._all: list[httpcore2.AsyncConnectionPool] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request and read its response to the end, so that the lane is free again."""
        lane = self._idle.pop() if self._idle else self._open()
        try:
            response = await lane.handle_async_request(_as_sent(request))
            body = await _read(response)
        except tuple(_ERRORS) as error:
            raise _named(error) from error
        finally:
            self._idle.append(lane)
        return httpx2.Response(
            response.status,
            headers=[pair for pair in response.headers if pair[0].lower() != b"set-cookie"],
            stream=httpx2.ByteStream(body),
            extensions=response.extensions,
        )

    def _open(self) -> httpcore2.AsyncConnectionPool:
        lane = httpcore2.AsyncConnectionPool(
            ssl_context=self._context,
            max_connections=1,
            max_keepalive_connections=1,
            keepalive_expiry=_KEEPALIVE_SECONDS,
            network_backend=self._backend,
        )
        self._all.append(lane)
        return lane

    async def aclose(self) -> None:
        """Close every connection."""
        for lane in self._all:
            await lane.aclose()


def _as_sent(request: httpx2.Request) -> httpcore2.Request:
    stream, url = request.stream, request.url
    if not isinstance(stream, httpx2.AsyncByteStream):
        raise TypeError("the request has a stream that cannot be awaited")
    return httpcore2.Request(
        request.method,
        httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        headers=request.headers.raw,
        content=stream,
        extensions=request.extensions,
    )


async def _read(response: httpcore2.Response) -> bytes:
    """The body as it came, still compressed if it was."""
    stream = response.stream
    if not isinstance(stream, AsyncIterable):
        raise TypeError("the pool gave a stream that cannot be awaited")
    try:
        return b"".join([part async for part in stream])
    finally:
        await response.aclose()


def _named(error: Exception) -> httpx2.TransportError:
    """The error of the HTTP client that stands for the nearest class of one from below."""
    name = next(_ERRORS[one] for one in type(error).__mro__ if one in _ERRORS)
    return name(str(error))


def http_client(*, concurrency: int, **options: Any) -> httpx2.AsyncClient:
    """Return the HTTP client that the `openai` client works with.

    Where the environment names a proxy the HTTP client's own pool stays, since only that knows for
    which addresses the proxy is meant.
    """
    if urllib.request.getproxies():
        places = concurrency + 10
        limits = httpx2.Limits(max_connections=places, max_keepalive_connections=places)
        return watch(openai.DefaultAsyncHttpx2Client(limits=limits, **options))
    lanes = Lanes(httpx2.create_ssl_context())
    return openai.DefaultAsyncHttpx2Client(transport=lanes, **options)
