"""Mails to the people of a list: each is handed to the mail server once, or not at all.

Whoever hands one over claims it first. A worker that dies with one in hand leaves it "perhaps
sent", and nobody sends it again: a reminder too many costs more trust than one too few.
"""

import logging
import smtplib
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import override

from surveys.errors import StudyError
from surveys.jobs.queue import start_job
from surveys.jobs.watch import Watch
from surveys.models import (
    Action,
    Administration,
    Contact,
    Delivery,
    Job,
    LinkList,
    Mailing,
    Respondent,
)
from surveys.recruiters import RecruitingRefused
from surveys.recruiters.mails import MailDraft, filled_in, mail_problems
from surveys.services.audit import Actor, record
from surveys.services.inviting.bounces import mail_id
from surveys.services.inviting.waves import wave_to_write_about
from surveys.services.people.refusing import ArrangementRefused

logger = logging.getLogger(__name__)

JOB = "mailing"
_NO_SERVER = "django.core.mail.backends.dummy.EmailBackend"
# What a server says when it takes a mail for good or not at all; anything else leaves it unknown.
_REFUSALS = (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError)


def can_send() -> bool:
    """Whether the operator has named a mail server."""
    return settings.EMAIL_BACKEND != _NO_SERVER


@transaction.atomic
def send_mailing(*, link_list: LinkList, draft: MailDraft, by: Actor) -> Mailing:
    """Write to people of a list, and let a worker send the mails at the rate that is asked for.

    Raises `ArrangementRefused` (`mail_invalid`) and `StudyError` (`no_mail_server`).
    """
    study = link_list.study
    if not can_send():
        raise StudyError(RecruitingRefused.NO_MAIL_SERVER)
    if problems := mail_problems(draft, study.languages):
        raise ArrangementRefused(RecruitingRefused.MAIL_INVALID, problems, name=link_list.name)
    words = {language: draft.subjects[language] for language in study.languages}
    mailing = Mailing.objects.create(
        study=study,
        link_list=link_list,
        subjects=words,
        texts={language: draft.texts[language] for language in study.languages},
        recipients=draft.recipients,
        per_minute=draft.per_minute,
        wave=wave_to_write_about(study=study),
    )
    people = _wanted(mailing)
    Delivery.objects.bulk_create(Delivery(mailing=mailing, contact=one) for one in people)
    after = {"people": len(people), "recipients": draft.recipients}
    record(by=by, action=Action.MAIL_SENT, study=study, subject=link_list, after=after)
    queued = by.as_json()
    transaction.on_commit(lambda: _wake(mailing, queued))
    return mailing


@transaction.atomic
def send_the_rest(*, mailing: Mailing, by: Actor) -> None:
    """Let a worker go on with a mailing that was cancelled, or whose mail server did not answer.

    While a job of it waits or runs nothing is begun. Raises `StudyError` (`no_mail_server`).
    """
    if not can_send():
        raise StudyError(RecruitingRefused.NO_MAIL_SERVER)
    if is_under_way(mailing=mailing):
        return
    left = mailing.deliveries.filter(state=Delivery.State.WAITING).count()
    study, subject = mailing.study, mailing.link_list
    after = {"people": left, "recipients": mailing.recipients}
    record(by=by, action=Action.MAIL_SENT, study=study, subject=subject, after=after)
    queued = by.as_json()
    transaction.on_commit(lambda: _wake(mailing, queued))


def is_under_way(*, mailing: Mailing) -> bool:
    """Whether a worker has the mailing in hand, or it waits for one."""
    jobs = Job.objects.filter(kind=JOB, study=mailing.study, subject=f"mailing {mailing.pk}")
    return jobs.filter(status__in=Job.UNFINISHED).exists()


def _wake(mailing: Mailing, queued_by: Mapping[str, Any]) -> Job:
    subject = f"mailing {mailing.pk}"
    parameters = {"mailing": mailing.pk}
    return start_job(
        JOB, study=mailing.study, subject=subject, parameters=parameters, queued_by=queued_by
    )


def _wanted(mailing: Mailing) -> list[Contact]:
    contacts = Contact.objects.filter(
        link__link_list=mailing.link_list, state=Contact.State.REACHABLE
    )
    return list(contacts.exclude(link__in=_not_wanted(mailing)).order_by("link"))


def _not_wanted(mailing: Mailing) -> list[int]:
    """The links whose people are not written to: they have come as far as the mail asks for."""
    everybody = Respondent.objects.filter(link__link_list=mailing.link_list).order_by()
    status = Administration.Status
    people = everybody.filter(wave=mailing.wave)
    if mailing.recipients == Mailing.Recipients.ALL:
        found = people.none()
    elif mailing.recipients == Mailing.Recipients.NOT_BEGUN:
        found = people
    else:
        found = people.exclude(administration__status=status.IN_PROGRESS)
    gone = everybody.filter(administration__status__in=(status.DECLINED, status.WITHDRAWN))
    return [*gone.values_list("link", flat=True), *found.values_list("link", flat=True)]


