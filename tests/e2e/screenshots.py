"""Pictures of every page of a served site: `python -m tests.e2e.screenshots DIRECTORY --furnish`.

The site is what `manage.py demo` made, with what `whole_site` adds, so that no page is empty.

Pages are found by following links from the list of studies, so that a new page needs no line here;
of pages that differ in a number alone a few are taken. Nothing is sent but the log-in. A link
that leads nowhere ends it. Addresses of the program say whether any was missed: a view that no link
led to, and for which `NO_PICTURE` has no reason, is named, and the status is 1.
"""

import argparse
import os
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import django
from django.contrib.auth import get_user_model
from django.urls import URLPattern, get_resolver, resolve
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
WIDTHS = (1280, 390)
OF_A_KIND = 2
# What lies below the window is loaded as well: a picture of the whole page shows it.
LOADED = """Promise.all(Array.from(document.images, image => {
    image.loading = 'eager';
    return image.complete || new Promise(done => { image.onload = image.onerror = done; });
}))"""
# Files, and addresses of other programs.
NO_PAGE = re.compile(
    r"\.(svg|png|toml|jsonl|csv|pdf|zip|py|R)$|/(report|reports/\d+|supplement|archive|file|export)/$"
)

# Why there is no picture of a view.
SENT, FILE, PART = "it is sent a form", "it is a file", "it is a part of another page"
PERSON = "it belongs to somebody who takes part, and is walked by tests of its own"
STATE = "it is there in a state that a served site need not have"
NO_PICTURE: dict[str, str] = {
    **dict.fromkeys(
        [
            "information",
            "begin",
            "come_back",
            "go_on",
            "resume",
            "surveys:page",
            "demographics",
            "review",
        ],
        PERSON,
    ),
    **dict.fromkeys(["end", "stored", "next_person", "leave", "withdraw", "unsubscribe"], PERSON),
    **dict.fromkeys(["appearance", "revoke_token", "archive_study", "switch_link", "fit"], SENT),
    **dict.fromkeys(["try_out", "retention", "read_pasted", "new_block", "change_block"], SENT),
    **dict.fromkeys(["cancel_job", "cancel", "write_report", "steer", "set_aside", "cap"], SENT),
    **dict.fromkeys(["read_again", "ask_again", "send_again", "look_at_people"], SENT),
    **dict.fromkeys(["logout", "archive_run", "back_up_now", "archive_panel", "retune"], SENT),
    **dict.fromkeys(["check_endpoints", "try_endpoint", "change_member", "steer_webhook"], SENT),
    **dict.fromkeys(
        ["end_sessions", "end_two_factor", "new_invitation", "terms", "rehearse"], SENT
    ),
    **dict.fromkeys(["next_instrument", "recovery_codes", "revoke_invitation", "rehearse"], SENT),
    **dict.fromkeys(["beside_table", "figure_csv", "figure_png", "log_file", "study_zip"], FILE),
    **dict.fromkeys(["media", "health"], FILE),
    **dict.fromkeys(["collected", "delete_instrument"], STATE),
    "second_factor": "it is a step of logging in",
    **dict.fromkeys(["stored_file", "study_file", "instrument_file", "draft_file"], FILE),
    **dict.fromkeys(["link_qr", "link_list_file", "link_list_sheet", "payment_list"], FILE),
    **dict.fromkeys(["job_file", "plan_file", "figure", "report", "supplement", "archive"], FILE),
    **dict.fromkeys(["export", "picture", "client"], FILE),
    **dict.fromkeys(["job", "panel_fragment", "quota_table"], PART),
    "login": "whoever takes the pictures is logged in",
}


def main() -> None:
    """Take them all, each in both widths, themes and languages that were asked for."""
    asked = _arguments()
    asked.directory.mkdir(parents=True, exist_ok=True)
    also = _furnished(asked.user) if asked.furnish else []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        paths = asked.path or [*pages_of(browser, asked), *also]
        for language in asked.language:
            for theme in asked.theme:
                context = _context(browser, asked, language, theme)
                for path in paths:
                    _take(context, path, asked.directory, f"{language}-{theme}", asked.width)
                context.close()
        browser.close()
    if not asked.path and (missed := views_missed(paths)):
        sys.exit(f"No link led to {', '.join(missed)}; NO_PICTURE says why a view has none.")


