"""Secrets that have to be told again: kept sealed by a key that the database does not hold.

A copy of the database opens nothing; the installation's `SECRET_KEY` is needed besides.
"""

import base64
import hashlib
import hmac

from django.conf import settings


def sealed(text: str, *, purpose: str, with_key: str = "") -> str:
    """The text as only this installation can read it, for one purpose.

    With `with_key` only whoever names that key too.
    """
    return str(_box(purpose, with_key).encrypt(text.encode()).decode("ascii"))


def unsealed(kept: str, *, purpose: str, with_key: str = "") -> str | None:
    """What was sealed; None where another key sealed it, as after `SECRET_KEY` was changed."""
    from cryptography.fernet import InvalidToken

    try:
        return str(_box(purpose, with_key).decrypt(kept.encode("ascii")).decode())
    except InvalidToken:
        return None


def _box(purpose: str, with_key: str):  # type: ignore[no-untyped-def] # noqa: ANN202
    from cryptography.fernet import Fernet

    about = f"counterpart\0{purpose}\0{with_key}".encode()
    key = hmac.new(settings.SECRET_KEY.encode(), about, hashlib.sha256).digest()
    return Fernet(base64.urlsafe_b64encode(key))
