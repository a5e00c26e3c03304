"""What an archive holds, read from the study, the frozen plan and a finished run.

Respondents leave the database under fresh pseudonyms. Panel ids, tokens, completion codes, times
of day and the seeds of the order of questions stay behind: a seed can be made of a panel id, so it
would let whoever knows one find its owner's row.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from django.db.models import F

from analysis.archive import (
    AnswerRow,
    ArchiveContent,
    CodebookEntry,
    GroupFacts,
    RunFacts,
    WideRows,
)
from analysis.archive.exported import transcripts_of
from analysis.archive.study_files import instrument_files, study_file
from analysis.compare.json_codec import from_plain
from analysis.compare.results import Comparison
from analysis.errors import DataChanged
from analysis.models import AnalysisRun
from analysis.plans.files import item_name
from analysis.plans.services import exclusion_rules
from analysis.report.facts import ModelArm, PeopleArm
from analysis.runs.frames import ScoredFrame, scored_frame
from surveys.models import Administration, Answer, Respondent, RespondentGroup, Study
from surveys.scoring import oriented
from surveys.selectors import block_version, codebook, study_groups

PROMPTS = ("system", "persona", "item")
PROMPT_FACTS = ("system_prompt", "persona_text", "item_prompt")


def archive_content(
    run: AnalysisRun, *, redact: bool = True, demographics: bool = False
) -> ArchiveContent:
    """Everything an archive of this run holds. The run must be done.

    `redact` leaves personas out of transcripts; `demographics` adds those of single people.

    Raises `DataChanged` where the answers that the run was made of cannot be read again, because
    somebody withdrew or a session was erased.
    """
    assert run.result is not None
    study = run.plan.study
    comparison = from_plain(Comparison, run.result["comparison"])
    groups = _compared(run)
    frame = scored_frame(
        study, exclusions=exclusion_rules(run.plan), groups=groups, until=run.started_at
    )
    _require_same_data(run, frame)
    names = _Pseudonyms.of(run, groups, frame)
    return ArchiveContent(
        run=_run_facts(run),
        groups=[_group_facts(group) for group in groups],
        comparison=comparison,
        description=run.result["description"],
        plan_definition=run.plan.definition,
        plan_source=run.plan.source,
        study=study_file(study),
        instruments=instrument_files(study),
        codebook=_codebook(study),
        answers=list(_answers(run, groups, frame, names)),
        wide=_wide(frame, names),
        transcripts=transcripts_of(groups, names.respondents, redact=redact),
        demographic_fields=[field["key"] for field in study.demographics] if demographics else [],
        demographics=_demographics(names) if demographics else (),
    )


def _compared(run: AnalysisRun) -> list[RespondentGroup]:
    """The groups that were compared, the people first."""
    assert run.result is not None
    compared = {group["key"] for group in run.result["comparison"]["groups"]}
    return [group for group in study_groups(run.plan.study) if group.key in compared]


def _require_same_data(run: AnalysisRun, frame: ScoredFrame) -> None:
    if frame.sha256() != run.data_sha256:
        raise DataChanged(
            f"The answers that run {run.pk} was made of have changed since, for example because "
            "somebody withdrew; fit the models again and archive the new run.",
            code="data_changed",
        )


@dataclass(frozen=True, slots=True)
class _Pseudonyms:
    """Respondent -> pseudonym, and -> its cluster's for those who were analysed."""

    respondents: Mapping[int, str]
    clusters: Mapping[int, str]

    @classmethod
    def of(
        cls, run: AnalysisRun, groups: Sequence[RespondentGroup], frame: ScoredFrame
    ) -> "_Pseudonyms":
        """Number the respondents of each group in an order that has nothing to do with time."""
        respondents: dict[int, str] = {}
        for group in groups:
            ids = Respondent.objects.filter(
                group=group, administration__in=_ended(run)
            ).values_list("pk", flat=True)
            shuffled = sorted(ids, key=lambda pk: _shuffled(run.data_sha256, pk))
            respondents |= {
                pk: f"{group.key}-{number:04d}" for number, pk in enumerate(shuffled, start=1)
            }
        return cls(respondents, _clusters(frame, respondents))