def carry_out_mailing(watch: Watch) -> dict[str, Any]:
    """The job: hand over what waits, one by one, never faster than was asked for.

    Raises `StudyError` (`mail_server_silent`) where the mail server is not or no longer there.
    """
    mailing = Mailing.objects.select_related("study", "link_list").get(
        pk=watch.job.parameters["mailing"]
    )
    # Opened before anything is claimed: where nobody answers, everything still waits.
    line: BaseEmailBackend = get_connection()
    try:
        line.open()
        _hand_over(mailing, line, watch)
    except OSError as error:
        kind = type(error).__name__
        raise StudyError(RecruitingRefused.MAIL_SERVER_SILENT, kind=kind) from error
    finally:
        line.close()
    states = mailing.deliveries.order_by().values_list("state").annotate(Count("pk"))
    return dict(states)


def _hand_over(mailing: Mailing, line: BaseEmailBackend, watch: Watch) -> None:
    tell = watch.told("sending")
    total = mailing.deliveries.count()
    waiting = mailing.deliveries.filter(state=Delivery.State.WAITING).order_by("pk")
    while (delivery := waiting.select_related("contact__link").first()) is not None:
        watch.check()
        began = time.monotonic()
        if _claim(delivery):
            _deliver(mailing, delivery, line)
        tell(total - waiting.count(), total)
        _pause(watch, began + 60 / mailing.per_minute)


def _pause(watch: Watch, until: float) -> None:
    while (left := until - time.monotonic()) > 0:
        watch.check()
        time.sleep(min(left, 1.0))


def _claim(delivery: Delivery) -> bool:
    """Take a mail in hand, once; leave out who need not or wants not to be written to any more."""
    contact = delivery.contact
    still = contact.state == Contact.State.REACHABLE and contact.link_id not in _not_wanted(
        delivery.mailing
    )
    state = Delivery.State.IN_HAND if still else Delivery.State.LEFT_OUT
    mine = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.WAITING)
    return bool(mine.update(state=state, at=timezone.now())) and still


def _deliver(mailing: Mailing, delivery: Delivery, line: BaseEmailBackend) -> None:
    message = message_for(mailing=mailing, contact=delivery.contact, sent_as=mail_id(delivery))
    message.connection = line
    rows = Delivery.objects.filter(pk=delivery.pk)
    try:
        message.send()
    except _REFUSALS as error:
        rows.update(state=Delivery.State.REFUSED, said=_said(error, delivery.contact.address))
        if isinstance(error, smtplib.SMTPRecipientsRefused):
            bounced = Contact.objects.filter(pk=delivery.contact_id)
            bounced.update(state=Contact.State.BOUNCED)
        return
    rows.update(state=Delivery.State.SENT, at=timezone.now())


def _said(error: Exception, address: str) -> str:
    return f"{type(error).__name__}: {error}".replace(address, "…")[:200]


def _returns_to(sent_as: str) -> str:
    """An address of its own for each mail, where the operator's mailbox takes those with a plus."""
    name, _at, host = settings.BOUNCES_TO.partition("@")
    return f"{name}+{sent_as}@{host}" if host else ""


def _closes_at(mailing: Mailing) -> datetime | None:
    wave = mailing.study.waves.filter(number=mailing.wave).first()
    return wave.closes_at if wave else None


def message_for(*, mailing: Mailing, contact: Contact, sent_as: str) -> EmailMessage:
    """The mail to one person, in their language, with a header by which programs unsubscribe.

    `sent_as` is the id by which it is known again if it comes back.
    """
    study, link = mailing.study, contact.link
    language = contact.language if contact.language in mailing.texts else study.default_language
    unsubscribe = settings.SITE_URL + reverse("surveys:unsubscribe", args=[contact.token])
    with override(language):
        closes_at = link.closes_at or _closes_at(mailing)
        closes = timezone.localtime(closes_at) if closes_at else None
        values = {
            "link": settings.SITE_URL + reverse("surveys:information", args=[link.token]),
            "unsubscribe": unsubscribe,
            "study": study.title(language),
            "pseudonym": link.pseudonym,
            "closes": date_format(closes, "DATETIME_FORMAT") if closes else "–",
        }
    sender = settings.DEFAULT_FROM_EMAIL
    return EmailMessage(
        # Where it returns to; what its reader sees is in the headers.
        from_email=_returns_to(sent_as) or sender,
        subject=" ".join(filled_in(mailing.subjects[language], values).split()),
        body=filled_in(mailing.texts[language], values),
        to=[contact.address],
        headers={
            "From": sender,
            "Message-ID": f"<{sent_as}@{urlsplit(settings.SITE_URL).hostname}>",
            "List-Unsubscribe": f"<{unsubscribe}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            # Holiday notices are for people who write themselves.
            "Auto-Submitted": "auto-generated",
        },
    )
