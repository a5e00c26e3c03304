"""Accounts: made by who was invited, their address, and passwords that are set anew."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.utils.translation import override
from django_tasks import task

from surveys.models import Action, Door
from surveys.services.audit import Actor, record


@transaction.atomic
def make_account(*, username: str, email: str, password: str, door: Door) -> User:
    """Make an account of somebody who chose its name and password; the form checked both."""
    user = User.objects.create_user(username, email=email, password=password)
    record(by=Actor(door, user), action=Action.ACCOUNT_MADE, subject=user)
    return user


@transaction.atomic
def set_mail_address(*, user: User, email: str, by: Actor) -> None:
    """Say where mails that set a new password go."""
    if user.email != email:
        user.email = email
        user.save(update_fields=("email",))
        # That it changed, and not to what: an address is a person's.
        record(by=by, action=Action.ACCOUNT_MAIL_SET, subject=user)


@transaction.atomic
def set_password(*, user: User, password: str, by: Actor) -> None:
    """Set a password; every session that began with the one before ends."""
    user.set_password(password)
    user.save(update_fields=("password",))
    record(by=by, action=Action.PASSWORD_SET, subject=user)


def ask_for_new_password(*, email: str, language: str) -> None:
    """Let a worker mail a link that sets a new password, if somebody has this address.

    It takes as long whether somebody has it or not, so that nobody learns which.
    """
    found = get_user_model().objects.filter(email__iexact=email, is_active=True)
    known = [user for user in found if user.email and user.has_usable_password()]
    mail_reset_links.enqueue([user.pk for user in known], language)


@task()
def mail_reset_links(users: list[int], language: str) -> int:
    """Mail to each of these users a link for their account; how many mails the server took."""
    found = get_user_model().objects.filter(pk__in=users, is_active=True)
    return sum(_mail_link(user, language) for user in found)


def _mail_link(user: AbstractBaseUser, language: str) -> int:
    token = default_token_generator.make_token(user)
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("surveys:set_new_password", kwargs={"uidb64": uid, "token": token})
    about = {"name": user.get_username(), "address": settings.SITE_URL + path}
    with override(language):
        text = render_to_string("surveys/mails/password_reset.txt", about)
        subject = _("Your account: set a new password")
    return send_mail(subject, text, None, [user.email])  # type: ignore[attr-defined]