def _shuffled(salt: str, pk: int) -> bytes:
    return hashlib.sha256(f"{salt}:{pk}".encode()).digest()


def _clusters(frame: ScoredFrame, respondents: Mapping[int, str]) -> dict[int, str]:
    """A cluster is called after its first member, so that a person's is the person's own."""
    members: dict[str, list[int]] = defaultdict(list)
    for pk, cluster in zip(frame.respondent.tolist(), frame.cluster.tolist(), strict=True):
        members[cluster].append(pk)
    return {
        pk: min(respondents[member] for member in together)
        for together in members.values()
        for pk in together
    }


def _ended(run: AnalysisRun) -> Any:
    """The administrations of the study that had ended, for better or worse, when the run began."""
    status = Administration.Status
    return Administration.objects.filter(
        study=run.plan.study,
        status__in=(status.COMPLETED, status.STOPPED),
        ended_at__lte=run.started_at,
    )


def _wide(frame: ScoredFrame, names: _Pseudonyms) -> WideRows:
    import numpy as np

    called = [names.respondents[pk] for pk in frame.respondent.tolist()]
    groups = list(dict.fromkeys(frame.group.tolist()))
    places = sorted(
        range(len(called)), key=lambda i: (groups.index(str(frame.group[i])), called[i])
    )
    order = np.array(places, dtype=np.intp)
    return WideRows(
        respondent=[called[i] for i in places],
        group=frame.group[order],
        cluster=[names.clusters[pk] for pk in frame.respondent[order].tolist()],
        items={name: values[order] for name, values in frame.items.items()},
    )


@dataclass(frozen=True, slots=True)
class _Question:
    """What an answer's row points at: kind, ref, place in its block, and how to orient it."""

    kind: str
    ref: str
    position: int | None
    keying: Mapping[str, Any] | None

    def oriented(self, value: int | None) -> int | None:
        if value is None or self.keying is None:
            return None
        return oriented(
            value,
            reverse_keyed=self.keying["reverse_keyed"],
            minimum=self.keying["minimum"],
            maximum=self.keying["maximum"],
        )


def _answers(
    run: AnalysisRun,
    groups: Sequence[RespondentGroup],
    frame: ScoredFrame,
    names: _Pseudonyms,
) -> Iterator[AnswerRow]:
    """Every answer of everybody who had ended, by group, pseudonym and order of asking."""
    items, checks = _questions(run.plan.study)
    place = {group.pk: number for number, group in enumerate(groups)}
    rows = [row for row in _answer_rows(run) if row["group_id"] in place]
    rows.sort(
        key=lambda row: (place[row["group_id"]], names.respondents[row["respondent"]], row["order"])
    )
    for row in rows:
        pk = row["respondent"]
        asked = items[row["item_id"]] if row["item_id"] else checks[row["attention_check_id"]]
        yield AnswerRow(
            respondent=names.respondents[pk],
            group=row["group"],
            kind=row["kind"],
            simulated=row["simulated"],
            question=asked.kind,
            ref=asked.ref,
            item_position=asked.position,
            order_position=row["order"],
            value=row["value"],
            oriented=asked.oriented(row["value"]),
            missing_reason=row["missing_reason"],
            elapsed_ms=row["elapsed_ms"],
            language=row["language"],
            scale_direction=row["direction"],
            cluster=names.clusters.get(pk),
            excluded=frame.left_out.get(pk, ""),
        )


def _answer_rows(run: AnalysisRun) -> list[dict[str, Any]]:
    rows = Answer.objects.filter(administration__in=_ended(run)).values(
        "item_id",
        "attention_check_id",
        "value",
        "missing_reason",
        "elapsed_ms",
        order=F("position"),
        respondent=F("administration__respondent_id"),
        group_id=F("administration__respondent__group_id"),
        group=F("administration__respondent__group__key"),
        kind=F("administration__respondent__kind"),
        simulated=F("administration__respondent__simulated"),
        language=F("administration__language"),
        direction=F("administration__scale_direction"),
    )
    return [dict(row) for row in rows]


