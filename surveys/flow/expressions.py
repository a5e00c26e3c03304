"""A small language that says when something is shown: parsed, never run. Pure.

    when = parse("screen.age >= 18 and recipient in ['company', 'state']")
    when.truth(read)

What is compared is an answer (``block.item``) or a condition (a name without a dot), always on the
left of a literal. There are ``== != < <= > >= in not in``, ``and or not`` and brackets, nothing
else: no calls, no arithmetic, no attribute of anything.

Truth has four values. What compares something that was left unanswered is unknown, and unknown
shows nothing; a text literal beside an answer is one of its unscored answers ("dont_know"). Filling
in what was unknown never makes a true expression false, so that a question which was lost and is
answered later takes nothing back that was shown.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from surveys.codes import SentenceCode
from surveys.flow.mistakes import FlowMistake
from surveys.questions import DECLARED_REASONS

MOST_NESTED = 20
LONGEST = 1000
Literal = int | float | str

_TOKEN = re.compile(
    r"\s*(?:(?P<number>-?\d+(?:\.\d+)?)(?![\w.])"
    r"|(?P<text>\"[^\"\n]*\"|'[^'\n]*')"
    r"|(?P<name>[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?)"
    r"|(?P<sign>==|!=|<=|>=|<|>|\(|\)|\[|\]|,))"
)
_WORDS: Final = frozenset({"and", "or", "not", "in"})
_ORDERINGS: Final[dict[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Truth(Enum):
    """True, false; unknown for want of an answer; pending while one can still be given."""

    TRUE = auto()
    FALSE = auto()
    UNKNOWN = auto()
    PENDING = auto()

    @classmethod
    def of(cls, value: bool) -> Truth:
        """The truth of a plain statement."""
        return cls.TRUE if value else cls.FALSE


@dataclass(frozen=True, slots=True)
class Missing:
    """An answer that will not come, and why."""

    reason: str


Read = Callable[[str], "Literal | Missing | None"]
"""A name -> its value, why there is none, or None while it may still come."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One name beside literals; `sign` is ``== != < <= > >=``, the first two with any number."""

    name: str
    sign: str
    literals: tuple[Literal, ...]

    def truth(self, read: Read) -> Truth:
        """Whether it holds."""
        said = read(self.name)
        if said is None:
            return Truth.PENDING
        if isinstance(said, Missing):
            return self._of_missing(said.reason)
        if self.sign in _ORDERINGS:
            limit = self.literals[0]
            if isinstance(said, str) or isinstance(limit, str):
                return Truth.UNKNOWN
            return Truth.of(_ORDERINGS[self.sign](said, limit))
        return Truth.of((said in self.literals) == (self.sign == "=="))

    def _of_missing(self, reason: str) -> Truth:
        """An unscored answer ("dont_know") is an answer; without one nothing is known."""
        if self.sign in _ORDERINGS or reason not in DECLARED_REASONS:
            return Truth.UNKNOWN
        if reason in self.literals:
            return Truth.of(self.sign == "==")
        reasons_alone = all(isinstance(one, str) for one in self.literals)
        return Truth.of(self.sign == "!=") if reasons_alone else Truth.UNKNOWN

    def comparisons(self) -> Iterator[Comparison]:
        """Itself."""
        yield self


@dataclass(frozen=True, slots=True)
class Opposite:
    """Not what it holds."""

    part: Node

    def truth(self, read: Read) -> Truth:
        """True where the part is false; unknown stays unknown."""
        held = self.part.truth(read)
        return {Truth.TRUE: Truth.FALSE, Truth.FALSE: Truth.TRUE}.get(held, held)

    def comparisons(self) -> Iterator[Comparison]:
        """Those of the part."""
        return self.part.comparisons()


@dataclass(frozen=True, slots=True)
class Joined:
    """Parts joined by ``and`` (`every`) or by ``or``."""

    every: bool
    parts: tuple[Node, ...]

    def truth(self, read: Read) -> Truth:
        """One part decides where it can, whatever the others are (Kleene)."""
        decides, other = (Truth.FALSE, Truth.TRUE) if self.every else (Truth.TRUE, Truth.FALSE)
        held = [part.truth(read) for part in self.parts]
        for truth in (decides, Truth.PENDING, Truth.UNKNOWN):
            if truth in held:
                return truth
        return other

    def comparisons(self) -> Iterator[Comparison]:
        """Those of all parts."""
        for part in self.parts:
            yield from part.comparisons()


