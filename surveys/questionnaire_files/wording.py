"""Texts of other programs as plain text: mark-up, tokens and scripts are named, not kept. Pure."""

from __future__ import annotations

import html
import re
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from surveys.codes import Problem, SentenceCode
from surveys.questionnaire_files.errors import NotKept
from surveys.questionnaire_files.questionnaire import Texts, Tool

LONGEST_SHOWN = 80
_BLOCKS = frozenset(
    [
        "address",
        "blockquote",
        "br",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "audio",
        "b",
        "big",
        "button",
        "center",
        "cite",
        "code",
        "col",
        "colgroup",
        "del",
        "em",
        "embed",
        "figcaption",
        "font",
        "i",
        "iframe",
        "img",
        "input",
        "ins",
        "label",
        "link",
        "mark",
        "meta",
        "nobr",
        "o",
        "object",
        "option",
        "param",
        "q",
        "s",
        "script",
        "select",
        "small",
        "source",
        "span",
        "strike",
        "strong",
        "style",
        "sub",
        "sup",
        "svg",
        "textarea",
        "time",
        "tt",
        "u",
        "var",
        "video",
        "wbr",
    ]
)
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)(?::[A-Za-z]+)?((?:\s[^<>]*)?/?)>")
_SOURCE = re.compile(r"""\b(?:src|data)\s*=\s*["']?([^"'\s>]{1,200})""", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\n]+")
_LINE_ENDS = re.compile(r"[ \t]*\n[ \t\n]*")
_WITH_CONTENT = ("script", "style")
# As long as it was, which lower() of some letters is not.
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_PICTURES = frozenset(("img", "audio", "video", "iframe", "embed", "object", "source"))

_TOKENS: Mapping[Tool, re.Pattern[str]] = {
    # A brace before a space is no expression in LimeSurvey.
    Tool.LIMESURVEY: re.compile(r"\{(?=[^\s{}])([^{}]{1,2000})\}"),
    Tool.QUALTRICS: re.compile(r"\$\w{0,2}\{([^{}]{1,2000})\}"),
    Tool.SURVEYJS: re.compile(r"\{(?=[^\s{}])([^{}\n]{1,200})\}"),
    Tool.REDCAP: re.compile(r"\{([a-z][a-z0-9_]{0,100}(?::[a-z]+)?)\}"),
    Tool.FORMR: re.compile(r"`r ([^`]{1,2000})`"),
    Tool.PSYCHTESTR: re.compile(r"\{\{([^{}]{1,200})\}\}"),
}


def shown(text: str) -> str:
    """A text as it is shown beside a problem, on one line and cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_SHOWN else line[: LONGEST_SHOWN - 1] + "…"


@dataclass
class Wording:
    """Reads the texts of one program and notes what is not in the plain text."""

    tool: Tool
    losses: list[Problem] = field(default_factory=list)

    def note(self, where: str, code: SentenceCode, /, **arguments: Any) -> None:
        """Note what is lost or changed at one place; the same is noted once."""
        problem = Problem(where, code, arguments)
        if problem not in self.losses[-20:]:
            self.losses.append(problem)

    def texts(self, raw: Mapping[str, Any], where: str, *, line: bool = False) -> Texts:
        """Texts by language, those left out that hold no words; `line` makes each one line."""
        plain = {language: self.plain(text, where) for language, text in raw.items()}
        if line:
            plain = {language: " ".join(text.split("\n")) for language, text in plain.items()}
        return {language: text for language, text in plain.items() if text}

    def plain(self, raw: Any, where: str) -> str:
        """The words of one text."""
        if not isinstance(raw, str):
            return str(raw) if isinstance(raw, int | float) and not isinstance(raw, bool) else ""
        text = raw.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "")
        text = self._without_tags(text, where) if "<" in text else text
        if "&" in text:
            text = html.unescape(text).replace("\0", "")
        text = self._without_tokens(text, where)
        return _LINE_ENDS.sub("\n", text).strip()

    def help(self, raw: Mapping[str, Any], where: str) -> None:
        """Note a help text, for which there is no place."""
        text = next((plain for one in raw.values() if (plain := _words(one))), "")
        if text:
            self.note(where, NotKept.HELP, text=shown(text))

    def page_text(self, name: str, raw: Any) -> None:
        """Note a text that stands outside the questions: a welcome, an end, an address."""
        if isinstance(raw, str) and (text := _words(raw)):
            self.note("survey", NotKept.PAGE_TEXT, what=name, text=shown(text))

    def _without_tags(self, text: str, where: str) -> str:
        text = _without(text, "<!--", "-->")
        for name in _WITH_CONTENT:
            if f"<{name}" in text.lower():
                text = _without(text, f"<{name}", f"</{name}>")
                if name == "script":
                    self.note(where, NotKept.SCRIPT)
                else:
                    self.note(where, NotKept.MARKUP, tags=name)
        tags = {tag for _, tag, _ in _found(text)}
        if not tags:
            return text
        for _, tag, attributes in _found(text):
            if tag in _PICTURES and (source := _SOURCE.search(attributes)):
                self.note(where, NotKept.PICTURE, source=shown(source[1]))
        if rest := tags - _PICTURES:
            self.note(where, NotKept.MARKUP, tags=", ".join(sorted(rest)))
        return _TAG.sub(_replacement, _SPACE.sub(" ", text))

    def _without_tokens(self, text: str, where: str) -> str:
        pattern = _TOKENS.get(self.tool)
        if pattern is None or not ("{" in text or "`r" in text):
            return text

        def replaced(found: re.Match[str]) -> str:
            name = shown(found[1].replace("[", "(").replace("]", ")"))
            self.note(where, NotKept.TOKEN, token=shown(found[0]), name=name)
            return f"[{name}]"

        return pattern.sub(replaced, text)


def _found(text: str) -> list[tuple[str, str, str]]:
    found = ((one[1], one[2].lower(), one[3]) for one in _TAG.finditer(text))
    return [one for one in found if one[1] in _BLOCKS or one[1] in _INLINE]


def _replacement(found: re.Match[str]) -> str:
    tag = found[2].lower()
    if tag in _BLOCKS:
        return "\n"
    # What only looks like a tag, such as <name>, is a part of the words.
    return "" if tag in _INLINE else found[0]


def _without(text: str, start: str, end: str) -> str:
    """The text without what stands between the marks; what never ends goes up to the end."""
    folded = text.translate(_LOWER)
    parts, place = [], 0
    while (begin := folded.find(start, place)) >= 0:
        parts.append(text[place:begin])
        stop = folded.find(end, begin)
        if stop < 0:
            return "".join(parts)
        place = stop + len(end)
    return "".join([*parts, text[place:]])


def _words(raw: Any) -> str:
    """The bare words of a text, of which nothing is noted."""
    if not isinstance(raw, str):
        return ""
    return html.unescape(_TAG.sub(" ", raw)).strip() if raw else ""
