"""The scored frame: one row per respondent, items oriented so that high means more.

Plain arrays, because the engine takes arrays: no data frame is needed to fit a model.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.compare.plan import Kind, PeopleDesign, told_column
from analysis.plans.exclusions import NOT_PLACED, SCREENED_OUT
from analysis.plans.files import VARIED, Exclusions
from analysis.plans.signals import signal_rule
from analysis.runs.answers import REASONS, AnswerSheet, Session, answer_sheet
from analysis.runs.people.sampled import is_placed, of_person, people_columns
from analysis.runs.people.told import told_columns
from analysis.runs.snapshot import StudySnapshot
from surveys.models import Administration, RespondentGroup, Study
from surveys.selectors import items_in_blocks

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# In the design of a session: what it shares with others, as "kind:number".
SHARED = "cluster"
# What was chosen for a session: every path is given under each of its levels.
CONDITIONS = (*VARIED, "option_marks", "option_order")


@dataclass(frozen=True, slots=True)
class ScoredFrame:
    """Everything that a comparison takes from the database.

    `items` maps an item's name to an array of shape (rows,), oriented, NaN where there is no value;
    `group`, `cluster` and `respondent` have the same length. `missing` counts reasons by
    (group, item); `excluded` counts respondents by group and rule, `left_out` names their rules.
    `design` holds what may be varied between rows, as text: scale direction, history and so on.
    `people` holds what a plan takes of how people were sampled and of what they said of themselves:
    weights and predictors as numbers, NaN where there is none; strata and answers as text.
    `given` are the answers as they were recorded: `items`, but where a plan takes stated
    distributions by their means, the answer that was drawn from each.
    `told` holds what each session was told of whom it speaks as, or a person told (`told_columns`);
    `told_to` names what each group was told, None where it was not recorded.
    """

    items: Mapping[str, "npt.NDArray[np.float64]"]
    given: Mapping[str, "npt.NDArray[np.float64]"]
    group: "npt.NDArray[np.str_]"
    cluster: "npt.NDArray[np.str_]"
    respondent: "npt.NDArray[np.int64]"
    missing: Mapping[tuple[str, str], Mapping[str, int]]
    excluded: Mapping[str, Mapping[str, int]]
    left_out: Mapping[int, str]
    design: Mapping[str, "npt.NDArray[np.str_]"]
    people: Mapping[str, "npt.NDArray[np.float64] | npt.NDArray[np.str_]"]
    told: Mapping[str, "npt.NDArray[np.float64] | npt.NDArray[np.str_]"]
    told_to: Mapping[str, tuple[str, ...] | None]

    @property
    def columns(self) -> dict[str, "npt.NDArray[np.float64] | npt.NDArray[np.str_]"]:
        """Everything that a comparison may read by name."""
        told = {told_column(name): column for name, column in self.told.items()}
        return {**self.items, **self.people, **told, "cluster": self.cluster}

    def told_answers(self, group: str) -> bool:
        """Whether sessions of a group were told a person's answers, their own or another's."""
        histories = set(self.design["history"][self.group == group].tolist())
        return bool(histories & {"own", "swapped"})

    def sha256(self) -> str:
        """Checksum over groups, clusters and values, in the order of the rows."""
        digest = hashlib.sha256()
        for part in (*self.group, *self.cluster):
            digest.update(f"{part}\n".encode())
        for name in sorted(self.items):
            digest.update(name.encode())
            digest.update(self.items[name].tobytes())
        for name in sorted(self.people):
            digest.update(f"{name}:{self.people[name].tolist()}\n".encode())
        return digest.hexdigest()

    def shared(self, group: str) -> str:
        """What rows of a cluster share in this group ("persona"), "" where nobody shares any."""
        names = (cluster.split(":") for cluster in self.cluster[self.group == group].tolist())
        return next((kind for _group, kind, *number in names if number), "")

    def refusal_shares(self, group: str) -> dict[str, float]:
        """Item name -> share of this group's rows that refused it."""
        rows = int((self.group == group).sum())
        counts = {item: reasons for (key, item), reasons in self.missing.items() if key == group}
        return {
            item: sum(reasons.get(reason, 0) for reason in ("refused", "content_filter")) / rows
            for item, reasons in counts.items()
            if rows
        }


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A group of people today: how many began, and how many each rule would leave out.

    Somebody to whom several rules apply is counted under the first of them.
    """

    label: str
    simulated: bool
    began: int
    by_rule: Mapping[str, int]

    @property
    def kept(self) -> int:
        """How many would be analysed."""
        return self.began - sum(self.by_rule.values())


def scored_frame(
    sheet: AnswerSheet,
    *,
    exclusions: Exclusions | None = None,
    people: PeopleDesign | None = None,
    means: Mapping[str, Mapping[int, float]] | None = None,
) -> ScoredFrame:
    """Who finished, as the sheet has them, without those that a rule excludes.

    Rows keep the order of the sheet. A stopped session of a model counts: what it did not answer is
    missing with its reason. `people` is how the plan takes its people: who lacks a weight, cluster
    or stratum that it asks for cannot be counted, and is left out. `means` are oriented means of
    stated distributions, by item and respondent, where the plan takes those: an answer that was
    drawn from one makes room for it.
    """
    import numpy as np

    people = people or PeopleDesign()
    excluded = left_out_rows(sheet, exclusions or Exclusions(), people)
    rows = np.array([i for i in range(len(sheet.sessions)) if i not in excluded], dtype=np.intp)
    kept = [sheet.sessions[row] for row in rows.tolist()]
    group = np.array([one.group for one in kept], dtype=np.str_)
    given = {name: values[rows] for name, values in sheet.values.items()}
    return ScoredFrame(
        items=_with_means(given, [one.respondent for one in kept], means or {}),
        given=given,
        group=group,
        cluster=np.array([_cluster(one, people) for one in kept], dtype=np.str_),
        respondent=np.array([one.respondent for one in kept], dtype=np.int64),
        missing=_missing({name: codes[rows] for name, codes in sheet.reasons.items()}, group),
        excluded=_counts(sheet, excluded),
        left_out={sheet.sessions[row].respondent: rule for row, rule in excluded.items()},
        design={
            name: np.array([_varied(one, name) for one in kept], dtype=np.str_)
            for name in CONDITIONS
        },
        people=people_columns(kept, people),
        told=told_columns(sheet.fields, [one.told for one in kept]),
        told_to={
            key: _told_to([one for one in kept if one.group == key])
            for key in dict.fromkeys(group.tolist())
        },
    )


def _with_means(
    given: Mapping[str, "npt.NDArray[np.float64]"],
    respondents: Sequence[int],
    means: Mapping[str, Mapping[int, float]],
) -> dict[str, "npt.NDArray[np.float64]"]:
    """What is missing stays so: a distribution whose draw was no scored answer is none."""
    import numpy as np

    items = dict(given)
    for name in means.keys() & items.keys():
        stated = np.array([means[name].get(one, np.nan) for one in respondents])
        replaced = np.isfinite(stated) & np.isfinite(items[name])
        items[name] = np.where(replaced, stated, items[name])
    return items


def _told_to(sessions: Sequence[Session]) -> tuple[str, ...] | None:
    """Everything that some session of a group was told; None where that of one is not known."""
    if any(one.told is None for one in sessions):
        return None
    return tuple(dict.fromkeys(name for one in sessions for name in one.told or ()))


def _missing(
    reasons: Mapping[str, "npt.NDArray[np.int8]"], group: "npt.NDArray[np.str_]"
) -> dict[tuple[str, str], dict[str, int]]:
    """(group, item) -> how often each reason, in the order of the codes."""
    import numpy as np

    missing: dict[tuple[str, str], dict[str, int]] = {}
    for key in dict.fromkeys(group.tolist()):
        rows = group == key
        for name, codes in reasons.items():
            counts = np.bincount(codes[rows], minlength=len(REASONS) + 1)[1:].tolist()
            if found := {reason: n for reason, n in zip(REASONS, counts, strict=True) if n}:
                missing[key, name] = found
    return missing


def _varied(session: Session, name: str) -> str:
    """What one session has of something that is varied; empty where it was not."""
    if name == "scale_direction":
        return session.scale_direction
    return str({**(session.design.get("arm") or {}), **session.design}.get(name, ""))


def _cluster(session: Session, people: PeopleDesign) -> str:
    """A respondent is a cluster, unless people were drawn in some or sessions share a draw.

    What a session shares was named when it was recruited: a matched person, a persona, a donor, a
    wording among many, a prompt where nothing is drawn. Conditions that were chosen are none of it.
    """
    if session.kind == Kind.HUMAN:
        shared = of_person(session, people.cluster) if people.cluster else session.respondent
        return f"{session.group}:{shared}"
    return f"{session.group}:{session.design.get(SHARED) or session.respondent}"


def left_out_rows(sheet: AnswerSheet, rules: Exclusions, people: PeopleDesign) -> dict[int, str]:
    """Row of the sheet -> the first rule that leaves it out."""
    most_failures = rules.attention_checks_failed or 10**6
    excluded: dict[int, str] = {}
    failures = sheet.failed_checks.tolist()
    for row, (session, failed) in enumerate(zip(sheet.sessions, failures, strict=True)):
        applies = session.kind == Kind.HUMAN or rules.models_too
        if session.screened_out:
            excluded[row] = SCREENED_OUT
        elif session.status not in _finished(session.kind):
            excluded[row] = "incomplete"
        elif failed >= most_failures:
            excluded[row] = "attention_checks"
        elif session.on_pages and session.seconds < rules.minimum_seconds:
            excluded[row] = "too_fast"
        elif session.kind == Kind.HUMAN and not is_placed(session, people):
            excluded[row] = NOT_PLACED
        elif applies and 0.0 < rules.straight_lining <= sheet.flat[row]:
            excluded[row] = "straight_lining"
        elif rule := signal_rule(rules, sheet.signals, session.administration):
            excluded[row] = rule
    return excluded


def _finished(kind: Kind) -> tuple[str, ...]:
    status = Administration.Status
    return (status.COMPLETED, status.STOPPED) if kind == Kind.LLM else (status.COMPLETED,)


def _counts(sheet: AnswerSheet, excluded: Mapping[int, str]) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {one.group: {} for one in sheet.sessions}
    for row, rule in excluded.items():
        of_group = counts[sheet.sessions[row].group]
        of_group[rule] = of_group.get(rule, 0) + 1
    return counts


def left_out_today(
    study: Study, groups: Sequence[RespondentGroup], rules: Exclusions, people: PeopleDesign
) -> list[LeftOut]:
    """What the rules would do to each group of people, by the same function that a run uses.

    Three queries once the study is frozen; all answers of its people are read.
    """
    of_people = [group for group in groups if group.kind == Kind.HUMAN]
    if not of_people:
        return []
    snapshot = StudySnapshot(
        study=study,
        blocks=tuple(items_in_blocks(study)),
        groups=tuple(of_people),
        checks=tuple(study.attention_checks.all()),
        consent_texts=(),
        links=(),
        imported_files=(),
    )
    sheet = answer_sheet(snapshot, groups=of_people, rules=rules)
    rows = left_out_rows(sheet, rules, people)
    began = Counter(one.group for one in sheet.sessions)
    left_out = Counter((sheet.sessions[row].group, rule) for row, rule in rows.items())
    return [
        LeftOut(
            label=group.label,
            simulated=group.simulated,
            began=began[group.key],
            by_rule={rule: n for (key, rule), n in left_out.items() if key == group.key},
        )
        for group in of_people
        if began[group.key]
    ]
