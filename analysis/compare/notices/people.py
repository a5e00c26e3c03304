"""What must be said of how people were sampled, divided and adjusted for."""

from collections.abc import Iterator

from analysis.compare.notices.rule import models_of, notice
from analysis.compare.results import Comparison, Notice
from analysis.compare.subgroups.agreement import TOO_FEW
from analysis.compare.subgroups.fits import SMALLEST_SUBGROUP
from analysis.language import digits, gettext_noop
from analysis.language import gettext as _

MEASURE_WORDS = {
    "direction": gettext_noop("in direction"),
    "size": gettext_noop("in the size of paths"),
}


def lone_strata(comparison: Comparison) -> Iterator[Notice]:
    """Strata with a single cluster, which show no variance of their own."""
    sampling = comparison.sampling
    if sampling is not None and sampling.lone_strata:
        sentence = _(
            "{lone} of the {strata} strata of people have a single cluster: they are resampled as "
            "one stratum."
        ).format(lone=sampling.lone_strata, strata=sampling.strata)
        yield notice("warning", "lone_strata", sentence)


def small_subgroups(comparison: Comparison) -> Iterator[Notice]:
    """Subgroups too small for a model of their own: not compared, which is no finding."""
    small = [row for row in comparison.subgroups if row.reason == TOO_FEW]
    named = dict.fromkeys(f"{row.by} {row.subgroup} (n = {row.n})" for row in small)
    if named:
        sentence = _(
            "Whether models agree with subgroups of fewer than {smallest} people cannot be told: "
            "{named}."
        ).format(smallest=SMALLEST_SUBGROUP, named=", ".join(named))
        yield notice("warning", "small_subgroups", sentence)


def parity_gaps(comparison: Comparison) -> Iterator[Notice]:
    """A model that agrees with some people better than with others: one notice for each model."""
    for group in models_of(comparison):
        gaps = [row for row in comparison.parity if row.group == group.key and row.resolved]
        named = [
            _("{by} {best} than {worst} {measure}, by {gap}").format(
                by=row.by,
                best=row.best,
                worst=row.worst,
                measure=_(MEASURE_WORDS[row.measure]),
                gap=digits(f"{row.gap:.2f}"),
            )
            for row in gaps
        ]
        if named:
            sentence = _("{group} agrees better with some people: {named}.").format(
                group=group.label, named="; ".join(named)
            )
            yield notice("warning", "parity_gap", sentence, group=group.key)


def adjusted_in_people_only(comparison: Comparison) -> Iterator[Notice]:
    """Models whose sessions were told nothing of what is adjusted for in the people."""
    for group in models_of(comparison):
        own = [fit for fit in comparison.fits if fit.groups == (group.key,) and fit.label == "own"]
        lacking = [
            one.by
            for one in comparison.plan.people.adjustments
            if not any(f" {name}" in fit.syntax for fit in own for name in one.columns)
        ]
        if own and lacking:
            sentence = _(
                "Paths of the people are adjusted for {lacking}; those of {group} are not, because "
                "it does not vary among its sessions."
            ).format(lacking=", ".join(lacking), group=group.label)
            yield notice("warning", "adjusted_in_people_only", sentence, group=group.key)
