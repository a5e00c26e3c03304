"""A local endpoint that speaks ``/v1/chat/completions``, with faults on demand.

    with Endpoint(Behaviour(rate_limited=0.1, seed=7)) as endpoint:
        ...OpenAI(base_url=endpoint.base_url)...
        endpoint.requests        # every body received, in order of arrival
        endpoint.account         # what it would put on the bill

Answers are a function of the messages alone, so that two runs of the same session can be compared
word for word. Whether a request meets a fault is a function of the seed, the messages and how often
these messages were sent before: a fault can be followed by success, and a run can be repeated.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from endpoint_account import Account, conversation_hash
from endpoint_faults import FAULTS, FAULTY_MESSAGES, Behaviour, uniform

__all__ = ["FAULTS", "Behaviour", "Endpoint", "deterministic_answer"]

# An option in a question: its number or letter, and its words.
_MARKED = re.compile(r"([0-9]+|[A-Z]) = ")
Answer = Callable[[Mapping[str, Any]], str]
# The n-th request (from 1) -> a status and a body to answer it with, or None for a completion.
Oddity = Callable[[Mapping[str, Any], int], "tuple[int, str] | None"]


@dataclass
class Endpoint:
    """The server, on a thread with a loop of its own. Use as a context manager.

    Without `keeps_requests` it only counts, so that any number of requests fits into memory.
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
    keeps_requests: bool = True
    # Whether each response has a request id of its own in a header.
    names_requests: bool = True
    account: Account = field(default_factory=Account)

    def __post_init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._ready = threading.Event()
        self._seen: Counter[bytes] = Counter()
        self._port = 0
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/v1"

    def __enter__(self) -> Endpoint:
        self._thread.start()
        self._ready.wait()
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
        """The messages of every request, in order of arrival."""
        return [request["messages"] for request in self.requests]

    # The server

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._run())
        self._loop.close()

    async def _run(self) -> None:
        self._stop = asyncio.Event()
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0, backlog=512)
        self._port = server.sockets[0].getsockname()[1]
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
        if method != "POST" or path != "/v1/chat/completions":
            await self._send(writer, 404, {"error": {"message": f"no such path {path}"}})
            return True
        return await self._chat(writer, headers, json.loads(body))

    # Chat completions

    async def _chat(
        self, writer: asyncio.StreamWriter, headers: dict[str, str], request: dict[str, Any]
    ) -> bool:
        conversation = json.dumps(request["messages"], sort_keys=True)
        key = conversation_hash(request["messages"])
        nth = self._seen[key]
        self._seen[key] += 1
        fault = self.behaviour.fault(conversation, nth)
        number = self.account.received(fault)
        if self.keeps_requests:
            self.requests.append(request)
            self.headers.append(headers)
            self.outcomes.append(fault)
        if latency := self.behaviour.latency(conversation, nth):
            await asyncio.sleep(latency)
        if self.odd and (said := self.odd(request, number)):
            await self._write(writer, said[0], said[1].encode(), {})
            return True
        if self.behaviour.always_status:
            error = {"error": {"message": "always", "code": "always"}}
            await self._send(writer, self.behaviour.always_status, error)
            return True
        completion = {**self._completion(request, fault, number), **self.always}
        self.account.book(fault, key, completion)
        if self.behaviour.forgets(request["messages"]):
            self.account.cut.add(key)
        return await self._reply(writer, completion, fault)

    async def _reply(
        self, writer: asyncio.StreamWriter, completion: dict[str, Any], fault: str
    ) -> bool:
        special = getattr(self, f"_{fault}", None)
        if special is not None:
            return bool(await special(writer, completion))
        await self._send(writer, 200, completion)
        return True

    async def _hang(self, _writer: asyncio.StreamWriter, _completion: dict[str, Any]) -> bool:
        await asyncio.sleep(self.behaviour.hang_seconds)
        return False

    async def _dropped_connection(
        self, writer: asyncio.StreamWriter, _completion: dict[str, Any]
    ) -> bool:
        writer.transport.abort()
        return False

    async def _rate_limited(
        self, writer: asyncio.StreamWriter, _completion: dict[str, Any]
    ) -> bool:
        error = {"error": {"message": "slow down", "code": "rate_limit_exceeded"}}
        wait = {"Retry-After": f"{self.behaviour.retry_after_seconds}"}
        await self._send(writer, 429, error, wait)
        return True

    async def _server_error(
        self, writer: asyncio.StreamWriter, _completion: dict[str, Any]
    ) -> bool:
        await self._send(writer, 500, {"error": {"message": "Try again in 5 seconds."}})
        return True

    async def _malformed_envelope(
        self, writer: asyncio.StreamWriter, _completion: dict[str, Any]
    ) -> bool:
        await self._write(writer, 200, b'{"choices": [{"mess', {})
        return True

    async def _error_in_body(
        self, writer: asyncio.StreamWriter, _completion: dict[str, Any]
    ) -> bool:
        error = {"error": {"message": "The model server is restarting.", "code": 502}}
        await self._send(writer, 200, error)
        return True

    async def _empty_choices(
        self, writer: asyncio.StreamWriter, completion: dict[str, Any]
    ) -> bool:
        await self._send(writer, 200, {**completion, "choices": []})
        return True

    async def _wrong_content_type(
        self, writer: asyncio.StreamWriter, completion: dict[str, Any]
    ) -> bool:
        await self._send(writer, 200, completion, {"Content-Type": "text/html; charset=utf-8"})
        return True

    async def _usage_missing(
        self, writer: asyncio.StreamWriter, completion: dict[str, Any]
    ) -> bool:
        silent = {name: value for name, value in completion.items() if name != "usage"}
        await self._send(writer, 200, silent)
        return True

    async def _duplicate_reply(
        self, writer: asyncio.StreamWriter, completion: dict[str, Any]
    ) -> bool:
        response = self._response(200, json.dumps(completion).encode(), {})
        delay = self.behaviour.duplicate_after_seconds
        writer.write(response if delay else response * 2)
        await writer.drain()
        if delay:
            self._loop.call_later(delay, _write_if_open, writer, response)
        return True

    async def _trickle(self, writer: asyncio.StreamWriter, completion: dict[str, Any]) -> bool:
        """Blanks, which JSON allows, for as long as a hang; the reply itself never comes."""
        head, _, _ = self._response(200, json.dumps(completion).encode(), {}).partition(b"{")
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
        prompt_tokens = sum(len(m["content"]) // 4 + 4 for m in in_context)
        completion_tokens = len(message["content"] or "") // 4 + 1
        return {
            "id": f"chatcmpl-{number}",
            "object": "chat.completion",
            "created": 1,
            "model": self.behaviour.dated(request["model"], number),
            "system_fingerprint": "fp_local",
            "choices": [
                {
                    "index": 0,
                    "message": message,
                    "finish_reason": finish_reason,
                    "logprobs": {"content": []} if request.get("logprobs") else None,
                }
            ],
            "usage": {
                "prompt_tokens": prompt_tokens,
                "completion_tokens": completion_tokens,
                "total_tokens": prompt_tokens + completion_tokens,
            },
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


def _write_if_open(writer: asyncio.StreamWriter, response: bytes) -> None:
    if not writer.is_closing():
        writer.write(response)


def deterministic_answer(request: Mapping[str, Any]) -> str:
    """Choose an option by the hash of the conversation, in the form that was asked for."""
    conversation = json.dumps(request["messages"], sort_keys=True)
    if "code word" in request["messages"][-1]["content"]:
        return f"You said: {request['messages'][0]['content']}"
    schema = request.get("response_format", {}).get("json_schema", {}).get("schema")
    if schema is None or not request.get("honours_schema", True):
        codes = [
            line.partition(" = ")[0]
            for line in request["messages"][-1]["content"].splitlines()
            if _MARKED.match(line)
        ]
        return codes[int(uniform(conversation) * len(codes))] if codes else "Hello."
    return json.dumps(_filled(schema, conversation))


def _filled(schema: Mapping[str, Any], seed: str) -> Any:
    if schema["type"] == "object":
        if all(part == {"type": "integer"} for part in schema["properties"].values()):
            return _percentages(list(schema["properties"]), seed)
        return {
            name: _filled(part, f"{seed}:{name}") for name, part in schema["properties"].items()
        }
    if "enum" in schema:
        return schema["enum"][int(uniform(seed) * len(schema["enum"]))]
    return "because"


def _percentages(names: list[str], seed: str) -> dict[str, int]:
    """Whole percentages that add up to 100, by the cuts of a hash."""
    cuts = sorted(int(uniform(f"{seed}:{name}") * 101) for name in names[1:])
    bounds = zip([0, *cuts], [*cuts, 100], strict=True)
    return {name: above - below for name, (below, above) in zip(names, bounds, strict=True)}
