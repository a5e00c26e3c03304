"""Invitations to a team: a link for one person, good for some days, once; by mail or by hand."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from surveys.errors import Refused, StudyError
from surveys.jobs.queue import start_job
from surveys.jobs.watch import Watch
from surveys.models import Action, Invitation, Job, Membership, Study
from surveys.roles import Role
from surveys.services.access.refusals import InvitationError, InvitationRefused
from surveys.services.access.sealing import sealed, unsealed
from surveys.services.audit import Actor, record

# The kind of job that mails one.
MAIL = "invitation"
USUAL_DAYS, LONGEST_DAYS = 7, 60


@transaction.atomic
def invite(
    *, study: Study, role: str, by: Actor, email: str = "", days: int = USUAL_DAYS
) -> tuple[Invitation, str]:
    """Make an invitation; its token is told once, here.

    Raises `StudyError` (`role_unknown`), `InvitationError` (`invitation_terms`).
    """
    if Role.of(role) is None:
        raise StudyError(Refused.ROLE_UNKNOWN, given=role, known=", ".join(Role))
    if not 1 <= days <= LONGEST_DAYS or not _is_address(email):
        raise InvitationError(InvitationRefused.TERMS, most=LONGEST_DAYS)
    told = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        study=study,
        role=role,
        email=email,
        sha256=_hash(told),
        invited_by_id=by.user_id,
        expires_at=timezone.now() + timedelta(days=days),
    )
    after = {"role": str(role), "expires_at": invitation.expires_at.date().isoformat()}
    record(by=by, action=Action.INVITATION_MADE, study=study, subject=invitation, after=after)
    return invitation, told


def send_invitation(*, invitation: Invitation, address: str, by: Actor) -> Job | None:
    """Let a worker mail the address of an invitation to whom it is for, in the language of now.

    Nobody waits for the mail server; what became of the mail is said by the job. None without a
    mail server: whoever invites gives the link out by hand.
    """
    if not (settings.EMAIL_HOST and invitation.email):
        return None
    return start_job(
        MAIL,
        study=invitation.study,
        subject=f"invitation:{invitation.pk}",
        # The address lets somebody in, and is known to nobody but its reader.
        parameters={
            "invitation": invitation.pk,
            "address": sealed(address, purpose=MAIL),
            "language": get_language(),
        },
        queued_by=by.as_json(),
    )


def carry_out_invitation_mail(watch: Watch) -> dict[str, Any]:
    """The job: hand one mail to the mail server. Raises `InvitationError` where it is not taken."""
    asked = watch.job.parameters
    invitation = Invitation.objects.select_related("study").get(pk=asked["invitation"])
    address = unsealed(asked["address"], purpose=MAIL)
    if address is None or not invitation.is_good:
        raise InvitationError(InvitationRefused.OVER)
    try:
        with override(asked["language"]):
            taken = _mail(invitation, address, who=watch.job.created_by_name)
    except OSError:
        taken = 0
    if not taken:
        raise InvitationError(InvitationRefused.NOT_MAILED)
    watch.afterwards.append(lambda: forget_invitation_address(watch.job))
    return {}


def forget_invitation_address(job: Job) -> None:
    """The job is over: nobody needs what lets somebody in any more."""
    kept = {"invitation": job.parameters["invitation"]}
    Job.objects.filter(pk=job.pk).update(parameters=kept)


def _mail(invitation: Invitation, address: str, *, who: str) -> int:
    about = {"study": invitation.study, "who": who, "address": address}
    about |= {"role": _(Role(invitation.role).sentence), "until": invitation.expires_at}
    subject = _("Invitation to the study %(study)s") % {"study": invitation.study.title()}
    text = render_to_string("surveys/mails/invitation.txt", about)
    return send_mail(subject, text, None, [invitation.email])


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, by: Actor) -> bool:
    """Let an invitation let nobody in any more; False where it is over already."""
    unused = Invitation.objects.filter(pk=invitation.pk, revoked_at=None, accepted_at=None)
    if not unused.update(revoked_at=timezone.now()):
        return False
    study, before = invitation.study, {"role": invitation.role}
    record(by=by, action=Action.INVITATION_REVOKED, study=study, subject=invitation, before=before)
    return True


def invitation_told(told: str) -> Invitation:
    """The invitation that somebody follows, which is still good.

    Raises `InvitationError`: `invitation_unknown`, `invitation_over`.
    """
    rows = Invitation.objects.select_related("study", "invited_by")
    invitation = rows.filter(sha256=_hash(told)).first()
    if invitation is None:
        raise InvitationError(InvitationRefused.UNKNOWN)
    if not invitation.is_good:
        raise InvitationError(InvitationRefused.OVER)
    return invitation


@transaction.atomic
def accept_invitation(*, told: str, user: AbstractBaseUser, by: Actor) -> Study:
    """Make `user` a member as the invitation says; nobody loses a role that is more.

    Raises `InvitationError`, as `invitation_told` does; one of two who come at once gets it.
    """
    invitation = invitation_told(told)
    now = timezone.now()
    unused = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
    if not unused.update(accepted_at=now, accepted_by_id=user.pk):
        raise InvitationError(InvitationRefused.OVER)
    study = invitation.study
    before = study.memberships.filter(user_id=user.pk).first()
    ranks = list(Role)
    role = Role(invitation.role)
    if before is None or ranks.index(Role(before.role)) < ranks.index(role):
        Membership.objects.update_or_create(
            study=study, user_id=user.pk, defaults={"role": role.value}
        )
    was = {"role": before.role if before else ""}
    after = {"role": role.value}
    record(
        by=by,
        action=Action.INVITATION_ACCEPTED,
        study=study,
        subject=user,
        before=was,
        after=after,
    )
    return study


def _is_address(email: str) -> bool:
    try:
        validate_email(email or "nobody@example.org")
    except ValidationError:
        return False
    return True


def _hash(told: str) -> str:
    return hashlib.sha256(told.encode()).hexdigest()
