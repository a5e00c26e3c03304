"""The one place where the `openai` client is made; `lines` has those of other providers."""

from __future__ import annotations

import httpx2
import openai

from llm_respondents.providers.base import read_key

CONNECT_SECONDS = 10.0


def openai_client(
    *,
    base_url: str,
    api_key_env: str,
    timeout: httpx2.Timeout,
    http_client: httpx2.AsyncClient | None = None,
) -> openai.AsyncOpenAI:
    """Make a client of an endpoint, inside the loop that uses it.

    Its own retries are off: what is tried again, and when, is decided by those who call it. Without
    an `http_client` it has the pool of connections that comes with it.

    Raises `MissingKey` if a variable is named for the key and not set.
    """
    return openai.AsyncOpenAI(
        api_key=read_key(api_key_env),
        base_url=base_url or None,
        max_retries=0,
        timeout=timeout,
        http_client=http_client or openai.DefaultAsyncHttpx2Client(timeout=timeout),
    )
