"""Read settings from the environment, with errors that name the variable."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

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
        _keep_first(path, secrets.token_urlsafe(60))
    if key := path.read_text(encoding="ascii").strip():
        return key
    raise ImproperlyConfigured(f"{path} is empty: remove it, and the next start makes a new key.")


def _keep_first(path: Path, content: str) -> None:
    """Put `content` at `path`, readable by its owner, unless another process was there before.

    The file appears whole: whoever sees it exist reads all of it, so of two processes that start
    together both go on with the key of one.
    """
    with NamedTemporaryFile("w", dir=path.parent, prefix=f"{path.name}.", encoding="ascii") as file:
        file.write(content)
        file.flush()
        with suppress(FileExistsError):
            os.link(file.name, path)
