"""Items that are answered by one number: typed, or a mark on a line (visual analogue scale). Pure.

Nothing is rounded and nothing is brought into the range: what the question could not have taken on
its page is no answer of an import either.
"""

import re

from surveys.presentation import QuestionContent, Questionnaire
from surveys.presentation.content import entries_of
from surveys.questions import Mistaken, OpenFormat, number_format, number_shown

_NUMBER = re.compile(r"(?P<sign>[+\-−]?)(?P<whole>\d*)(?:\.(?P<fraction>\d*))?")
# In a text either sign may stand for thousands, where the other one is that of decimals.
_OTHER = {".": ",", ",": "."}


def open_by_ref(questionnaire: Questionnaire) -> dict[str, OpenFormat]:
    """Question ref -> its format, of the questions that are answered by no choice of one option."""
    return {
        entry.ref: entry.format
        for block in questionnaire.blocks
        for entry in entries_of(block)
        if isinstance(entry, QuestionContent) and isinstance(entry.format, OpenFormat)
    }


def numbers_by_ref(questionnaire: Questionnaire) -> dict[str, OpenFormat]:
    """Question ref -> its format, of the questions that are answered by one number."""
    open_ones = open_by_ref(questionnaire)
    return {ref: one for ref, one in open_ones.items() if number_format(one)}


def as_stored(cell: str, asked: OpenFormat, decimal: str = ".") -> float | None:
    """The number that a cell holds, as a page would store it; None where it holds none.

    With the `decimal` sign "," a point is refused, and the other way round: "1.500" is 1500 to
    some and 1.5 to others. Zeros that end a fraction count for nothing, a unit may stand behind.
    """
    if _OTHER[decimal] in cell:
        return None
    given = asked.of_text(_written(cell.strip().replace(decimal, ".")))
    if isinstance(given, Mistaken):
        return None
    stored = asked.stored(given)
    return None if isinstance(stored, Mistaken) else float(stored[0])


def span_shown(asked: OpenFormat) -> dict[str, str | int]:
    """What a message says of the numbers that a question takes."""
    low, high = asked.span or (0.0, 0.0)
    about = {"minimum": number_shown(low), "maximum": number_shown(high)}
    return {**about, "decimals": int(getattr(asked, "decimals", 0))}


def _written(text: str) -> str:
    """A number as pages take it: SPSS writes .50 for 0.5, and 7.00 for 7."""
    found = _NUMBER.fullmatch(text)
    if found is None or not (found["whole"] or found["fraction"]):
        return text
    fraction = (found["fraction"] or "").rstrip("0")
    return f"{found['sign']}{found['whole'] or '0'}" + (f".{fraction}" if fraction else "")
