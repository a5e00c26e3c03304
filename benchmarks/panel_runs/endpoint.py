"""A local endpoint of every interface that answers after 200 ms and costs as little as it can.

It keeps nothing, so that the processor time of whoever asks is what a benchmark sees. Every reply
is the first option: as JSON where a schema was sent, as a bare number otherwise. ``GET /v1/count``
says how many completions were given.

    python benchmarks/panel_runs/endpoint.py  # prints its address; ends with its standard input
"""

import asyncio
import sys
from itertools import count

LATENCY_SECONDS = 0.2
_COMPLETION = (
    '{"id":"c%d","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,'
    '"message":{"role":"assistant","content":%s,"refusal":null},"finish_reason":"stop"}],'
    '"usage":{"prompt_tokens":%d,"completion_tokens":5,"total_tokens":%d}}'
)
_RESPONSE = (
    '{"id":"c%d","object":"response","status":"completed","model":"m","output":[{"type":"message",'
    '"status":"completed","role":"assistant","content":[{"type":"output_text","text":%s}]}],'
    '"usage":{"input_tokens":%d,"output_tokens":5,"total_tokens":%d}}'
)
_MESSAGE = (
    '{"id":"c%d","type":"message","role":"assistant","model":"m","content":[{"type":"text",'
    '"text":%s}],"stop_reason":"end_turn","usage":{"input_tokens":%d,"output_tokens":5,"t":%d}}'
)
_CONTENT = (
    '{"responseId":"c%d","modelVersion":"m","candidates":[{"content":{"role":"model","parts":'
    '[{"text":%s}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":%d,'
    '"candidatesTokenCount":5,"totalTokenCount":%d}}'
)
_TEMPLATES = {b"responses": _RESPONSE, b"messages": _MESSAGE, b"m:generateContent": _CONTENT}
# How each interface asks for JSON.
_FORMS = (b'"response_format"', b'"json_schema"', b'"responseJsonSchema"')
_MODELS = '{"object":"list","data":[{"id":"m","object":"model","created":1,"owned_by":"local"}]}'
_numbers = count(1)
_given = 0


class Exchange(asyncio.Protocol):
    """One connection: requests one after the other, each answered after the latency."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = transport
        self._received = bytearray()

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete now."""
        self._received += data
        while (request := self._next_request()) is not None:
            self._answer(*request)

    def _next_request(self) -> tuple[bytes, bytes] | None:
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = bytes(self._received[:end])
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line[15:])
        if len(self._received) < end + 4 + length:
            return None
        body = bytes(self._received[end + 4 : end + 4 + length])
        del self._received[: end + 4 + length]
        return head, body

    def _answer(self, head: bytes, body: bytes) -> None:
        if head.startswith(b"POST"):
            loop = asyncio.get_running_loop()
            as_json = any(form in body[:2000] for form in _FORMS)
            template = _TEMPLATES.get(head.split(b" ", 2)[1].rpartition(b"/")[2], _COMPLETION)
            loop.call_later(LATENCY_SECONDS, self._complete, template, len(body), as_json)
        elif b"/count " in head:
            self._send(str(_given))
        else:
            self._send(_MODELS)

    def _complete(self, template: str, length: int, as_json: bool) -> None:
        global _given
        _given += 1
        content = r'"{\"answer\": 1}"' if as_json else '"1"'
        # Whoever compares the tokens of one turn with those of the next finds them growing.
        tokens = length // 4
        self._send(template % (next(_numbers), content, tokens, tokens + 5))

    def _send(self, body: str) -> None:
        if not self._transport.is_closing():
            head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
            self._transport.write(f"{head}{len(body)}\r\n\r\n{body}".encode())


async def serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Exchange, "127.0.0.1", 0, backlog=1024)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve())
