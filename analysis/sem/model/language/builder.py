"""Models without strings: the same statements as the model text, built from typed calls."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from analysis.sem.errors import ModelSpecificationError
from analysis.sem.model.language.syntax import (
    Constraint,
    Definition,
    Inequality,
    Operator,
    Setting,
    Statements,
    Term,
    parse_constraints,
    parse_inequality,
)

__all__ = ["ModelBuilder"]

Labels = str | Sequence[str]


@dataclass
class ModelBuilder:
    """Collects statements; `build()` gives what :func:`analysis.sem.fit` takes as its model.

    >>> model = (
    ...     ModelBuilder()
    ...     .factor("Privacy", ["p1", "p2", "p3"])
    ...     .factor("Sharing", ["a1", "a2", "a3"])
    ...     .path("Sharing", "Privacy", label=["b_people", "b_model"])
    ...     .define("difference", "b_people - b_model")
    ...     .build()
    ... )
    >>> [term.op for term in model.terms]
    ['=~', '=~', '=~', '=~', '=~', '=~', '~']

    A label or value may be one for all groups or one per group.
    """

    _terms: list[Term] = field(default_factory=list)
    _constraints: list[Constraint] = field(default_factory=list)
    _definitions: list[Definition] = field(default_factory=list)
    _blocks: list[str] = field(default_factory=list)
    _inequalities: list[Inequality] = field(default_factory=list)

    def group(self, label: str) -> "ModelBuilder":
        """What follows holds for this group only."""
        self._blocks.append(label)
        return self

    def factor(self, name: str, items: Sequence[str], labels: Sequence[str] = ()) -> "ModelBuilder":
        """A latent variable and its indicators; `labels` one per item, "" for none.

        Raises ModelSpecificationError without items or with another number of labels.
        """
        if not items or (labels and len(labels) != len(items)):
            raise ModelSpecificationError(
                f"factor {name} has {len(items)} items and {len(labels)} labels; "
                "give at least one item, and no labels or one per item"
            )
        for item, label in zip(items, labels or [""] * len(items), strict=True):
            self._add(name, "=~", item, label, None)
        return self

    def path(
        self, outcome: str, predictor: str, *, label: Labels = "", value: float | None = None
    ) -> "ModelBuilder":
        """A regression of `outcome` on `predictor`; `value` fixes it."""
        return self._add(outcome, "~", predictor, label, value)

    def covariance(
        self, one: str, other: str, *, label: Labels = "", value: float | None = None
    ) -> "ModelBuilder":
        """A (residual) covariance, or a variance where both are the same variable."""
        return self._add(one, "~~", other, label, value)

    def intercept(
        self, name: str, *, label: Labels = "", value: float | None = None
    ) -> "ModelBuilder":
        """The intercept or mean of a variable."""
        return self._add(name, "~1", "", label, value)

    def define(self, name: str, expression: str) -> "ModelBuilder":
        """A parameter computed from labels. Raises ModelSyntaxError."""
        (equation,) = parse_constraints(f"({expression}) == 0")
        self._definitions.append(Definition(name, equation.left))
        return self

    def constrain(self, equation: str) -> "ModelBuilder":
        """An equation `left == right` over labels. Raises ModelSyntaxError."""
        self._constraints.extend(parse_constraints(equation))
        return self

    def bound(self, inequality: str) -> "ModelBuilder":
        """A bound over labels, such as "a > 0.5". Raises ModelSyntaxError."""
        self._inequalities.append(parse_inequality(inequality))
        return self

    def build(self) -> Statements:
        """The statements so far. Raises ModelSpecificationError if there are none."""
        if not self._terms:
            raise ModelSpecificationError("the model is empty: add a factor or a path first")
        return Statements(
            tuple(self._terms),
            tuple(self._constraints),
            tuple(self._definitions),
            tuple(self._blocks),
            tuple(self._inequalities),
        )

    def _add(
        self, lhs: str, op: Operator, rhs: str, label: Labels, value: float | None
    ) -> "ModelBuilder":
        modifiers: list[tuple[Setting, ...]] = []
        if label:
            names = [label] if isinstance(label, str) else label
            modifiers.append(tuple(Setting("label", text=name) for name in names))
        if value is not None:
            modifiers.append((Setting("fixed", value),))
        block = self._blocks[-1] if self._blocks else ""
        self._terms.append(Term(lhs, op, rhs, tuple(modifiers), block))
        return self
