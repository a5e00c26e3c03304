"""Arithmetic over parameter labels, as written in `:=` and `==`, with exact first derivatives.

    expression := term (("+" | "-") term)*
    term       := unary (("*" | "/") unary)*
    unary      := ("-" | "+") unary | power
    power      := atom ("^" unary)?
    atom       := NUMBER | NAME | FUNCTION "(" expression ")" | "(" expression ")"

Derivatives use the complex step (Squire & Trapp, 1998): no subtraction, hence no cancellation.
Outside a function's domain (the logarithm of a negative number, a division by zero) value and
derivatives are NaN.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

__all__ = ["FUNCTIONS", "BinaryOperation", "Call", "Constant", "Expression", "Negation", "Symbol"]

_UNDEFINED = complex(float("nan"), float("nan"))


def _log(value: complex) -> complex:
    return complex(np.log(value)) if value.real > 0 else _UNDEFINED


def _sqrt(value: complex) -> complex:
    """NaN at zero, too, where a derivative is asked for."""
    if value.real > 0:
        return complex(np.sqrt(value))
    return complex(0.0) if value == 0 else _UNDEFINED


def _exp(value: complex) -> complex:
    with np.errstate(over="ignore"):
        return complex(np.exp(value))


FUNCTIONS: Mapping[str, Callable[[complex], complex]] = {
    "exp": _exp,
    "log": _log,
    "sqrt": _sqrt,
    "abs": lambda value: value if value.real >= 0 else -value,
    "sin": lambda value: complex(np.sin(value)),
    "cos": lambda value: complex(np.cos(value)),
    "tanh": lambda value: complex(np.tanh(value)),
}

_STEP = 1e-100  # far below the real part: its square underflows, so the derivative is exact


class Node(Protocol):
    """A node of a parsed expression."""

    def evaluate(self, values: Mapping[str, complex]) -> complex:
        """The node's value where each symbol has the value given."""
        ...

    def symbols(self) -> tuple[str, ...]:
        """The labels used, in order of appearance, with repeats."""
        ...

    def replaced(self, nodes: "Mapping[str, Node]") -> "Node":
        """The node with a node in place of each symbol named."""
        ...


@dataclass(frozen=True, slots=True)
class Constant:
    """A number."""

    value: float

    def evaluate(self, values: Mapping[str, complex]) -> complex:  # noqa: ARG002 - Node's shape
        """The number."""
        return complex(self.value)

    def symbols(self) -> tuple[str, ...]:
        """None."""
        return ()

    def replaced(self, nodes: Mapping[str, Node]) -> Node:  # noqa: ARG002 - Node's shape
        """Itself."""
        return self


@dataclass(frozen=True, slots=True)
class Symbol:
    """A parameter label or the name of a defined parameter."""

    name: str

    def evaluate(self, values: Mapping[str, complex]) -> complex:
        """The value bound to the label."""
        return values[self.name]

    def symbols(self) -> tuple[str, ...]:
        """Its own name."""
        return (self.name,)

    def replaced(self, nodes: Mapping[str, Node]) -> Node:
        """What stands for it, if anything."""
        return nodes.get(self.name, self)


@dataclass(frozen=True, slots=True)
class Negation:
    """Unary minus."""

    operand: Node

    def evaluate(self, values: Mapping[str, complex]) -> complex:
        """Minus the operand."""
        return -self.operand.evaluate(values)

    def symbols(self) -> tuple[str, ...]:
        """The operand's."""
        return self.operand.symbols()

    def replaced(self, nodes: Mapping[str, Node]) -> Node:
        """Minus the operand with its symbols replaced."""
        return Negation(self.operand.replaced(nodes))


@dataclass(frozen=True, slots=True)
class BinaryOperation:
    """`left operator right` with one of + - * / ^."""

    operator: str
    left: Node
    right: Node

    def evaluate(self, values: Mapping[str, complex]) -> complex:
        """The result of the operation."""
        left, right = self.left.evaluate(values), self.right.evaluate(values)
        match self.operator:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "/":
                return left / right if right != 0 else _UNDEFINED
            case _:
                return _power(left, right)

    def symbols(self) -> tuple[str, ...]:
        """Those of both sides."""
        return self.left.symbols() + self.right.symbols()

    def replaced(self, nodes: Mapping[str, Node]) -> Node:
        """The operation on both sides with their symbols replaced."""
        return BinaryOperation(self.operator, self.left.replaced(nodes), self.right.replaced(nodes))


def _power(base: complex, exponent: complex) -> complex:
    """A whole exponent takes any base but zero to a negative one; another a positive base."""
    if exponent.imag == 0 and exponent.real.is_integer():
        if base == 0 and exponent.real < 0:
            return _UNDEFINED
        return complex(base ** int(exponent.real))
    return complex(base**exponent) if base.real > 0 else _UNDEFINED


@dataclass(frozen=True, slots=True)
class Call:
    """A function of :data:`FUNCTIONS` applied to one argument."""

    function: str
    argument: Node

    def evaluate(self, values: Mapping[str, complex]) -> complex:
        """The function's value."""
        return FUNCTIONS[self.function](self.argument.evaluate(values))

    def symbols(self) -> tuple[str, ...]:
        """The argument's."""
        return self.argument.symbols()

    def replaced(self, nodes: Mapping[str, Node]) -> Node:
        """The function of the argument with its symbols replaced."""
        return Call(self.function, self.argument.replaced(nodes))


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression and its source text."""

    root: Node
    text: str

    @property
    def symbols(self) -> tuple[str, ...]:
        """The distinct labels used, in order of appearance."""
        return tuple(dict.fromkeys(self.root.symbols()))

    def minus(self, other: "Expression") -> "Expression":
        """This expression less another."""
        return Expression(
            BinaryOperation("-", self.root, other.root), f"{self.text} - ({other.text})"
        )

    def expanded(self, definitions: "Mapping[str, Expression]") -> "Expression":
        """The expression with each defined name written out; its text stays as it was."""
        roots = {name: item.root for name, item in definitions.items()}
        return Expression(self.root.replaced(roots), self.text)

    def value(self, values: Mapping[str, float]) -> float:
        """The expression's value where each label has the value given."""
        return self.root.evaluate({name: complex(value) for name, value in values.items()}).real

    def gradient(
        self, values: Mapping[str, float], symbols: Sequence[str]
    ) -> npt.NDArray[np.float64]:
        """Its derivative by each of `symbols` (shape: one per symbol), exact to rounding."""
        point = {name: complex(value) for name, value in values.items()}
        slopes = np.zeros(len(symbols))
        for position, name in enumerate(symbols):
            moved = {**point, name: point[name] + 1j * _STEP}
            slopes[position] = self.root.evaluate(moved).imag / _STEP
        return slopes
