"""What a notice keeps a reader from doing, and so which of many notices is read first.

The one ranking: the first page, the section on agreement and the page of a run all go by it.
"""

from collections.abc import Iterable
from enum import IntEnum

from analysis.compare.results import Notice


class Forbids(IntEnum):
    """What a notice forbids, the gravest first."""

    TRUSTING_ANSWERS = 1
    COMPARING_SIZES = 2
    TESTING = 3
    RANKING = 4
    CALLING_ALIKE = 5
    READING_AS_PLANNED = 6
    COMPARING_MEANS = 7
    OVERLOOKING = 8


_CODES: dict[Forbids, tuple[str, ...]] = {
    Forbids.TRUSTING_ANSWERS: (
        "orientation_unclear",
        "items_against_key",
        "copied_rows",
        "items_alike",
        "straight_lining",
    ),
    Forbids.COMPARING_SIZES: ("metric_invariance_fails", "invariance_not_tested"),
    Forbids.TESTING: ("too_few_clusters", "pooled_repeats"),
    Forbids.RANKING: ("ranking_refused",),
    Forbids.CALLING_ALIKE: ("variance_ratio_low", "r2_ratio_far", "parity_gap"),
    Forbids.READING_AS_PLANNED: (
        "poor_fit",
        "fit_unclear",
        "collinear_predictors",
        "rung_differs",
        "not_estimable",
        "signs_disagree",
        "suppression",
        "small_sample",
        "adjusted_in_people_only",
    ),
    Forbids.COMPARING_MEANS: ("means_not_comparable",),
    Forbids.OVERLOOKING: (
        "invariance_undecided",
        "small_subgroups",
        "failed_refits",
        "human_unresolved",
        "lone_strata",
        "ordinal_estimator",
        "ordinal_proposed",
        "people_and_models_added",
    ),
}
# Within what is forbidden, in this order.
ORDER: dict[str, tuple[Forbids, int]] = {
    code: (forbids, at) for forbids, codes in _CODES.items() for at, code in enumerate(codes)
}
_LAST = len(ORDER)


def forbidden_by(notice: Notice) -> Forbids:
    """What a notice forbids; repeats that tests allow for forbid nothing."""
    return _place(notice)[0]


def _place(notice: Notice) -> tuple[Forbids, int]:
    if notice.code == "pooled_repeats" and notice.severity == "warning":
        return Forbids.OVERLOOKING, _LAST
    # Results of another version may hold codes that this one has no rule for.
    unknown = Forbids.READING_AS_PLANNED if notice.severity == "refusal" else Forbids.OVERLOOKING
    return ORDER.get(notice.code, (unknown, _LAST))


def ranked(notices: Iterable[Notice]) -> list[Notice]:
    """The notices, the gravest first."""
    return sorted(notices, key=_place)
