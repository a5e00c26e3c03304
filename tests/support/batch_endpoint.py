"""The local endpoint, which also takes batches: ``/v1/files`` and ``/v1/batches``.

    with BatchEndpoint(batching=Batching(expired=0.3)) as endpoint:
        endpoint.is_holding = True      # batches stay in progress until this is False
        endpoint.billed                 # how often each request of a file was worked on
        endpoint.forgotten.add("batch_1")   # a batch, or a file, that it knows no more

Requests in a file meet the same faults as others; `Batching` says what goes wrong with the batch.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from llm_respondents.rehearsal import Endpoint
from llm_respondents.rehearsal.account import conversation_hash
from llm_respondents.rehearsal.faults import UNBILLED, uniform
from llm_respondents.rehearsal.shapes import shape_of

_STATUS = {"rate_limited": 429, "server_error": 500}


@dataclass(frozen=True)
class Batching:
    """Shares of the lines of every batch (0 to 1) that go wrong, and how batches end."""

    # Not begun when the time is up; says so in the error file.
    expired: float = 0.0
    # In neither file, although the work was done.
    lost: float = 0.0
    # Written twice, the second time with another reply.
    repeated: float = 0.0
    # Cut off after a few bytes of the response.
    cut: float = 0.0
    # Lines that nobody asked for.
    foreign: int = 0
    # What the provider says instead of accepting a file.
    refused: str = ""
    # So many batches are made, and the line breaks before the client learns of it.
    unheard: int = 0
    max_lines: int = 50_000
    # So many looks at a file find it still being checked, and no batch can be made of it.
    checking: int = 0
    # Whether a batch that is over says what all of it took.
    sums: bool = True
    # What every line of a file and its batch must name; "" where an interface has but one.
    path: str = "/v1/chat/completions"


@dataclass
class BatchEndpoint(Endpoint):
    batching: Batching = field(default_factory=Batching)
    is_holding: bool = False
    forgotten: set[str] = field(default_factory=set)
    refuses_uploads: bool = False
    refused_uploads: int = 0
    checks: int = 0
    billed: Counter[str] = field(default_factory=Counter)
    uploads: list[bytes] = field(default_factory=list)
    batches: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    _asked: Counter[str] = field(default_factory=Counter)

    async def _route(self, writer, method, path, headers, body):
        parts = urlsplit(path)
        steps = parts.path.removeprefix("/v1/").split("/")
        is_asked = steps[0] in ("chat", "responses") or steps == ["messages"]
        if is_asked or steps[-1].endswith(":generateContent"):
            return await super()._route(writer, method, path, headers, body)
        made = len(self.batches)
        status, found = self._answer(method, steps, parse_qs(parts.query), headers, body)
        if len(self.batches) > made and made < self.batching.unheard:
            writer.transport.abort()
            return False
        content = found if isinstance(found, bytes) else json.dumps(found).encode()
        await self._write(writer, status, content, {})
        return True

    def _answer(self, method, steps, query, headers, body) -> tuple[int, Any]:
        if self.forgotten & set(steps):
            return 404, {"error": {"message": f"no {steps[0]} with this id", "code": None}}
        match method, steps:
            case "POST", ["files"] if self.refuses_uploads:
                self.refused_uploads += 1
                return 503, {"error": {"message": "later"}}
            case "POST", ["files"]:
                return 200, self._keep(_uploaded(headers["content-type"], body))
            case "GET", ["files", name] if name in self.files:
                self.checks += 1
                return 200, self._described(name)
            case "GET", ["files", name, "content"] if name in self.files:
                return 200, self.files[name]
            case "POST", ["batches"] if self.checks < self.batching.checking:
                return 400, {"error": {"message": "the file is still being checked"}}
            case "POST", ["batches"]:
                return 200, self._make(json.loads(body))
            case "GET", ["batches"]:
                return 200, self._page(query)
            case "GET", ["batches", name] if batch := self._named(name):
                return 200, self._advanced(batch)
            case "POST", ["batches", name, "cancel"] if batch := self._named(name):
                if batch["status"] in ("completed", "expired", "failed", "cancelled"):
                    return 400, {"error": {"message": "the batch is over"}}
                batch["status"] = "cancelling"
                return 200, batch
        return 404, {"error": {"message": f"no such path {'/'.join(steps)}"}}

    # Files and batches

    def _keep(self, content: bytes) -> dict[str, Any]:
        name = f"file-{len(self.files) + 1}"
        self.files[name] = content
        self.uploads.append(content)
        return self._described(name)

    def _described(self, name: str) -> dict[str, Any]:
        status = "pending" if self.checks < self.batching.checking else "processed"
        size = len(self.files[name])
        return {"id": name, "object": "file", "bytes": size, "purpose": "batch", "status": status}

    def _make(self, asked: dict[str, Any]) -> dict[str, Any]:
        batch = {
            "id": f"batch_{len(self.batches) + 1}",
            "object": "batch",
            "endpoint": asked["endpoint"],
            "input_file_id": asked["input_file_id"],
            "completion_window": asked["completion_window"],
            "metadata": asked["metadata"],
            "status": "validating",
            "created_at": int(time.time()),
        }
        self.batches.append(batch)
        return batch

    def _named(self, name: str) -> dict[str, Any] | None:
        return next((batch for batch in self.batches if batch["id"] == name), None)

    def _page(self, query: Mapping[str, list[str]]) -> dict[str, Any]:
        """Newest first, two on a page."""
        newest = self.batches[::-1]
        after = query.get("after", [""])[0]
        start = next((i + 1 for i, batch in enumerate(newest) if batch["id"] == after), 0)
        return {"object": "list", "data": newest[start : start + 2], "has_more": True} | (
            {"has_more": False} if start + 2 >= len(newest) else {}
        )

    def _advanced(self, batch: dict[str, Any]) -> dict[str, Any]:
        """One step on: validating, in progress, over."""
        lines = [json.loads(line) for line in self.files[batch["input_file_id"]].splitlines()]
        if batch["status"] == "validating":
            said = self.batching.refused
            if len(lines) > self.batching.max_lines:
                said = "too many requests"
            path = self.batching.path or batch["endpoint"]
            if {batch["endpoint"], *(line["url"] for line in lines)} != {path}:
                said = f"not every line names {path}"
            batch["status"] = "failed" if said else "in_progress"
            if said:
                errors = [{"code": "invalid", "message": said, "line": 1}]
                batch["errors"] = {"object": "list", "data": errors}
        elif batch["status"] == "cancelling":
            self._finish(batch, lines, "cancelled", done=len(lines) // 2)
        elif batch["status"] == "in_progress" and not self.is_holding:
            status = "expired" if self.batching.expired else "completed"
            self._finish(batch, lines, status, done=len(lines))
        return batch

    def _finish(self, batch: dict[str, Any], lines: list[Any], status: str, done: int) -> None:
        output: list[bytes] = []
        errors: list[bytes] = []
        before = self.account.prompt_tokens, self.account.completion_tokens
        for number, line in enumerate(lines):
            # By its line: keys of rows differ from run to run, and so would what goes wrong.
            point = uniform(f"{batch['id']}:{number}")
            if number >= done or point < self.batching.expired:
                why = "batch_cancelled" if number >= done else "batch_expired"
                errors.append(_line(line, None, {"code": why, "message": "not begun"}))
                continue
            self._work(line, output, errors, point - self.batching.expired)
        output += [
            _line({"custom_id": f"0-0-{number}"}, {"status_code": 200, "body": {}}, None)
            for number in range(self.batching.foreign)
        ]
        batch["status"] = status
        if self.batching.sums:
            batch["usage"] = self._usage_since(*before)
        # Unordered: whoever reads them in order is wrong.
        for name, content in (("output", output[::-1]), ("error", errors[::-1])):
            if content:
                file = f"{batch['id']}-{name}"
                self.files[file] = b"\n".join(content) + b"\n"
                batch[f"{name}_file_id"] = file

    def _usage_since(self, prompt: int, completion: int) -> dict[str, Any]:
        """What the batch took, also for lines that are in neither file."""
        took = self.account.prompt_tokens - prompt, self.account.completion_tokens - completion
        return {
            "input_tokens": took[0],
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": took[1],
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": sum(took),
        }

    def _work(self, line: Any, output: list[bytes], errors: list[bytes], point: float) -> None:
        shape = shape_of(line["url"] if "v1" in line["url"] else f"/v1{line['url']}")
        assert not shape.objection(line["body"])
        request = shape.as_chat(line["body"], line["url"])
        conversation = json.dumps(request["messages"], sort_keys=True)
        nth = self._asked[conversation]
        self._asked[conversation] += 1
        fault = self.behaviour.fault(conversation, nth)
        number = self.account.received(fault)
        self.requests.append(line["body"])
        self.outcomes.append(fault)
        completion = self._completion(request, fault, number)
        self.account.book(fault, conversation_hash(request["messages"]), completion)
        if fault not in UNBILLED:
            self.billed[line["custom_id"]] += 1
        response = {"status_code": 200, "request_id": f"req-{number}"}
        response["body"] = shape.reply(completion, request)
        if fault in _STATUS:
            body = {"error": {"message": fault, "code": fault}}
            errors.append(_line(line, {**response, "status_code": _STATUS[fault], "body": body}))
            return
        written = _line(line, response)
        batching = self.batching
        if point < batching.lost:
            return
        if point < batching.lost + batching.cut:
            output.append(written[: written.index(b'"body"') + 40])
            return
        if point < batching.lost + batching.cut + batching.repeated:
            # Files are written from the end: the first line of the two is the true one.
            other = {**response, "body": {**response["body"], "choices": []}}
            output.append(_line(line, other))
        output.append(written)


def _line(line: Any, response: Any, error: Any = None) -> bytes:
    result = {"id": "batch_req", "custom_id": line["custom_id"]}
    return json.dumps({**result, "response": response, "error": error}).encode()


def _uploaded(content_type: str, body: bytes) -> bytes:
    """The one file of a form."""
    boundary = content_type.partition("boundary=")[2].strip('"').encode()
    for part in body.split(b"--" + boundary):
        head, _, content = part.partition(b"\r\n\r\n")
        if b"filename=" in head:
            return content.removesuffix(b"\r\n")
    raise AssertionError("no file in the form")
