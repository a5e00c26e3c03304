"""How people were sampled and what they said of themselves, as columns of a frame."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analysis.compare.plan import Adjustment, PeopleDesign
from analysis.runs.answers import Session

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# The rule that leaves out who lacks the weight, cluster or stratum that a plan asks for.


def of_person(session: Session, name: str) -> str:
    """What an import says of how somebody was sampled, else what they said of themselves."""
    value = session.sampling.get(name, session.about.get(name))
    return "" if value is None else str(value)


def is_placed(session: Session, people: PeopleDesign) -> bool:
    """Whether the person has everything that the plan's design asks for."""
    wanted = (people.weight, people.cluster, people.stratum)
    return all(of_person(session, name) != "" for name in wanted if name)


def people_columns(
    sessions: Sequence[Session], people: PeopleDesign
) -> dict[str, "npt.NDArray[np.float64] | npt.NDArray[np.str_]"]:
    """The columns that the design names, (n,) each; empty for a plan without one.

    Weights and strata are people's; of a model's session there is only what it was told.
    """
    import numpy as np

    columns: dict[str, npt.NDArray[np.float64] | npt.NDArray[np.str_]] = {}
    if people.weight:
        weights = [one.sampling.get(people.weight, np.nan) for one in sessions]
        columns[people.weight] = np.array(weights, dtype=np.float64)
    named = [people.stratum] if people.stratum else []
    for name in [*named, *(one.by for one in people.subgroups)]:
        columns[name] = np.array([of_person(one, name) for one in sessions], dtype=np.str_)
    for adjustment in people.adjustments:
        given = [one.about.get(adjustment.by) for one in sessions]
        columns |= _predictors(adjustment, given)
    return columns


def _predictors(
    adjustment: Adjustment, given: Sequence[object]
) -> dict[str, "npt.NDArray[np.float64] | npt.NDArray[np.str_]"]:
    """A number as it is; 0 and 1 for each option of a choice but its reference."""
    import numpy as np

    if not adjustment.levels:
        numbers = [np.nan if value is None else value for value in given]
        return {adjustment.columns[0]: np.array(numbers, dtype=np.float64)}
    return {
        column: np.array(
            [np.nan if value is None else float(value == level) for value in given],
            dtype=np.float64,
        )
        for column, level in zip(adjustment.columns, adjustment.levels, strict=True)
    }
