"""Who belongs to a study, and as what: set, removed, left, handed over. Somebody always owns it."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from surveys.errors import Refused, StudyError
from surveys.models import Action, Membership, Study
from surveys.roles import Act, Role
from surveys.services.audit import Actor, record, require


@transaction.atomic
def add_member(*, study: Study, user: AbstractBaseUser, role: str, by: Actor) -> Membership:
    """Let `user` see and steer the study as far as the role goes; an existing role is replaced.

    Raises `StudyError`: `role_unknown`; `last_owner` if nobody would own the study any more.
    """
    require(by=by, study=study, act=Act.TEAM)
    if Role.of(role) is None:
        raise StudyError(Refused.ROLE_UNKNOWN, given=role, known=", ".join(Role))
    study = Study.objects.select_for_update().get(pk=study.pk)
    before = study.memberships.filter(user_id=user.pk).first()
    if before is not None and role != Role.OWNER:
        _require_another_owner(before)
    if before is None or before.role != role:
        was = {"role": before.role if before else ""}
        after = {"role": str(role)}
        record(by=by, action=Action.MEMBER_SET, study=study, subject=user, before=was, after=after)
    member, _ = Membership.objects.update_or_create(
        study=study, user_id=user.pk, defaults={"role": role}
    )
    return member


@transaction.atomic
def remove_member(*, member: Membership, by: Actor) -> None:
    """Take somebody out of a study; whoever takes out themselves leaves, whatever their role.

    Raises `StudyError` (`last_owner`).
    """
    study = Study.objects.select_for_update().get(pk=member.study_id)
    leaves = by.user_id == member.user_id
    require(by=by, study=study, act=Act.SEE if leaves else Act.TEAM)
    _require_another_owner(member)
    action = Action.MEMBER_LEFT if leaves else Action.MEMBER_REMOVED
    before = {"role": member.role}
    record(by=by, action=action, study=study, subject=member.user, before=before)
    member.delete()


@transaction.atomic
def transfer_study(*, study: Study, user: AbstractBaseUser, by: Actor) -> None:
    """Make another member the owner in place of whoever hands the study over, who stays an editor.

    Raises `StudyError` (`not_a_member`, `own_already`).
    """
    require(by=by, study=study, act=Act.TRANSFER)
    study = Study.objects.select_for_update().get(pk=study.pk)
    heir = study.memberships.filter(user_id=user.pk).first()
    if heir is None:
        raise StudyError(Refused.NOT_A_MEMBER, user=str(user), study=study.slug)
    if by.user_id == user.pk:
        raise StudyError(Refused.OWN_ALREADY, study=study.slug)
    before, after = {"role": heir.role}, {"role": Role.OWNER.value}
    record(
        by=by,
        action=Action.STUDY_TRANSFERRED,
        study=study,
        subject=user,
        before=before,
        after=after,
    )
    study.memberships.filter(pk=heir.pk).update(role=Role.OWNER)
    study.memberships.filter(user_id=by.user_id or 0).update(role=Role.EDITOR)


def _require_another_owner(member: Membership) -> None:
    if member.role != Role.OWNER:
        return
    others = Membership.objects.filter(study_id=member.study_id, role=Role.OWNER)
    if not others.exclude(pk=member.pk).exists():
        raise StudyError(Refused.LAST_OWNER, user=str(member.user), study=member.study.slug)
