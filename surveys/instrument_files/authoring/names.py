"""Names that are made of words: keys of items, facets and options. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from surveys.instrument_files.toml_tables import MAX_NAME_LENGTH

LONGEST_MADE = 30
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def name_of(words: str) -> str:
    """The key that words come to, at most thirty characters; empty where none of them is Latin."""
    plain = unicodedata.normalize("NFKD", words.lower().translate(_GERMAN))
    joined = re.sub(r"[^a-z0-9]+", "_", plain.encode("ascii", "ignore").decode()).strip("_")
    return re.sub(r"^[0-9_]+", "", joined)[:LONGEST_MADE].strip("_")


def free_name(name: str, taken: Collection[str]) -> str:
    """The name, with the first number behind it that is free where it is taken."""
    tries = (name, *(f"{name[: MAX_NAME_LENGTH - 5]}_{n}" for n in range(2, len(taken) + 3)))
    return next(one for one in tries if one not in taken)


def numbered_name(name: str, taken: Collection[str]) -> str:
    """The name with the first free number behind it, from 1: ``taste_1``."""
    return next(one for n in range(1, len(taken) + 2) if (one := f"{name}_{n}") not in taken)
