"""Names of another program as ours: slugs of instruments, keys of items. Pure."""

from __future__ import annotations

import re

from surveys.instrument_files.toml_tables import MAX_NAME_LENGTH


def slug_of(name: str) -> str:
    """A name as lower-case words joined by hyphens; empty if it has none."""
    words = re.findall(r"[a-z0-9]+", _ascii(name.lower()))
    slug = "-".join(words).lstrip("0123456789-")[:MAX_NAME_LENGTH]
    return slug.rstrip("-")


def key_of(name: str, default: str) -> str:
    """A name as it can be a variable's: lower-case letters, digits and underscores."""
    key = re.sub(r"[^a-z0-9]+", "_", _ascii(name.lower())).strip("_")
    if key and not key[0].isalpha():
        key = f"q_{key}"
    return key[:MAX_NAME_LENGTH].rstrip("_") or default


def _ascii(text: str) -> str:
    for letter, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        text = text.replace(letter, plain)
    return text
