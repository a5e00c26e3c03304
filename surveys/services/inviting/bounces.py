"""Mails that came back: noted at the mail and at its address, which nobody then writes to."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import Q

from surveys.models import Action, Contact, Delivery, Study
from surveys.recruiters.bounces import Came, Report, read_report
from surveys.services.audit import Actor, record

# A mail's id proves that it was sent here: nobody can make others unreachable by made-up reports.
_SIGNER = Signer(sep=".", salt="surveys.mail")


@dataclass(frozen=True, slots=True)
class BouncesRead:
    """How many mails were read: of each kind of report, of mails not ours, and others."""

    bounced: int = 0
    complained: int = 0
    under_way: int = 0
    unknown: int = 0
    no_report: int = 0

    def as_json(self) -> dict[str, int]:
        """Plain values."""
        return asdict(self)


def mail_id(delivery: Delivery) -> str:
    """What stands before the @ of a mail's Message-ID, and behind the + of where it returns to."""
    return _SIGNER.sign(f"d{delivery.pk}")


def note_bounces(*, mails: Iterable[bytes], by: Actor) -> BouncesRead:
    """Take in what a mailbox holds; reading the same twice changes nothing more.

    An address that took the place of the one that bounced stays reachable, and whoever asked for
    no more mail is told so still. Each study's log counts what was noted of it.
    """
    # Read first: a mailbox can be slow, and people answer while it is.
    reports = [read_report(content) for content in mails]
    return _note_all([one for one in reports if one], reports.count(None), by)


@transaction.atomic
def _note_all(reports: Iterable[Report], others: int, by: Actor) -> BouncesRead:
    counts: Counter[str] = Counter(no_report=others)
    noted: Counter[int] = Counter()
    for report in reports:
        delivery = _of_ids(report.ids)
        counts[str(report.came) if delivery else "unknown"] += 1
        if delivery and report.came is not Came.UNDER_WAY:
            noted[delivery.mailing.study_id] += _note(delivery, report.came, report.said)
    for study in Study.objects.filter(pk__in=[pk for pk, people in noted.items() if people]):
        after = {"people": noted[study.pk]}
        record(by=by, action=Action.BOUNCES_NOTED, study=study, subject=study, after=after)
    return BouncesRead(**counts)


def _of_ids(ids: Iterable[str]) -> Delivery | None:
    for one in ids:
        try:
            key = _SIGNER.unsign(one)
        except BadSignature:
            continue
        found = Delivery.objects.select_related("mailing", "contact").filter(pk=key[1:]).first()
        if found:
            return found
    return None


def _note(delivery: Delivery, came: Came, said: str) -> bool:
    """Whether anything was new."""
    state = Delivery.State(str(came))
    rows = Delivery.objects.filter(pk=delivery.pk).exclude(state__in=(state, "complained"))
    new = bool(rows.update(state=state, said=said))
    written_to = Q(changed_at__isnull=True) | Q(changed_at__lt=delivery.at)
    replaced = (Contact.State.REACHABLE, Contact.State.BOUNCED)
    contacts = Contact.objects.filter(written_to, pk=delivery.contact_id, state__in=replaced)
    contacts.update(state=Contact.State(str(came)))
    return new
