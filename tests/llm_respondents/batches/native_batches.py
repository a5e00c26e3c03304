"""The local endpoint with the batches of Anthropic and of Gemini: their paths, states and lines.

    with MessageBatches(behaviour, batching=Batching(expired=0.3)) as endpoint: ...
    with GeminiBatches(behaviour) as endpoint: ...

What goes wrong goes wrong as in `batch_endpoint`, whose files and batches are kept underneath.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from batch_endpoint import BatchEndpoint

OVER = ("completed", "expired", "failed", "cancelled")
STATES = {"cancelling": "canceling"} | dict.fromkeys(OVER, "ended")
REASONS = {"batch_expired": "expired", "batch_cancelled": "canceled"}
KINDS = {429: "rate_limit_error", 500: "api_error"}


def moment(batch):
    return datetime.fromtimestamp(batch["created_at"], UTC).isoformat().replace("+00:00", "Z")


@dataclass
class MessageBatches(BatchEndpoint):
    """Anthropic's: requests in the body, results of their own, no words of ours with a batch."""

    def _answer(self, method, steps, query, headers, body):
        if steps[:2] != ["messages", "batches"]:
            return super()._answer(method, steps, query, headers, body)
        if self.forgotten & set(steps):
            error = {"type": "not_found_error", "message": "no batch with this id"}
            return 404, {"type": "error", "error": error}
        match method, steps[2:]:
            case "POST", []:
                return 200, self._shown(self._made(json.loads(body)["requests"]))
            case "GET", []:
                # Whoever looks for a batch can only wait: time goes on when it looks.
                data = [self._shown(self._advanced(batch)) for batch in self.batches[::-1]]
                return 200, {"data": data, "has_more": False, "first_id": None, "last_id": None}
            case "GET", [name]:
                return 200, self._shown(self._advanced(self._named(name)))
            case "POST", [name, "cancel"]:
                batch = self._named(name)
                batch["status"] = "cancelling"
                return 200, self._shown(batch)
            case "GET", [name, "results"]:
                return 200, self._results(self._named(name))
        return 404, {"error": {"message": "no such path"}}

    def _made(self, requests):
        lines = [
            {"custom_id": one["custom_id"], "url": "/v1/messages", "body": one["params"]}
            for one in requests
        ]
        content = b"\n".join(json.dumps(line).encode() for line in lines)
        file = self._keep(content + b"\n")["id"]
        about = {"endpoint": "/v1/messages", "completion_window": "24h", "metadata": {}}
        return self._make({**about, "input_file_id": file})

    def _shown(self, batch):
        counts = dict.fromkeys(("processing", "succeeded", "errored", "canceled", "expired"), 0)
        ended = batch["status"] in OVER
        return {
            "id": batch["id"],
            "type": "message_batch",
            "processing_status": STATES.get(batch["status"], "in_progress"),
            "request_counts": counts,
            "created_at": moment(batch),
            "expires_at": moment(batch),
            "results_url": f"{self.base_url}/messages/batches/{batch['id']}/results"
            if ended
            else None,
        }

    def _results(self, batch):
        names = (batch.get("output_file_id"), batch.get("error_file_id"))
        lines = [line for name in names if name for line in self.files[name].splitlines()]
        return b"\n".join(map(_message_result, lines)) + b"\n"


def _message_result(line):
    try:
        found = json.loads(line)
    except ValueError:
        return line
    if error := found["error"]:
        result = {"type": REASONS[error["code"]]}
    elif (status := found["response"]["status_code"]) != 200:
        error = {"type": KINDS[status], "message": "as it goes"}
        result = {"type": "errored", "error": {"type": "error", "error": error}}
    else:
        result = {"type": "succeeded", "message": found["response"]["body"]}
    return json.dumps({"custom_id": found["custom_id"], "result": result}).encode()


