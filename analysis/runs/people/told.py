"""What a session was told of whom it speaks as, and what people told of themselves.

Both are put as answers to the study's own demographic questions, so that what is known of people
can be regressed on. A persona that was written in words is read back through the words of the
questions and their options, in any language of the study.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Told = Mapping[str, str | float]
Fields = Sequence[Mapping[str, Any]]


def told_by_person(fields: Fields, demographics: Mapping[str, Any]) -> Told:
    """Question -> answer, as far as somebody gave one: a number, or an option's value."""
    return {
        field["key"]: _value(field, demographics[field["key"]])
        for field in fields
        if demographics.get(field["key"]) not in (None, "")
    }


def told_to_session(
    fields: Fields, demographics: Mapping[str, Any], design: Mapping[str, Any]
) -> Told | None:
    """The same for a model's session; None where its persona was not recorded as pairs.

    A session matched to a person has that person's demographics. A label that is no question of
    the study stands under its own words.
    """
    persona = design.get("persona")
    if not isinstance(persona, list):
        return None
    return told_by_person(fields, demographics) or dict(_read_back(fields, persona))


def told_columns(
    fields: Fields, told: Sequence[Told | None]
) -> "dict[str, npt.NDArray[np.float64] | npt.NDArray[np.str_]]":
    """One column for everything that anybody told or was told, (rows,).

    Numbers are NaN where unknown, words empty.
    """
    import numpy as np

    numbers = {field["key"] for field in fields if _is_number(field)}
    names = dict.fromkeys(name for row in told for name in row or ())
    return {
        name: np.array([_number((row or {}).get(name)) for row in told])
        if name in numbers
        else np.array([str((row or {}).get(name, "")) for row in told], dtype=np.str_)
        for name in names
    }


def _read_back(fields: Fields, persona: Sequence[Sequence[str]]) -> Iterator[tuple[str, Any]]:
    for label, value in persona:
        field = next((one for one in fields if _same(label, one["label"].values())), None)
        if field is None:
            yield label, value
        else:
            yield field["key"], _value(field, _option(field, value))


def _option(field: Mapping[str, Any], words: str) -> str:
    """The value of the option that is called so; the words themselves where none is."""
    return next(
        (str(one["value"]) for one in field["options"] if _same(words, one["label"].values())),
        words,
    )


def _same(words: str, texts: "Iterator[str] | Sequence[str]") -> bool:
    return words.strip().casefold() in {text.strip().casefold() for text in texts}


def _value(field: Mapping[str, Any], given: object) -> str | float:
    return _number(given) if _is_number(field) else str(given)


def _is_number(field: Mapping[str, Any]) -> bool:
    return bool(field["kind"] == "integer")


def _number(given: object) -> float:
    try:
        return float(str(given))
    except ValueError:
        return float("nan")
