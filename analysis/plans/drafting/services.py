"""What can be done with drafts of plans: save, delete, plan for power, freeze.

Page, REST and command send the tables of a plan file, whole:

    draft = save_draft(study=study, values=parse_toml(text, file="plan.toml"), by=by)
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from analysis.errors import DraftError, Refusal
from analysis.models import AnalysisPlan, PlanDraft
from analysis.plans.drafting.asked import asked_of
from analysis.plans.drafting.checking import Asked, Checked, check, require_small
from analysis.plans.expectations import Assumptions
from analysis.plans.mistakes import PlanMistake
from analysis.plans.power_analysis import parameters, start_power
from analysis.plans.services import freeze_plan, is_frozen_otherwise
from surveys.checksums import sha256_of
from surveys.codes import Problem
from surveys.instrument_files import InstrumentFileError, to_toml
from surveys.instrument_files.toml_tables import require_storable
from surveys.models import Action, AuditEntry, Job, Study
from surveys.services.audit import Actor, record

# What somebody saves within such a time is one sitting, and one row of the log.
SITTING = timedelta(minutes=30)


def check_draft(
    draft: PlanDraft, asked: Asked | None = None, *, may_be_frozen: bool = True
) -> Checked:
    """Everything that is wrong with a draft at this moment, held against its study as it is.

    `may_be_frozen` is False for whoever knows that no plan of its name is frozen.
    """
    checked = check(draft.content, asked or asked_of(draft.study))
    if (
        checked.plan is None
        or not may_be_frozen
        or not is_frozen_otherwise(draft.study, checked.plan)
    ):
        return checked
    taken = Problem("name", PlanMistake.NAME_IS_FROZEN, {"given": draft.name})
    return Checked((taken,), checked.constructs, checked.paths, None, checked.carried_out)


@transaction.atomic
def save_draft(
    *,
    study: Study,
    values: Mapping[str, Any],
    by: Actor,
    draft: PlanDraft | None = None,
    revision: int | None = None,
    asked: Asked | None = None,
) -> PlanDraft:
    """Make a draft, or let `draft` hold what was written, and nothing else.

    A draft may lack parts and not fit; what could not be what its author meant is refused.
    `revision` is the one that was read: whoever changed it since is not written over.

    Raises `InstrumentFileError` with everything that is wrong with the plan; `DraftError`:
    `plan_draft_exists`, `plan_draft_changed`.
    """
    require_small(values)
    require_storable(values, "plan")
    values = {**values, "study": values.get("study", study.slug)}
    checked = check(values, asked or asked_of(study))
    if checked.refused:
        raise InstrumentFileError("plan", checked.problems)
    name = values["name"].strip()
    values = {**values, "name": name}
    draft = _own(draft, study, name, revision)
    before = sha256_of(draft.content) if draft.pk else ""
    if before == (after := sha256_of(values)):
        return draft
    draft.name, draft.content = name, values
    draft.revision += 1 if draft.pk else 0
    draft.saved_at, draft.saved_by_id = timezone.now(), by.user_id
    draft.save()
    if not _same_sitting(draft, by):
        record(
            by=by,
            action=Action.PLAN_DRAFT_SAVED,
            study=study,
            subject=draft,
            before={"content": before} if before else {},
            after={"content": after},
        )
    return draft


@transaction.atomic
def load_draft(*, study: Study, values: Mapping[str, Any], by: Actor) -> PlanDraft:
    """Make the draft of this name, or let the one that is there hold what was written.

    Raises what `save_draft` raises.
    """
    require_small(values)
    there = study.plan_drafts.filter(name=values.get("name")).first()
    return save_draft(study=study, values=values, draft=there, by=by)


@transaction.atomic
def delete_draft(*, draft: PlanDraft, by: Actor) -> None:
    """Delete a draft; the log keeps its name."""
    before = {"content": sha256_of(draft.content)}
    record(by=by, action=Action.PLAN_DRAFT_DELETED, study=draft.study, subject=draft, before=before)
    draft.delete()


@transaction.atomic
def freeze_draft(*, draft: PlanDraft, by: Actor, revision: int | None = None) -> AnalysisPlan:
    """Freeze the plan of a draft, which is gone then.

    Raises `InstrumentFileError` with everything that is wrong with it; `DraftError`
    (`plan_draft_changed`) where it is another one than was read.
    """
    draft = _own(draft, draft.study, draft.name, revision)
    checked = check_draft(draft)
    if checked.plan is None:
        raise InstrumentFileError(draft.name, checked.problems)
    frozen = freeze_plan(study=draft.study, plan=checked.plan, source=to_toml(draft.content), by=by)
    draft.delete()
    return frozen


@transaction.atomic
def plan_draft_power(*, draft: PlanDraft, assumed: Assumptions, studies: int, by: Actor) -> Job:
    """Let a worker simulate studies of the plan as it is; the result stays with the draft.

    Raises `DraftError` (`plan_has_mistakes`); `PlanError` for expectations that do not fit it.
    """
    checked = check_draft(draft)
    if checked.carried_out is None:
        raise DraftError(Refusal.NO_POWER_YET, plan=draft.name)
    given = parameters(checked.carried_out, assumed, studies)
    job = start_power(study=draft.study, given=given, by=by)
    PlanDraft.objects.filter(pk=draft.pk).update(power=job)
    after = {"people": assumed.people_n, "sessions": assumed.model_n}
    record(by=by, action=Action.POWER_PLANNED, study=draft.study, subject=draft, after=after)
    return job


def draft_named(study: Study, name: str) -> PlanDraft:
    """A draft by its name; `DraftError` (`plan_draft_unknown`) with the names there are."""
    draft = study.plan_drafts.filter(name=name).select_related("study").first()
    if draft is None:
        known = ", ".join(study.plan_drafts.values_list("name", flat=True)) or "-"
        raise DraftError(Refusal.DRAFT_UNKNOWN, study=study.slug, plan=name, known=known)
    return draft


def _own(draft: PlanDraft | None, study: Study, name: str, revision: int | None) -> PlanDraft:
    """The draft as it is now, locked, or a new one; no other one has its name."""
    others = study.plan_drafts.filter(name=name)
    if (others.exclude(pk=draft.pk) if draft else others).exists():
        raise DraftError(Refusal.DRAFT_EXISTS, study=study.slug, plan=name)
    if draft is None:
        return PlanDraft(study=study)
    locked = PlanDraft.objects.select_for_update().get(pk=draft.pk)
    locked.study = study
    if revision is not None and revision != locked.revision:
        who = str(locked.saved_by) if locked.saved_by else "-"
        raise DraftError(Refusal.DRAFT_CHANGED, plan=locked.name, who=who)
    return locked


def _same_sitting(draft: PlanDraft, by: Actor) -> bool:
    """Whether the log says already that this user is at this draft."""
    latest = AuditEntry.objects.filter(
        study=draft.study, subject_kind="plandraft", subject_id=draft.pk
    ).first()
    return (
        latest is not None
        and (latest.action, latest.actor_id, latest.actor_name, latest.door)
        == (Action.PLAN_DRAFT_SAVED, by.user_id, by.called, by.door)
        and latest.at > timezone.now() - SITTING
    )
