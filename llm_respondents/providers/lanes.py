"""One connection for each call at once, instead of one pool that looks at all of them.

The HTTP client's pool examines every connection it has when a request comes and again when it goes.
With 50 sessions at once that is a third of the client's processor time, with 200 most of it. Here a
call takes the connection that was given back last, or opens one, and nobody looks at the others.
"""

from __future__ import annotations

import urllib.request
from collections.abc import Callable
from typing import Any

import httpx2
import openai

from llm_respondents.providers.connections import watch, watched


class Lanes(httpx2.AsyncBaseTransport):
    """As many transports as there are calls at once, each with a single connection.

    Cookies are left behind: they would tie sessions together that are different respondents.
    """

    def __init__(self, make: Callable[[], httpx2.AsyncHTTPTransport]) -> None:
        self._make = make
        self._idle: list[httpx2.AsyncHTTPTransport] = []
        self._all: list[httpx2.AsyncHTTPTransport] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request and read its response to the end, so that the lane is free again."""
        lane = self._idle.pop() if self._idle else self._open()
        try:
            response = await lane.handle_async_request(request)
            body = await _read(response)
        finally:
            self._idle.append(lane)
        return httpx2.Response(
            response.status_code,
            headers=[pair for pair in response.headers.raw if pair[0].lower() != b"set-cookie"],
            stream=httpx2.ByteStream(body),
            extensions=response.extensions,
        )

    def _open(self) -> httpx2.AsyncHTTPTransport:
        lane = self._make()
        self._all.append(lane)
        return lane

    async def aclose(self) -> None:
        """Close every connection."""
        for lane in self._all:
            await lane.aclose()


async def _read(response: httpx2.Response) -> bytes:
    """The body as it came, still compressed if it was."""
    stream = response.stream
    if not isinstance(stream, httpx2.AsyncByteStream):
        raise TypeError("the transport gave a stream that cannot be awaited")
    try:
        return b"".join([part async for part in stream])
    finally:
        await stream.aclose()


def http_client(*, concurrency: int, **options: Any) -> httpx2.AsyncClient:
    """Return the HTTP client that the `openai` client works with.

    Where the environment names a proxy the HTTP client's own pool stays, since only that knows for
    which addresses the proxy is meant.
    """
    if urllib.request.getproxies():
        places = concurrency + 10
        limits = httpx2.Limits(max_connections=places, max_keepalive_connections=places)
        return watch(openai.DefaultAsyncHttpx2Client(limits=limits, **options))
    context = httpx2.create_ssl_context()
    single = httpx2.Limits(max_connections=1, max_keepalive_connections=1)
    lanes = Lanes(lambda: watched(httpx2.AsyncHTTPTransport(verify=context, limits=single)))
    return openai.DefaultAsyncHttpx2Client(transport=lanes, **options)
