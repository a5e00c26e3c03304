"""What can be wrong with an instrument or study, said so that its author can put it right.

InstrumentFileError(ValueError)   a file is not a valid instrument, study or plan
UnknownLanguage(ValueError)       a language that the instrument or study does not have
UnknownBundle(ValueError)         no study of that name comes with the program
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from surveys.codes import Problem, SentenceCode
from surveys.codes import marked as _


class Wanted(SentenceCode):
    """What a value should be; part of a sentence."""

    TEXT = "text", _("text in quotation marks")
    WHOLE_NUMBER = "whole_number", _("a whole number")
    NUMBER = "number", _("a number")
    TRUE_OR_FALSE = "true_or_false", _("true or false")
    TABLE = "table", _("a table of keys and values")
    CODES = "codes", _("a table, { code = … }")
    CODE_VALUE = "code_value", _("a whole number or text")
    COLUMN_AIM = (
        "column_aim",
        _("one of `item`, `demographic` and `sampling`, what this column is for"),
    )
    SAMPLING_VALUE = (
        "sampling_value",
        _("text that names a cluster or stratum; a weight is taken as it stands in the file"),
    )
    LIST = "list", _("a list of %(parts)s")
    TEXTS = "texts", _("texts in quotation marks")
    NAMES = "names", _("names in quotation marks")
    WHOLE_NUMBERS = "whole_numbers", _("whole numbers")
    TABLES = "tables", _("tables, each [[%(path)s]]")
    FACET = "facet", _("the item's facet: %(advice)s")


class Shape(SentenceCode):
    """How a name is written; part of a sentence."""

    SLUG = "slug", _("lower-case words joined by hyphens")
    KEY = (
        "key",
        _("a lower-case letter followed by lower-case letters, digits or underscores"),
    )
    VERSION = "version", _("numbers joined by dots, in quotation marks")
    LANGUAGE = "language", _("a language tag such as 'en' or 'de-CH'")
    REF = "ref", _("block.item")
    VARIABLE = "variable", _("a letter followed by letters, digits, dots or underscores")


class FileMistake(SentenceCode):
    """Every mistake that is found in an instrument or a study."""

    FILE_MISSING = "file_missing", _("there is no such file; check its name")
    FILE_UNREADABLE = (
        "file_unreadable",
        _("the file cannot be read (%(reason)s); check what it is and who may read it"),
    )
    NOT_UTF8 = "not_utf8", _("the file is not UTF-8 text; save it as UTF-8")
    NOT_TOML = "not_toml", _("this is not valid TOML: %(reason)s")
    MISSING_KEY = "missing_key", _("this is missing; give %(wanted)s")
    UNKNOWN_KEY = "unknown_key", _("this key is unknown; %(advice)s")
    WRONG_TYPE = "wrong_type", _("this must be %(wanted)s, not %(given)s")
    EMPTY_TEXT = "empty_text", _("this text is empty; write it, or remove the key")
    EMPTY_LIST = "empty_list", _("this list is empty; give %(wanted)s")
    MALFORMED_NAME = (
        "malformed_name",
        _("%(given)r must be %(shape)s, at most %(longest)s characters"),
    )
    UNSTORABLE_TEXT = (
        "unstorable_text",
        _("this text holds a character that cannot be stored (U+0000); remove it"),
    )
    TOO_LONG = (
        "too_long",
        _("this text has %(given)s characters, and %(most)s is the most; shorten it"),
    )
    UNKNOWN_CHOICE = "unknown_choice", _("%(given)r is unknown here; %(advice)s")
    TOO_SMALL = "too_small", _("%(given)s is too small; use %(least)s or more")
    TOO_LARGE = "too_large", _("%(given)s is too large; use %(most)s or less")
    DUPLICATE_VALUE = "duplicate_value", _("%(given)r is listed twice; keep it once")
    MISSING_LANGUAGE = (
        "missing_language",
        _("there are no %(language)r texts here; write them, or remove the language"),
    )
    UNDECLARED_LANGUAGE = (
        "undeclared_language",
        _(
            "the file does not declare the language %(language)r; add it to `languages`, or remove "
            "this text"
        ),
    )
    DUPLICATE_KEY = (
        "duplicate_key",
        _("the key %(key)r is used %(count)s times; give each its own"),
    )
    DUPLICATE_TEXT = (
        "duplicate_text",
        _("item %(item)r has the same text; reword one of them"),
    )
    DUPLICATE_LABEL = (
        "duplicate_label",
        _("%(count)s options read %(label)r in %(language)r; give each its own label"),
    )
    LABEL_NUMBER = (
        "label_number",
        _(
            "the label %(label)r in %(language)r shows the number %(number)s and its value is "
            "%(value)s, so that a reply of %(number)s has two meanings; give the option the value "
            "%(number)s, or write a label without a number"
        ),
    )
    UNKNOWN_ITEM = "unknown_item", _("there is no item %(given)r; %(advice)s")
    UNKNOWN_FACET = "unknown_facet", _("there is no facet %(given)r; %(advice)s")
    UNKNOWN_RESPONSE_SCALE = (
        "unknown_response_scale",
        _("there is no response scale %(given)r; %(advice)s"),
    )
    UNKNOWN_BLOCK = "unknown_block", _("there is no block %(given)r; %(advice)s")
    UNKNOWN_INSTRUMENT = (
        "unknown_instrument",
        _("there is no instrument %(instrument)s %(version)s; available: %(known)s"),
    )
    UNKNOWN_VALUE = (
        "unknown_value",
        _("the response scale has no value %(given)s; use one of %(known)s"),
    )
    UNUSED_FACET = "unused_facet", _("no item belongs to this facet; give it items or remove it")
    UNUSED_RESPONSE_SCALE = (
        "unused_response_scale",
        _("no item uses this response scale; remove it"),
    )
    TOO_FEW_OPTIONS = "too_few_options", _("one option is no choice; give two or more")
    VALUES_NOT_ASCENDING = (
        "values_not_ascending",
        _("the values must rise from option to option, each used once; reorder the options"),
    )
    EMPTY_RANGE = (
        "empty_range",
        _("the minimum %(minimum)s is above the maximum %(maximum)s; exchange them"),
    )
    CHECK_OUTSIDE_BLOCK = (
        "check_outside_block",
        _("the block has %(items)s items; use 0 to %(items)s"),
    )


class InstrumentFileError(ValueError):
    """A file is not a valid instrument, study or plan; `problems` is all that was found at once."""

    def __init__(self, file: str, problems: Sequence[Problem]) -> None:
        self.file = file
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{file}: {p.where}: {p.message}" for p in self.problems))

    @property
    def where(self) -> str:
        """The place of the first problem."""
        return self.problems[0].where

    @property
    def message(self) -> str:
        """What is wrong first and what to do, in English."""
        return self.problems[0].message

    @property
    def code(self) -> str:
        """The code of the first problem."""
        return self.problems[0].code.value

    @property
    def details(self) -> dict[str, Any]:
        """Every problem as plain values, for programs."""
        return {"problems": [problem.as_json() for problem in self.problems]}


class UnknownLanguage(ValueError):
    """The language is none of those that the instrument or study was written in."""

    code = "unknown_language"

    def __init__(self, slug: str, language: str, known: Sequence[str]) -> None:
        super().__init__(f"{slug} has no language {language!r}; choose from {', '.join(known)}")


class UnknownBundle(ValueError):
    """No bundled study has this slug."""

    code = "unknown_bundle"

    def __init__(self, slug: str, known: Sequence[str]) -> None:
        super().__init__(f"no bundled study is called {slug!r}; choose from {', '.join(known)}")
