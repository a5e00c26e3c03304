"""The REST door of a link's terms: what each outcome leads to, as a program reads and sets it."""

from datetime import datetime
from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import TypedDict

from surveys.api.description.told import Answer
from surveys.api.recruiting.refusals import refusal
from surveys.models import RecruitingLink
from surveys.recruiters import Exit, LinkTerms, Outcome, written_exits
from surveys.roles import Act
from surveys.selectors import rows_for
from surveys.services.access.refusals import require_role
from surveys.services.audit import rest_actor
from surveys.services.people.refusing import ArrangementRefused
from surveys.services.people.terms import set_terms, terms_of


class ExitSerializer(serializers.Serializer[Any]):
    """What one outcome leads to."""

    code = serializers.CharField(required=False, default="", allow_blank=True)
    address = serializers.CharField(required=False, default="", allow_blank=True)
    credit = serializers.CharField(required=False, default="", allow_blank=True)


class TermsSerializer(serializers.Serializer[Any]):
    """The terms of a link as they are sent: all of them, what is left out is taken back."""

    exits = serializers.DictField(child=ExitSerializer(), required=False, default=dict)
    secret_name = serializers.CharField(required=False, default="", allow_blank=True)
    returns_at_once = serializers.BooleanField(required=False, default=False)
    checks_to_fail = serializers.IntegerField(required=False, default=None, allow_null=True)
    minutes_allowed = serializers.IntegerField(required=False, default=None, allow_null=True)
    shared_computer = serializers.BooleanField(required=False, default=False)
    proof_of_work = serializers.BooleanField(required=False, default=False)
    signed_only = serializers.BooleanField(required=False, default=False)
    opens_at = serializers.DateTimeField(required=False, default=None, allow_null=True)
    closes_at = serializers.DateTimeField(required=False, default=None, allow_null=True)
    most_people = serializers.IntegerField(required=False, default=None, allow_null=True)
    not_again = serializers.ListField(child=serializers.CharField(), required=False, default=list)
    id_parameter = serializers.CharField(required=False, default="", allow_blank=True)
    other_parameters = serializers.ListField(
        child=serializers.CharField(), required=False, default=list
    )

    def validate_exits(self, exits: dict[str, Any]) -> dict[Outcome, Exit]:
        """The exits by outcome; a name that is no outcome is refused."""
        if unknown := sorted(exits.keys() - set(Outcome)):
            known = ", ".join(Outcome)
            raise serializers.ValidationError(f"{', '.join(unknown)}: use one of {known}.")
        return {Outcome(name): Exit(**parts) for name, parts in exits.items()}


class Terms(TypedDict):
    """What is agreed of a link; `exits` by outcome, with what each leads to."""

    exits: dict[str, dict[str, str]]
    secret_name: str
    returns_at_once: bool
    checks_to_fail: int | None
    minutes_allowed: int | None
    shared_computer: bool
    proof_of_work: bool
    signed_only: bool
    opens_at: datetime | None
    closes_at: datetime | None
    most_people: int | None
    not_again: list[str]
    id_parameter: str
    other_parameters: list[str]


class TermsActions(viewsets.GenericViewSet[RecruitingLink]):
    """`/api/links/<id>/terms/`; the view set that this is part of reads the links."""

    takes: ClassVar[dict[str, Any]] = {"terms": TermsSerializer}
    answers: ClassVar[dict[str, Any]] = {
        "terms.get": Terms,
        "terms.put": Answer(Terms, called="set_terms_of_link"),
    }

    @action(detail=True, methods=("get", "put"))
    def terms(self, request: Request, pk: str) -> Response:
        """What is agreed of a link; PUT replaces it, 409 with everything that is wrong."""
        links = rows_for(request.user, RecruitingLink.objects.select_related("study"), "study")
        link = get_object_or_404(links, pk=pk)
        if request.method == "PUT":
            require_role(link.reader_role, Act.RECRUIT)  # type: ignore[attr-defined]
            given = TermsSerializer(data=request.data)
            given.is_valid(raise_exception=True)
            sent = given.validated_data
            lists = {name: tuple(sent[name]) for name in ("other_parameters", "not_again")}
            terms = LinkTerms(**{**sent, **lists})
            try:
                link = set_terms(link=link, terms=terms, by=rest_actor(request.user))
            except ArrangementRefused as error:
                return refusal(error, "terms")
        return Response(_as_json(terms_of(link=link)))


def _as_json(terms: LinkTerms) -> Terms:
    return {
        "exits": written_exits(terms.exits),
        "secret_name": terms.secret_name,
        "returns_at_once": terms.returns_at_once,
        "checks_to_fail": terms.checks_to_fail,
        "minutes_allowed": terms.minutes_allowed,
        "shared_computer": terms.shared_computer,
        "proof_of_work": terms.proof_of_work,
        "signed_only": terms.signed_only,
        "opens_at": terms.opens_at,
        "closes_at": terms.closes_at,
        "most_people": terms.most_people,
        "not_again": list(terms.not_again),
        "id_parameter": terms.id_parameter,
        "other_parameters": list(terms.other_parameters),
    }
