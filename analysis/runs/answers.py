"""The answers of a study as columns: one row per session, one column per item."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django.db.models import F

from analysis.compare.plan import Kind
from analysis.plans.drafts import Exclusions
from analysis.plans.files import item_name
from analysis.plans.signals import Signals, Whose, read_signals
from analysis.runs.people.told import Fields, Told, told_by_person, told_to_session
from analysis.runs.snapshot import StudySnapshot
from surveys.models import Administration, Answer, MissingReason, RespondentGroup
from surveys.scoring import oriented
from surveys.selectors import stated_means

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# A reason's code in a column is its place here, from 1; 0 is none.
REASONS: tuple[str, ...] = tuple(MissingReason.values)
_PLACE = {reason: number for number, reason in enumerate(REASONS, start=1)}
_CHUNK = 5000


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody's passage through the study; `design` is what was varied for a model's session.

    `on_pages` is who came through a recruiting link: nobody else was timed. `about` is what people
    said of themselves, or a matched session's person did; `sampling` how an imported person was
    sampled. `told` is what the session was told of whom it speaks as, or a person told, as answers
    to the study's questions; None where it was not recorded.
    """

    administration: int
    respondent: int
    group: str
    kind: Kind
    simulated: bool
    on_pages: bool
    status: str
    language: str
    scale_direction: str
    presentation_checksum: str
    design: Mapping[str, Any]
    started_at: datetime
    ended_at: datetime | None
    about: Mapping[str, Any]
    sampling: Mapping[str, Any]
    told: Told | None
    # What was varied for this respondent: factor -> level.
    condition: Mapping[str, str] = field(default_factory=dict)
    # Whether answers ended the questionnaire.
    screened_out: bool = False
    # Whose session it is of those who come in several waves: the number of their personal link.
    person: int | None = None

    @property
    def imported(self) -> bool:
        """Whether this person was asked elsewhere: nobody else comes without a link."""
        return self.kind == Kind.HUMAN and not self.simulated and not self.on_pages

    @property
    def seconds(self) -> float:
        """How long it took, of a session that has ended."""
        assert self.ended_at is not None
        return (self.ended_at - self.started_at).total_seconds()


@dataclass(frozen=True, slots=True, eq=False)
class AnswerSheet:
    """What was answered: row i of every array is that of ``sessions[i]``.

    `values` maps a scored item's name to oriented answers, (rows,), NaN where there is no value;
    `reasons` every item's to the codes of missing answers, (rows,); `failed_checks` counts the
    attention checks that were answered otherwise than expected, (rows,); `first` and `last` map a
    block to the places of its first and last question as realised, (rows,), 0 where none was put;
    `flat` is the share of its scales that a session answered with one option throughout, (rows,), 0
    where it answered none. Sessions are ordered by group and start, and those that have not ended
    are among them. `fields` are the study's demographic questions. `signals` are those of each
    administration, None where no rule of the plan goes by any.
    """

    sessions: Sequence[Session]
    values: Mapping[str, "npt.NDArray[np.float64]"]
    reasons: Mapping[str, "npt.NDArray[np.int8]"]
    failed_checks: "npt.NDArray[np.int64]"
    first: Mapping[str, "npt.NDArray[np.int32]"]
    last: Mapping[str, "npt.NDArray[np.int32]"]
    flat: "npt.NDArray[np.float64]"
    fields: Fields
    signals: Mapping[int, Signals] | None = None

    def block_order(self, row: int) -> tuple[str, ...]:
        """Keys of the blocks in the order in which a session was asked; empty if they were mixed.

        The place of an imported answer is that of its column in the file.
        """
        spans = sorted(
            (int(self.first[block][row]), int(self.last[block][row]), block)
            for block in self.first
            if self.last[block][row]
        )
        mixed = any(before[1] > after[0] for before, after in pairwise(spans))
        return () if mixed else tuple(block for _first, _last, block in spans)


def answer_sheet(
    snapshot: StudySnapshot,
    *,
    groups: Sequence[RespondentGroup] | None = None,
    until: datetime | None = None,
    rules: Exclusions | None = None,
) -> AnswerSheet:
    """Read the sessions of `groups` (all of the study's) and their answers, in two queries.

    Answers are read in chunks and kept as columns, never as rows. Whoever ended after `until` is
    not read, so that the data of an earlier moment can be read again. What `rules` go by beside
    answers is read as well.
    """
    import numpy as np

    sessions = _sessions(snapshot, snapshot.groups if groups is None else groups, until)
    book = {row["ref"]: row for row in snapshot.codebook()}
    items = {pk: (item_name(ref), book[ref]) for pk, ref in snapshot.refs().items()}
    expected = {check.pk: check.expected for check in snapshot.checks}
    scored = {ref: row for ref, row in book.items() if row["scored"]}
    values = {item_name(ref): np.full(len(sessions), np.nan) for ref in scored}
    reasons = {item_name(ref): np.zeros(len(sessions), dtype=np.int8) for ref in book}
    failed = np.zeros(len(sessions), dtype=np.int64)
    first, last = ({block.key: [0] * len(sessions) for block in snapshot.blocks} for _end in "12")
    row_of = {session.administration: row for row, session in enumerate(sessions)}
    for administration, item, check, value, number, reason, position in _answers(snapshot, groups):
        if (row := row_of.get(administration)) is None:
            continue
        if check is not None:
            failed[row] += value not in expected[check] and reason != MissingReason.NOT_SHOWN
            continue
        assert item is not None
        name, keying = items[item]
        block = keying["block"]
        first[block][row] = min(first[block][row] or position, position)
        last[block][row] = max(last[block][row], position)
        if reason:
            reasons[name][row] = _PLACE[reason]
        elif (given := number if value is None else value) is not None and name in values:
            values[name][row] = oriented_answer(given, keying)
    return AnswerSheet(
        sessions=sessions,
        values=values,
        reasons=reasons,
        failed_checks=failed,
        first=_columns(first),
        last=_columns(last),
        flat=_flat_shares(values, scored.values()),
        fields=snapshot.study.demographics,
        signals=read_signals(
            snapshot.study,
            [Whose(one.administration, one.group, one.kind) for one in sessions],
            rules or Exclusions(),
        ),
    )