@dataclass
class GeminiBatches(BatchEndpoint):
    """Gemini's: a file is uploaded in two steps, a batch is an operation, lines have a key."""

    async def _route(self, writer, method, path, headers, body):
        bare = path.partition("?")[0]
        if bare == "/upload/v1/files":
            if headers["x-goog-upload-command"] == "start":
                kept = {"X-Goog-Upload-URL": f"http://127.0.0.1:{self.port}{path}"}
                await self._write(writer, 200, b"{}", kept)
            else:
                file = {"name": f"files/{self._keep(body)['id']}"}
                answer = json.dumps({"file": file}).encode()
                await self._write(writer, 200, answer, {"X-Goog-Upload-Status": "final"})
            return True
        return await super()._route(writer, method, path, headers, body)

    def _answer(self, method, steps, _query, _headers, body):
        path = "/".join(steps)
        if any(name in path for name in self.forgotten):
            error = {"code": 404, "message": "not found", "status": "NOT_FOUND"}
            return 404, {"error": error}
        if method == "POST" and path.endswith(":batchGenerateContent"):
            asked = json.loads(body)["batch"]
            return 200, self._shown(self._made(path.partition(":")[0], asked))
        if method == "GET" and path == "batches":
            return 200, {"operations": [self._shown(batch) for batch in self.batches[::-1]]}
        name, _, verb = path.partition(":")
        if verb == "download":
            return 200, self.files[name.removeprefix("files/")]
        batch = self._named(name.removeprefix("batches/"))
        if verb == "cancel":
            batch["status"] = "cancelling"
            return 200, {}
        return 200, self._shown(self._advanced(batch))

    def _made(self, model, asked):
        file = asked["inputConfig"]["fileName"].removeprefix("files/")
        url = f"/v1/{model}:generateContent"
        found = [json.loads(line) for line in self.files[file].splitlines()]
        lines = [{"custom_id": one["key"], "url": url, "body": one["request"]} for one in found]
        self.files[file] = b"\n".join(json.dumps(line).encode() for line in lines) + b"\n"
        about = {"endpoint": url, "completion_window": "24h"}
        return self._make(
            {**about, "input_file_id": file, "metadata": {"counterpart": asked["displayName"]}}
        )

    def _advanced(self, batch):
        before = batch["status"]
        super()._advanced(batch)
        names = [batch.get(f"{kind}_file_id") for kind in ("output", "error")]
        if batch["status"] == "expired" and self.batching.expired == 1.0:
            return batch  # What expired as a whole has no results.
        if before != batch["status"] and batch["status"] in OVER and any(names):
            lines = [line for name in names if name for line in self.files[name].splitlines()]
            self.files[f"{batch['id']}-all"] = b"\n".join(map(_gemini_result, lines)) + b"\n"
            batch["replies"] = f"files/{batch['id']}-all"
        return batch

    def _shown(self, batch):
        state = {
            "validating": "PENDING",
            "in_progress": "RUNNING",
            "completed": "SUCCEEDED",
            "cancelling": "RUNNING",
        }.get(batch["status"], batch["status"].upper())
        about = {
            "model": "models/small",
            "displayName": batch["metadata"]["counterpart"],
            "state": f"BATCH_STATE_{state}",
            "createTime": moment(batch),
        }
        output = {"output": {"responsesFile": batch["replies"]}} if "replies" in batch else {}
        return {"name": f"batches/{batch['id']}", "metadata": {**about, **output}}


def _gemini_result(line):
    try:
        found = json.loads(line)
    except ValueError:
        return line.replace(b'"custom_id"', b'"key"')
    key = {"key": found["custom_id"]}
    if found["error"] or found["response"]["status_code"] != 200:
        status = (found["response"] or {}).get("status_code")
        error = {"code": {429: 8, 500: 13}.get(status, 4), "message": "as it goes"}
        return json.dumps({**key, "error": error}).encode()
    return json.dumps({**key, "response": found["response"]["body"]}).encode()
