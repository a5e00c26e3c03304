"""The second factor: a code of an app on a telephone, or once each of ten codes on paper.

The shared secret of the app is in the table of django-otp, as its codes cannot be checked without
it; of the codes on paper only hashes are kept. Programs have tokens, and are asked for neither.
"""

import hashlib
import secrets
from base64 import b32encode

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, User
from django.db import transaction
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from surveys.models import Action, RecoveryCode
from surveys.services.access.refusals import SecondFactorError, SecondFactorRefused
from surveys.services.access.sessions import end_sessions
from surveys.services.audit import Actor, record

CODES = 10
# As 80 random bits, one round of SHA-256 is a fit hash.
_CODE_BYTES = 10
_GROUP = 4


def is_set_up(user: AbstractBaseUser) -> bool:
    """Whether signing in asks this user for a second factor."""
    return bool(TOTPDevice.objects.filter(user_id=user.pk, confirmed=True).exists())


def is_required(user: User) -> bool:
    """Whether this site lets the user in with a second factor only."""
    required: str = settings.TWO_FACTOR
    return required == "everyone" or (required == "staff" and user.is_staff)


def codes_left(user: AbstractBaseUser) -> int:
    """How many codes on paper were not used yet."""
    return RecoveryCode.objects.filter(user_id=user.pk, used_at=None).count()


@transaction.atomic
def begin_set_up(*, user: AbstractBaseUser, by: Actor) -> TOTPDevice:  # noqa: ARG001
    """The secret that an app is given, the same until it is confirmed; nothing asks for it yet.

    No row of the log: nothing has changed for anybody. Raises `SecondFactorError`
    (`second_factor_there`).
    """
    if is_set_up(user):
        raise SecondFactorError(SecondFactorRefused.THERE)
    waiting = TOTPDevice.objects.filter(user_id=user.pk, confirmed=False).first()
    return waiting or TOTPDevice.objects.create(user_id=user.pk, name="app", confirmed=False)


def confirm_set_up(
    *, user: AbstractBaseUser, code: str, by: Actor, keep_session: str = ""
) -> list[str]:
    """Ask for a second factor from now on; the codes on paper, which are told once, here.

    All other sessions of the user end: they began without it. Raises `SecondFactorError`:
    `code_wrong`; `second_factor_there`.
    """
    device = begin_set_up(user=user, by=by)
    # Outside of the transaction below: that a code was wrong is to be remembered.
    if not device.verify_token(_plain(code)):
        raise SecondFactorError(SecondFactorRefused.WRONG)
    with transaction.atomic():
        TOTPDevice.objects.filter(pk=device.pk).update(confirmed=True)
        record(by=by, action=Action.TWO_FACTOR_SET_UP, subject=user)
        end_sessions(user=user, by=by, keep=keep_session)
        return _new_codes(user)


@transaction.atomic
def make_recovery_codes(*, user: AbstractBaseUser, by: Actor) -> list[str]:
    """Other codes on paper in place of those there are, told once."""
    record(by=by, action=Action.RECOVERY_CODES_MADE, subject=user)
    return _new_codes(user)


@transaction.atomic
def end_two_factor(*, user: AbstractBaseUser, by: Actor) -> bool:
    """Ask for no second factor any more; False where there was none."""
    _codes, removed = RecoveryCode.objects.filter(user_id=user.pk).delete(), is_set_up(user)
    TOTPDevice.objects.filter(user_id=user.pk).delete()
    if removed:
        record(by=by, action=Action.TWO_FACTOR_ENDED, subject=user)
    return removed


def passes(*, user: AbstractBaseUser, code: str, by: Actor) -> bool:
    """Whether a code of the app or of the paper lets the user in; each does so once.

    After a wrong one the app's codes are looked at only after a pause, which doubles each time.
    """
    plain = _plain(code)
    if plain.isdecimal():
        with transaction.atomic():
            devices = TOTPDevice.objects.select_for_update()
            device = devices.filter(user_id=user.pk, confirmed=True).first()
            return device is not None and bool(device.verify_token(plain))
    with transaction.atomic():
        unused = RecoveryCode.objects.filter(user_id=user.pk, used_at=None, sha256=_hash(plain))
        if not unused.update(used_at=timezone.now()):
            return False
        after = {"codes_left": codes_left(user)}
        record(by=by, action=Action.RECOVERY_CODE_USED, subject=user, after=after)
    return True


def _new_codes(user: AbstractBaseUser) -> list[str]:
    RecoveryCode.objects.filter(user_id=user.pk).delete()
    told = [_spelt(secrets.token_bytes(_CODE_BYTES)) for _number in range(CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user_id=user.pk, sha256=_hash(_plain(one))) for one in told
    )
    return told


def _spelt(random: bytes) -> str:
    letters = b32encode(random).decode().lower()
    return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))


def _plain(code: str) -> str:
    return "".join(code.split()).replace("-", "").lower()


def _hash(plain: str) -> str:
    return hashlib.sha256(plain.encode()).hexdigest()
