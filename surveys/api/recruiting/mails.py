"""The REST door of invitations: where people of a list are reached, mails, what became of each.

Addresses come in and never go out: people are told apart by their pseudonyms, as on the pages.
"""

from datetime import datetime
from typing import Any, ClassVar

from django.db.models import Count
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import TypedDict

from surveys.api.description.told import Answer, made, paged
from surveys.api.recruiting.refusals import refusal
from surveys.errors import StudyError
from surveys.models import Contact, LinkList, Mailing, Study
from surveys.recruiters.mails import Address, MailDraft
from surveys.roles import Act
from surveys.selectors import studies_for
from surveys.services.access.refusals import require_role
from surveys.services.audit import rest_actor
from surveys.services.inviting.contacts import mark_bounced, set_addresses
from surveys.services.inviting.mailing import is_under_way, send_mailing, send_the_rest
from surveys.services.people.refusing import ArrangementRefused


class AddressSerializer(serializers.Serializer[Any]):
    """Where one person is reached."""

    pseudonym = serializers.CharField()
    address = serializers.CharField()
    language = serializers.CharField(required=False, default="", allow_blank=True)


class AddressesSerializer(serializers.Serializer[Any]):
    """Addresses of people of a list; who is not named keeps theirs."""

    addresses = AddressSerializer(many=True)


class BouncedSerializer(serializers.Serializer[Any]):
    """Addresses at which nobody was reached."""

    addresses = serializers.ListField(child=serializers.CharField(), max_length=100_000)


class MailSerializer(serializers.Serializer[Any]):
    """A mail that is to be sent: its words by language."""

    link_list = serializers.IntegerField()
    subjects = serializers.DictField(child=serializers.CharField())
    texts = serializers.DictField(child=serializers.CharField(trim_whitespace=False))
    recipients = serializers.CharField(required=False, default="all")
    per_minute = serializers.IntegerField(required=False, default=30)


class ReachedRow(TypedDict):
    """Whether one person of a list can be reached, and in which language."""

    pseudonym: str
    language: str
    state: str


class Reached(TypedDict):
    """The people of a list with an address."""

    people: list[ReachedRow]


class Noted(TypedDict):
    """How many of the addresses are this study's."""

    noted: int


class MailRow(TypedDict):
    """A mail, and how many of its deliveries are in which state."""

    id: int
    link_list: int
    recipients: str
    per_minute: int
    wave: int | None
    created_at: datetime
    under_way: bool
    states: dict[str, int]


class Mails(TypedDict):
    """The mails of a study."""

    mails: list[MailRow]


class MailWithWords(MailRow):
    """A mail with its words by language."""

    subjects: dict[str, str]
    texts: dict[str, str]


class DeliveryRow(TypedDict):
    """What became of one person's mail."""

    id: int
    pseudonym: str
    state: str
    at: datetime | None
    said: str


