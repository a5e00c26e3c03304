"""What every page must pass."""

from collections.abc import Mapping, Sequence

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


# What is looked for in each; a theme breaks colours alone, and words change none.
SCHEMES = {"light": RULES, "dark": COLOURS}


class Looker:
    """Looks at many pages: axe is read once a load, and everything that is wrong is kept.

    A width can break any rule, a theme those of colours alone.
    """

    def __init__(self, widths: Sequence[int]) -> None:
        self.widths = widths
        self.problems: list[str] = []

    def look(self, page: Page, schemes: Mapping[str, object] = SCHEMES) -> None:
        """At the page as it is, in each width and scheme, by the rules that it names."""
        page.evaluate(Axe().axe_script)
        for width in self.widths:
            page.set_viewport_size({"width": width, "height": 900})
            for scheme, rules in schemes.items():
                page.emulate_media(color_scheme=scheme)
                found = page.evaluate(_RUN, {"runOnly": rules, "resultTypes": ["violations"]})
                where = f"{page.url} at {width} px, {scheme}"
                self.problems += [f"{where}: {one}" for one in found]
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                self.problems.append(f"{page.url} must be scrolled sideways at {width} px")


# Of each violation its rule and the first elements.
_RUN = """options => axe.run(document, options).then(found => found.violations.map(
  one => one.id + " " + one.nodes.slice(0, 3).map(node => node.html.slice(0, 200)).join("  ")))"""
