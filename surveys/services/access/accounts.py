"""Accounts: made by who was invited, their address, their password."""

from django.contrib.auth.models import User
from django.db import transaction

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
