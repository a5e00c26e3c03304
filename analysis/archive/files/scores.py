"""The scores that the models were fitted to, put together from oriented items as the fit did."""

from collections import defaultdict
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from analysis.archive.content import WideRows
from analysis.archive.errors import ArchiveError
from analysis.compare.data.measurement import composite_columns, indicator_columns, model_spec
from analysis.compare.data.samples import read_samples
from analysis.compare.results import Comparison
from surveys.independence import FEWEST_CLUSTERS

Array = npt.NDArray[np.float64]


def score_columns(wide: WideRows, comparison: Comparison) -> dict[str, Array]:
    """Indicator scores and composites, name -> (n,), NaN where a group has none.

    An item that a group's model had to drop is left out of that group's scores, and of no other's.
    Indicators that are single items are among the items already. Raises `ArchiveError`
    (`name_taken`) for a score that would hide an item of the same name.
    """
    plan = comparison.plan
    present = [group.key for group in comparison.groups]
    data = {**wide.items, **wide.people}
    samples = read_samples(data, plan, group=wide.group, names=present)
    dropped = _dropped(comparison)
    columns: dict[str, Array] = {}
    for name in plan.models:
        spec = model_spec(plan, name)
        for key, sample in samples.items():
            scores = indicator_columns(sample, spec, dropped[key])
            scores |= composite_columns(sample, spec, dropped[key])
            for column, values in scores.items():
                place = columns.setdefault(column, np.full(len(wide.group), np.nan))
                place[wide.group == key] = values
    own = {name: values for name, values in columns.items() if name not in wide.people}
    return _without_items(own, wide.items)


def repeated_clusters(wide: WideRows) -> frozenset[str]:
    """The groups whose standard errors are those of clusters: some repeat, and they suffice."""
    rows: dict[str, list[str]] = defaultdict(list)
    for group, cluster in zip(wide.group.tolist(), wide.cluster, strict=True):
        rows[group].append(cluster)
    numbers = {group: len(set(clusters)) for group, clusters in rows.items()}
    return frozenset(
        group for group, number in numbers.items() if FEWEST_CLUSTERS <= number < len(rows[group])
    )


def _dropped(comparison: Comparison) -> Mapping[str, set[str]]:
    dropped: dict[str, set[str]] = defaultdict(set)
    for row in comparison.estimability:
        dropped[row.group] |= set(row.dropped_items)
    return dropped


def _without_items(columns: dict[str, Array], items: Mapping[str, Array]) -> dict[str, Array]:
    for name in columns.keys() & items.keys():
        score, item = columns[name], items[name]
        if not np.all((score == item) | np.isnan(score)):
            raise ArchiveError(
                f"The plan calls a score {name}, which is also an item; rename the score.",
                code="name_taken",
            )
    return {name: values for name, values in columns.items() if name not in items}
