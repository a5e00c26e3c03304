"""Connections that are never used again once a reply came twice.

An endpoint, or a proxy before it, may write a response a second time on a kept connection. The
HTTP client would take the copy for the reply to whatever is asked next there, and every later reply
of that connection would answer the question before its own: well-formed answers, all of them wrong.

Two things are therefore watched. What arrives together with a response but behind its end makes the
connection unfit for another request. What arrives later, when the next request is on its way, is
known by being the same bytes with the same identifier as one of the last replies.
"""
# ruff: noqa: ASYNC109 - the time limits are parameters of the interface that is implemented here

from __future__ import annotations

import hashlib
import re
import ssl
from collections import OrderedDict, deque
from collections.abc import Iterable
from typing import Any

import httpcore2
import httpx2

# How many replies of a connection are remembered. A copy comes soon or not at all.
_REMEMBERED = 32
_OWN_IDENTIFIER = re.compile(r'"id"\s*:\s*"([^"]*)"')


class Identifiers:
    """Whether an endpoint gives each reply an identifier of its own; some give all the same.

    A copy has the bytes of the reply that it repeats and comes on its connection. An identifier
    that is met with other bytes, or on another connection, identifies nothing.
    """

    def __init__(self) -> None:
        self._are_distinct = True
        self._met: OrderedDict[str, tuple[int, bytes]] = OrderedDict()

    def note(self, identifier: str, connection: int, digest: bytes) -> bool:
        """Note the identifier of a reply; return whether it tells this reply from others."""
        if not identifier or not self._are_distinct:
            return False
        met = self._met.setdefault(identifier, (connection, digest))
        self._are_distinct = met == (connection, digest)
        if len(self._met) > _REMEMBERED:
            self._met.popitem(last=False)
        return self._are_distinct


class WatchedStream(httpcore2.AsyncNetworkStream):
    """A connection that keeps the last byte of each read back until it is asked for more.

    The parser asks for more only while a response is incomplete, so that a byte still kept back
    when the response ends lies behind its end. The pool drops idle connections that are readable.
    """

    def __init__(self, stream: httpcore2.AsyncNetworkStream) -> None:
        self._stream = stream
        self._kept = b""
        self._replies: deque[bytes] = deque(maxlen=_REMEMBERED)
        self._spoilt = False

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read as the stream does, the last byte of what arrived in a read of its own."""
        if self._kept:
            kept, self._kept = self._kept, b""
            return kept
        data = await self._stream.read(max_bytes, timeout)
        if len(data) > 1:
            data, self._kept = data[:-1], data[-1:]
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write as the stream does."""
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        """Close as the stream does."""
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Return the encrypted stream, watched as well."""
        secure = await self._stream.start_tls(ssl_context, server_hostname, timeout)
        return WatchedStream(secure)

    def get_extra_info(self, info: str) -> Any:
        """As the stream knows it; "is_readable" also if the connection is unfit for a request."""
        if info == "is_readable" and (self._kept or self._spoilt):
            return True
        return self._stream.get_extra_info(info)

    def repeats(self, identifier: str, raw: str, identifiers: Identifiers) -> bool:
        """Whether a reply came before on this connection; if so, it is the last one here.

        A reply without an identifier is never taken for a copy: short replies may well be equal.
        Where an endpoint gives all replies the same, one call may be lost before that is known.
        """
        digest = hashlib.sha256(f"{identifier}\n{raw}".encode("utf-8", "surrogatepass")).digest()
        distinct = identifiers.note(identifier, id(self), digest)
        self._spoilt = distinct and digest in self._replies
        self._replies.append(digest)
        return self._spoilt


class WatchedBackend(httpcore2.AsyncNetworkBackend):
    """Opens connections as another backend does, and watches them."""

    def __init__(self, backend: httpcore2.AsyncNetworkBackend) -> None:
        self._backend = backend

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect as the backend does, and watch the connection."""
        stream = await self._backend.connect_tcp(host, port, timeout, local_address, socket_options)
        return WatchedStream(stream)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect as the backend does, and watch the connection."""
        return WatchedStream(await self._backend.connect_unix_socket(path, timeout, socket_options))

    async def sleep(self, seconds: float) -> None:
        """Sleep as the backend does."""
        await self._backend.sleep(seconds)


def watch(client: httpx2.AsyncClient) -> httpx2.AsyncClient:
    """Watch every connection that a client will open, also those through a proxy.

    Only for a client that has to find out itself for which addresses the environment's proxies are
    meant: a transport of one's own would switch them off, and there is no public way to the
    connections of the transports that it makes. Where no proxy is named, `lanes.Lanes` hands its
    backend to pools of its own.
    """
    for transport in (client._transport, *client._mounts.values()):  # noqa: SLF001
        if isinstance(transport, httpx2.AsyncHTTPTransport):
            pool = transport._pool  # noqa: SLF001
            pool._network_backend = WatchedBackend(pool._network_backend)  # noqa: SLF001
    return client


def came_twice(response: httpx2.Response, identifier: str, identifiers: Identifiers) -> bool:
    """Whether a response is a copy of an earlier one on the same connection."""
    stream = response.extensions.get("network_stream")
    if not isinstance(stream, WatchedStream):
        return False
    # A proxy may number its responses badly: the reply's own identifier counts too.
    own = _OWN_IDENTIFIER.search(response.text)
    whole = f"{identifier}\n{own[1]}" if identifier and own else identifier
    return stream.repeats(whole, response.text, identifiers)
