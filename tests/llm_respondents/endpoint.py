"""A local endpoint that speaks ``/v1/chat/completions``, with faults on demand.

    with Endpoint(Behaviour(rate_limited=0.1, seed=7)) as endpoint:
        ...OpenAI(base_url=endpoint.base_url)...
        endpoint.requests        # every body received, in order of arrival

Answers are a function of the messages alone, so that two runs of the same session can be compared
word for word. Whether a request meets a fault is a function of the seed, the messages and how often
these messages were sent before: a fault can be followed by success, and a run can be repeated.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

Answer = Callable[[Mapping[str, Any]], str]
# Faults in the order in which a uniform number is compared with their shares.
FAULTS = (
    "rate_limited",
    "server_error",
    "hang",
    "refusal",
    "spoken_refusal",
    "malformed_envelope",
    "malformed_answer",
    "truncated",
    "content_filter",
    "out_of_range",
    "dropped_connection",
)


@dataclass(frozen=True)
class Behaviour:
    """Shares of requests (0 to 1) that meet each fault, and how the endpoint is built."""

    rate_limited: float = 0.0
    server_error: float = 0.0
    hang: float = 0.0
    refusal: float = 0.0
    spoken_refusal: float = 0.0
    malformed_envelope: float = 0.0
    malformed_answer: float = 0.0
    truncated: float = 0.0
    content_filter: float = 0.0
    out_of_range: float = 0.0
    dropped_connection: float = 0.0
    latency_seconds: float = 0.0
    retry_after_seconds: float = 0.05
    hang_seconds: float = 30.0
    # A server with a short context drops the oldest messages and says nothing.
    context_characters: int = 0
    honours_schema: bool = True
    # A status that every request gets, such as 401.
    always_status: int = 0
    seed: int = 1


@dataclass
class Endpoint:
    """The server, on a thread with a loop of its own. Use as a context manager."""

    behaviour: Behaviour = field(default_factory=Behaviour)
    answer: Answer | None = None
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    # What became of each request, beside `requests`.
    outcomes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._ready = threading.Event()
        self._seen: Counter[str] = Counter()
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
        if method != "POST" or path != "/v1/chat/completions":
            await self._send(writer, 404, {"error": {"message": f"no such path {path}"}})
            return True
        request = json.loads(body)
        fault = self._fault(request["messages"])
        self.requests.append(request)
        self.headers.append(headers)
        self.outcomes.append(fault)
        return await self._reply(writer, request, fault)

    def _fault(self, messages: list[dict[str, str]]) -> str:
        conversation = json.dumps(messages, sort_keys=True)
        nth = self._seen[conversation]
        self._seen[conversation] += 1
        point = _uniform(f"{self.behaviour.seed}:{nth}:{conversation}")
        for fault in FAULTS:
            point -= getattr(self.behaviour, fault)
            if point < 0:
                return fault
        return "answered"

    async def _reply(
        self, writer: asyncio.StreamWriter, request: dict[str, Any], fault: str
    ) -> bool:
        behaviour = self.behaviour
        if behaviour.latency_seconds:
            await asyncio.sleep(behaviour.latency_seconds)
        if behaviour.always_status:
            error = {"error": {"message": "always", "code": "always"}}
            await self._send(writer, behaviour.always_status, error)
        elif fault == "hang":
            await asyncio.sleep(behaviour.hang_seconds)
            return False
        elif fault == "dropped_connection":
            writer.transport.abort()
            return False
        elif fault == "rate_limited":
            error = {"error": {"message": "slow down", "code": "rate_limit_exceeded"}}
            wait = {"Retry-After": f"{behaviour.retry_after_seconds}"}
            await self._send(writer, 429, error, wait)
        elif fault == "server_error":
            await self._send(writer, 500, {"error": {"message": "Try again in 5 seconds."}})
        elif fault == "malformed_envelope":
            await self._write(writer, 200, b'{"choices": [{"mess', {})
        else:
            await self._send(writer, 200, self._completion(request, fault))
        return True

    def _completion(self, request: dict[str, Any], fault: str) -> dict[str, Any]:
        in_context = self._in_context(request["messages"])
        message: dict[str, Any] = {"role": "assistant", "content": None, "refusal": None}
        finish_reason = "stop"
        if fault == "refusal":
            message["refusal"] = "I cannot answer questions about attitudes."
        elif fault == "spoken_refusal":
            message["content"] = "As an AI, I do not have personal opinions."
        elif fault == "content_filter":
            finish_reason = "content_filter"
        elif fault == "truncated":
            message["content"] = '{"answer": '
            finish_reason = "length"
        elif fault == "malformed_answer":
            message["content"] = '{"answer": 3, I think'
        elif fault == "out_of_range":
            message["content"] = '{"answer": 99}'
        else:
            message["content"] = (self.answer or deterministic_answer)(
                {**request, "messages": in_context, "honours_schema": self.behaviour.honours_schema}
            )
        prompt_tokens = sum(len(m["content"]) // 4 + 4 for m in in_context)
        completion_tokens = len(message["content"] or "") // 4 + 1
        return {
            "id": f"chatcmpl-{len(self.requests)}",
            "object": "chat.completion",
            "created": 1,
            "model": f"{request['model']}-2026-01-01",
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

    def _in_context(self, messages: list[dict[str, str]]) -> list[dict[str, str]]:
        limit = self.behaviour.context_characters
        kept = list(messages)
        while limit and len(kept) > 1 and sum(len(m["content"]) for m in kept) > limit:
            kept.pop(0)
        return kept

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
        fields = {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "x-request-id": f"req-{len(self.requests)}",
            "Set-Cookie": "session=must-never-be-stored",
            **headers,
        }
        head = f"HTTP/1.1 {status} -\r\n" + "".join(f"{k}: {v}\r\n" for k, v in fields.items())
        writer.write(head.encode() + b"\r\n" + body)
        await writer.drain()


def _uniform(text: str) -> float:
    """A number in [0, 1) that depends on the text alone."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) / 2**64


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
            if " = " in line and line.partition(" = ")[0].isdecimal()
        ]
        return codes[int(_uniform(conversation) * len(codes))] if codes else "Hello."
    return json.dumps(_filled(schema, conversation))


def _filled(schema: Mapping[str, Any], seed: str) -> Any:
    if schema["type"] == "object":
        return {
            name: _filled(part, f"{seed}:{name}") for name, part in schema["properties"].items()
        }
    if "enum" in schema:
        return schema["enum"][int(_uniform(seed) * len(schema["enum"]))]
    return "because"
