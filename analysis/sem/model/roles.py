"""What each variable of a model is: latent or observed, predictor, indicator or outcome."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analysis.sem.errors import ModelSpecificationError
from analysis.sem.model.language.syntax import Term

__all__ = ["Roles", "is_without_indicators", "roles_of"]


@dataclass(frozen=True, slots=True)
class Roles:
    """The variables of one group's model, each list in order of appearance.

    `observed` lists indicators first, then outcomes, then predictors; `exogenous` are the observed
    predictors that nothing in the model explains and whose moments the model leaves alone;
    `single_indicators` stand alone for their factor and measure nothing else; `phantoms` are latent
    variables without indicators (`f =~ 0`).
    """

    latent: tuple[str, ...]
    observed: tuple[str, ...]
    indicators: tuple[str, ...]
    outcomes: tuple[str, ...]
    predictors: tuple[str, ...]
    exogenous: tuple[str, ...]
    single_indicators: tuple[str, ...] = ()
    phantoms: tuple[str, ...] = ()

    @property
    def modelled(self) -> tuple[str, ...]:
        """Observed variables that are not exogenous."""
        return tuple(name for name in self.observed if name not in self.exogenous)

    @property
    def exogenous_latent(self) -> tuple[str, ...]:
        """Latent variables that neither a regression nor a higher factor explains.

        They covary by default; phantoms only where the model says so.
        """
        explained = {*self.indicators, *self.outcomes, *self.phantoms}
        return tuple(name for name in self.latent if name not in explained)

    @property
    def final_outcomes(self) -> tuple[str, ...]:
        """Latent, then observed outcomes that predict nothing: their residuals may covary."""

        def is_final(name: str) -> bool:
            return (
                name in self.outcomes
                and name not in self.predictors
                and name not in self.indicators
            )

        ordered = (*self.latent, *self.observed)
        return tuple(name for name in ordered if is_final(name))


def roles_of(terms: Sequence[Term]) -> Roles:
    """Sorts the variables of one group's statements into their roles.

    Raises ModelSpecificationError where a variable measures or predicts itself, and for a product
    of latent variables.
    """
    latent = _unique(term.lhs for term in terms if term.op == "=~")
    indicators = _unique(
        term.rhs for term in terms if term.op == "=~" and not is_without_indicators(term)
    )
    outcomes = _unique(term.lhs for term in terms if term.op == "~")
    predictors = _unique(term.rhs for term in terms if term.op == "~")
    others = _unique(name for term in terms for name in _mentioned(term))
    for term in terms:
        _require_sense(term, latent)
    everything = _unique((*indicators, *outcomes, *predictors, *others))
    observed = tuple(name for name in everything if name not in latent)
    described = {
        name for term in terms if term.op in ("~~", "~1") for name in (term.lhs, term.rhs) if name
    }
    exogenous = tuple(
        name
        for name in observed
        if name in predictors and name not in {*outcomes, *indicators, *described}
    )
    return Roles(
        latent,
        observed,
        indicators,
        outcomes,
        predictors,
        exogenous,
        _single_indicators(terms),
        _unique(term.lhs for term in terms if is_without_indicators(term)),
    )


def is_without_indicators(term: Term) -> bool:
    """True of `f =~ 0`, kept as a loading of `f` on itself that is fixed at zero."""
    return term.op == "=~" and term.lhs == term.rhs and _is_fixed_at_zero(term)


def _require_sense(term: Term, latent: Sequence[str]) -> None:
    if term.op == "=~" and term.lhs == term.rhs and not _is_fixed_at_zero(term):
        raise ModelSpecificationError(
            f"line {term.line}: {term.lhs} cannot be its own indicator; name its items"
        )
    if term.op == "~" and term.lhs == term.rhs:
        raise ModelSpecificationError(
            f"line {term.line}: {term.lhs} cannot predict itself; name another predictor",
            code="contradiction",
        )
    for name in _mentioned(term):
        factors = [part for part in name.split(":") if ":" in name and part in latent]
        if factors:
            raise ModelSpecificationError(
                f"line {term.line}: {name} multiplies the latent variable {factors[0]}; "
                "interactions of latent variables are not supported: write a factor measured by "
                "products of its items, such as x1:z1, or compare groups",
                code="unsupported",
            )


def _is_fixed_at_zero(term: Term) -> bool:
    return any(
        all(setting.kind == "fixed" and setting.number == 0 for setting in modifier)
        for modifier in term.modifiers
    )


def _single_indicators(terms: Sequence[Term]) -> tuple[str, ...]:
    """Indicators that stand alone for their factor: their residual variance is fixed at zero.

    Not those that measure another factor too, or nothing at all (a loading of zero).
    """
    measured: dict[str, list[Term]] = {}
    factors: dict[str, set[str]] = {}
    for term in terms:
        if term.op == "=~":
            measured.setdefault(term.lhs, []).append(term)
            factors.setdefault(term.rhs, set()).add(term.lhs)
    return tuple(
        items[0].rhs
        for items in measured.values()
        if len({term.rhs for term in items}) == 1
        and len(factors[items[0].rhs]) == 1
        and not any(map(_is_fixed_at_zero, items))
    )


def _mentioned(term: Term) -> tuple[str, ...]:
    return (term.lhs,) if term.op in ("~1", "|") else (term.lhs, term.rhs)


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
