"""No page of a furnished site breaks WCAG 2.2 AA: wide, narrow, light, dark, in both languages.

One browser and one site: pages are found by following links, as for the pictures of them, and a
page that no link leads to, and that has no reason for it, is missed.
"""

import json
import signal
from argparse import Namespace
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from accessibility import RULES, SCHEMES, Looker
from django.conf import settings
from django.urls import resolve
from listening import listen
from playwright.sync_api import Browser
from screenshots import pages_of, sign_in, views_missed
from workers import Site

from config.help.building import build, is_current

pytestmark = [pytest.mark.browser, pytest.mark.timeout(3000)]
WIDTHS = (1280, 390)
PASSWORD = "quiet lamps over water"
# What the installation runs: its one account becomes staff, and the pages that no link leads to.
FURNISH = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from django.contrib.auth import get_user_model
from whole_site import furnish
user = get_user_model().objects.get(username="demo")
user.set_password({PASSWORD!r})
user.is_staff = True
user.save()
found = furnish(user)
"""


@pytest.fixture
def furnished(tmp_path: Path) -> Iterator[tuple[str, list[str]]]:
    """A site as `serve` runs it, its address, and the pages that no link leads to."""
    if not is_current():
        build()
    known = {
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'site.sqlite3'}",
        "HELP_DIR": str(settings.HELP_DIR),
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_FROM": "lab@example.org",
    }
    with closing(Site(known)) as site, (tmp_path / "said.txt").open("w") as said:
        site.manage("demo", "--people", "60", "--sessions", "24", "--verbosity", "0", seconds=1200)
        unlinked = site.query(FURNISH)
        web = site.launch("serve", "--no-worker", "--port", "0", "--json", stderr=said)
        try:
            yield json.loads(web.stdout.readline())["address"].rstrip("/"), unlinked
        finally:
            web.send_signal(signal.SIGTERM)
            web.communicate(timeout=60)


def of_each_view(paths: list[str], most: int) -> list[str]:
    """The first pages that a view shows: those of another study differ by its words."""
    shown: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        shown[resolve(urlsplit(path).path).view_name].append(path)
    return [path for pages in shown.values() for path in pages[:most]]


def faults_of(browser: Browser, asked: Namespace, paths: list[str]) -> list[str]:
    """What goes wrong on the pages while nobody touches them, under the policy of the site."""
    with closing(browser.new_context(base_url=asked.site, locale="en")) as context:
        wrong, page = listen(context), sign_in(context, asked)
        for path in paths:
            page.goto(path)
            # Parts that the page asks for by itself come too.
            page.wait_for_load_state("networkidle")
    return wrong


def test_no_page_of_a_furnished_site_breaks_a_rule(browser: Browser, furnished):
    address, unlinked = furnished
    asked = Namespace(site=address, user="demo", password=PASSWORD)
    paths = [*pages_of(browser, asked), *unlinked]
    # The help is in English alone, and German words have the colours of English ones.
    in_german = [path for path in of_each_view(paths, 1) if not path.startswith("/help/")]
    looker = Looker(WIDTHS)
    assert faults_of(browser, asked, of_each_view(paths, 1)) == []
    for language, shown in (("en", of_each_view(paths, 2)), ("de", in_german)):
        schemes = SCHEMES if language == "en" else {"light": RULES}
        about = {"base_url": address, "locale": language, "bypass_csp": True}
        with closing(browser.new_context(**about)) as context:
            page = sign_in(context, asked)
            for path in shown:
                page.goto(path)
                looker.look(page, schemes)
    assert looker.problems == []
    assert views_missed(paths) == []
