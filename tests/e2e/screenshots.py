"""Pictures of every page of a served site: `python -m tests.e2e.screenshots --help`.

Pages are found by following links from the list of studies, so that a new page needs no line here;
of pages that differ in a number alone a few are taken. Nothing is sent but the log-in.
"""

import argparse
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
WIDTHS = (1280, 390)
OF_A_KIND = 2
# Files, and addresses of other programs.
NO_PAGE = re.compile(
    r"\.(svg|png|toml|jsonl|csv|pdf|zip)$|/(report|supplement|archive|file|export)/$"
)


def main() -> None:
    """Take them all, each in both widths, themes and languages that were asked for."""
    asked = _arguments()
    asked.directory.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        paths = asked.path or list(_found(browser, asked))
        for language in asked.language:
            for theme in asked.theme:
                context = _context(browser, asked, language, theme)
                for path in paths:
                    _take(context, path, asked.directory, f"{language}-{theme}", asked.width)
                context.close()
        browser.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Pictures of every page of a served site.")
    parser.add_argument("directory", type=Path, help="Where the pictures go.")
    parser.add_argument("--site", default="http://127.0.0.1:8000")
    parser.add_argument("--user", default="demo")
    parser.add_argument("--password", required=True)
    parser.add_argument("--path", action="append", help="This page alone; can be repeated.")
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
    page = context.new_page()
    page.goto("/login/")
    page.locator("#id_username").fill(asked.user)
    page.locator("#id_password").fill(asked.password)
    page.locator("main button.primary").click()
    page.close()
    return context


def _found(browser: Browser, asked: argparse.Namespace) -> Iterator[str]:
    """The addresses that links lead to, the list of studies first."""
    context = _context(browser, asked, "en", "light")
    page, waiting, seen = context.new_page(), ["/"], {"/"}
    kinds: dict[str, int] = defaultdict(int)
    while waiting:
        path = waiting.pop(0)
        yield path
        page.goto(path)
        for link in _links(page, asked.site):
            kind = re.sub(r"\d+", "N", link.partition("?")[0])
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
        if not NO_PAGE.search(one.path)
    ]


def _take(
    context: BrowserContext, path: str, directory: Path, manner: str, widths: list[int]
) -> None:
    page = context.new_page()
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(path, wait_until="networkidle")
        name = re.sub(r"[^\w-]+", "_", path).strip("_") or "home"
        page.screenshot(path=directory / f"{name}-{manner}-{width}.png", full_page=True)
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            sys.stderr.write(f"{path} must be scrolled sideways at {width} px\n")
    page.close()


if __name__ == "__main__":
    main()
