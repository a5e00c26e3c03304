"""The same people in several waves as one row each, joined by their personal links."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from analysis.compare.plan import Plan
from analysis.errors import NothingToCompare, Refusal
from analysis.plans.paths.waves import in_wave
from analysis.runs.answers import Session
from analysis.runs.frames import ScoredFrame
from surveys.models import RespondentGroup
from surveys.selectors import group_in_wave

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Rows = npt.NDArray[np.intp]


def groups_of_waves(
    plan: Plan, known: Sequence[RespondentGroup], study: str
) -> list[RespondentGroup]:
    """The people of each wave that the plan names, in the order of the waves.

    Raises `NothingToCompare` (`no_people`) for a wave in which nobody has begun.
    """
    by_key = {group.key: group for group in known}
    keys = [group_in_wave(plan.reference_group, wave) for wave in plan.waves]
    for key in keys:
        if key not in by_key:
            raise NothingToCompare(Refusal.NO_PEOPLE, study=study, group=key)
    return [by_key[key] for key in keys]


def joined(frame: ScoredFrame, sessions: Sequence[Session], plan: Plan) -> ScoredFrame:
    """One row per person, with every item once for each wave; the frame itself without waves.

    A row is that of the person's first session that was kept, and is called by it; what was not
    answered in a wave, because somebody was not there or was left out of it, is missing in that
    wave alone. Items by their own names, as covariates are, are those of that first session.
    """
    if not plan.waves:
        return frame
    import numpy as np

    keys = {group_in_wave(plan.reference_group, wave): wave for wave in plan.waves}
    people = {one.respondent: one.person for one in sessions}
    rows: dict[int, dict[int, int]] = {}
    for row, (group, pk) in enumerate(
        zip(frame.group.tolist(), frame.respondent.tolist(), strict=True)
    ):
        if (wave := keys.get(group)) and (person := people[pk]) is not None:
            rows.setdefault(person, {})[wave] = row
    first = np.array([own[min(own)] for own in rows.values()], dtype=np.intp)
    places = {
        wave: np.array([own.get(wave, -1) for own in rows.values()], dtype=np.intp)
        for wave in plan.waves
    }
    reference = plan.reference_group
    return replace(
        _taken(frame, first),
        items={**_columns(frame.items, first), **_in_waves(frame.items, places)},
        given={**_columns(frame.given, first), **_in_waves(frame.given, places)},
        group=np.full(len(first), reference),
        missing={
            (reference, in_wave(item, keys[group])): reasons
            for (group, item), reasons in frame.missing.items()
            if group in keys
        },
        told_to={reference: frame.told_to.get(reference)},
    )


def _taken(frame: ScoredFrame, rows: "Rows") -> ScoredFrame:
    return replace(
        frame,
        cluster=frame.cluster[rows],
        respondent=frame.respondent[rows],
        design={name: column[rows] for name, column in frame.design.items()},
        people={name: column[rows] for name, column in frame.people.items()},
        told={name: column[rows] for name, column in frame.told.items()},
    )


def _columns(
    columns: Mapping[str, "npt.NDArray[np.float64]"], rows: "Rows"
) -> dict[str, "npt.NDArray[np.float64]"]:
    return {name: column[rows] for name, column in columns.items()}


def _in_waves(
    columns: Mapping[str, "npt.NDArray[np.float64]"], places: Mapping[int, "Rows"]
) -> dict[str, "npt.NDArray[np.float64]"]:
    """Each column once for every wave; -1 is no row."""
    import numpy as np

    return {
        in_wave(name, wave): np.where(rows >= 0, column[rows], np.nan)
        for wave, rows in places.items()
        for name, column in columns.items()
    }
