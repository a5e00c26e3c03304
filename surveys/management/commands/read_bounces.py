"""Take in mails that came back, so that nobody writes to those addresses again."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from surveys.management.base import Made, SteeringCommand
from surveys.services.audit import Actor
from surveys.services.inviting.bounces import BouncesRead, note_bounces
from surveys.services.inviting.mailboxes import imap_mailbox, mails_in_file


class Command(SteeringCommand):
    help = (
        "Read reports of mails that came back (RFC 3464) and complaints (RFC 5965), and note them "
        "at the mails and addresses they are about. Without a mailbox the unread mails of the IMAP "
        "folder that BOUNCES_IMAP_HOST names are read. Let cron run it every ten minutes, or a "
        "mail server hand each mail to it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "mailbox", nargs="?", help="An mbox file, a Maildir, or - for one mail on stdin."
        )

    def perform(self, *, mailbox: str | None, by: Actor, **_options: Any) -> Made:
        done = _read(mailbox, by)
        lines = [f"{name}: {count}" for name, count in done.as_json().items()]
        return Made(lines, done.as_json(), "the page of each mail shows what came back")


def _read(mailbox: str | None, by: Actor) -> BouncesRead:
    if mailbox == "-":
        return note_bounces(mails=[sys.stdin.buffer.read()], by=by)
    if mailbox:
        return note_bounces(mails=mails_in_file(Path(mailbox)), by=by)
    with imap_mailbox() as unread:
        done = note_bounces(mails=unread.mails(), by=by)
        # Only what was stored counts as read.
        unread.read()
    return done
