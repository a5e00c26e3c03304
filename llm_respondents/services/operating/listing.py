"""Changing the operator's list of endpoints: checked as whole, written as whole, kept as it was."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from llm_respondents.codes import Refusal
from llm_respondents.endpoints.file import FILE_NAME, Endpoint, read_endpoints
from llm_respondents.errors import PanelStateError
from surveys.models import Action
from surveys.services.audit import Actor, record

# Earlier lists that are kept beside the file.
KEPT = 20
FOLDER = "endpoints-before"


def list_text() -> str:
    """The list as it is written now; empty where there is none."""
    file = _file()
    return file.read_text(encoding="utf-8-sig", errors="replace") if file.is_file() else ""


def checksum(text: str) -> str:
    """What names a text: whoever changes it says which one was read."""
    return hashlib.sha256(text.encode()).hexdigest()


def change_list(*, text: str, read: str, by: Actor) -> dict[str, Endpoint]:
    """Write the list anew, unless something is wrong with it or somebody else changed it meanwhile.

    `read` is the `checksum` of the text that was changed. The list as it was is kept in the data
    directory; a process that reads at this moment reads the one or the other, whole. Raises
    `EndpointFileError` with every mistake, and `PanelStateError` (`list_changed`).
    """
    text = text.replace("\r\n", "\n")
    endpoints = read_endpoints(text)
    with _alone(), transaction.atomic():
        before = list_text()
        if checksum(before) != read:
            raise PanelStateError(Refusal.LIST_CHANGED)
        record(
            by=by,
            action=Action.ENDPOINTS_CHANGED,
            subject="endpoints",
            label=FILE_NAME,
            before={"checksum": checksum(before)},
            after={"checksum": checksum(text), "endpoints": sorted(endpoints)},
        )
        _keep(before)
        _write(text)
    return endpoints


def _file() -> Path:
    return Path(settings.DATA_DIR) / FILE_NAME


@contextmanager
def _alone() -> Iterator[None]:
    """One process of this machine at a time."""
    with _file().with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _keep(text: str) -> None:
    if not text:
        return
    folder = Path(settings.DATA_DIR) / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / f"{timezone.now():%Y%m%d-%H%M%S-%f}.toml").write_text(text, encoding="utf-8")
    for old in sorted(folder.glob("*.toml"))[:-KEPT]:
        old.unlink()


def _write(text: str) -> None:
    """Beside the file, then in its place in one step; a crash in between leaves the one before."""
    with NamedTemporaryFile(
        "w", dir=settings.DATA_DIR, prefix=f".{FILE_NAME}.", encoding="utf-8", delete=False
    ) as new:
        try:
            new.write(text)
            new.flush()
            os.fsync(new.fileno())
            Path(new.name).replace(_file())
        except BaseException:
            Path(new.name).unlink(missing_ok=True)
            raise
