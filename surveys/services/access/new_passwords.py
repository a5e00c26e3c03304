"""A password that somebody forgot: a worker mails the link that sets a new one."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.utils.translation import override

from surveys.jobs.queue import start_job
from surveys.jobs.watch import Watch
from surveys.models import Job
from surveys.services.access.refusals import AccessError, NewPasswordRefused

RESET = "new_password"


def ask_for_new_password(*, email: str, language: str) -> Job:
    """Let a worker mail a link that sets a new password, if somebody has this address.

    It takes as long whether somebody has it or not, so that nobody learns which. The job is the
    account's, whose user sees it.
    """
    found = get_user_model().objects.filter(email__iexact=email, is_active=True)
    known = [user.pk for user in found if user.email and user.has_usable_password()]
    return start_job(
        RESET,
        study=None,
        parameters={"users": known, "language": language},
        queued_by={"user": known[0] if known else None, "name": ""},
    )


def carry_out_new_password(watch: Watch) -> dict[str, Any]:
    """The job: mail to each of its users a link for their account.

    A worker that died may have sent some of them: they come twice, and either link is good once.

    Raises `AccessError` (`new_password_not_mailed`) where the mail server took not all of them.
    """
    asked = watch.job.parameters
    users = get_user_model().objects.filter(pk__in=asked["users"], is_active=True).order_by("pk")
    taken = [_mail_link(user, asked["language"]) for user in users]
    if not all(taken):
        raise AccessError(NewPasswordRefused.NOT_MAILED)
    return {"mails": len(taken)}


def _mail_link(user: AbstractBaseUser, language: str) -> bool:
    token = default_token_generator.make_token(user)
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("surveys:set_new_password", kwargs={"uidb64": uid, "token": token})
    about = {"name": user.get_username(), "address": settings.SITE_URL + path}
    with override(language):
        text = render_to_string("surveys/mails/password_reset.txt", about)
        subject = _("Your account: set a new password")
    try:
        return bool(send_mail(subject, text, None, [user.email]))  # type: ignore[attr-defined]
    except OSError:
        return False
