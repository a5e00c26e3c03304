"""What was written of a design in the shape of the model: arms crossed, tables as pairs. Pure.

    arms = [{elicitation = ["schema", "number"]}, {}]    three arms, of rows 1, 1 and 2

What is malformed is handed on as it is: the model refuses it, at the place where it was written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

from llm_respondents.mistakes import Location, Mistake, MistakeCode

# Combinations of what arms vary: a list of values in each part of an arm multiplies.
MAX_ARMS = 1000


@dataclass(frozen=True, slots=True)
class Given:
    """Values as the model takes them. `rows` says of each arm which one of those written it is of;
    what could not be brought into shape is left out, and among the mistakes.
    """

    values: Mapping[str, Any]
    rows: Sequence[int] = ()
    mistakes: Sequence[Mistake] = ()

    def place(self, location: Location) -> Location:
        """Where a location of the model stands in what was written."""
        match location:
            case ("arms", int(at), *rest):
                return ("arms", self.rows[at] if self.rows else at, *rest)
            case ("persona_table", int(row), int(pair), *_):
                return ("persona_table", row, _label(self.values["persona_table"][row][pair]))
            case ("margins", int(at), 1, int(pair), *_):
                whole = self.values["margins"][at]
                return ("margins", _label(whole), _label(whole[1][pair]))
            case ("margins", int(at), *_):
                return ("margins", _label(self.values["margins"][at]))
        return location


# The longest reply in tokens where it is left open: at interfaces whose models think unless they
# are told not to, and with an effort of reasoning; and of others.
ROOM_TO_THINK = 4000
ROOM_TO_ANSWER = 1000


def as_given(values: Mapping[str, Any]) -> Given:
    """Bring the values of a specification into the shape of the model."""
    given = {**values, "sampling": _with_room(values)}
    if "margins" in given and isinstance(pairs := _pairs(given["margins"]), list | tuple):
        given["margins"] = [_with_pairs(row) for row in pairs]
    if isinstance(table := given.get("persona_table"), list | tuple):
        given["persona_table"] = [_pairs(row) for row in table]
    if not isinstance(rows := given.get("arms"), list | tuple):
        return Given(given)
    crossed = ((at, arm) for at, row in enumerate(rows) for arm in _crossed(row))
    arms = list(islice(crossed, MAX_ARMS + 1))
    if len(arms) > MAX_ARMS:
        del given["arms"]
        return Given(
            given, mistakes=[Mistake(("arms",), MistakeCode.TOO_MANY_ARMS, {"most": MAX_ARMS})]
        )
    given["arms"] = [arm for _, arm in arms]
    return Given(given, [at for at, _ in arms])


def _with_room(values: Mapping[str, Any]) -> object:
    """The sampling, with room for thoughts in a reply where nobody says how long it may be."""
    sampling = values.get("sampling", {})
    if not isinstance(sampling, Mapping) or "max_tokens" in sampling:
        return sampling
    effort = sampling.get("reasoning_effort") or "none"
    thinks = values.get("api", "chat") != "chat" or effort != "none"
    return {**sampling, "max_tokens": ROOM_TO_THINK if thinks else ROOM_TO_ANSWER}


def _crossed(row: object) -> Iterator[object]:
    """One arm, or one for each combination where a part is given as a list of values."""
    if not isinstance(row, Mapping):
        yield row
        return
    # An empty list is no value of anything: it is left to be refused.
    parts = [part if isinstance(part, list) and part else [part] for part in row.values()]
    for each in product(*parts):
        yield dict(zip(row, each, strict=True))


def _pairs(row: object) -> object:
    return list(row.items()) if isinstance(row, Mapping) else row


def _with_pairs(row: object) -> object:
    """(label, shares), the shares as pairs too."""
    if isinstance(row, list | tuple) and len(row) == 2:
        return row[0], _pairs(row[1])
    return row


def _label(pair: object) -> str:
    return str(pair[0]) if isinstance(pair, list | tuple) and pair else str(pair)