def _flat_shares(
    values: Mapping[str, "npt.NDArray[np.float64]"], codebook: Iterable[Mapping[str, Any]]
) -> "npt.NDArray[np.float64]":
    """Share of each session's scales with one option throughout, as answers were given: (rows,).

    A scale is a block's items with one range of options, where three or more were answered.
    """
    import numpy as np

    from analysis.compare.data.style import SHORTEST_LINE

    scales: dict[tuple[Any, ...], list[npt.NDArray[np.float64]]] = {}
    for row in codebook:
        oriented_values = values[item_name(row["ref"])]
        turned = row["minimum"] + row["maximum"] - oriented_values
        given = turned if row["reverse_keyed"] else oriented_values
        scales.setdefault((row["block"], row["minimum"], row["maximum"]), []).append(given)
    flat, counted = (np.zeros(len(next(iter(values.values()), ()))) for _ in range(2))
    for columns in scales.values():
        block = np.column_stack(columns)
        answered = np.isfinite(block)
        enough = answered.sum(axis=1) >= SHORTEST_LINE
        low = np.where(answered, block, np.inf).min(axis=1)
        high = np.where(answered, block, -np.inf).max(axis=1)
        counted += enough
        flat += enough & (low == high)
    return flat / np.maximum(counted, 1)


def _columns(places: Mapping[str, Sequence[int]]) -> dict[str, "npt.NDArray[np.int32]"]:
    import numpy as np

    return {block: np.array(column, dtype=np.int32) for block, column in places.items()}


def oriented_means(snapshot: StudySnapshot) -> dict[str, dict[int, float]]:
    """Item -> respondent -> the mean of the distribution that was stated, oriented."""
    book = {row["ref"]: row for row in snapshot.codebook()}
    return {
        item_name(ref): {of: oriented_answer(mean, book[ref]) for of, mean in means.items()}
        for ref, means in stated_means(snapshot.study).items()
        if ref in book
    }


def oriented_answer(value: float, keying: Mapping[str, Any]) -> float:
    """An answer turned to agree with the orientation; `keying` is its item's codebook row."""
    return oriented(
        value,
        reverse_keyed=keying["reverse_keyed"],
        minimum=keying["minimum"],
        maximum=keying["maximum"],
    )


def _sessions(
    snapshot: StudySnapshot, groups: Sequence[RespondentGroup], until: datetime | None
) -> list[Session]:
    order = {group.key: place for place, group in enumerate(groups)}
    status = Administration.Status
    chosen = Administration.objects.filter(
        study=snapshot.study,
        group__in=[group.pk for group in groups],
        status__in=(status.COMPLETED, status.STOPPED, status.IN_PROGRESS),
    )
    rows = (chosen.exclude(ended_at__gt=until) if until else chosen).values(
        "status",
        "language",
        "scale_direction",
        "presentation_checksum",
        "condition",
        "screened_by",
        "started_at",
        "ended_at",
        administration=F("pk"),
        respondent_number=F("respondent_id"),
        group_key=F("group__key"),
        kind=F("respondent__kind"),
        simulated=F("respondent__simulated"),
        design=F("respondent__design"),
        about=F("respondent__demographics"),
        sampling=F("respondent__sampling"),
        link=F("respondent__link_id"),
        wave=F("respondent__wave"),
    )
    fields = snapshot.study.demographics
    sessions = (_session(row, fields) for row in rows)
    return sorted(sessions, key=lambda one: (order[one.group], one.administration))


def _session(row: Mapping[str, Any], fields: Fields) -> Session:
    read = dict(row)
    link, respondent = read.pop("link"), read.pop("respondent_number")
    group, kind, design = read.pop("group_key"), Kind(read.pop("kind")), read.pop("design") or {}
    about, condition = read.pop("about") or {}, read["condition"]
    screened_out, wave = bool(read.pop("screened_by")), read.pop("wave")
    told = (
        told_by_person(fields, about)
        if kind == Kind.HUMAN
        else told_to_session(fields, about, design)
    )
    return Session(
        **read,
        group=group,
        # A condition divides respondents as what they say of themselves does.
        about={**about, **condition},
        screened_out=screened_out,
        kind=kind,
        respondent=respondent,
        on_pages=link is not None,
        person=link if wave else None,
        design=design,
        told=None if told is None else {**told, **condition},
    )


def _answers(
    snapshot: StudySnapshot, groups: Sequence[RespondentGroup] | None
) -> Iterable[tuple[int, int | None, int | None, int | None, float | None, str, int]]:
    rows = Answer.objects.filter(administration__study=snapshot.study).order_by()
    if groups is not None:
        rows = rows.filter(administration__group__in=[group.pk for group in groups])
    return rows.values_list(
        "administration_id",
        "item_id",
        "attention_check_id",
        "value",
        "number",
        "missing_reason",
        "position",
    ).iterator(chunk_size=_CHUNK)