def _furnished(name: str) -> list[str]:
    """What `whole_site` adds to the database of these settings, which the site must serve."""
    user = get_user_model().objects.get(username=name)
    user.is_staff = True
    user.save()
    found: list[str] = import_module("tests.e2e.whole_site").furnish(user)
    return found


def views_missed(paths: Iterable[str]) -> list[str]:
    """The views of the workspace that none of these addresses shows, and that should be shown."""
    seen = {resolve(urlsplit(path).path).view_name for path in paths}
    return sorted(name for name in office_views() - seen if not (_names(name) & NO_PICTURE.keys()))


def _names(view: str) -> set[str]:
    """With its app, and without it."""
    return {view, view.split(":")[-1]}


def office_views() -> set[str]:
    """The names of all views but those of the admin and of REST."""
    found: set[str] = set()

    def collect(patterns: Iterable[Any], space: str) -> None:
        for one in patterns:
            if not isinstance(one, URLPattern):
                collect(one.url_patterns, one.namespace or space)
            elif one.name and space not in {"admin", "api"}:
                found.add(f"{space}:{one.name}" if space else one.name)

    for entry in get_resolver().url_patterns:
        if not str(entry.pattern).startswith(("api/", "admin/")):
            collect([entry], "")
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Pictures of every page of a served site.")
    parser.add_argument("directory", type=Path, help="Where the pictures go.")
    parser.add_argument("--site", default="http://127.0.0.1:8000")
    parser.add_argument("--user", default="demo")
    parser.add_argument("--password", required=True)
    parser.add_argument("--path", action="append", help="This page alone; can be repeated.")
    parser.add_argument(
        "--furnish", action="store_true", help="First add to the demo's site what it leaves out."
    )
    parser.add_argument("--language", action="append", choices=("en", "de"))
    parser.add_argument("--theme", action="append", choices=("light", "dark"))
    parser.add_argument("--width", action="append", type=int)
    asked = parser.parse_args()
    asked.language = asked.language or ["en", "de"]
    asked.theme = asked.theme or ["light", "dark"]
    asked.width = asked.width or list(WIDTHS)
    return asked


def _context(
    browser: Browser, asked: argparse.Namespace, language: str, theme: str
) -> BrowserContext:
    """A browser of somebody who is logged in."""
    context = browser.new_context(base_url=asked.site, locale=language, color_scheme=theme)
    sign_in(context, asked).close()
    return context


def sign_in(context: BrowserContext, asked: argparse.Namespace) -> Page:
    """A page of somebody who has logged in."""
    page = context.new_page()
    page.goto("/login/")
    page.locator("#id_username").fill(asked.user)
    page.locator("#id_password").fill(asked.password)
    page.locator("main button.primary").click()
    return page


def pages_of(browser: Browser, asked: argparse.Namespace) -> Iterator[str]:
    """The addresses that links lead to, the list of studies first."""
    context = _context(browser, asked, "en", "light")
    page, waiting, seen = context.new_page(), ["/"], {"/"}
    kinds: dict[str, int] = defaultdict(int)
    while waiting:
        path = waiting.pop(0)
        yield path
        answer = page.goto(path)
        if answer is None or not answer.ok:
            sys.exit(f"A link leads to {path}, which answers {answer and answer.status}.")
        for link in _links(page, asked.site):
            kind = re.sub(r"(?<=decisions/)[^/]+|\d+", "N", link.partition("?")[0])
            if link not in seen and kinds[kind] < OF_A_KIND:
                seen.add(link)
                kinds[kind] += 1
                waiting.append(link)
    context.close()


def _links(page: Page, site: str) -> list[str]:
    """What the page links to on the site itself, without places within pages."""
    links = page.locator("a[href]").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    whole = [urlsplit(urljoin(page.url, link)) for link in links]
    here = [one for one in whole if f"{one.scheme}://{one.netloc}" == site]
    return [
        one._replace(scheme="", netloc="", fragment="").geturl()
        for one in here
        if not NO_PAGE.search(one.path) and "file=csv" not in one.query
    ]


def _take(
    context: BrowserContext, path: str, directory: Path, manner: str, widths: list[int]
) -> None:
    page = context.new_page()
    page.goto(path)
    page.evaluate(LOADED)
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        name = re.sub(r"[^\w-]+", "_", path).strip("_") or "home"
        page.screenshot(path=directory / f"{name}-{manner}-{width}.png", full_page=True)
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            sys.stderr.write(f"{path} must be scrolled sideways at {width} px\n")
    page.close()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    main()