class MailActions(viewsets.GenericViewSet[Study]):
    """Addresses and mails of `/api/studies/<slug>/`; the view set that this is part of reads the
    studies.
    """

    takes: ClassVar[dict[str, Any]] = {
        "addresses": AddressesSerializer,
        "bounced": BouncedSerializer,
        "mails": MailSerializer,
    }
    answers: ClassVar[dict[str, Any]] = {
        "addresses.get": Answer(Reached, called="list_addresses_of_link_list"),
        "addresses.put": Answer(Reached, called="set_addresses_of_link_list"),
        "bounced": Answer(Noted, called="note_bounces_of_study"),
        "mails.get": Answer(Mails, called="list_mails_of_study"),
        "mails.post": made(MailRow, "send_mail_of_study"),
        "mail": Answer(MailWithWords, called="get_mail_of_study"),
        "deliveries": paged(DeliveryRow, "list_deliveries_of_mail"),
        "mail_rest": Answer(MailRow, called="send_rest_of_mail"),
    }

    @action(detail=True, methods=("get", "put"), url_path=r"link-lists/(?P<list_id>\d+)/addresses")
    def addresses(self, request: Request, slug: str, list_id: str) -> Response:
        """Who of a list can be reached; PUT sets addresses, 409 with everything that is wrong."""
        one = get_object_or_404(self._mailed(slug).link_lists, pk=list_id)
        if request.method == "PUT":
            given = AddressesSerializer(data=request.data)
            given.is_valid(raise_exception=True)
            found = [Address(**each) for each in given.validated_data["addresses"]]
            try:
                set_addresses(link_list=one, addresses=found, by=rest_actor(request.user))
            except ArrangementRefused as error:
                return refusal(error, "addresses")
        return Response({"people": _reached(one)})

    @action(detail=True, methods=("post",))
    def bounced(self, request: Request, slug: str) -> Response:
        """Note at which addresses nobody is reached; how many of them are this study's."""
        given = BouncedSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        lines, by = given.validated_data["addresses"], rest_actor(request.user)
        noted = mark_bounced(study=self._mailed(slug), addresses=lines, by=by)
        return Response({"noted": noted})

    @action(detail=True, methods=("get", "post"))
    def mails(self, request: Request, slug: str) -> Response:
        """The mails that were sent, latest first; POST sends one, 409 with all that is wrong."""
        study = self._mailed(slug)
        if request.method != "POST":
            return Response({"mails": [_as_json(one) for one in study.mailings.all()]})
        given = MailSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked = dict(given.validated_data)
        link_list = get_object_or_404(study.link_lists, pk=asked.pop("link_list"))
        by = rest_actor(request.user)
        try:
            sent = send_mailing(link_list=link_list, draft=MailDraft(**asked), by=by)
        except ArrangementRefused as error:
            return refusal(error, "mail")
        except StudyError as error:
            return _refused(error)
        return Response(_as_json(sent), status=status.HTTP_201_CREATED)

    @action(detail=True, url_path=r"mails/(?P<mail_id>\d+)")
    def mail(self, request: Request, slug: str, mail_id: str) -> Response:  # noqa: ARG002
        """One mail with its words, and how many of its deliveries are in which state."""
        one = get_object_or_404(self._mailed(slug).mailings, pk=mail_id)
        return Response({**_as_json(one), "subjects": one.subjects, "texts": one.texts})

    @action(detail=True, url_path=r"mails/(?P<mail_id>\d+)/deliveries")
    def deliveries(self, request: Request, slug: str, mail_id: str) -> Response:  # noqa: ARG002
        """What became of each, by pseudonym."""
        one = get_object_or_404(self._mailed(slug).mailings, pk=mail_id)
        rows = one.deliveries.select_related("contact__link").order_by("pk")
        page = self.paginate_queryset(rows)  # type: ignore[arg-type]
        return self.get_paginated_response([_told(row) for row in page or ()])

    @action(detail=True, methods=("post",), url_path=r"mails/(?P<mail_id>\d+)/rest")
    def mail_rest(self, request: Request, slug: str, mail_id: str) -> Response:
        """Send what still waits of a mail that was cancelled or whose server did not answer."""
        one = get_object_or_404(self._mailed(slug).mailings, pk=mail_id)
        try:
            send_the_rest(mailing=one, by=rest_actor(request.user))
        except StudyError as error:
            return _refused(error)
        return Response(_as_json(one))

    def _mailed(self, slug: str) -> Study:
        study = get_object_or_404(studies_for(self.request.user), slug=slug)
        require_role(study.reader_role, Act.RECRUIT)
        return study


def _reached(one: LinkList) -> list[ReachedRow]:
    contacts = Contact.objects.filter(link__link_list=one).order_by("link")
    rows = contacts.values_list("link__pseudonym", "language", "state")
    return [
        {"pseudonym": pseudonym, "language": language, "state": state}
        for pseudonym, language, state in rows
    ]


def _told(row: Any) -> DeliveryRow:
    return {
        "id": row.pk,
        "pseudonym": row.contact.link.pseudonym,
        "state": row.state,
        "at": row.at,
        "said": row.said,
    }


def _as_json(one: Mailing) -> MailRow:
    states = one.deliveries.order_by().values_list("state").annotate(Count("pk"))
    return {
        "id": one.pk,
        "link_list": one.link_list_id,
        "recipients": one.recipients,
        "per_minute": one.per_minute,
        "wave": one.wave,
        "created_at": one.created_at,
        "under_way": is_under_way(mailing=one),
        "states": dict(states),
    }


def _refused(error: StudyError) -> Response:
    body = {"code": error.code, "detail": error.said(gettext)}
    return Response(body, status=status.HTTP_409_CONFLICT)
