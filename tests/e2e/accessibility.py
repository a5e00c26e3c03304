"""What every page must pass."""

from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The only ones that a theme can break.
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
NARROWEST = 320


def check(page: Page) -> None:
    """No violation of WCAG 2.2 AA, light, dark or in forced colours, and nothing beside the screen,
    however narrow.
    """
    _look(page, RULES)
    page.emulate_media(color_scheme="dark")
    _look(page, COLOURS)
    page.emulate_media(color_scheme="light", forced_colors="active")
    _look(page, COLOURS)
    page.emulate_media(forced_colors="none")
    _fits(page)
    size = page.viewport_size
    if size and size["width"] < 500:
        page.set_viewport_size({**size, "width": NARROWEST})
        _fits(page)
        page.set_viewport_size(size)


def check_light(page: Page) -> None:
    """The same of one theme alone, for pages whose colours another language has shown."""
    _look(page, RULES)
    _fits(page)


def _look(page: Page, rules: object) -> None:
    found = Axe().run(page, options={"runOnly": rules})
    problems = [
        f"{violation['id']}: {violation['help']}\n  "
        + "\n  ".join(node["html"] for node in violation["nodes"])
        for violation in found["violations"]
    ]
    assert not problems, f"{page.url}\n" + "\n".join(problems)
    assert found["passes"], "axe looked at nothing"


def _fits(page: Page) -> None:
    beside = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not beside, f"{page.url} must be scrolled sideways at {page.viewport_size}"
