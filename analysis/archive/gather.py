"""What an archive holds, read from the study, the frozen plan and a finished run.

Respondents leave the database under fresh pseudonyms. Recruiters' ids, tokens, completion codes,
times of day and the seeds of the order of questions stay behind: a seed can be made of such an id,
so it would let whoever knows one find its owner's row.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from analysis.archive import (
    AnswerRow,
    ArchiveContent,
    GroupFacts,
    Imported,
    RunFacts,
    SignalRow,
    Source,
    WideRows,
)
from analysis.archive.exported import transcripts_of
from analysis.archive.questions import codebook_entries, questions
from analysis.archive.report_files import printed
from analysis.archive.study_files import instrument_files, media_files, study_file
from analysis.compare.json_codec import from_plain, to_plain
from analysis.compare.plan import Kind, PeopleDesign
from analysis.compare.results import Comparison
from analysis.errors import DataChanged, Refusal
from analysis.models import AnalysisRun
from analysis.plans.exclusions import OF_SIGNALS
from analysis.plans.services import comparison_plan, exclusion_rules, takes_means
from analysis.report.facts import ModelArm, PeopleArm
from analysis.runs.answers import AnswerSheet, Session, oriented_means
from analysis.runs.descriptions import DataDescription
from analysis.runs.frames import ScoredFrame
from analysis.runs.services import frame_of, sheet_of
from analysis.runs.snapshot import StudySnapshot
from surveys.models import Administration, Answer, ImportedFile, Respondent, RespondentGroup
from surveys.models.administrations import stored_in
from surveys.questions import Stored
from surveys.selectors import stated_facts

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
    snapshot = StudySnapshot.of(run.plan.study)
    comparison = from_plain(Comparison, run.result["comparison"])
    groups = _compared(run, snapshot)
    rules = exclusion_rules(run.plan)
    sheet = sheet_of(run, snapshot, groups)
    means = oriented_means(snapshot) if takes_means(run.plan) else {}
    frame = frame_of(sheet, comparison.plan, rules, means)
    _require_same_data(run, frame)
    names = _Pseudonyms.of(run, sheet, frame)
    fields = [field["key"] for field in snapshot.study.demographics]
    return ArchiveContent(
        run=_run_facts(run),
        groups=[_group_facts(group) for group in groups],
        comparison=comparison,
        description=to_plain(from_plain(DataDescription, run.result["description"])),
        plan_definition=run.plan.definition,
        plan_source=run.plan.source,
        study=study_file(snapshot),
        instruments=instrument_files(snapshot),
        media=media_files(snapshot),
        codebook=codebook_entries(snapshot),
        answers=list(_answers(snapshot, sheet, frame, names)),
        wide=_wide(frame, names, comparison.plan.people, demographics=demographics),
        transcripts=transcripts_of(
            snapshot.study,
            [group.key for group in groups if group.kind == Kind.LLM],
            {session.respondent: session.group for session in sheet.sessions},
            names.respondents,
            redact=redact,
        ),
        printed=printed(run, snapshot),
        imported=_imported(snapshot, sheet),
        facts={
            key: text for key, text in stated_facts(snapshot.study).items() if isinstance(text, str)
        },
        demographic_fields=fields if demographics else [],
        demographics=_demographics(snapshot, names) if demographics else (),
        conditions=sorted(
            (names.respondents[one.respondent], one.condition)
            for one in _ended(sheet)
            if one.condition
        ),
        signals=sorted(_signals(sheet, frame, names), key=lambda row: row.respondent),
        signal_rules={name: float(getattr(rules, name)) for name in OF_SIGNALS},
    )


def _compared(run: AnalysisRun, snapshot: StudySnapshot) -> list[RespondentGroup]:
    """The groups that were compared, the people first."""
    assert run.result is not None
    compared = {group["key"] for group in run.result["comparison"]["groups"]}
    return [group for group in snapshot.groups if group.key in compared]


def _imported(snapshot: StudySnapshot, sheet: AnswerSheet) -> Imported | None:
    people = [session for session in _ended(sheet) if session.kind == Kind.HUMAN]
    number = sum(session.imported for session in people)
    if not number:
        return None
    return Imported(number, len(people), [_source(file) for file in snapshot.imported_files])


def _source(file: ImportedFile) -> Source:
    return Source(
        data_file=file.data_name,
        data_sha256=file.data_checksum,
        citation=file.citation.strip(),
        licence=file.licence,
        note=file.note,
        rows_read=file.rows_read,
        rows_imported=file.rows_imported,
        imported_on=file.imported_at.date().isoformat(),
        mapping_file=file.mapping_name,
        mapping_sha256=file.mapping_checksum,
        mapping=file.mapping,
    )


def _require_same_data(run: AnalysisRun, frame: ScoredFrame) -> None:
    if frame.sha256() != run.data_sha256:
        raise DataChanged(Refusal.DATA_CHANGED, run=run.pk)


@dataclass(frozen=True, slots=True)
class _Pseudonyms:
    """Respondent -> pseudonym, and -> its cluster's for those who were analysed."""

    respondents: Mapping[int, str]
    clusters: Mapping[int, str]

    @classmethod
    def of(cls, run: AnalysisRun, sheet: AnswerSheet, frame: ScoredFrame) -> "_Pseudonyms":
        """Number the respondents of each group in an order that has nothing to do with time."""
        members: dict[str, list[int]] = defaultdict(list)
        firsts: dict[int, Session] = {}
        ended = list(_ended(sheet))
        reference = comparison_plan(run.plan).reference_group
        for session in ended:
            # Whoever comes in several waves has one number in all of them.
            if _first(session, firsts) is session:
                pool = session.group if session.person is None else reference
                members[pool].append(session.respondent)
        numbers = {
            pk: number
            for ids in members.values()
            for number, pk in enumerate(
                sorted(ids, key=lambda pk: _shuffled(run.data_sha256, pk)), start=1
            )
        }
        respondents = {
            one.respondent: f"{one.group}-{numbers[_first(one, firsts).respondent]:04d}"
            for one in ended
        }
        return cls(respondents, _clusters(frame, respondents))


