"""Bringing answers of models that were collected elsewhere into a study: never as people."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import chain

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.text import slugify

from llm_respondents.conversation.arms import ELICITATIONS, OPTION_MARKS, Arm
from llm_respondents.services.collected.method import record_collected_method
from llm_respondents.services.collected.storing import (
    Counted,
    Import,
    fingerprint_of,
    store_sessions,
)
from llm_respondents.services.erasure import forget_gone
from surveys.codes import Problem, advice
from surveys.errors import ImportFileError
from surveys.imports import ModelMapping
from surveys.imports.collected.mapping import CollectedPanel
from surveys.imports.collected.records import Records, records_of
from surveys.imports.collected.replies import (
    CollectedRows,
    CollectedSession,
    collected_sessions,
)
from surveys.imports.mistakes import ImportMistake
from surveys.instrument_files.errors import FileMistake
from surveys.jobs.watch import Watch
from surveys.models import Administration, Kind, Respondent, RespondentGroup, Study
from surveys.services.audit import Actor
from surveys.services.data.imports import ImportReport, record_imported_file
from surveys.services.data.staging import Stage, asked_by, staged

BY_VALUE = "value"
SUFFIX = "-imported"


def import_model_answers(
    *,
    mapping: ModelMapping,
    content: bytes,
    name: str,
    owner: AbstractBaseUser,
    by: Actor,
    watch: Watch,
) -> ImportReport:
    """Add the sessions of a file to the mapping's study, all of them or none.

    Each panel of the file becomes a group of imported model answers: no panel that could be run,
    and nobody. Raw replies go through the parser that panels use, and are kept; the same file again
    adds nothing. Raises `ImportFileError`, `InstrumentError`, `StudyError`, `JobError`.
    """
    records = records_of(content, mapping, name=name)
    asked = asked_by(mapping=mapping, by=by)
    rows = collected_sessions(records, mapping, asked.questionnaire)
    arms = {key: _arm(panel, mapping) for key, panel in rows.panels.items()}
    with staged(mapping=mapping, asked=asked, by=by, watch=watch) as stage:
        study = stage.study
        known = {key: _known(_group_of(study, panel)) for key, panel in rows.panels.items()}
        new = _new_sessions(rows, known, records.name)
        hidden = {key: stage.hidden_group(Kind.LLM, imported=True) for key in rows.panels}
        people = _people(study, rows, records.name)
        made = Import(study, asked.language, asked.questionnaire, hidden, arms, people)
        counted = store_sessions(made, new, stage)
        with stage.last_piece(owner=owner, by=by):
            groups = {key: _shown(stage, hidden[key], panel) for key, panel in rows.panels.items()}
            report = _report(rows, records, new, counted, groups, study)
            if new:
                record_imported_file(
                    report=report, mapping=mapping, data=records, owner=owner, by=by
                )
    return report


def _shown(stage: Stage, hidden: RespondentGroup, panel: CollectedPanel) -> RespondentGroup:
    """The group of a panel with the sessions that hang at a hidden one."""
    group = _group_of(stage.study, panel) or _new_group(stage.study, panel)
    stage.show(hidden, group)
    forget_gone(group)
    record_collected_method(group)
    return group


def _report(
    rows: CollectedRows,
    records: Records,
    new: Sequence[CollectedSession],
    counted: Counted,
    groups: Mapping[str, RespondentGroup],
    study: Study,
) -> ImportReport:
    return ImportReport(
        study=study,
        respondents="models",
        rows_read=records.lines_read,
        imported=len(new),
        skipped=_skipped(rows, records, new),
        values=counted.values,
        missing=counted.missing,
        unknown=rows.unknown,
        unused_columns=rows.unused,
        ended=records.ended,
        groups=dict(Counter(groups[one.panel].key for one in new)),
    )


def _arm(panel: CollectedPanel, mapping: ModelMapping) -> tuple[Arm, bool]:
    """How replies were asked for, and whether options were marked by their values."""
    for name, known in (
        ("elicitation", ELICITATIONS),
        ("option_marks", (*OPTION_MARKS, BY_VALUE)),
    ):
        given = getattr(panel, name)
        if given not in known:
            about = {"given": given, "advice": advice(given, known)}
            where = f"panels[{panel.key}].{name}"
            raise ImportFileError(mapping.name, [Problem(where, FileMistake.UNKNOWN_CHOICE, about)])
    by_value = panel.option_marks == BY_VALUE
    marks = "number" if by_value else panel.option_marks
    return Arm(elicitation=panel.elicitation, option_marks=marks, history="none"), by_value  # type: ignore[arg-type]


def _group_of(study: Study, panel: CollectedPanel) -> RespondentGroup | None:
    """The group that an earlier import made of a panel."""
    groups = study.groups.filter(imported=True)
    return next((one for one in groups if one.method.get("panel") == panel.key), None)


def _new_group(study: Study, panel: CollectedPanel) -> RespondentGroup:
    base = f"{slugify(panel.key)[:36] or 'models'}{SUFFIX}"
    groups = set(study.groups.values_list("key", flat=True))
    keys = chain((base,), (f"{base}-{number}" for number in range(2, len(groups) + 3)))
    method = {"panel": panel.key, "model_id": panel.model, "provider": panel.provider}
    return RespondentGroup.objects.create(
        study=study,
        key=next(key for key in keys if key not in groups),
        label=f"{panel.label or panel.key}"[:120],
        kind=Kind.LLM,
        imported=True,
        method=method,
    )


def _people(study: Study, rows: CollectedRows, file: str) -> dict[str, Respondent]:
    """Id -> the person of the study whom sessions are matched to. Raises `ImportFileError`."""
    wanted = {one.facts["matched_to"]: one for one in rows.sessions if "matched_to" in one.facts}
    found: dict[str, list[Respondent]] = defaultdict(list)
    people = Respondent.objects.filter(
        study=study,
        kind=Kind.HUMAN,
        simulated=False,
        administration__status=Administration.Status.COMPLETED,
    ).exclude(recruiter_id="")
    for person in people if wanted else ():
        found[person.recruiter_id].append(person)
    lacking = [one for key, one in wanted.items() if len(found[key]) != 1]
    if lacking:
        code = ImportMistake.UNKNOWN_PERSON
        about = [{"given": one.facts["matched_to"]} for one in lacking]
        raise ImportFileError(
            file, [Problem(one.where, code, a) for one, a in zip(lacking, about, strict=True)]
        )
    return {key: found[key][0] for key in wanted}


def _known(group: RespondentGroup | None) -> dict[str, str]:
    """Session -> the fingerprint of what was imported."""
    if group is None:
        return {}
    rows = Respondent.objects.filter(group=group).values_list(
        "design__session", "administration__submissions__idempotency_key"
    )
    return {session: key for session, key in rows if key and key.startswith("import ")}


def _new_sessions(
    rows: CollectedRows, known: Mapping[str, Mapping[str, str]], file: str
) -> list[CollectedSession]:
    """The sessions that are not stored yet. Raises `ImportFileError` for one that has changed."""
    changed = [
        one
        for one in rows.sessions
        if one.key in known[one.panel] and known[one.panel][one.key] != fingerprint_of(one)
    ]
    if changed:
        problem = Problem(changed[0].where, ImportMistake.ROW_CHANGED, {"count": len(changed)})
        raise ImportFileError(file, [problem])
    return [one for one in rows.sessions if one.key not in known[one.panel]]


def _skipped(
    rows: CollectedRows, records: Records, new: Sequence[CollectedSession]
) -> Counter[str]:
    """How many records were left out, by reason."""
    skipped = Counter(records.left_out) + Counter(rows.left_out)
    fresh = {(one.panel, one.key) for one in new}
    for session in rows.sessions:
        if (session.panel, session.key) not in fresh:
            skipped["already_imported"] += len({reply.where for reply in session.replies})
    return skipped
