"""The scored frame: one row per respondent, items oriented so that high means more.

Plain arrays, because the engine takes arrays: no data frame is needed to fit a model.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import F

from analysis.plans.files import VARIED, Exclusions, item_name
from surveys.models import Administration, Answer, AttentionCheck, Kind, RespondentGroup, Study
from surveys.scoring import oriented
from surveys.selectors import codebook, study_groups

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class ScoredFrame:
    """Everything that a comparison takes from the database.

    `items` maps an item's name to an array of shape (rows,), oriented, NaN where there is no value;
    `group`, `cluster` and `respondent` have the same length. `missing` counts reasons by
    (group, item); `excluded` counts respondents by group and rule, `left_out` names their rules.
    `design` holds what may be varied between rows, as text: scale direction, history and so on.
    """

    items: Mapping[str, "npt.NDArray[np.float64]"]
    group: "npt.NDArray[np.str_]"
    cluster: "npt.NDArray[np.str_]"
    respondent: "npt.NDArray[np.int64]"
    missing: Mapping[tuple[str, str], Mapping[str, int]]
    excluded: Mapping[str, Mapping[str, int]]
    left_out: Mapping[int, str]
    design: Mapping[str, "npt.NDArray[np.str_]"]

    def sha256(self) -> str:
        """Checksum over groups, clusters and values, in the order of the rows."""
        digest = hashlib.sha256()
        for part in (*self.group, *self.cluster):
            digest.update(f"{part}\n".encode())
        for name in sorted(self.items):
            digest.update(name.encode())
            digest.update(self.items[name].tobytes())
        return digest.hexdigest()

    def refusal_shares(self, group: str) -> dict[str, float]:
        """Item name -> share of this group's rows that refused it."""
        rows = int((self.group == group).sum())
        counts = {item: reasons for (key, item), reasons in self.missing.items() if key == group}
        return {
            item: sum(reasons.get(reason, 0) for reason in ("refused", "content_filter")) / rows
            for item, reasons in counts.items()
            if rows
        }


def scored_frame(
    study: Study,
    *,
    exclusions: Exclusions | None = None,
    groups: Sequence[RespondentGroup] | None = None,
    until: datetime | None = None,
) -> ScoredFrame:
    """Read the completed administrations of a study, without those that a rule excludes.

    Rows are ordered by group (people first) and respondent. A stopped session of a model counts:
    what it did not answer is missing with its reason. Whoever ended after `until` is not read, so
    that the data of an earlier moment can be read again.
    """
    import numpy as np

    groups = study_groups(study) if groups is None else groups
    rows = _administrations(study, groups, until)
    excluded = _excluded(study, rows, exclusions or Exclusions())
    kept = [row for row in rows if row["pk"] not in excluded]
    place = {row["pk"]: index for index, row in enumerate(kept)}
    book = {item_name(row["ref"]): row for row in codebook(study)}
    items = {name: np.full(len(kept), np.nan) for name in book}
    missing: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for administration, name, value, reason in _answers(study):
        if administration not in place:
            continue
        row = place[administration]
        if value is None:
            missing[kept[row]["group_key"], name][reason] += 1
        else:
            items[name][row] = _oriented(value, book[name])
    return ScoredFrame(
        items=items,
        group=np.array([row["group_key"] for row in kept], dtype=np.str_),
        cluster=np.array([_cluster(row) for row in kept], dtype=np.str_),
        respondent=np.array([row["respondent_id"] for row in kept], dtype=np.int64),
        missing={key: dict(reasons) for key, reasons in missing.items()},
        excluded=_counts(rows, excluded),
        left_out={
            row["respondent_id"]: excluded[row["pk"]] for row in rows if row["pk"] in excluded
        },
        design={
            name: np.array([_varied(row, name) for row in kept], dtype=np.str_) for name in VARIED
        },
    )


def _varied(row: Mapping[str, Any], name: str) -> str:
    """What one row has of something that is varied; empty where it was not."""
    if name == "scale_direction":
        return str(row["scale_direction"])
    design = row["design"] or {}
    return str({**(design.get("arm") or {}), **design}.get(name, ""))


