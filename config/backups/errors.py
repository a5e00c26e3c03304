"""Why a backup is not made or not restored."""

from typing import Any

from surveys.codes import SentenceCode, said
from surveys.codes import marked as _
from surveys.errors import CounterpartError


class BackupRefused(SentenceCode):
    """What making or restoring a backup says no to."""

    FILE_EXISTS = (
        "file_exists",
        _("There is a file %(file)s already; give the backup another name."),
    )
    NOTHING_THERE = (
        "nothing_there",
        _("There are no tables here to back up; see DATABASE_URL and DATA_DIR."),
    )
    NOT_A_BACKUP = (
        "not_a_backup",
        _("%(file)s is no backup of this program, or was cut: %(reason)s."),
    )
    BACKUP_DAMAGED = (
        "backup_damaged",
        _("%(part)s of %(file)s is not what was backed up; take another copy of the file."),
    )
    BACKUP_NEWER = (
        "backup_newer",
        _(
            "%(file)s was made by a newer version of the program (%(unknown)s); install that "
            "version, or a later one, and restore again."
        ),
    )
    NOT_EMPTY = (
        "installation_not_empty",
        _(
            "This installation holds data already (%(found)s), and nothing is ever mixed or "
            "replaced: restore into a new, empty database and an empty DATA_DIR."
        ),
    )
    OTHER_RESTORE = (
        "other_restore",
        _(
            "Another backup was being restored here and did not end; finish that one, or begin "
            "with an empty database."
        ),
    )
    RESTORED_DIFFERS = (
        "restored_differs",
        _("%(table)s reads otherwise here than in %(file)s; begin again with an empty database."),
    )


class BackupError(CounterpartError):
    """A backup that cannot be made or restored."""

    def __init__(self, refused: BackupRefused, **arguments: Any) -> None:
        super().__init__(said(refused, arguments), code=refused.value)
