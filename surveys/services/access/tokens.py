"""Tokens of programs: given once, known by their hash, at an end by date or by hand."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from surveys.models import Action, ApiToken, Scope
from surveys.services.access.refusals import TokenError, TokenRefused
from surveys.services.audit import Actor, record

# So that a token is known for what it is where somebody finds it in a file.
MARK = "counterpart_"
LONGEST_DAYS = 366
# How often its use is written down.
NOTED_EVERY = timedelta(hours=1)


@transaction.atomic
def create_token(
    *, user: AbstractBaseUser, name: str, scopes: Collection[str], days: int, by: Actor
) -> tuple[ApiToken, str]:
    """Give a user a token for some days; the token itself is told once, here.

    Raises `TokenError`: `token_terms` for no name, no or an unknown scope, or too many days.
    """
    name, known = name.strip(), set(Scope.values)
    if not (name and len(name) <= 80 and scopes and set(scopes) <= known):
        raise TokenError(TokenRefused.TERMS, known=", ".join(Scope.values), most=LONGEST_DAYS)
    if not 1 <= days <= LONGEST_DAYS:
        raise TokenError(TokenRefused.TERMS, known=", ".join(Scope.values), most=LONGEST_DAYS)
    told = MARK + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user_id=user.pk,
        name=name,
        sha256=_hash(told),
        beginning=told.removeprefix(MARK)[:4],
        scopes=[one for one in Scope.values if one in scopes],
        expires_at=timezone.now() + timedelta(days=days),
    )
    after = {"scopes": token.scopes, "expires_at": token.expires_at.date().isoformat()}
    record(by=by, action=Action.TOKEN_CREATED, subject=token, after=after)
    return token, told


@transaction.atomic
def revoke_token(*, token: ApiToken, by: Actor) -> bool:
    """Let a token open nothing any more, at once and for good; False where it is revoked."""
    unrevoked = ApiToken.objects.filter(pk=token.pk, revoked_at=None)
    if not unrevoked.update(revoked_at=timezone.now()):
        return False
    record(by=by, action=Action.TOKEN_REVOKED, subject=token)
    return True


def token_told(told: str) -> ApiToken:
    """The token that a program sends, and that it was used.

    Raises `TokenError`: `token_unknown`, `token_revoked`, `token_expired`.
    """
    token = ApiToken.objects.select_related("user").filter(sha256=_hash(told)).first()
    if token is None or not token.user.is_active:
        raise TokenError(TokenRefused.UNKNOWN)
    if token.revoked_at is not None:
        raise TokenError(TokenRefused.REVOKED)
    if not token.is_good:
        raise TokenError(TokenRefused.EXPIRED)
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def _hash(told: str) -> str:
    return hashlib.sha256(told.encode()).hexdigest()
