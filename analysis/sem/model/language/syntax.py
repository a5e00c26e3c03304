"""Reads lavaan's model language into statements; nothing here knows groups, data or defaults.

    f =~ x1 + a*x2 + NA*x3      latent variable and its indicators
    y ~ b*x + c(b1, b2)*f       regression
    x1 ~~ x2                    (co)variance
    x1 ~ 1                      intercept
    u1 | t1 + t2                thresholds          u1 ~*~ u1    response scale
    a == b^2                    constraint          ind := a*b   defined parameter
    a > 0.5; b < a              bounds              y ~ x:z      product of two observed variables
    f =~ 0                      a latent variable without indicators
    group: people               statements below hold for that group only

Modifiers: a number fixes, `NA*` frees, a name labels, `start(0.8)*`, `equal("f=~x2")*`,
`label("a")*`, `c(...)*` one per group; several may be chained: `start(0.8)*a*x2`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from analysis.sem.errors import ModelSyntaxError
from analysis.sem.model.language.expressions import (
    FUNCTIONS,
    BinaryOperation,
    Call,
    Constant,
    Expression,
    Negation,
    Node,
    Symbol,
)
from analysis.sem.model.language.tokens import Token, tokenize
from analysis.sem.model.language.unsupported import refuse_unsupported

__all__ = [
    "Constraint",
    "Definition",
    "Inequality",
    "Operator",
    "Setting",
    "Statements",
    "Term",
    "parse",
    "parse_constraints",
    "parse_inequality",
]

Operator = Literal["=~", "~", "~~", "~1", "|", "~*~"]
SettingKind = Literal["fixed", "free", "label", "start", "equal"]

_MODEL_OPERATORS = ("=~", "~~", "~*~", "~", "|")
_SIGNS = ("<", ">", "<=", ">=")
_WRAPPERS: dict[str, SettingKind] = {"start": "start", "equal": "equal", "label": "label"}


@dataclass(frozen=True, slots=True)
class Setting:
    """What one modifier says about one group's parameter."""

    kind: SettingKind
    number: float = 0.0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """One `lhs op rhs` of the model; each of `modifiers` holds one setting, or one per group.

    `block` is the label of the `group:` block the term stands in, empty outside of one.
    """

    lhs: str
    op: Operator
    rhs: str
    modifiers: tuple[tuple[Setting, ...], ...] = ()
    block: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Constraint:
    """`left == right`."""

    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Inequality:
    """`text`, as written; `slack` is the larger side less the smaller one: not negative."""

    slack: Expression
    text: str


@dataclass(frozen=True, slots=True)
class Definition:
    """`name := expression`."""

    name: str
    expression: Expression


@dataclass(frozen=True, slots=True)
class Statements:
    """A model as written: terms, constraints and definitions in order, and the blocks named."""

    terms: tuple[Term, ...]
    constraints: tuple[Constraint, ...] = ()
    definitions: tuple[Definition, ...] = ()
    blocks: tuple[str, ...] = ()
    inequalities: tuple[Inequality, ...] = ()


def parse(source: str) -> Statements:
    """The statements of a model text.

    Raises ModelSyntaxError, with line, token and what was expected instead, and
    UnsupportedSyntaxError for what lavaan knows and this package does not, with the way round.
    """
    terms: list[Term] = []
    constraints: list[Constraint] = []
    inequalities: list[Inequality] = []
    definitions: list[Definition] = []
    blocks: list[str] = []
    for tokens in tokenize(source):
        refuse_unsupported(tokens)
        reader = _Reader(tokens)
        if reader.at_block():
            blocks.append(reader.block())
        elif reader.holds(":="):
            definitions.append(reader.definition())
        elif reader.holds("=="):
            constraints.append(reader.constraint())
        elif any(reader.holds(sign) for sign in _SIGNS):
            inequalities.append(reader.inequality())
        else:
            terms.extend(reader.terms(blocks[-1] if blocks else ""))
    if not terms:
        nothing, wanted = "an empty model", "at least one statement such as `f =~ x1 + x2`"
        raise ModelSyntaxError(line=1, column=1, token=nothing, expected=wanted)
    return Statements(
        tuple(terms), tuple(constraints), tuple(definitions), tuple(blocks), tuple(inequalities)
    )


