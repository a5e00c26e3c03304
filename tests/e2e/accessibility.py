"""What every page must pass."""

from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def check(page: Page) -> None:
    """No violation of WCAG 2.2 AA, and nothing beside the screen."""
    found = Axe().run(page, options={"runOnly": RULES})
    problems = [
        f"{violation['id']}: {violation['help']}\n  "
        + "\n  ".join(node["html"] for node in violation["nodes"])
        for violation in found["violations"]
    ]
    assert not problems, f"{page.url}\n" + "\n".join(problems)
    assert found["passes"], "axe looked at nothing"
    beside = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not beside, f"{page.url} must be scrolled sideways"
