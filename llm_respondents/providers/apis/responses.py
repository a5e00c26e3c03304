"""OpenAI's ``/responses``: nothing is stored there, and every request carries the conversation.

The answer is the text of the final message alone: a reply may also hold commentary, which the
client's `output_text` would glue to it. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from llm_respondents.conversation.pictures import Contents
from llm_respondents.conversation.prompts import Message
from llm_respondents.providers.apis.reading import (
    NO_REASON,
    counted,
    failed,
    joined,
    read_reply,
    table,
)
from llm_respondents.providers.apis.shape import (
    Sampling,
    data_address,
    given,
    merged,
    whole_of,
    with_conversation,
)
from llm_respondents.providers.base import Failure, Reply, Usage, encode


@dataclass(frozen=True, slots=True)
class ResponsesApi:
    """Responses of one model."""

    model: str
    sampling: Sampling
    pictures: Contents = field(default_factory=dict)

    def base(self) -> dict[str, Any]:
        """See `Api.base`."""
        sampling = self.sampling
        own = {
            "model": self.model,
            "max_output_tokens": sampling.max_tokens,
            "store": False,
            **given(
                temperature=sampling.temperature,
                top_p=sampling.top_p,
                reasoning=given(effort=sampling.reasoning_effort),
            ),
        }
        return merged(sampling.extra, own)

    def formed(
        self,
        base: Mapping[str, Any],
        schema: Mapping[str, Any] | None,
        seed: int | None,  # noqa: ARG002
    ) -> dict[str, Any]:
        """See `Api.formed`."""
        if schema is None:
            return dict(base)
        form = {"type": "json_schema", **schema["json_schema"]}
        return merged(base, {"text": {"format": form}})

    def body(
        self, parameters: Mapping[str, Any], messages: Sequence[Message], encoded: Sequence[str]
    ) -> str:
        """See `Api.body`."""
        items = [self._item(*pair) for pair in zip(messages, encoded, strict=True)]
        return with_conversation(parameters, "input", items)

    def _item(self, message: Message, encoded: str) -> str:
        if not message.get("pictures"):
            return _item(message, encoded)
        shown = [
            {"type": "input_image", "image_url": data_address(one, self.pictures)}
            for one in message["pictures"]
        ]
        content = [*shown, {"type": "input_text", "text": message["content"]}]
        return encode({"role": message["role"], "content": content})

    def whole(self, asked: Mapping[str, Any]) -> str:
        """See `Api.whole`."""
        return whole_of(self, asked)

    def read(self, text: str, status: int, headers: Mapping[str, str]) -> Reply | Failure:
        """See `Api.read`."""
        return read_reply(text, status, headers, parse=_reply, what="a response")


def _item(message: Message, encoded: str) -> str:
    if message["role"] == "system":
        return encode({"role": "developer", "content": message["content"]})
    if carried := message.get("carried"):
        return ",".join(map(encode, carried))
    return encoded


def carried(body: Any) -> list[Any]:
    """The output of a reply as it is sent back: whole, in its order; nothing without reasoning.

    Reasoning that is not stored there can be read again only in its encrypted form.
    """
    output = list(body["output"])
    thoughts = [item for item in output if item["type"] == "reasoning"]
    whole = thoughts and all(item.get("encrypted_content") for item in thoughts)
    return output if whole else []


def _reply(body: Any) -> Reply | Failure:
    status, output = str(body["status"]), body["output"]
    if status == "failed":
        return failed(table(body.get("error")))
    parts = [part for item in output if _is_final(item) for part in item["content"]]
    return Reply(
        text=joined(part["text"] for part in parts if part["type"] == "output_text"),
        thoughts="\n\n".join(_thoughts(output)),
        finish_reason=_reason(status, body.get("incomplete_details")),
        refusal="".join(part["refusal"] for part in parts if part["type"] == "refusal"),
        usage=_usage(body.get("usage")),
        model=str(body.get("model") or ""),
        request_id=str(body.get("id") or ""),
        reasoning_dropped=any(
            one.get("action") == "removed" for one in body.get("input_transformations") or ()
        ),
    )


def _reason(status: str, details: object) -> str:
    if status == "incomplete":
        return str(table(details).get("reason") or NO_REASON)
    return status or NO_REASON


def _is_final(item: Mapping[str, Any]) -> bool:
    """Whether an item is what was said in the end, and not what was said on the way."""
    finished = item.get("status") in ("completed", None)
    final = item.get("phase") in ("final_answer", None)
    return item["type"] == "message" and finished and final


def _thoughts(output: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for item in output:
        if item["type"] == "reasoning":
            for part in (*(item.get("summary") or ()), *(item.get("content") or ())):
                yield str(part.get("text") or "")


def _usage(usage: object) -> Usage:
    return Usage(
        counted(usage, "input_tokens") or None,
        counted(usage, "output_tokens"),
        counted(usage, "input_tokens_details", "cached_tokens"),
        counted(usage, "output_tokens_details", "reasoning_tokens"),
        counted(usage, "input_tokens_details", "cache_write_tokens"),
    )
