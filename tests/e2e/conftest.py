"""A browser and a served site. Debian's chromium; nothing is downloaded."""

import asyncio
import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

HERE = Path(__file__).parent
CHROMIUM = "/usr/bin/chromium"
# The site under test is on this machine, and pages that stand in for public ones may show it.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-features=LocalNetworkAccessChecks"]
WIDTHS = {"phone": 390, "desktop": 1280}


class DriverLoop:
    """The event loop of the browser's driver, which it leaves running in the thread of the tests.

    Whoever runs code of their own that is async in that thread, as a panel does, would be refused:
    the thread counts as within a loop until the driver ends.
    """

    loop: asyncio.AbstractEventLoop | None = None

    @classmethod
    def enter(cls) -> None:
        asyncio._set_running_loop(cls.loop)

    @classmethod
    def leave(cls) -> None:
        cls.loop = asyncio._get_running_loop()
        asyncio._set_running_loop(None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Tests of this folder are within the driver's loop, and no other test is."""
    if item.path.is_relative_to(HERE):
        DriverLoop.enter()
    try:
        return (yield)
    finally:
        if asyncio._get_running_loop():
            DriverLoop.leave()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"{CHROMIUM} is not installed: apt-get install chromium")
    # The driver runs an event loop in this thread, which Django would take for async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        DriverLoop.enter()
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def open_context(browser: Browser, base_url: str, width: int, *, script: bool) -> BrowserContext:
    return browser.new_context(
        base_url=base_url,
        viewport={"width": width, "height": 844},
        java_script_enabled=script,
        locale="en",
        # axe is put into the page from here; whether the policy holds is tested without it.
        bypass_csp=script,
    )


@pytest.fixture
def site(live_server, settings) -> str:
    settings.SITE_URL = live_server.url
    return live_server.url


@pytest.fixture
def phone_without_script(browser: Browser, site: str) -> Iterator[Page]:
    context = open_context(browser, site, WIDTHS["phone"], script=False)
    yield context.new_page()
    context.close()


@pytest.fixture(params=sorted(WIDTHS))
def page(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Page]:
    """A page on a phone and on a desktop; axe needs script, the pages do not."""
    context = open_context(browser, site, WIDTHS[request.param], script=True)
    yield context.new_page()
    context.close()
