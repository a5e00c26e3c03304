"""Parts of JSON that nobody has checked, each as what it should be or as nothing. Pure."""

from __future__ import annotations

from typing import Any


def table(value: Any) -> dict[str, Any]:
    """A table; a list becomes one with its places as keys, from "0"; else an empty one."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        return {str(place): one for place, one in enumerate(value)}
    return {}


def listed(value: Any) -> list[Any]:
    """A list; the values of a table in their order; else an empty one."""
    if isinstance(value, list):
        return value
    return list(value.values()) if isinstance(value, dict) else []


def text(value: Any) -> str:
    """A text or number as text, true and false as such; else empty."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, str | int | float) else ""


def true(value: Any) -> bool:
    """Tell whether it is true or says so."""
    return value is True or (isinstance(value, str) and value.lower() == "true")
