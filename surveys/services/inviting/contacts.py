"""Where people of a list can be reached: apart from answers, and gone when no longer needed."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from surveys.models import Action, Contact, LinkList, RecruitingLink, Study
from surveys.recruiters import RecruitingRefused
from surveys.recruiters.mails import Address, address_problems
from surveys.services.audit import Actor, record
from surveys.services.people.refusing import ArrangementRefused


@transaction.atomic
def set_addresses(*, link_list: LinkList, addresses: Sequence[Address], by: Actor) -> int:
    """Say where people of a list are reached; a new address of somebody takes the old one's place.

    Returns how many were set. The log counts them and names none. Raises `ArrangementRefused`
    (`addresses_invalid`).
    """
    study = link_list.study
    links = {one.pseudonym: one for one in link_list.links.all()}
    if problems := address_problems(addresses, links, study.languages):
        raise ArrangementRefused(RecruitingRefused.ADDRESSES_INVALID, problems, name=link_list.name)
    for one in addresses:
        _set(links[one.pseudonym], one.address, one.language or study.default_language)
    if addresses:
        after = {"people": len(addresses)}
        record(by=by, action=Action.ADDRESSES_SET, study=study, subject=link_list, after=after)
    return len(addresses)


def _set(link: RecruitingLink, address: str, language: str) -> None:
    """A new address can be reached again; who wants no more mail, or complained, has said so."""
    contact, made = Contact.objects.get_or_create(
        link=link, defaults={"address": address, "language": language}
    )
    if made:
        return
    if contact.address.lower() != address.lower():
        contact.changed_at = timezone.now()
        if contact.state == Contact.State.BOUNCED:
            contact.state = Contact.State.REACHABLE
    contact.address, contact.language = address, language
    contact.save()


@transaction.atomic
def mark_bounced(*, study: Study, addresses: Sequence[str], by: Actor) -> int:
    """Note of addresses, as a mail server's report names them, that nobody is reached there."""
    wanted = {one.strip().lower() for one in addresses if one.strip()}
    contacts = Contact.objects.filter(link__study=study, state=Contact.State.REACHABLE)
    found = [one.pk for one in contacts if one.address.lower() in wanted]
    Contact.objects.filter(pk__in=found).update(state=Contact.State.BOUNCED)
    if found:
        after = {"people": len(found)}
        record(by=by, action=Action.BOUNCES_NOTED, study=study, subject=study, after=after)
    return len(found)


def unsubscribe(*, contact: Contact) -> None:
    """Write to this person no more, as they asked by the address in their mail."""
    Contact.objects.filter(pk=contact.pk).update(state=Contact.State.UNSUBSCRIBED)


def forget_addresses(*, now: datetime | None = None) -> int:
    """Delete addresses whose time has come: so many days after the person's end, or the study's.

    As with recruiters' ids; a study that keeps those for ever keeps these until it is closed.
    """
    now = now or timezone.now()
    gone = 0
    for study in Study.objects.filter(links__contact__isnull=False).distinct():
        latest = now - timedelta(days=study.ids_kept_days or 0)
        contacts = Contact.objects.filter(link__study=study)
        if study.closed_at is None or study.closed_at >= latest:
            if study.ids_kept_days is None:
                continue
            contacts = contacts.filter(
                link__respondents__administration__ended_at__lt=latest,
                link__respondents__test=False,
            )
        late = list(contacts.values_list("pk", flat=True))
        Contact.objects.filter(pk__in=late).delete()
        gone += len(late)
    return gone
