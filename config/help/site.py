"""Reading the built help site, and searching in it."""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from pathlib import Path

from config.help.building import INDEX, place

MOST_FOUND = 30
_AROUND = 110
_TITLE = re.compile(r"\A<title>(.*?)</title>\n?", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True, slots=True)
class HelpPage:
    """A page as it was built: its title, and its navigation and content as HTML."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a page in which all words occur; `address` is below /help/."""

    address: str
    title: str
    page: str
    before: str
    hit: str
    after: str


@dataclass(frozen=True, slots=True)
class _Part:
    address: str
    title: str
    page: str
    text: str
    folded_title: str
    folded: str


def read_page(path: str) -> HelpPage | None:
    """The page of an address below /help/; None where there is none, or no site was built."""
    root = place().resolve()
    file = (root / path / "index.html").resolve()
    if not file.is_relative_to(root) or not file.is_file():
        return None
    text = file.read_text(encoding="utf-8")
    found = _TITLE.match(text)
    return HelpPage(unescape(found[1]) if found else "", text[found.end() :] if found else text)


def is_built() -> bool:
    """Whether there is anything to read."""
    return (place() / INDEX).is_file()


def search_help(words: str, most: int = MOST_FOUND) -> list[Passage]:
    """The parts in which every word occurs: in titles first, then by how often, then by place."""
    wanted = [word.casefold() for word in words.split()]
    if not wanted or not is_built():
        return []
    scored = []
    for number, part in enumerate(_parts()):
        if all(word in part.folded or word in part.folded_title for word in wanted):
            scored.append((-_weight(part, wanted), number, part))
    return [_passage(part, wanted) for _weight_, _number, part in sorted(scored)[:most]]


def _weight(part: _Part, wanted: list[str]) -> int:
    in_title = sum(20 for word in wanted if word in part.folded_title)
    return in_title + sum(min(part.folded.count(word), 5) for word in wanted)


def _passage(part: _Part, wanted: list[str]) -> Passage:
    found = re.search("|".join(map(re.escape, wanted)), part.text, re.IGNORECASE)
    start, end = found.span() if found else (0, 0)
    begin = max(0, start - _AROUND)
    return Passage(
        part.address,
        part.title,
        part.page,
        ("…" if begin else "") + part.text[begin:start],
        part.text[start:end],
        part.text[end : end + _AROUND] + ("…" if len(part.text) > end + _AROUND else ""),
    )


def _parts() -> tuple[_Part, ...]:
    file = place() / INDEX
    return _parts_of(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _parts_of(file: Path, _moment: int) -> tuple[_Part, ...]:
    """The parts of the site that was built at this moment, read once."""
    entries = json.loads(file.read_text(encoding="utf-8"))["docs"]
    pages = {one["location"]: _plain(one["title"]) for one in entries if "#" not in one["location"]}
    return tuple(
        _part(one["location"], _plain(one["title"]), _plain(one["text"]), pages)
        for one in entries
        # A whole page comes besides as its parts; where it has some, these say where.
        if "#" in one["location"]
    )


def _part(location: str, title: str, text: str, pages: dict[str, str]) -> _Part:
    page = pages.get(location.partition("#")[0], "")
    return _Part(location, title, page, text, title.casefold(), text.casefold())


def _plain(html: str) -> str:
    return " ".join(unescape(_TAG.sub("", html)).split())