def _administrations(
    study: Study, groups: Iterable[RespondentGroup], until: datetime | None
) -> list[dict[str, Any]]:
    order = {group.pk: index for index, group in enumerate(groups)}
    status = Administration.Status
    chosen = Administration.objects.filter(
        study=study,
        respondent__group__in=order,
        status__in=(status.COMPLETED, status.STOPPED, status.IN_PROGRESS),
    )
    rows = (chosen.exclude(ended_at__gt=until) if until else chosen).values(
        "pk",
        "respondent_id",
        "status",
        "started_at",
        "ended_at",
        "presentation_checksum",
        "scale_direction",
        group_id=F("respondent__group_id"),
        group_key=F("respondent__group__key"),
        kind=F("respondent__kind"),
        design=F("respondent__design"),
        # Only who came through a link was timed: imported people and models were not.
        link_id=F("respondent__link_id"),
    )
    return sorted(map(dict, rows), key=lambda row: (order[row["group_id"]], row["pk"]))


def _answers(study: Study) -> Iterable[tuple[int, str, int | None, str]]:
    rows = Answer.objects.filter(administration__study=study, item__isnull=False).values_list(
        "administration_id", "item_id", "value", "missing_reason"
    )
    names = _item_names(study)
    for administration, item, value, reason in rows.iterator(chunk_size=5000):
        yield administration, names[item], value, reason


def _item_names(study: Study) -> dict[int, str]:
    names = {}
    for block in study.blocks.prefetch_related("versions__items"):
        for version in block.versions.all():
            names.update({i.pk: item_name(f"{block.key}.{i.key}") for i in version.items.all()})
    return names


def _oriented(value: int, row: Mapping[str, Any]) -> float:
    return float(
        oriented(
            value,
            reverse_keyed=row["reverse_keyed"],
            minimum=row["minimum"],
            maximum=row["maximum"],
        )
    )


def _cluster(row: Mapping[str, Any]) -> str:
    """A person is a cluster. Sessions of a model that were shown the very same thing are one.

    What varies between sessions is the design cell (persona, wording, batch) and the order and
    direction as realised, which the checksum of the presentation stands for.
    """
    if row["kind"] == Kind.HUMAN:
        return f"{row['group_key']}:{row['respondent_id']}"
    design = row["design"] or {}
    cell = ",".join(f"{key}={design[key]}" for key in sorted(design))
    return f"{row['group_key']}:{cell}:{row['presentation_checksum'][:16]}"


def _excluded(study: Study, rows: Sequence[Mapping[str, Any]], rules: Exclusions) -> dict[int, str]:
    """Administration -> the first rule that excludes it."""
    failures = _failed_checks(study) if rules.attention_checks_failed else {}
    excluded: dict[int, str] = {}
    for row in rows:
        if row["status"] not in _finished(row["kind"]):
            excluded[row["pk"]] = "incomplete"
        elif failures.get(row["pk"], 0) >= (rules.attention_checks_failed or 10**6):
            excluded[row["pk"]] = "attention_checks"
        elif row["link_id"] and _seconds(row) < rules.minimum_seconds:
            excluded[row["pk"]] = "too_fast"
    return excluded


def _finished(kind: str) -> tuple[str, ...]:
    status = Administration.Status
    return (status.COMPLETED, status.STOPPED) if kind == Kind.LLM else (status.COMPLETED,)


def _failed_checks(study: Study) -> dict[int, int]:
    expected = dict(AttentionCheck.objects.filter(study=study).values_list("pk", "expected"))
    failures: dict[int, int] = defaultdict(int)
    answers = Answer.objects.filter(
        administration__study=study, attention_check__isnull=False
    ).values_list("administration_id", "attention_check_id", "value")
    for administration, check, value in answers:
        failures[administration] += value not in expected[check]
    return failures


def _seconds(row: Mapping[str, Any]) -> float:
    return float((row["ended_at"] - row["started_at"]).total_seconds())


def _counts(
    rows: Sequence[Mapping[str, Any]], excluded: Mapping[int, str]
) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {row["group_key"]: {} for row in rows}
    for row in rows:
        if rule := excluded.get(row["pk"]):
            counts[row["group_key"]][rule] = counts[row["group_key"]].get(rule, 0) + 1
    return counts
