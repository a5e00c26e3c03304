"""Who is shown what in a study: rules of what is shown, and exits. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from surveys.flow.expressions import Expression, Read, Truth


@dataclass(frozen=True, slots=True)
class Factor:
    """One thing that is varied: level -> what the words of questions call it, in one language."""

    key: str
    levels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Exit:
    """Answers that end the questionnaire for whoever gives them."""

    key: str
    when: Expression


@dataclass(frozen=True, slots=True)
class Flow:
    """Factors, rules by what they show (a question, an information, a check or a block), exits.

    What no rule names is always shown.
    """

    factors: tuple[Factor, ...] = ()
    rules: Mapping[str, Expression] = field(default_factory=lambda: MappingProxyType({}))
    exits: tuple[Exit, ...] = ()

    def shows(self, ref: str, block: str, read: Read) -> Truth:
        """Whether a part of a block is shown: both its own rule and that of its block hold."""
        held = [self.rules[one].truth(read) for one in (block, ref) if one in self.rules]
        for truth in (Truth.FALSE, Truth.PENDING, Truth.UNKNOWN):
            if truth in held:
                return truth
        return Truth.TRUE

    def answers_for(self, ref: str, block: str) -> frozenset[str]:
        """The answers that decide whether a part of a block is shown."""
        found = (self.rules[one].answers for one in (block, ref) if one in self.rules)
        return frozenset().union(*found)

    @property
    def deciding(self) -> frozenset[str]:
        """The answers that can end the questionnaire."""
        return frozenset().union(*(one.when.answers for one in self.exits))

    def words_for(self, factor: str, level: str) -> str | None:
        """What the words of questions call a level; None for one that there is not."""
        return next((one.levels.get(level) for one in self.factors if one.key == factor), None)


NO_FLOW = Flow()
