"""From a plan's declared alternatives to the grid that the comparison walks.

choice         options                       what an option does
estimator      estimators, the planned first   refits with it
missing        treatments, the planned first   refits with it
exclusions     "planned", "nobody"             keeps whom the rules left out, too
any other      "all", then values             keeps only the models' rows that have the value
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.compare.plan import Kind
from analysis.plans.files import Alternatives

if TYPE_CHECKING:
    from analysis.compare.sensitivity import Choice, Dimension

# The column that says which rows the exclusion rules keep.
KEPT = "kept"


def dimension(alternatives: Alternatives) -> Dimension:
    """One declared choice, as the comparison takes it."""
    from analysis.compare.sensitivity import Dimension

    options = (_option(alternatives.choice, option) for option in alternatives.options)
    return Dimension(alternatives.choice, tuple(options))


def _option(choice: str, option: str) -> Choice:
    from analysis.compare.sensitivity import Choice

    if choice == "estimator":
        return Choice(option, estimator=option)
    if choice == "missing":
        return Choice(option, missing=option)
    if choice == "exclusions":
        return Choice(option, keep={KEPT: ("yes",)} if option == "planned" else {})
    return Choice(option, keep={} if option == "all" else {choice: (option,)}, kind=Kind.LLM)
