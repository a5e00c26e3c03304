"""The door to the batches of an endpoint, by the interface that it speaks."""

from __future__ import annotations

from llm_respondents.batches.door import Door
from llm_respondents.batches.gemini_files import GeminiDoor
from llm_respondents.batches.message_batches import MessageBatchDoor
from llm_respondents.batches.openai_files import OpenAIDoor
from llm_respondents.endpoints.apis import ApiName


def open_door(
    api: ApiName, *, model: str, base_url: str, api_key_env: str, timeout_seconds: float, path: str
) -> Door:
    """Open it inside the loop that uses it; `path` is what the lines of a file name.

    Raises `MissingKey` if a variable is named for the key and not set.
    """
    if api == "anthropic":
        return MessageBatchDoor(
            base_url=base_url, api_key_env=api_key_env, timeout_seconds=timeout_seconds
        )
    if api == "gemini":
        return GeminiDoor(
            model=model, base_url=base_url, api_key_env=api_key_env, timeout_seconds=timeout_seconds
        )
    return OpenAIDoor(
        base_url=base_url, api_key_env=api_key_env, timeout_seconds=timeout_seconds, path=path
    )
