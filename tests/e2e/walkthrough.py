"""A page of the help that is walked literally: its numbered steps, read and done in a browser.

    Open *Instruments*                      a link of the page
    Press **New study**                     a button, or a link that looks like one
    Fill *Name* with `Poster`               a field, by its label
    Paste into *Items* what stands here:    the block of code that follows the step
    Choose `Agreement` in *Scale*           an option of a field
    Tick *Shuffle its items*                a box; Untick as well
    Unfold *More about it*                  a part that is folded
    You see “It is published”               words on the page; waited for
    Run `manage.py …`                       a command in a terminal
    Answer every page until you see “…”     the first option of each question, page by page
    Go back to the workspace                the page that was left for the participant's
    Keep *a.pdf*                            the link of that name is a file that comes

Whatever stands in bold or italics within a numbered step must belong to one of these, and each step
must hold one: what the page says and what is done cannot differ. `python -m
tests.e2e.walkthrough --help` walks a served site and takes the pictures of the page.
"""

import argparse
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, Page, expect, sync_playwright

PAGE = Path(__file__).parents[2] / "docs" / "first-study.md"
PATIENCE = 60_000
PHRASES = {
    "open": r"[Oo]pen \*([^*]+)\*",
    "press": r"[Pp]ress \*\*([^*]+)\*\*",
    "fill": r"[Ff]ill \*([^*]+)\* with `([^`]+)`",
    "paste": r"[Pp]aste into \*([^*]+)\* what stands here:",
    "choose": r"[Cc]hoose `([^`]+)` in \*([^*]+)\*",
    "tick": r"(?<!n)[Tt]ick \*([^*]+)\*",
    "untick": r"[Uu]ntick \*([^*]+)\*",
    "unfold": r"[Uu]nfold \*([^*]+)\*",
    "see": r"[Yy]ou see “([^”]+)”",
    "run": r"[Rr]un `([^`]+)`",
    "answer": r"[Aa]nswer every page until you see “([^”]+)”",
    "back": r"([Gg]o back to the workspace)",
    "keep": r"[Kk]eep \*([^*]+)\*",
}
_ANY = re.compile("|".join(f"(?P<{name}>{phrase})" for name, phrase in PHRASES.items()))
_STEP = re.compile(r"^\d+\. ", re.MULTILINE)
_CODE = re.compile(r"^   ```\w*\n(.*?)^   ```", re.MULTILINE | re.DOTALL)
_PICTURE = re.compile(r"^!\[[^]]*\]\(pictures/([\w-]+\.png)\)", re.MULTILINE)


