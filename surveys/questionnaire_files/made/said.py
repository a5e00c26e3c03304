"""What whoever imports a questionnaire says of it, because the file does not. Pure."""

from __future__ import annotations

from typing import Annotated

from pydantic.dataclasses import dataclass

from surveys.instrument_files.strict import STRICT, Distinct, OptionalText, Text


@dataclass(frozen=True, config=STRICT)
class Said:
    """Answers to what is asked. `reverse` is None where nobody has said which items are reversed.

    `language` is that of a file that does not say its own; `options` what can be answered where the
    file does not say it (`response_options.options_of`); `name` what the slugs begin with.
    """

    language: OptionalText = ""
    options: OptionalText = ""
    name: OptionalText = ""
    licence: OptionalText = ""
    citation: OptionalText = ""
    reverse: Annotated[tuple[Text, ...], Distinct] | None = None


NOTHING = Said()
NO_ITEM = "none"


def keys_of(written: str) -> tuple[str, ...]:
    """Items as they are named on one line, parted by commas; ``none`` names none."""
    keys = dict.fromkeys(part.strip() for part in written.split(",") if part.strip())
    return () if list(keys) == [NO_ITEM] else tuple(keys)
