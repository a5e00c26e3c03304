"""The endpoint itself: it answers on a thread of its own, and meets each request with its fault.

Answers are a function of the messages alone, so that two runs of the same session can be compared
word for word. Whether a request meets a fault is a function of the seed, the messages and how often
these messages were sent before: a fault can be followed by success, and a run can be repeated.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from llm_respondents.rehearsal.account import Account, conversation_hash
from llm_respondents.rehearsal.answers import deterministic_answer
from llm_respondents.rehearsal.faults import FAULTY_MESSAGES, Behaviour
from llm_respondents.rehearsal.shapes import THOUGHT, Shape, pictures_in, shape_of

Answer = Callable[[Mapping[str, Any]], str]
# The n-th request (from 1) -> a status and a body to answer it with, or None for a completion.
Oddity = Callable[[Mapping[str, Any], int], "tuple[int, str] | None"]

_TOKENS_OF_THOUGHT = len(THOUGHT) // 4
_TOKENS_OF_PICTURE = 85


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: as it came, and as chat completions would have it."""

    shape: Shape
    received: dict[str, Any]
    chat: dict[str, Any]


@dataclass
class Endpoint:
    """The server. Use as a context manager.

    Without `keeps_requests` it only counts, so that any number of requests fits into memory. Port 0
    is any that is free. Raises `OSError` where the port is taken.
    """

    behaviour: Behaviour = field(default_factory=Behaviour)
    answer: Answer | None = None
    odd: Oddity | None = None
    # Put over the fields of every completion, such as an identifier that is always the same.
    always: Mapping[str, Any] = field(default_factory=dict)
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    # What became of each request, beside `requests`.
    outcomes: list[str] = field(default_factory=list)
    # Of each thought that was sent back, whether it stood where it was given.
    carried: list[bool] = field(default_factory=list)
    keeps_requests: bool = True
    # Whether each response has a request id of its own in a header.
    names_requests: bool = True
    account: Account = field(default_factory=Account)
    port: int = 0

    def __post_init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._ready = threading.Event()
        self._failed: OSError | None = None
        self._seen: Counter[bytes] = Counter()
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def base_url(self) -> str:
        """Where it listens, as clients of chat completions want it."""
        return f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self) -> Endpoint:
        self._thread.start()
        self._ready.wait()
        if self._failed is not None:
            raise self._failed
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    @property
    def conversations(self) -> list[list[dict[str, str]]]:
        """The messages of every request for a chat completion, in order of arrival."""
        return [request["messages"] for request in self.requests]

    # The server

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._run())
        except OSError as error:
            self._failed = error
        finally:
            self._ready.set()
            self._loop.close()

    async def _run(self) -> None:
        self._stop = asyncio.Event()
        server = await asyncio.start_server(self._connection, "127.0.0.1", self.port, backlog=512)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for writer in self._writers:
            writer.transport.abort()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while await self._exchange(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        request_line, *lines = head.strip().split("\r\n")
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines)
        }
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        method, path, _ = request_line.split(" ")
        return await self._route(writer, method, path, headers, body)

    async def _route(
        self,
        writer: asyncio.StreamWriter,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
    ) -> bool:
        """Answer one request; return whether the connection stays open."""
        shape = shape_of(path)
        if method != "POST" or shape is None:
            await self._send(writer, 404, {"error": {"message": f"no such path {path}"}})
            return True
        received: dict[str, Any] = json.loads(body)
        objection = shape.objection(received)
        if not self.behaviour.takes_pictures and pictures_in(received):
            objection = "This model does not support image input."
        if objection:
            await self._send(writer, 400, shape.error(400, objection))
            return True
        return await self._converse(
            writer,
            headers,
            Asked(
                shape,
                received,
                {**shape.as_chat(received, path), "pictures": pictures_in(received)},
            ),
        )

    # One conversation

    async def _converse(
        self, writer: asyncio.StreamWriter, headers: dict[str, str], asked: Asked
    ) -> bool:
        request = asked.chat
        conversation = json.dumps(request["messages"], sort_keys=True)
        key = conversation_hash(request["messages"])
        nth = self._seen[key]
        self._seen[key] += 1
        fault = self.behaviour.fault(conversation, nth)
        number = self.account.received(fault)
        self._note(headers, asked, fault)
        if latency := self.behaviour.latency(conversation, nth):
            await asyncio.sleep(latency)
        if self.odd and (said := self.odd(request, number)):
            await self._write(writer, said[0], said[1].encode(), {})
            return True
        if status := self.behaviour.always_status:
            await self._send(writer, status, {"error": {"message": "always", "code": "always"}})
            return True
        completion = {**self._completion(request, fault, number), **self.always}
        self.account.book(fault, key, completion)
        if self.behaviour.forgets(request["messages"]):
            self.account.cut.add(key)
        return await self._reply(writer, asked, completion, fault)

    def _note(self, headers: dict[str, str], asked: Asked, fault: str) -> None:
        if self.keeps_requests:
            self.requests.append(asked.received)
            self.headers.append(headers)
            self.outcomes.append(fault)
            self.carried += asked.chat.get("carried", ())

    async def _reply(
        self, writer: asyncio.StreamWriter, asked: Asked, completion: dict[str, Any], fault: str
    ) -> bool:
        if fault == "empty_choices":
            completion = {**completion, "choices": []}
        if fault == "usage_missing":
            completion = {name: part for name, part in completion.items() if name != "usage"}
        if fault in _STATUSES:
            await self._turn_away(writer, asked.shape, fault)
            return True
        body = asked.shape.reply(completion, asked.chat)
        special = getattr(self, f"_{fault}", None)
        if special is not None:
            return bool(await special(writer, body))
        await self._send(writer, 200, body)
        return True

    async def _turn_away(self, writer: asyncio.StreamWriter, shape: Shape, fault: str) -> None:
        status, said, message = _STATUSES[fault]
        wait = self.behaviour.retry_after_seconds if said == 429 else None
        error = shape.error(said, message, wait)
        in_body = "retryDelay" in json.dumps(error)
        header = {} if wait is None or in_body else {"Retry-After": f"{wait}"}
        await self._send(writer, status, error, header)

    async def _hang(self, _writer: asyncio.StreamWriter, _body: dict[str, Any]) -> bool:
        await asyncio.sleep(self.behaviour.hang_seconds)
        return False

    async def _dropped_connection(
        self, writer: asyncio.StreamWriter, _body: dict[str, Any]
    ) -> bool:
        writer.transport.abort()
        return False

    async def _malformed_envelope(self, writer: asyncio.StreamWriter, body: dict[str, Any]) -> bool:
        await self._write(writer, 200, json.dumps(body).encode()[:20], {})
        return True

    async def _wrong_content_type(self, writer: asyncio.StreamWriter, body: dict[str, Any]) -> bool:
        await self._send(writer, 200, body, {"Content-Type": "text/html; charset=utf-8"})
        return True

    async def _duplicate_reply(self, writer: asyncio.StreamWriter, body: dict[str, Any]) -> bool:
        response = self._response(200, json.dumps(body).encode(), {})
        delay = self.behaviour.duplicate_after_seconds
        writer.write(response if delay else response * 2)
        await writer.drain()
        if delay:
            self._loop.call_later(delay, _write_if_open, writer, response)
        return True

    async def _trickle(self, writer: asyncio.StreamWriter, body: dict[str, Any]) -> bool:
        """Blanks, which JSON allows, for as long as a hang; the reply itself never comes."""
        head, _, _ = self._response(200, json.dumps(body).encode(), {}).partition(b"{")
        writer.write(head)
        for _ in range(round(self.behaviour.hang_seconds / self.behaviour.trickle_seconds)):
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(self.behaviour.trickle_seconds)
        return False

    def _completion(self, request: dict[str, Any], fault: str, number: int) -> dict[str, Any]:
        in_context = self.behaviour.in_context(request["messages"])
        message: dict[str, Any] = {"role": "assistant", "content": None, "refusal": None}
        finish_reason = "stop"
        if fault in FAULTY_MESSAGES:
            said, finish_reason = FAULTY_MESSAGES[fault]
            message |= said
        else:
            message["content"] = (self.answer or deterministic_answer)(
                {**request, "messages": in_context, "honours_schema": self.behaviour.honours_schema}
            )
        if self.behaviour.thinks:
            message["reasoning_content"] = THOUGHT
        choice = {"index": 0, "message": message, "finish_reason": finish_reason}
        choice["logprobs"] = {"content": []} if request.get("logprobs") else None
        return {
            "id": f"chatcmpl-{number}",
            "object": "chat.completion",
            "created": 1,
            "model": self.behaviour.dated(request["model"], number),
            "system_fingerprint": "fp_local",
            "choices": [choice],
            "usage": self._usage(in_context, message["content"] or "", request),
        }

    def _usage(
        self, read: list[dict[str, str]], said: str, request: Mapping[str, Any]
    ) -> dict[str, Any]:
        thought = _TOKENS_OF_THOUGHT if self.behaviour.thinks else 0
        prompt_tokens = sum(len(m["content"]) // 4 + 4 for m in read)
        prompt_tokens += _TOKENS_OF_PICTURE * request.get("pictures", 0)
        completion_tokens = len(said) // 4 + 1 + thought
        details = {"completion_tokens_details": {"reasoning_tokens": thought}} if thought else {}
        return {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens,
            "total_tokens": prompt_tokens + completion_tokens,
            **details,
        }

    # Writing

    async def _send(
        self,
        writer: asyncio.StreamWriter,
        status: int,
        body: dict[str, Any],
        headers: Mapping[str, str] | None = None,
    ) -> None:
        await self._write(writer, status, json.dumps(body).encode(), headers or {})

    async def _write(
        self, writer: asyncio.StreamWriter, status: int, body: bytes, headers: Mapping[str, str]
    ) -> None:
        writer.write(self._response(status, body, headers))
        await writer.drain()

    def _response(self, status: int, body: bytes, headers: Mapping[str, str]) -> bytes:
        fields = {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            **({"x-request-id": f"req-{self.account.requests}"} if self.names_requests else {}),
            "Set-Cookie": "session=must-never-be-stored",
            **headers,
        }
        head = f"HTTP/1.1 {status} -\r\n" + "".join(f"{k}: {v}\r\n" for k, v in fields.items())
        return head.encode() + b"\r\n" + body


# Faults that turn a request away: the status of the response, that in its body, and what it says.
_STATUSES = {
    "rate_limited": (429, 429, "slow down"),
    "server_error": (500, 500, "Try again in 5 seconds."),
    "error_in_body": (200, 502, "The model server is restarting."),
}


def _write_if_open(writer: asyncio.StreamWriter, response: bytes) -> None:
    if not writer.is_closing():
        writer.write(response)
