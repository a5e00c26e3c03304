"""Names as models and data write them, made alike.

One letter may be typed as one character or as a letter and a combining mark (Unicode NFC and NFD):
the two look the same and must be the same name.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import TypeVar

from analysis.sem.errors import DataError

__all__ = ["by_name", "canonical", "canonical_names"]

ValueT = TypeVar("ValueT")


def canonical(name: str) -> str:
    """The composed form (NFC) of a name."""
    return unicodedata.normalize("NFC", name)


def canonical_names(names: Iterable[str] | str) -> tuple[str, ...]:
    """The composed forms of one name or several."""
    return tuple(map(canonical, (names,) if isinstance(names, str) else names))


def by_name(data: Mapping[str, ValueT]) -> dict[str, ValueT]:
    """`data` under composed names. Raises DataError where two columns differ in spelling alone."""
    found: dict[str, ValueT] = {}
    for name, values in data.items():
        key = canonical(str(name))
        if key in found:
            raise DataError(f"the data have two columns called {key}: rename one of them")
        found[key] = values
    return found