def _questions(study: Study) -> tuple[dict[int, _Question], dict[int, _Question]]:
    keying = {row["ref"]: row for row in codebook(study)}
    items = {}
    for block in study.blocks.prefetch_related("versions__items"):
        for version in block.versions.all():
            for item in version.items.all():
                ref = f"{block.key}.{item.key}"
                items[item.pk] = _Question("item", ref, item.position, keying[ref])
    checks = {
        pk: _Question("attention_check", f"check.{key}", None, None)
        for pk, key in study.attention_checks.values_list("pk", "key")
    }
    return items, checks


def _codebook(study: Study) -> list[CodebookEntry]:
    texts = {
        language: {row["ref"]: row["text"] for row in codebook(study, language)}
        for language in study.languages
    }
    shown = {block.key: block_version(block, study.default_language) for block in _blocks(study)}
    options = _options(study)
    return [
        CodebookEntry(
            variable=item_name(row["ref"]),
            ref=row["ref"],
            question="item",
            block=row["block"],
            instrument=shown[row["block"]].instrument.slug,
            version=shown[row["block"]].version,
            construct=row["construct"],
            facet=row["facet"],
            reverse_keyed=row["reverse_keyed"],
            minimum=row["minimum"],
            maximum=row["maximum"],
            texts={language: texts[language][row["ref"]] for language in study.languages},
            options=options[row["ref"]],
        )
        for row in codebook(study)
    ]


def _blocks(study: Study) -> Any:
    return study.blocks.prefetch_related(
        "versions__instrument", "versions__items__response_scale__options"
    ).order_by("position")


def _options(study: Study) -> dict[str, dict[str, list[tuple[int, str]]]]:
    """Ref -> language -> the options of its response scale."""
    found: dict[str, dict[str, list[tuple[int, str]]]] = defaultdict(dict)
    for block in _blocks(study):
        for version in block.versions.all():
            for item in version.items.all():
                found[f"{block.key}.{item.key}"][version.language] = [
                    (option.value, option.label) for option in item.response_scale.options.all()
                ]
    return found


def _run_facts(run: AnalysisRun) -> RunFacts:
    assert run.finished_at is not None
    return RunFacts(
        id=f"{run.plan.name}-{run.data_sha256[:12]}",
        study=run.plan.study.slug,
        plan=run.plan.name,
        plan_sha256=run.plan.sha256,
        plan_frozen_at=_moment(run.plan.frozen_at),
        model_answers_when_frozen=run.plan.model_answers_when_frozen,
        data_sha256=run.data_sha256,
        seed=run.seed,
        started_at=_moment(run.started_at),
        finished_at=_moment(run.finished_at),
        software=run.software,
        exclusions=run.exclusions,
    )


def _moment(moment: Any) -> str:
    return str(moment.strftime("%Y-%m-%dT%H:%M:%SZ"))


def _group_facts(group: RespondentGroup) -> GroupFacts:
    """The facts that the report prints of a group; whatever else was told is for other readers."""
    arm = ModelArm if group.kind == "llm" else PeopleArm
    printed = [field.name for field in fields(arm) if field.metadata.get("label")]
    told = {name: str(group.method[name]) for name in printed if group.method.get(name)}
    prompts = {
        name: str(group.method[fact])
        for name, fact in zip(PROMPTS, PROMPT_FACTS, strict=True)
        if group.method.get(fact)
    }
    return GroupFacts(group.key, group.label, group.provenance, told, prompts)


def _demographics(names: _Pseudonyms) -> list[tuple[str, Mapping[str, object]]]:
    """One row per person; what a matched session of a model was told is in its transcript."""
    people = Respondent.objects.filter(pk__in=names.clusters, kind="human")
    rows = people.values_list("pk", "demographics")
    return sorted((names.respondents[pk], given) for pk, given in rows)