# A button or link whose words, as they are seen, are these; " …" stands for a question.
PRESSED = """name => [...document.querySelectorAll("main button, main a")].find(one => {
  if (!one.checkVisibility() || one.matches(".visually-hidden")) return false;
  const seen = one.cloneNode(true);
  seen.querySelectorAll(".visually-hidden").forEach(hidden => hidden.remove());
  const words = seen.textContent.trim().replace(/\\s+/g, " ");
  return words === name || words === name + " …";
})"""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing to do: what, with which words, and the line that says it."""

    does: str
    words: tuple[str, ...]
    said: str


class PageError(Exception):
    """The page says something that nobody could do."""


def read_acts(text: str) -> Iterator[Act]:
    """What the numbered steps say to do, in order; a picture is an act `picture`."""
    for block in re.split(r"\n(?=\d+\. |#|!\[|[A-Z`|])", text):
        if picture := _PICTURE.match(block):
            yield Act("picture", (picture[1],), block)
        elif _STEP.match(block):
            yield from _acts_of(block)


def _acts_of(step: str) -> Iterator[Act]:
    code = _CODE.search(step)
    prose = " ".join(_CODE.sub("", step).split())
    acts = []
    for found in _ANY.finditer(prose):
        name = found.lastgroup or ""
        inner = re.fullmatch(PHRASES[name], found.group())
        words = tuple(inner.groups()) if inner else ()
        if name == "paste":
            if code is None:
                raise PageError(f"nothing stands there to paste: {prose}")
            words = (*words, "".join(line[3:] for line in code[1].splitlines(keepends=True)))
        acts.append(Act(name, words, prose))
    rest = _ANY.sub("", prose)
    if not acts or "*" in rest:
        raise PageError(f"nobody could do this literally: {prose}")
    return iter(acts)


@dataclass
class Walker:
    """Does what the page says, in one browser tab; `run` carries out a command."""

    page: Page
    run: Callable[[list[str]], object]
    pictures: Path | None = None
    files: list[bytes] = field(default_factory=list)
    _left: str = ""

    def walk(self, acts: Iterator[Act]) -> None:
        """Do all of it; a failure names the step."""
        for act in acts:
            try:
                getattr(self, f"do_{act.does}")(*act.words)
            except Exception as error:
                where = f"{act.does} {act.words} at {self.page.url}"
                raise AssertionError(f"{where}\n{act.said}\n{error}") from error

    def do_open(self, name: str) -> None:
        named = re.compile(rf"^{re.escape(name)}\b")
        self._first(self.page.get_by_role("link", name=named)).click()

    def do_press(self, name: str) -> None:
        found = self.page.wait_for_function(PRESSED, arg=name).as_element()
        if found is None:
            raise PageError(f"there is nothing to press: {name}")
        found.click(timeout=PATIENCE)

    def do_fill(self, label: str, words: str) -> None:
        self._field(label).fill(words)

    def do_paste(self, label: str, words: str) -> None:
        self._field(label).fill(words)

    def do_choose(self, option: str, label: str) -> None:
        self._field(label).select_option(label=option)

    def do_tick(self, label: str) -> None:
        self._first(self.page.get_by_label(label, exact=True)).check()

    def do_untick(self, label: str) -> None:
        self._first(self.page.get_by_label(label, exact=True)).uncheck()

    def do_unfold(self, name: str) -> None:
        self._first(self.page.locator("summary").filter(has_text=name)).click()

    def do_see(self, words: str) -> None:
        self._first(self.page.get_by_text(words)).wait_for(timeout=PATIENCE)

    def do_run(self, command: str) -> None:
        self.run(shlex.split(command)[1:])
        self.page.reload()

    def do_answer(self, end: str) -> None:
        """As somebody who agrees: the first option of each question, and what is asked in words."""
        self._left = self.page.url
        address = self.page.locator("[data-copy]").first.input_value()
        self.page.goto(address)
        self._first(self.page.locator("button[value=agree]")).click()
        while not self.page.get_by_text(end).count():
            for item in self.page.locator("fieldset.item").all():
                item.get_by_role("radio").first.check()
            self.page.locator("button.primary").first.click()

    def do_back(self, _words: str) -> None:
        self.page.goto(self._left)

    def do_keep(self, name: str) -> None:
        link = self._first(self.page.get_by_role("link", name=name))
        address = link.get_attribute("href") or ""
        answer = self.page.request.get(address)
        expect(answer).to_be_ok()
        self.files.append(answer.body())

    def do_picture(self, name: str) -> None:
        if self.pictures:
            self.page.wait_for_load_state("networkidle")
            taken = Image.open(BytesIO(self.page.screenshot()))
            # Pages have few colours, and a repository keeps every version of a picture.
            taken.convert("RGB").quantize(48).save(self.pictures / name, optimize=True)

    def _field(self, label: str) -> Locator:
        return self._first(self.page.get_by_label(label, exact=True))

    def _first(self, found: Locator) -> Locator:
        """The first of them that is shown."""
        seen = self.page.locator(":not(.visually-hidden)")
        return found.and_(seen).locator("visible=true").first


def log_in(page: Page, user: str, password: str) -> None:
    """As the page tells its reader before the first step."""
    page.goto("/login/")
    page.locator("#id_username").fill(user)
    page.locator("#id_password").fill(password)
    page.locator("main button.primary").click()


def main() -> None:
    """Walk a served site and take the pictures."""
    parser = argparse.ArgumentParser(description="Walk the first study and take its pictures.")
    parser.add_argument("pictures", type=Path, help="Where they go: docs/pictures.")
    parser.add_argument("--site", default="http://127.0.0.1:8000")
    parser.add_argument("--user", required=True)
    parser.add_argument("--password", required=True)
    asked = parser.parse_args()
    asked.pictures.mkdir(parents=True, exist_ok=True)
    manage = str(PAGE.parents[1] / "manage.py")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_context(
            base_url=asked.site, locale="en", viewport={"width": 1100, "height": 720}
        ).new_page()
        log_in(page, asked.user, asked.password)
        walker = Walker(
            page,
            lambda words: subprocess.run([sys.executable, manage, *words], check=True),
            asked.pictures,
        )
        walker.walk(read_acts(PAGE.read_text(encoding="utf-8")))
        browser.close()


if __name__ == "__main__":
    main()
