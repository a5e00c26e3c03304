"""What the endpoint says: an option by the hash of the conversation, as it is asked for. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from llm_respondents.rehearsal.faults import uniform

# An option in a question: its number or letter, and its words.
_MARKED = re.compile(r"([0-9]+|[A-Z]) = ")


def deterministic_answer(request: Mapping[str, Any]) -> str:
    """Choose an option by the hash of the conversation, in the form that was asked for."""
    conversation = json.dumps(request["messages"], sort_keys=True)
    if "code word" in request["messages"][-1]["content"]:
        return f"You said: {request['messages'][0]['content']}"
    schema = request.get("response_format", {}).get("json_schema", {}).get("schema")
    if schema is None or not request.get("honours_schema", True):
        codes = [
            line.partition(" = ")[0]
            for line in request["messages"][-1]["content"].splitlines()
            if _MARKED.match(line)
        ]
        return codes[int(uniform(conversation) * len(codes))] if codes else "Hello."
    return json.dumps(_filled(schema, conversation))


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
