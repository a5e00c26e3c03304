"""Options of a response scale as lines of text, one language at a time: ``1 = Disagree``. Pure.

Lines of several languages belong together by what stands before the sign; a line without one gets
its number, or the key of the line in the same place of an earlier language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from surveys.instrument_files.authoring.names import free_name, name_of

Values = dict[str, Any]
_CODED = re.compile(r"\s*([-+−]?\w{1,50})\s*=\s*(.*?)\s*")
_REASON = re.compile(r"\s*([a-z_]+)(?:\s+(-?\d{1,9}))?\s*=\s*(.*?)\s*")


def option_lines(options: Sequence[Mapping[str, Any]], language: str) -> str:
    """Options, points or listed options as lines in one language."""
    return "\n".join(
        f"{one.get('value', one.get('key', ''))} = {_label(one, language)}".rstrip()
        for one in options
    )


def options_of_lines(lines: Mapping[str, str], *, named: bool) -> list[Values]:
    """Options of the lines in each language; `named` have a key, others a value.

    A value that is no number is kept as it is written, so that the mistake can be shown.
    """
    found: dict[str, dict[str, str]] = {}
    for language, text in lines.items():
        places = list(found)
        for at, line in enumerate(_written(text)):
            coded = _CODED.fullmatch(line)
            if coded:
                code, label = coded[1].replace("−", "-"), coded[2]
            else:
                code, label = _code_at(at, line, places, found, named=named), line.strip()
            labels = found.setdefault(code, {})
            if label:
                labels[language] = label
    key = "key" if named else "value"
    return [{key: code if named else _number(code), "label": one} for code, one in found.items()]


def unscored_lines(unscored: Sequence[Mapping[str, Any]], language: str) -> str:
    """Answers that are not scored as lines in one language: ``dont_know 98 = I don't know``."""
    return "\n".join(
        f"{one.get('reason', '')}{_code(one)} = {_label(one, language)}".rstrip()
        for one in unscored
    )


def unscored_of_lines(lines: Mapping[str, str]) -> list[Values]:
    """Answers that are not scored, of the lines in each language."""
    found: dict[str, Values] = {}
    for language, text in lines.items():
        for line in _written(text):
            read = _REASON.fullmatch(line)
            reason, code, label = read.groups() if read else (line.strip(), None, "")
            one = found.setdefault(reason, {"reason": reason, "label": {}})
            if code:
                one["code"] = int(code)
            if label:
                one["label"][language] = label
    return list(found.values())


def _written(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def _code_at(
    at: int, line: str, places: Sequence[str], found: Mapping[str, Any], *, named: bool
) -> str:
    if at < len(places):
        return places[at]
    return free_name(name_of(line) or "option", list(found)) if named else str(at + 1)


def _number(code: str) -> int | str:
    return int(code) if re.fullmatch(r"[-+]?\d{1,9}", code) else code


def _label(one: Mapping[str, Any], language: str) -> str:
    label = one.get("label")
    return str(label.get(language, "")) if isinstance(label, Mapping) else ""


def _code(one: Mapping[str, Any]) -> str:
    return f" {one['code']}" if "code" in one else ""
