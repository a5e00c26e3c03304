"""What the endpoint says: an option by the hash of the conversation, as it is asked for. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from llm_respondents.rehearsal.faults import uniform

# The heading of a question, and an option below it: words alone, or behind a number or a letter.
_HEADING = re.compile(r"\w+ (?P<position>[0-9]+) \w+ [0-9]+")
_WORDS_ALONE = re.compile(r"- (?P<said>.+)")
_MARKED = re.compile(r"(?P<said>[0-9]+|[A-Z]) = ")
_SHOWING_ITS_MARK = re.compile(r"(?P<said>[+-]?[0-9]+|[A-Z])(?!\w)")


def deterministic_answer(request: Mapping[str, Any]) -> str:
    """Choose options by the hash of the conversation, in the form that was asked for."""
    messages = request["messages"]
    conversation = json.dumps(messages, sort_keys=True)
    if "code word" in messages[-1]["content"]:
        return f"You said: {messages[0]['content']}"
    schema = request.get("response_format", {}).get("json_schema", {}).get("schema")
    if schema is not None and request.get("honours_schema", True):
        return json.dumps(_filled(schema, conversation))
    asked = _last_asked(messages)
    if len(asked) == 1:
        return _chosen(asked[0][1], conversation)
    lines = [
        f"{position}: {_chosen(options, f'{conversation}:{position}')}"
        for position, options in asked
    ]
    return "\n".join(lines) or "Hello."


def _last_asked(messages: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[str]]]:
    """Number and options of each question that is to be answered, also where it is asked again."""
    for message in reversed(messages):
        if found := _questions(message["content"]):
            return found
    return []


def _questions(text: str) -> list[tuple[str, list[str]]]:
    found = []
    for part in text.split("\n\n"):
        heading, *lines = part.splitlines() or [""]
        if named := _HEADING.fullmatch(heading):
            found.append((named["position"], _options(lines)))
    return [one for one in found if one[1]]


def _options(lines: Sequence[str]) -> list[str]:
    for form in (_MARKED, _WORDS_ALONE, _SHOWING_ITS_MARK):
        if found := [one["said"] for line in lines if (one := form.match(line))]:
            return found
    return []


def _chosen(options: Sequence[str], seed: str) -> str:
    return options[int(uniform(seed) * len(options))]


def _filled(schema: Mapping[str, Any], seed: str) -> Any:
    if "anyOf" in schema:
        return _filled(schema["anyOf"][0], seed)
    if schema["type"] == "array":
        return [1, 2]
    if schema["type"] in ("integer", "number") and "enum" not in schema:
        return int(uniform(seed) * 10)
    if schema["type"] == "object":
        if all(part == {"type": "integer"} for part in schema["properties"].values()):
            return _percentages(list(schema["properties"]), seed)
        return {
            name: _filled(part, f"{seed}:{name}") for name, part in schema["properties"].items()
        }
    if "enum" in schema:
        return schema["enum"][int(uniform(seed) * len(schema["enum"]))]
    return "because"


def _percentages(names: list[str], seed: str) -> dict[str, int]:
    """Whole percentages that add up to 100, by the cuts of a hash."""
    cuts = sorted(int(uniform(f"{seed}:{name}") * 101) for name in names[1:])
    bounds = zip([0, *cuts], [*cuts, 100], strict=True)
    return {name: above - below for name, (below, above) in zip(names, bounds, strict=True)}
