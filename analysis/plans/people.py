"""How a plan takes its people: weights, clusters, strata, subgroups, and what is adjusted for.

Pure: the study's questions about the person are handed in as they are stored.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import FiniteFloat
from pydantic.dataclasses import dataclass

from analysis.compare.plan import Adjustment, PeopleDesign, Subgroups
from analysis.plans.mistakes import PlanMistake
from analysis.plans.paths.waves import called
from surveys.codes import Problem, advice
from surveys.instrument_files.instruments import repeated_keys
from surveys.instrument_files.strict import STRICT, Distinct, NotEmpty, OptionalText, Text

# Estimators whose standard errors count sampling weights (pseudo maximum likelihood, sandwich).
WEIGHTED = ("ML", "MLR", "WLSMV")
# What an imported file may say of how a person was sampled; any other name is a demographic.
IMPORTED = ("cluster", "stratum")
_strict = dataclass(frozen=True, slots=True, config=STRICT)


@_strict
class PeopleDraft:
    """How people were sampled. ``clusters`` and ``strata`` name an imported role or a demographic;
    empty where there are none.
    """

    weights: bool = False
    clusters: OptionalText = ""
    strata: OptionalText = ""


@_strict
class SubgroupsDraft:
    """People divided by a demographic; ``moderates`` are paths tested for being equal in all."""

    by: Text
    cuts: Annotated[tuple[FiniteFloat, ...], Distinct] = ()
    moderates: Annotated[tuple[Text, ...], Distinct] = ()


@_strict
class AdjustmentDraft:
    """A demographic as a predictor of outcomes, beside the paths; a choice needs a reference."""

    by: Text
    outcomes: Annotated[tuple[Text, ...], NotEmpty, Distinct]
    reference: OptionalText = ""


def contradictions(
    people: PeopleDraft,
    subgroups: Sequence[SubgroupsDraft],
    adjustments: Sequence[AdjustmentDraft],
    *,
    paths: Mapping[str, str],
    estimators: Mapping[str, Sequence[str]],
) -> Iterator[Problem]:
    """What does not fit the rest of the plan.

    ``paths`` maps the key of a path to its outcome; ``estimators`` maps the place where estimators
    are named to their names.
    """
    yield from _unfit_estimators(people, estimators)
    yield from repeated_keys("subgroups", (one.by for one in subgroups))
    yield from repeated_keys("adjustments", (one.by for one in adjustments))
    for subgroup in subgroups:
        if list(subgroup.cuts) != sorted(subgroup.cuts):
            yield Problem(f"subgroups[{subgroup.by}].cuts", PlanMistake.CUTS_ASCEND)
        for key in subgroup.moderates:
            if called_path(key) not in paths:
                about = {"given": key, "advice": advice(key, tuple(paths))}
                where = f"subgroups[{subgroup.by}].moderates"
                yield Problem(where, PlanMistake.UNKNOWN_PATH, about)
    outcomes = tuple(dict.fromkeys(paths.values()))
    for adjustment in adjustments:
        for name in adjustment.outcomes:
            if called(name) not in outcomes:
                about = {"given": name, "advice": advice(name, outcomes)}
                where = f"adjustments[{adjustment.by}].outcomes"
                yield Problem(where, PlanMistake.NO_OUTCOME, about)


def misfits(
    people: PeopleDraft,
    subgroups: Sequence[SubgroupsDraft],
    adjustments: Sequence[AdjustmentDraft],
    questions: Sequence[Mapping[str, Any]],
) -> Iterator[Problem]:
    """Demographics that the study does not ask, or that are divided or coded as they cannot be."""
    known = {str(one["key"]): one for one in questions}
    for key, name in (("clusters", people.clusters), ("strata", people.strata)):
        if name and name not in IMPORTED:
            yield from _unknown(f"people.{key}", name, [*IMPORTED, *known])
    for subgroup in subgroups:
        where = f"subgroups[{subgroup.by}]"
        yield from _unknown(f"{where}.by", subgroup.by, known)
        if (question := known.get(subgroup.by)) is None:
            continue
        if (question["kind"] == "choice") == bool(subgroup.cuts):
            code = PlanMistake.CUTS_OF_CHOICE if subgroup.cuts else PlanMistake.CUTS_MISSING
            yield Problem(f"{where}.cuts", code, {"question": subgroup.by})
    for adjustment in adjustments:
        where = f"adjustments[{adjustment.by}]"
        yield from _unknown(f"{where}.by", adjustment.by, known)
        if adjustment.by in known:
            yield from _wrong_reference(adjustment, options_of(known[adjustment.by]))


def people_design(
    people: PeopleDraft,
    subgroups: Sequence[SubgroupsDraft],
    adjustments: Sequence[AdjustmentDraft],
    questions: Sequence[Mapping[str, Any]],
) -> PeopleDesign:
    """The design as it is carried out."""
    options = {str(one["key"]): options_of(one) for one in questions}
    return PeopleDesign(
        weight="weight" if people.weights else "",
        cluster=people.clusters,
        stratum=people.strata,
        subgroups=tuple(
            Subgroups(one.by, one.cuts, tuple(map(called_path, one.moderates))) for one in subgroups
        ),
        adjustments=tuple(
            Adjustment(
                by=one.by,
                outcomes=tuple(map(called, one.outcomes)),
                reference=one.reference,
                levels=tuple(each for each in options[one.by] if each != one.reference),
            )
            for one in adjustments
        ),
    )


def called_path(key: str) -> str:
    """The key of a path as it is carried out, of one that may name waves: ``PRI@1->SHR@2``."""
    model, colon, arrow = key.rpartition(":")
    return f"{model}{colon}{'->'.join(map(called, arrow.split('->')))}"


def options_of(question: Mapping[str, Any]) -> tuple[str, ...]:
    """Values of a choice among options; empty for a number."""
    return tuple(str(option["value"]) for option in question.get("options", ()))


def _unfit_estimators(
    people: PeopleDraft, estimators: Mapping[str, Sequence[str]]
) -> Iterator[Problem]:
    for where, names in estimators.items():
        for name in names:
            about = {"estimator": name}
            if people.weights and name not in WEIGHTED:
                yield Problem(where, PlanMistake.WEIGHTS_NEED_LIKELIHOOD, about)
            elif people.clusters and name == "DWLS":
                yield Problem(where, PlanMistake.CLUSTERS_NEED_SANDWICH, about)


def _unknown(where: str, name: str, known: Collection[str]) -> Iterator[Problem]:
    if name not in known:
        about = {"given": name, "advice": advice(name, tuple(known))}
        yield Problem(where, PlanMistake.UNKNOWN_DEMOGRAPHIC, about)


def _wrong_reference(adjustment: AdjustmentDraft, options: Sequence[str]) -> Iterator[Problem]:
    where = f"adjustments[{adjustment.by}].reference"
    if not options and adjustment.reference:
        yield Problem(where, PlanMistake.REFERENCE_OF_NUMBER, {"question": adjustment.by})
    elif options and adjustment.reference not in options:
        about = {"question": adjustment.by, "known": ", ".join(options)}
        yield Problem(where, PlanMistake.REFERENCE_MISSING, about)
