"""What is expected of each group, as options of a command or fields of a page.

A power analysis needs a frozen or written plan, the expected standardised paths, reliabilities and
n of the people and of each model. Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.compare.errors import PlanError
from analysis.compare.plan import GroupSpec, Kind, Plan

if TYPE_CHECKING:
    from analysis.compare.power import Expectation

# The reference group's key in a plan that was made before there were people.
PEOPLE = "people"
MODEL = "model"


@dataclass(frozen=True, slots=True)
class Assumptions:
    """One set of expectations for people and for one model.

    `paths` and `model_paths` map ``predictor->outcome`` to a standardised slope; a path left out
    of `model_paths` is expected to be the people's.
    """

    people_n: int
    model_n: int
    paths: Mapping[str, float]
    model_paths: Mapping[str, float]
    reliability: float = 0.80
    predictor_correlation: float = 0.0


def expectations(plan: Plan, assumed: Assumptions) -> "list[Expectation]":
    """Expectations of the people and of a model. Raises `PlanError` for a path not in the plan."""
    from analysis.compare.power import Expectation

    known = [path.key for path in plan.paths]
    for name in (*assumed.paths, *assumed.model_paths):
        if name not in known:
            raise PlanError(
                f"The plan has no path {name}; its paths are {', '.join(known)}.",
                code="unknown_path",
            )
    if missing := [key for key in known if key not in assumed.paths]:
        raise PlanError(
            f"Say what is expected of {missing[0]}, such as {missing[0]}=-0.2.",
            code="path_without_expectation",
        )
    reliabilities = {construct.key: assumed.reliability for construct in plan.constructs}

    def expected(spec: GroupSpec, n: int, paths: Mapping[str, float]) -> Expectation:
        return Expectation(spec, n, paths, reliabilities, assumed.predictor_correlation)

    people = GroupSpec(plan.reference_group, "People", Kind.HUMAN, simulated=True)
    model = GroupSpec(MODEL, "Model", Kind.LLM, simulated=True)
    return [
        expected(people, assumed.people_n, assumed.paths),
        expected(model, assumed.model_n, {**assumed.paths, **assumed.model_paths}),
    ]


def read_paths(words: Sequence[str]) -> dict[str, float]:
    """``PRV->SHR=-0.2`` words as a mapping. Raises `PlanError` for a word of another form."""
    paths = {}
    for word in words:
        name, _, value = word.partition("=")
        try:
            paths[name.strip()] = float(value.replace("−", "-"))
        except ValueError:
            raise PlanError(
                f"{word!r} is no expectation; write PREDICTOR->OUTCOME=NUMBER.",
                code="malformed_expectation",
            ) from None
    return paths
