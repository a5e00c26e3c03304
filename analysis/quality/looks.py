"""How the answers of each group look: shares, lines, reliability, distributions. No plan, no path.

A scale is a block's items with one range of options. People and models stand side by side and are
never added.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analysis.compare.plan import Construct, Indicator, ItemSpec
from analysis.plans.files import item_name
from analysis.runs.answers import REASONS, AnswerSheet
from surveys.models import Administration, Kind, MissingReason, RespondentGroup

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from analysis.compare.data.samples import GroupSample

_ENDED = (Administration.Status.COMPLETED, Administration.Status.STOPPED)


@dataclass(frozen=True, slots=True)
class ScaleLook:
    """One scale in one group; `alpha` is None where nothing can be said of it.

    `against` are items that run against the others, with the correlation with the rest.
    """

    scale: str
    items: int
    alpha: float | None
    against: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class GroupLook:
    """One group: `n` ended, `open` under way. Shares are of `n`, those of answers of all asked.

    `straight_lines` gave one option throughout every scale of three items or more; `constant` items
    have one answer from everybody; `repeated` rows equal an earlier one and `by_chance` of them are
    expected, None where no more are alike than chance makes alike. `seconds` is the median of those
    who were timed.
    """

    key: str
    n: int
    open: int
    missing: Mapping[str, int]
    asked: int
    straight_lines: int
    constant: tuple[str, ...]
    failed_checks: int
    seconds: float | None
    repeated: int | None
    by_chance: int
    scales: tuple[ScaleLook, ...]

    @property
    def missing_share(self) -> float:
        """Missing answers of all that were asked for, 0 to 1; what was not shown was not asked."""
        lacking = sum(n for why, n in self.missing.items() if why != MissingReason.NOT_SHOWN)
        return lacking / self.asked if self.asked else 0.0

    @property
    def lowest(self) -> ScaleLook | None:
        """The scale with the lowest alpha of those that have one."""
        told = [scale for scale in self.scales if scale.alpha is not None]
        return min(told, key=lambda scale: scale.alpha or 0.0, default=None)


@dataclass(frozen=True, slots=True)
class Distribution:
    """Answers of one group to one item: shares from the lowest class to the highest, as given.

    `spread` is the variance over that of the people; None where one of them is not known.
    """

    group: str
    n: int
    shares: tuple[float, ...]
    mean: float | None
    spread: float | None


@dataclass(frozen=True, slots=True)
class ItemLook:
    """One item and how each group answered it."""

    name: str
    text: str
    scale: str
    minimum: float
    maximum: float
    groups: tuple[Distribution, ...]


@dataclass(frozen=True, slots=True)
class QualityLook:
    """Everything that the answers of a study look like at one moment.

    `people` and `sessions` of models have ended by then; they are never added.
    """

    groups: tuple[GroupLook, ...]
    items: tuple[ItemLook, ...]
    people: int
    sessions: int

    @property
    def ended(self) -> tuple[int, int]:
        """People and sessions of models, side by side."""
        return self.people, self.sessions


def look_at(
    sheet: AnswerSheet, codebook: Iterable[Mapping[str, Any]], groups: Sequence[RespondentGroup]
) -> QualityLook:
    """Look at the answers of a sheet, group by group; `codebook` as `StudySnapshot.codebook`."""
    rows = {item_name(row["ref"]): row for row in codebook if row["scored"]}
    scales = _scales(rows)
    ended = {group.key: _ended(sheet, group.key) for group in groups}
    answered = {key: rows_of for key, rows_of in ended.items() if len(rows_of)}
    reference = _reference(groups, answered)
    items = tuple(
        _item(sheet, item, rows[item.name], scale, answered, reference)
        for scale, members in scales.items()
        for item in members
    )
    looks = tuple(_group(sheet, group, ended[group.key], scales) for group in groups)
    people, sessions = (
        sum(len(ended[group.key]) for group in groups if group.kind == kind)
        for kind in (Kind.HUMAN, Kind.LLM)
    )
    return QualityLook(looks, items, people, sessions)


def _reference(groups: Sequence[RespondentGroup], answered: Iterable[str]) -> str:
    """The people that others are held beside: real ones first; empty where there are none."""
    people = [one for one in groups if one.kind == Kind.HUMAN and one.key in answered]
    return min(people, key=lambda one: one.simulated).key if people else ""


def _scales(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, list[ItemSpec]]:
    """Scale -> its items. Where a block has several ranges, each is a scale of its own."""
    found: dict[tuple[str, float, float], list[ItemSpec]] = {}
    for name, row in rows.items():
        spec = ItemSpec(name, row["minimum"], row["maximum"], row["reverse_keyed"])
        found.setdefault((row["block"], row["minimum"], row["maximum"]), []).append(spec)
    blocks = [block for block, *_ in found]
    return {
        block if blocks.count(block) == 1 else f"{block} {low:g}–{high:g}": items
        for (block, low, high), items in found.items()
    }


def _ended(sheet: AnswerSheet, key: str) -> "npt.NDArray[np.intp]":
    import numpy as np

    ended = [
        row
        for row, one in enumerate(sheet.sessions)
        if one.group == key and one.status in _ENDED and not one.screened_out
    ]
    return np.array(ended, dtype=np.intp)


def _group(
    sheet: AnswerSheet,
    group: RespondentGroup,
    rows: "npt.NDArray[np.intp]",
    scales: Mapping[str, Sequence[ItemSpec]],
) -> GroupLook:
    import numpy as np

    from analysis.compare.data.copies import copies_of

    items = [item for members in scales.values() for item in members]
    sample = _sample(sheet, group.key, rows, items)
    copies = copies_of(sample, items) if group.kind == Kind.HUMAN else None
    timed = [sheet.sessions[row].seconds for row in rows.tolist() if sheet.sessions[row].on_pages]
    names = tuple(item.name for item in items)
    missing = _missing(sheet, rows)
    return GroupLook(
        key=group.key,
        n=len(rows),
        open=sum(one.group == group.key and one.status not in _ENDED for one in sheet.sessions),
        missing=missing,
        asked=len(rows) * len(sheet.reasons) - missing.get(MissingReason.NOT_SHOWN, 0),
        straight_lines=int((sheet.flat[rows] >= 1.0).sum()),
        constant=sample.constant(names) if len(rows) > 1 else (),
        failed_checks=int((sheet.failed_checks[rows] > 0).sum()),
        seconds=float(np.median(timed)) if timed else None,
        repeated=copies.repeated if copies else None,
        by_chance=copies.by_chance if copies else 0,
        scales=tuple(_scale(sample, scale, members) for scale, members in scales.items()),
    )


def _sample(
    sheet: AnswerSheet, key: str, rows: "npt.NDArray[np.intp]", items: Sequence[ItemSpec]
) -> "GroupSample":
    import numpy as np

    from analysis.compare.data.samples import GroupSample

    names = tuple(item.name for item in items)
    columns = [sheet.values[name][rows] for name in names]
    values = np.column_stack(columns) if columns else np.empty((len(rows), 0))
    return GroupSample(key, names, values, np.arange(len(rows), dtype=np.int64))


def _missing(sheet: AnswerSheet, rows: "npt.NDArray[np.intp]") -> dict[str, int]:
    import numpy as np

    counts = np.zeros(len(REASONS) + 1, dtype=np.int64)
    for codes in sheet.reasons.values():
        counts += np.bincount(codes[rows], minlength=len(REASONS) + 1)
    told = zip(REASONS, counts[1:].tolist(), strict=True)
    return {reason: count for reason, count in told if count}


def _scale(sample: "GroupSample", scale: str, items: Sequence[ItemSpec]) -> ScaleLook:
    from analysis.compare.data.keying import keying_rows
    from analysis.compare.data.reliability import alpha

    names = tuple(item.name for item in items)
    construct = Construct(scale, scale, tuple(Indicator(name, (name,)) for name in names))
    found = alpha(sample.block(names)) if len(names) > 1 else None
    against = tuple(
        (row.item, row.item_rest)
        for row in keying_rows(sample, construct)
        if row.against and row.item_rest is not None
    )
    return ScaleLook(scale, len(names), None if found is None else found[0], against)


def _item(
    sheet: AnswerSheet,
    item: ItemSpec,
    row: Mapping[str, Any],
    scale: str,
    answered: Mapping[str, "npt.NDArray[np.intp]"],
    reference: str,
) -> ItemLook:
    given = {key: _given(sheet, item, rows) for key, rows in answered.items()}
    people = given.get(reference)
    return ItemLook(
        name=item.name,
        text=row["text"],
        scale=scale,
        minimum=item.minimum,
        maximum=item.maximum,
        groups=tuple(
            _distribution(key, values, item, None if key == reference else people)
            for key, values in given.items()
        ),
    )


def _given(
    sheet: AnswerSheet, item: ItemSpec, rows: "npt.NDArray[np.intp]"
) -> "npt.NDArray[np.float64]":
    """The answers to an item as they were given, not turned by its key: (n,)."""
    import numpy as np

    oriented = sheet.values[item.name][rows]
    values = oriented[np.isfinite(oriented)]
    return item.minimum + item.maximum - values if item.reverse_keyed else values


def _distribution(
    key: str,
    values: "npt.NDArray[np.float64]",
    item: ItemSpec,
    people: "npt.NDArray[np.float64] | None",
) -> Distribution:
    from analysis.compare.data.distribution import category_shares, variance_ratio

    return Distribution(
        group=key,
        n=len(values),
        shares=tuple(category_shares(values, item).tolist()) if len(values) else (),
        mean=float(values.mean()) if len(values) else None,
        spread=None if people is None else variance_ratio(values, people),
    )
