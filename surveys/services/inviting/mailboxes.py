"""Mailboxes that bounces come to: files, a folder, or an IMAP server's."""

import imaplib
import mailbox
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from surveys.errors import StudyError
from surveys.recruiters import RecruitingRefused

# Those of this machine, where nobody listens in between.
_LOCAL = {"127.0.0.1", "::1", "localhost"}
_SECONDS = 60
# Nobody's report is larger; what is larger is left unread.
LARGEST_MAIL = 5_000_000


def mails_in_file(path: Path) -> list[bytes]:
    """The mails of an mbox file or of a Maildir; neither is changed.

    Raises `StudyError` (`no_mailbox`).
    """
    if not path.exists():
        raise StudyError(RecruitingRefused.NO_MAILBOX, given=str(path))
    if path.is_dir():
        found: mailbox.Mailbox[mailbox.MaildirMessage] | mailbox.mbox
        found = mailbox.Maildir(path, create=False)
    else:
        found = mailbox.mbox(path, create=False)
    try:
        return [found.get_bytes(key) for key in found.keys()]  # noqa: SIM118 - not a mapping
    except (OSError, mailbox.Error) as error:
        raise StudyError(RecruitingRefused.NO_MAILBOX, given=str(path)) from error
    finally:
        found.close()


@dataclass(frozen=True, slots=True)
class Unread:
    """The mails of an IMAP folder that nobody has read, until `read` is called."""

    _server: imaplib.IMAP4
    _numbers: tuple[str, ...]

    def mails(self) -> Iterator[bytes]:
        """Each mail, left unread."""
        for number in self._numbers:
            _answer, parts = self._server.fetch(number, "(BODY.PEEK[])")
            yield from (part[1] for part in parts if isinstance(part, tuple))

    def read(self) -> None:
        """Mark them as read."""
        for number in self._numbers:
            self._server.store(number, "+FLAGS", "(\\Seen)")


@contextmanager
def imap_mailbox() -> Iterator[Unread]:
    """The folder that the operator has named, over TLS unless the server is on this machine.

    Raises `StudyError` (`no_mailbox_named`, `mailbox_unreachable`).
    """
    if not settings.BOUNCES_IMAP_HOST:
        raise StudyError(RecruitingRefused.NO_MAILBOX_NAMED)
    try:
        server = _connected()
    except (OSError, imaplib.IMAP4.error) as error:
        host, kind = settings.BOUNCES_IMAP_HOST, type(error).__name__
        raise StudyError(RecruitingRefused.MAILBOX_UNREACHABLE, host=host, kind=kind) from None
    try:
        small = f"(UNSEEN SMALLER {LARGEST_MAIL})"
        _answer, found = server.search(None, small)
        numbers = tuple(one.decode() for one in (found[0] or b"").split())
        yield Unread(server, numbers)
    finally:
        server.logout()


def _connected() -> imaplib.IMAP4:
    host, port = settings.BOUNCES_IMAP_HOST, settings.BOUNCES_IMAP_PORT
    connect = imaplib.IMAP4 if host in _LOCAL else imaplib.IMAP4_SSL
    server = connect(host, port, timeout=_SECONDS)
    try:
        _choose_folder(server)
    except (OSError, imaplib.IMAP4.error):
        server.shutdown()
        raise
    return server


def _choose_folder(server: imaplib.IMAP4) -> None:
    server.login(settings.BOUNCES_IMAP_USER, settings.BOUNCES_IMAP_PASSWORD)
    answer, _told = server.select(settings.BOUNCES_IMAP_FOLDER)
    if answer != "OK":
        raise imaplib.IMAP4.error(settings.BOUNCES_IMAP_FOLDER)
