"""The pools under the HTTP client: their errors have its names, their connections are watched."""

import asyncio

import httpcore2
import httpx2
import pytest

from llm_respondents.providers import lanes
from llm_respondents.providers.connections import WatchedStream
from llm_respondents.rehearsal import Endpoint


def test_every_error_of_a_pool_without_a_proxy_has_its_name_in_the_client():
    raised = {
        error
        for name in httpcore2.__all__
        if isinstance(error := getattr(httpcore2, name), type) and issubclass(error, Exception)
    }
    # One of a proxy, and one that pools keep to themselves.
    raised -= {httpcore2.ProxyError, httpcore2.ConnectionNotAvailable}
    assert raised == set(lanes._ERRORS)
    for below, above in lanes._ERRORS.items():
        assert above.__name__ == below.__name__
        assert type(lanes._named(below("why"))) is above


@pytest.fixture
def get():
    def make(url):
        async def call():
            async with lanes.http_client(concurrency=1, timeout=httpx2.Timeout(5.0)) as client:
                return await client.get(url)

        return asyncio.run(call())

    return make


def test_nobody_there_is_a_connect_error_of_the_client(get):
    with pytest.raises(httpx2.ConnectError) as raised:
        get("http://127.0.0.1:1/v1")
    assert isinstance(raised.value.__cause__, httpcore2.ConnectError)


def test_a_connection_is_watched(get):
    with Endpoint() as endpoint:
        response = get(endpoint.base_url)
        assert isinstance(response.extensions["network_stream"], WatchedStream)
