"""Which column of an item table is what, by its header. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from surveys.questionnaire_files.languages import LANGUAGES, in_order, language_tag

# A role, and what columns of that role are called; the first name that is there counts.
_ROLES: Mapping[str, tuple[str, ...]] = {
    "key": (
        "key",
        "item_key",
        "name",
        "variable",
        "variable_name",
        "item_id",
        "itemid",
        "id",
        "main_id",
        "code",
        "item_code",
        "item_name",
        "nr",
        "no",
        "number",
        "item_number",
        "#",
        "item",
    ),
    "text": (
        "text",
        "item_text",
        "itemtext",
        "item",
        "wording",
        "question",
        "question_text",
        "statement",
        "stimulus",
        "prompt",
        "label",
        "wortlaut",
        "frage",
        "aussage",
        "itemwortlaut",
        "item_wording",
        "content",
    ),
    "facet": (
        "facet",
        "subscale",
        "subscales",
        "sub_scale",
        "factor",
        "dimension",
        "facette",
        "subskala",
        "domain",
    ),
    "reverse": (
        "r",
        "reverse",
        "reversed",
        "rev",
        "reverse_keyed",
        "reversekeyed",
        "reverse_key",
        "reverse_coded",
        "reverse_scored",
        "keyed",
        "keying",
        "direction",
        "invert",
        "inverted",
        "recode",
        "invertiert",
        "umgepolt",
        "score_func",
        "polarity",
        "key_direction",
    ),
    "scale": ("scale", "instrument", "construct", "questionnaire", "skala", "measure", "test"),
    "options": (
        "options",
        "choices",
        "response_options",
        "answers",
        "responses",
        "response_scale",
        "answer_options",
        "antworten",
        "antwortoptionen",
        "response_format",
        "format",
    ),
    "required": ("required", "mandatory", "pflicht"),
    "condition": ("showif", "condition", "show_if", "relevance", "filter"),
    "instruction": ("instruction", "instructions", "stem", "instruktion"),
}
_SIGNED = frozenset(("keyed", "keying", "direction", "polarity", "key_direction"))
_DIRECTIONS = frozenset(("1", "-1", "+1", "−1", "+", "-", "−"))
_CHOICE = re.compile(
    r"(?:choice|option|label|answer|response|mcalt|antwort|anchor)[ _.]?0*(\d{1,3})"
    r"(?:[ _.:]\(?([a-z]{2,3}(?:-[A-Za-z]+)?)\)?)?",
    re.IGNORECASE,
)
_TRANSLATED = re.compile(r"(.+?)[ _.:-]*[\[(]?\b([a-z]{2,3}(?:-[A-Za-z]{2,8})?)[\])]?")


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column is what: texts and choices by language, others by their role."""

    texts: Mapping[str, str]
    choices: Mapping[int, Mapping[str, str]]
    roles: Mapping[str, str]
    languages: tuple[str, ...]
    known: frozenset[str]
    language_said: bool
    # Whether reverse keys are signs: "1" is then none.
    signed: bool = False

    def directed(self, keys: set[str]) -> Columns:
        """The columns, where a column called key holds the direction of its items, 1 and -1."""
        if not keys or not keys <= _DIRECTIONS:
            return self
        roles = {role: header for role, header in self.roles.items() if role != "key"}
        return replace(self, roles={**roles, "reverse": self.roles["key"]}, signed=True)


@dataclass
class _Found:
    texts: dict[str, str] = field(default_factory=dict)
    choices: dict[int, dict[str, str]] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    said: bool = False


def columns_of(headers: Iterable[str], language: str) -> Columns:
    """What the headers say; words without a language of their own are in `language`."""
    headers = [header for header in headers if header]
    names = {header: re.sub(r"[ .\-]+", "_", header.strip().lower()) for header in headers}
    found = _Found()
    taken = {""}
    # The words first: "item" is a name only where they stand in another column.
    for role in sorted(_ROLES, key=lambda role: role != "text"):
        fitting = [header for name in _ROLES[role] for header in headers if names[header] == name]
        header = next((one for one in fitting if one not in taken), "")
        taken.add(header)
        if header and role == "text":
            found.texts[language] = header
        elif header:
            found.roles[role] = header
    unnamed = bool(found.texts)
    for header in headers:
        if header not in taken:
            _translated(header, language, found)
    # Where each language has a column of its own, there is none without a name.
    languages = in_order(
        "", [*found.texts, *(tag for one in found.choices.values() for tag in one)]
    )
    choices = {number for one in found.choices.values() for number in one.values()}
    return Columns(
        found.texts,
        dict(sorted(found.choices.items())),
        found.roles,
        languages or (language,),
        frozenset({*found.texts.values(), *found.roles.values(), *choices}),
        found.said and not unnamed,
        found.roles.get("reverse", "").strip().lower() in _SIGNED,
    )


def _translated(header: str, language: str, found: _Found) -> None:
    """A column of one language's words, or of one choice."""
    if choice := _CHOICE.fullmatch(header.strip()):
        tag = language_tag(choice[2]) if choice[2] else language
        found.choices.setdefault(int(choice[1]), {})[tag] = header
        return
    if header.strip().lower() in LANGUAGES:
        found.texts.setdefault(language_tag(header), header)
        found.said = True
        return
    parts = _TRANSLATED.fullmatch(header.strip().replace("_", " "))
    if parts is None or parts[2].split("-")[0].lower() not in LANGUAGES:
        return
    name = re.sub(r"[ .\-]+", "_", parts[1].strip().lower())
    if name in _ROLES["text"]:
        found.texts.setdefault(language_tag(parts[2]), header)
        found.said = True