def parse_constraints(source: str) -> tuple[Constraint, ...]:
    """Equations `left == right`, one per line."""
    return tuple(_Reader(tokens).constraint() for tokens in tokenize(source))


def parse_inequality(source: str) -> Inequality:
    """One bound such as `a > 0.5`."""
    (tokens,) = tokenize(source)
    return _Reader(tokens).inequality()


class _Reader:
    """Recursive descent over the tokens of one statement."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.position = 0

    # -- reading tokens --

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def advance(self) -> Token:
        token = self.token
        self.position += 1
        return token

    def holds(self, operator: str) -> bool:
        return any(token.text == operator for token in self.tokens if token.kind == "operator")

    def accept(self, text: str) -> bool:
        if self.token.kind in ("symbol", "operator") and self.token.text == text:
            self.position += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.accept(text):
            raise self.failure(f"`{text}`")

    def failure(self, expected: str) -> ModelSyntaxError:
        token = self.token
        return ModelSyntaxError(
            line=token.line, column=token.column, token=token.describe(), expected=expected
        )

    def finish(self) -> None:
        if self.token.kind != "end":
            raise self.failure("`+`, an operator or the end of the statement")

    def name(self, expected: str) -> str:
        if self.token.kind != "name":
            raise self.failure(expected)
        return self.advance().text

    # -- blocks, constraints, definitions --

    def at_block(self) -> bool:
        words = self.tokens
        return len(words) > 1 and words[0].text == "group" and words[1].text == ":"

    def block(self) -> str:
        self.position = 2
        label, reached = "", self.token.column
        for token in self.tokens[2:-1]:
            label += " " * (token.column - reached) + token.text
            reached = token.column + len(token.text)
        if not label:
            raise self.failure("a group label")
        return label.strip("\"'")

    def definition(self) -> Definition:
        name = self.name("the name of the defined parameter")
        self.expect(":=")
        expression = self.expression()
        self.finish()
        return Definition(name, expression)

    def constraint(self) -> Constraint:
        left = self.expression()
        self.expect("==")
        right = self.expression()
        self.finish()
        return Constraint(left, right)

    def inequality(self) -> Inequality:
        left = self.expression()
        sign = next((sign for sign in _SIGNS if self.accept(sign)), None)
        if sign is None:
            raise self.failure("`<` or `>`")
        right = self.expression()
        self.finish()
        above, below = (left, right) if sign.startswith(">") else (right, left)
        return Inequality(above.minus(below), f"{left.text} {sign} {right.text}")

    # -- model statements --

    def terms(self, block: str) -> list[Term]:
        line = self.token.line
        left = [self.variable()]
        while self.accept("+"):
            left.append(self.variable())
        operator = self.operator()
        terms: list[Term] = []
        if (
            operator == "=~"
            and self.token.text == "0"
            and self.tokens[self.position + 1].kind == "end"
        ):
            zero = ((Setting("fixed", 0.0),),)
            return [Term(name, "=~", name, zero, block, line) for name in left]
        while True:
            modifiers, rhs = self.modified_variable(operator)
            op: Operator = "~1" if rhs == "1" else operator
            right = "" if rhs == "1" else rhs
            terms.extend(Term(lhs, op, right, modifiers, block, line) for lhs in left)
            if not self.accept("+"):
                break
        self.finish()
        return terms

    def variable(self) -> str:
        """A variable, or the product `a:b` of two."""
        name = self.name("a variable name")
        while self.accept(":"):
            name += ":" + self.name("a variable name")
        return name

    def operator(self) -> Operator:
        token = self.token
        for operator in _MODEL_OPERATORS:
            if token.kind == "operator" and token.text == operator:
                self.advance()
                return operator  # type: ignore[return-value]  # the tuple holds these literals
        raise self.failure("one of =~ ~ ~~ | ~*~ := ==")

    def modified_variable(self, operator: Operator) -> tuple[tuple[tuple[Setting, ...], ...], str]:
        """Modifiers and the variable they stand before; the variable is "1" for an intercept."""
        modifiers: list[tuple[Setting, ...]] = []
        while True:
            here = self.token
            if here.kind == "name" and not self.modifier_follows():
                return tuple(modifiers), self.variable()
            if here.text in ("1", "0") and operator == "~" and not self.modifier_follows():
                self.advance()
                zero = ((Setting("fixed", 0.0),),) if here.text == "0" else ()
                return tuple(modifiers) + zero, "1"
            modifiers.append(self.modifier())
            if self.accept("?"):
                modifiers[-1] = tuple(Setting("start", s.number) for s in modifiers[-1])
            else:
                self.expect("*")

    def modifier_follows(self) -> bool:
        """True where the token ahead opens a modifier rather than being the variable itself."""
        return self.tokens[self.position + 1].text in ("*", "?", "(")

    def modifier(self) -> tuple[Setting, ...]:
        if self.token.text == "c" and self.tokens[self.position + 1].text == "(":
            self.position += 2
            return self.settings_until_bracket("fixed")
        wrapper = _WRAPPERS.get(self.token.text)
        if wrapper and self.tokens[self.position + 1].text == "(":
            self.position += 2
            if self.token.text == "c":
                self.position += 1
                self.expect("(")
                settings = self.settings_until_bracket(wrapper)
                self.expect(")")
                return settings
            return self.settings_until_bracket(wrapper)
        return (self.setting("fixed"),)

    def settings_until_bracket(self, kind: SettingKind) -> tuple[Setting, ...]:
        settings = [self.setting(kind)]
        while self.accept(","):
            settings.append(self.setting(kind))
        self.expect(")")
        return tuple(settings)

    def setting(self, kind: SettingKind) -> Setting:
        sign = -1.0 if self.accept("-") else 1.0
        token = self.token
        if token.kind == "number":
            self.advance()
            return Setting("start" if kind == "start" else "fixed", sign * float(token.text))
        if token.kind in ("name", "text") and sign > 0:
            self.advance()
            text = token.text.strip("\"'")
            if text == "NA" and token.kind == "name":
                return Setting("free")
            return Setting("equal" if kind == "equal" else "label", text=text)
        raise self.failure("a variable, a number, NA, a label, c(...), start(...) or equal(...)")

    # -- expressions --

    def expression(self) -> Expression:
        start = self.position
        root = self.sum()
        text = "".join(token.text for token in self.tokens[start : self.position])
        return Expression(root, text)

    def sum(self) -> Node:
        node = self.product()
        while self.token.text in ("+", "-") and self.token.kind == "symbol":
            node = BinaryOperation(self.advance().text, node, self.product())
        return node

    def product(self) -> Node:
        node = self.signed()
        while self.token.text in ("*", "/") and self.token.kind == "symbol":
            node = BinaryOperation(self.advance().text, node, self.signed())
        return node

    def signed(self) -> Node:
        if self.accept("-"):
            return Negation(self.signed())
        if self.accept("+"):
            return self.signed()
        base = self.atom()
        return BinaryOperation("^", base, self.signed()) if self.accept("^") else base

    def atom(self) -> Node:
        token = self.token
        if self.accept("("):
            node = self.sum()
            self.expect(")")
            return node
        if token.kind == "number":
            self.advance()
            return Constant(float(token.text))
        if token.kind != "name":
            raise self.failure("a label, a number or `(`")
        self.advance()
        if not self.accept("("):
            return Symbol(token.text)
        if token.text not in FUNCTIONS:
            self.position -= 2
            raise self.failure(f"a function among {', '.join(FUNCTIONS)}")
        argument = self.sum()
        self.expect(")")
        return Call(token.text, argument)
