"""Read settings from the environment, with errors that name the variable."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}


def text(name: str, default: str = "") -> str:
    """The variable's value without surrounding space, or `default`."""
    return os.environ.get(name, default).strip()


def flag(name: str, *, default: bool) -> bool:
    """A switch; `ImproperlyConfigured` if it is neither 1 nor 0 nor one of their synonyms."""
    value = text(name).lower()
    if not value:
        return default
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name}={value!r}: set it to 1 or 0.")
    return value in TRUE


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def seconds(name: str, *, default: float) -> float:
    """A positive number of seconds."""
    value = text(name)
    try:
        number = float(value) if value else default
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise ImproperlyConfigured(f"{name}={value!r}: set it to a number of seconds above 0.")
    return number


def count(name: str, *, default: int) -> int:
    """A whole number above 0."""
    value = text(name)
    number = int(value) if value.isascii() and value.isdigit() else 0
    if value and not number:
        raise ImproperlyConfigured(f"{name}={value!r}: set it to a whole number above 0.")
    return number or default


def secret_key(folder: Path) -> str:
    """`SECRET_KEY`, or one made at first start and kept, readable by its owner only.

    A laptop needs no configuration and yet never shares a key with another installation.
    """
    if key := text("SECRET_KEY"):
        return key
    path = folder / "secret_key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        # Exclusive creation: of two processes that start together one makes the key, both read it.
        try:
            with open(path, "x", encoding="ascii", opener=_owner_only) as file:
                file.write(secrets.token_urlsafe(60))
        except FileExistsError:
            pass
    return path.read_text(encoding="ascii")


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
