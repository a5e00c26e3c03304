"""Distributions that were stated in place of answers. Whoever reads replies registers how."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from surveys.models import Study

# Respondent, question (block.item), scored value of an option, its share of the whole.
StatedRow = tuple[int, str, int, float]
ReadStated = Callable[[Study], Iterable[StatedRow]]
_readers: list[ReadStated] = []


def register_stated(reader: ReadStated) -> None:
    """Say how the distributions of a study are read; an app does so when it is ready."""
    _readers[:] = [reader]


def stated_means(study: Study) -> Mapping[str, Mapping[int, float]]:
    """Question -> respondent -> the mean of the distribution that was stated, in scored values.

    Options that are not scored are left out of it, and what remains is taken for the whole.
    """
    sums: dict[tuple[str, int], float] = defaultdict(float)
    shares: dict[tuple[str, int], float] = defaultdict(float)
    for reader in _readers:
        for respondent, ref, value, share in reader(study):
            sums[ref, respondent] += value * share
            shares[ref, respondent] += share
    found: dict[str, dict[int, float]] = defaultdict(dict)
    for (ref, respondent), share in shares.items():
        if share > 0.0:
            found[ref][respondent] = sums[ref, respondent] / share
    return found