def _first(session: Session, firsts: dict[int, Session]) -> Session:
    """The first session of the person whose it is; of whoever comes once, that one."""
    return session if session.person is None else firsts.setdefault(session.person, session)


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


def _ended(sheet: AnswerSheet) -> Iterator[Session]:
    """The sessions that had ended, for better or worse, when the run began."""
    return (
        session for session in sheet.sessions if session.status != Administration.Status.IN_PROGRESS
    )


def _signals(sheet: AnswerSheet, frame: ScoredFrame, names: _Pseudonyms) -> Iterator[SignalRow]:
    """What rules went by of everybody who finished and of whom it was read."""
    for one in _ended(sheet):
        read = (sheet.signals or {}).get(one.administration)
        if read is not None:
            how = read.behaviour
            yield SignalRow(
                respondent=names.respondents[one.respondent],
                group=one.group,
                kind=one.kind,
                excluded=frame.left_out.get(one.respondent, ""),
                seconds_per_answer=how.fastest,
                longest_run=read.longest_run,
                repeated=read.repeated,
                traps=None if how.traps is None else len(how.traps),
                pasted_texts=how.pasted,
                times_left=how.left,
                proof_of_work=how.work,
            )


def _wide(
    frame: ScoredFrame, names: _Pseudonyms, design: PeopleDesign, *, demographics: bool
) -> WideRows:
    """Weights are published always, what people said of themselves only where asked for."""
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
        people={name: values[order] for name, values in frame.people.items()},
        published=[
            *([design.weight] if design.weight else ()),
            *(design.adjusted if demographics else ()),
        ],
    )


def _answers(
    snapshot: StudySnapshot, sheet: AnswerSheet, frame: ScoredFrame, names: _Pseudonyms
) -> Iterator[AnswerRow]:
    """Every answer of everybody who had ended, by group, pseudonym and order of asking."""
    items, checks = questions(snapshot)
    groups = {key: place for place, key in enumerate(one.key for one in snapshot.groups)}
    sessions = {session.administration: session for session in _ended(sheet)}
    rows = [row for row in _answer_rows(snapshot) if row["administration_id"] in sessions]

    def place(row: Mapping[str, Any]) -> tuple[int, str, int]:
        session = sessions[row["administration_id"]]
        return groups[session.group], names.respondents[session.respondent], row["position"]

    for row in sorted(rows, key=place):
        session = sessions[row["administration_id"]]
        asked = items[row["item_id"]] if row["item_id"] else checks[row["attention_check_id"]]
        stored = stored_in(row["value"], row["number"], row["text"])
        yield AnswerRow(
            respondent=names.respondents[session.respondent],
            group=session.group,
            kind=session.kind,
            simulated=session.simulated,
            question=asked.kind,
            ref=asked.ref,
            item_position=asked.position,
            order_position=row["position"],
            code=asked.code(row["value"], session),
            value=_published(stored, session, snapshot),
            oriented=asked.oriented(stored),
            missing_reason=row["missing_reason"],
            elapsed_ms=row["elapsed_ms"],
            language=session.language,
            scale_direction=session.scale_direction,
            cluster=names.clusters.get(session.respondent),
            excluded=frame.left_out.get(session.respondent, ""),
        )


def _published(stored: Stored | None, session: Session, snapshot: StudySnapshot) -> Stored | None:
    """What people wrote can tell who they are: it is published where the study says so.

    Dates have this form too, and are treated alike.
    """
    withheld = isinstance(stored, str) and session.kind == Kind.HUMAN and not session.simulated
    if withheld and not snapshot.study.settings.get("publish_texts", False):
        return f"withheld: {len(str(stored))} characters"
    return stored


def _answer_rows(snapshot: StudySnapshot) -> Iterator[Mapping[str, Any]]:
    """What the columns of the sheet do not have: every answer by itself, as it was given."""
    rows = Answer.objects.filter(administration__study=snapshot.study).order_by()
    return rows.values(
        "administration_id",
        "item_id",
        "attention_check_id",
        "value",
        "number",
        "text",
        "missing_reason",
        "elapsed_ms",
        "position",
    ).iterator(chunk_size=5000)


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
    arm = ModelArm if group.kind == Kind.LLM else PeopleArm
    printed = [field.name for field in fields(arm) if field.metadata.get("label")]
    told = {name: str(group.method[name]) for name in printed if group.method.get(name)}
    prompts = {
        name: str(group.method[fact])
        for name, fact in zip(PROMPTS, PROMPT_FACTS, strict=True)
        if group.method.get(fact)
    }
    return GroupFacts(group.key, group.label, group.provenance, told, prompts)


def _demographics(
    snapshot: StudySnapshot, names: _Pseudonyms
) -> list[tuple[str, Mapping[str, object]]]:
    """One row per person; what a matched session of a model was told is in its transcript."""
    people = Respondent.objects.filter(study=snapshot.study, kind=Kind.HUMAN)
    rows = people.values_list("pk", "demographics")
    return sorted((names.respondents[pk], given) for pk, given in rows if pk in names.clusters)
