"""The REST door of a study's people: outcome, code, duration and checks, to look up and pay by."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from surveys.api.description.told import Answer, begun, paged
from surveys.api.jobs import JobSerializer
from surveys.models import Kind, Respondent, Scope, Study
from surveys.paradata.flags import FlagCode
from surveys.recruiters import Outcome
from surveys.roles import Act
from surveys.selectors import ERASED, rows_for, studies_for
from surveys.services.access.refusals import require_role
from surveys.services.audit import rest_actor
from surveys.services.flagging.looking import LONGEST_NOTE, SeenFlag, look_at_flag
from surveys.services.flagging.looks import start_look_at_people
from surveys.services.flagging.signals import raise_flags
from surveys.services.people.erasure import erase_person
from surveys.services.people.listing import Person, Wanted, as_people, people_of


class FlagSerializer(serializers.Serializer[SeenFlag]):
    """A flag of a person, in words and in figures, and what a member noted of it."""

    code = serializers.CharField()
    sentence = serializers.SerializerMethodField()
    figures = serializers.DictField()
    looked_at = serializers.DateTimeField(allow_null=True)
    looked_by = serializers.CharField()
    note = serializers.CharField()

    def get_sentence(self, flag: SeenFlag) -> str:
        """The reason, in the language of the request."""
        return flag.said(gettext)


class LookedSerializer(serializers.Serializer[Any]):
    """That a flag was looked at, and what was found."""

    flag = serializers.ChoiceField(choices=list(FlagCode))
    note = serializers.CharField(default="", allow_blank=True, max_length=LONGEST_NOTE)


class PersonSerializer(serializers.Serializer[Person]):
    """One person of a payment list; `seconds` is by the server's clock."""

    id = serializers.IntegerField(source="pk")
    recruiter = serializers.CharField()
    recruiter_id = serializers.CharField()
    parameters = serializers.DictField()
    link = serializers.CharField()
    outcome = serializers.CharField()
    code = serializers.CharField()
    began_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    seconds = serializers.IntegerField(allow_null=True)
    failed_checks = serializers.IntegerField()
    simulated = serializers.BooleanField()
    flags = FlagSerializer(many=True)


class PeopleQuery(serializers.Serializer[Any]):
    """Which people: of a study, by outcome, link, or the code or id that is looked up."""

    study = serializers.CharField()
    outcome = serializers.ChoiceField(
        choices=["open", *Outcome, ERASED], required=False, default=""
    )
    link = serializers.IntegerField(required=False, default=None)
    q = serializers.CharField(required=False, default="", max_length=120)
    flag = serializers.ChoiceField(choices=["any", "open", *FlagCode], required=False, default="")


class PeopleActions(viewsets.GenericViewSet[Study]):
    """`/api/studies/<slug>/flags/`; the view set that this is part of reads the studies."""

    answers: ClassVar[dict[str, Any]] = {
        "flags": begun(JobSerializer, "start_look_at_people_of_study"),
    }

    @action(detail=True, methods=("post",))
    def flags(self, request: Request, slug: str) -> Response:
        """Look at everybody who handed in and was not looked at for flags yet (202, a job).

        A list of people does so with a few hundred at most: this is for after an import.
        """
        study = get_object_or_404(studies_for(request.user), slug=slug)
        job = start_look_at_people(study=study, by=rest_actor(request.user))
        return Response(JobSerializer(job).data, status=status.HTTP_202_ACCEPTED)


class PeopleViewSet(viewsets.GenericViewSet[Any]):
    """`GET /api/people/?study=<slug>`, with ``&outcome=``, ``&link=``, ``&flag=`` and ``&q=``.

    `q` is a code or an id; `flag` a flag's code, "any", or "open" for what nobody has looked at.
    """

    parameters: ClassVar = {"list": ("study", "outcome", "link", "q", "flag")}
    required_parameters = ("study",)
    scope = Scope.PEOPLE
    takes: ClassVar[dict[str, Any]] = {"flags": LookedSerializer}
    answers: ClassVar[dict[str, Any]] = {
        "list": paged(PersonSerializer),
        "destroy": Answer(None, 204, called="erase_person"),
        "flags": Answer(PersonSerializer, called="look_at_flag_of_person"),
    }

    def list(self, request: Request) -> Response:
        """The study's people, latest first."""
        query = PeopleQuery(data=request.query_params)
        if not query.is_valid():
            raise ValidationError(query.errors)
        asked = query.validated_data
        study = get_object_or_404(studies_for(request.user), slug=asked["study"])
        require_role(study.reader_role, Act.IDENTITIES)
        wanted = Wanted(asked["outcome"], asked["link"], asked["q"], asked["flag"])
        raise_flags(study=study)
        page = self.paginate_queryset(people_of(study=study, wanted=wanted))
        shown = [PersonSerializer(person).data for person in as_people(page or ())]
        return self.get_paginated_response(shown)

    @action(detail=True, methods=["post"], url_path="flags")
    def flags(self, request: Request, pk: str) -> Response:
        """Say that a flag was looked at; it stays."""
        sent = LookedSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        people = rows_for(request.user, Respondent.objects.filter(kind=Kind.HUMAN), "study")
        respondent = get_object_or_404(people, pk=pk)
        require_role(respondent.reader_role, Act.IDENTITIES)  # type: ignore[attr-defined]
        by, given = rest_actor(request.user), sent.validated_data
        look_at_flag(respondent=respondent, code=given["flag"], note=given["note"], by=by)
        (person,) = as_people([respondent])
        return Response(PersonSerializer(person).data)

    def destroy(self, request: Request, pk: str) -> Response:
        """Erase one person for good, on their request."""
        people = rows_for(request.user, Respondent.objects.filter(kind=Kind.HUMAN), "study")
        respondent = get_object_or_404(people, pk=pk)
        require_role(respondent.reader_role, Act.ERASE)  # type: ignore[attr-defined]
        erase_person(respondent=respondent, by=rest_actor(request.user))
        return Response(status=status.HTTP_204_NO_CONTENT)
