"""Whether a model fits: said only where fit was tested, and with the numbers it rests on.

The bounds are guides and no laws: CFI of .90 (Bentler & Bonett 1980), RMSEA of .10, beyond which
fit is poor by any author (MacCallum, Browne & Sugawara 1996).
"""

from collections.abc import Mapping
from enum import StrEnum

from analysis.language import bounded_digits, ends
from analysis.language import gettext as _

SMALLEST_CFI = 0.90
LARGEST_RMSEA = 0.10
# Where the test of exact fit rejects nothing, a poor index may be chance.
LARGEST_P = 0.05

Indices = Mapping[str, float | None]


class ModelFit(StrEnum):
    """What the indices of a fitted model say."""

    ACCEPTABLE = "acceptable"
    POOR = "poor"
    UNCLEAR = "unclear"
    NOT_TESTABLE = "not_testable"
    NOT_COMPUTED = "not_computed"


def model_fit(indices: Indices) -> ModelFit:
    """Judge a fit by its indices, under lavaan's names.

    Poor where CFI or RMSEA is beyond its bound and exact fit is rejected; unclear where it is not
    rejected: at this n nobody can tell. A model without degrees of freedom cannot be tested.
    """
    if indices.get("df") == 0:
        return ModelFit.NOT_TESTABLE
    cfi, rmsea = preferred(indices, "cfi"), preferred(indices, "rmsea")
    if cfi is None or rmsea is None:
        return ModelFit.NOT_COMPUTED
    if cfi >= SMALLEST_CFI and rmsea <= LARGEST_RMSEA:
        return ModelFit.ACCEPTABLE
    pvalue = preferred(indices, "pvalue")
    return ModelFit.UNCLEAR if pvalue is not None and pvalue > LARGEST_P else ModelFit.POOR


def preferred(indices: Indices, name: str) -> float | None:
    """An index, robust or scaled where the estimator gives it; dots may be underscores."""
    for variant in (f"{name}.robust", f"{name}.scaled", name):
        for written in (variant, variant.replace(".", "_")):
            value = indices.get(written)
            if value is not None:
                return value
    return None


def fit_words(indices: Indices) -> str:
    """The fit of a model, as it follows "the model": a claim only where fit was tested."""
    found = model_fit(indices)
    if found is ModelFit.NOT_TESTABLE:
        return _("has no degrees of freedom: fit cannot be tested")
    if found is ModelFit.NOT_COMPUTED:
        return _("has no fit indices: whether it fits is not known")
    numbers = f"CFI = {_number(indices, 'cfi')}, RMSEA = {_number(indices, 'rmsea')}"
    limits = [preferred(indices, f"rmsea.ci.{end}") for end in ("lower", "upper")]
    if None not in limits:
        numbers += f" {ends(*(_written(one or 0.0) for one in limits))}"
    if found is ModelFit.ACCEPTABLE:
        return _("fits acceptably with {numbers}").format(numbers=numbers)
    if found is ModelFit.POOR:
        return _("does not fit acceptably: {numbers}").format(numbers=numbers)
    return _("has {numbers}; whether it fits cannot be told at this n").format(numbers=numbers)


def _number(indices: Indices, name: str) -> str:
    value = preferred(indices, name)
    return _("not computed") if value is None else _written(value)


def _written(value: float) -> str:
    return bounded_digits(f"{value:.3f}")