Node = Comparison | Opposite | Joined


@dataclass(frozen=True, slots=True)
class Expression:
    """What was written, and what it means."""

    text: str
    node: Node

    def truth(self, read: Read) -> Truth:
        """Whether it holds for whoever `read` knows."""
        return self.node.truth(read)

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Every comparison in it, in the order written."""
        return tuple(self.node.comparisons())

    @property
    def answers(self) -> frozenset[str]:
        """The answers that it reads."""
        return frozenset(one.name for one in self.comparisons if is_answer(one.name))


class ExpressionError(ValueError):
    """A text that is no expression: the mistake's code and what varies in its sentence."""

    def __init__(self, code: SentenceCode, **arguments: object) -> None:
        super().__init__(code.sentence % arguments)
        self.code = code
        self.arguments = arguments


def is_answer(name: str) -> bool:
    """Tell answers from conditions: they have the name of their block."""
    return "." in name


def parse(text: str) -> Expression:
    """Return what a text means; `ExpressionError` says from where on it means nothing."""
    if len(text) > LONGEST:
        raise ExpressionError(FlowMistake.NOT_AN_EXPRESSION, rest=f"{text[LONGEST:][:40]}")
    reader = _Reader(text)
    node = reader.either(0)
    if reader.kind:
        raise reader.lost()
    return Expression(text, node)


class _Reader:
    """Reads a text from left to right; `kind` and `value` are of the token at hand."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._next = 0
        self._start = 0
        self.kind = self.value = ""
        self._advance()

    def _advance(self) -> None:
        self._start = self._next
        if not self._text[self._next :].strip():
            self.kind = self.value = ""
            return
        found = _TOKEN.match(self._text, self._next)
        if found is None or found.lastgroup is None:
            raise self.lost()
        self._next = found.end()
        self.kind, self.value = found.lastgroup, found[found.lastgroup]
        if self.kind == "name" and self.value in _WORDS:
            self.kind = "word"

    def lost(self) -> ExpressionError:
        rest = self._text[self._start :].strip()[:40]
        return ExpressionError(FlowMistake.NOT_AN_EXPRESSION, rest=rest)

    def _takes(self, value: str) -> bool:
        found = self.kind in ("word", "sign") and self.value == value
        if found:
            self._advance()
        return found

    def either(self, depth: int) -> Node:
        return self._joined("or", self._both, depth)

    def _both(self, depth: int) -> Node:
        return self._joined("and", self._single, depth)

    def _joined(self, word: str, part: Callable[[int], Node], depth: int) -> Node:
        parts = [part(depth)]
        while self._takes(word):
            parts.append(part(depth))
        return parts[0] if len(parts) == 1 else Joined(word == "and", tuple(parts))

    def _single(self, depth: int) -> Node:
        if depth > MOST_NESTED:
            raise ExpressionError(FlowMistake.TOO_DEEP, most=MOST_NESTED)
        if self._takes("not"):
            return Opposite(self._single(depth + 1))
        if self._takes("("):
            inside = self.either(depth + 1)
            if not self._takes(")"):
                raise self.lost()
            return inside
        return self._comparison()

    def _comparison(self) -> Comparison:
        if self.kind != "name":
            raise self.lost()
        name = self.value
        self._advance()
        if self.kind == "sign" and self.value in ("==", "!=", *_ORDERINGS):
            sign = self.value
            self._advance()
            return Comparison(name, sign, (self._literal(),))
        sign = "!=" if self._takes("not") else "=="
        if not self._takes("in"):
            raise self.lost()
        return Comparison(name, sign, tuple(self._list()))

    def _list(self) -> Sequence[Literal]:
        if not self._takes("["):
            raise self.lost()
        found = [self._literal()]
        while self._takes(","):
            found.append(self._literal())
        if not self._takes("]"):
            raise self.lost()
        return found

    def _literal(self) -> Literal:
        kind, value = self.kind, self.value
        if kind not in ("number", "text"):
            raise self.lost()
        self._advance()
        if kind == "text":
            return value[1:-1]
        return float(value) if "." in value else int(value)
