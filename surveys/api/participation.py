"""Answers over REST: with the token of a participant, and for nobody but that participant."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, ClassVar

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from rest_framework import exceptions, permissions, serializers, status, viewsets
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response

from surveys import services
from surveys.api.description.told import Answer
from surveys.models import Administration, MissingReason, SubmissionDoor
from surveys.questions import DECLARED_REASONS, Declared
from surveys.recruiters import Outcome
from surveys.selectors import person_administration
from surveys.services import GivenAnswer

SCHEME = "Participant"


class GivenAnswerSerializer(serializers.Serializer[GivenAnswer]):
    """One answer as it arrives: the code on display, what was given, or a missing reason.

    `given` is a number, a text, or the list of the displayed codes of several options.
    """

    ref = serializers.CharField()
    code = serializers.IntegerField(allow_null=True, default=None)
    given = serializers.JSONField(default=None)
    missing_reason = serializers.ChoiceField(
        choices=[MissingReason.SKIPPED], allow_blank=True, default=""
    )
    unscored = serializers.ChoiceField(choices=DECLARED_REASONS, allow_blank=True, default="")
    elapsed_ms = serializers.IntegerField(
        allow_null=True, default=None, min_value=0, max_value=2_147_483_647
    )


class SubmissionSerializer(serializers.Serializer[Any]):
    """What a participant hands in at once."""

    idempotency_key = serializers.CharField(max_length=80)
    answers = GivenAnswerSerializer(many=True, allow_empty=False)


class ParticipantToken(BaseAuthentication):
    """``Authorization: Participant TOKEN``, the token in the address of the person's own pages.

    It opens one administration and no account: there is no user behind it.
    """

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Administration] | None:
        """Nobody, with the administration that the token is of; None without such a header."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != SCHEME:
            return None
        administration = person_administration(token.strip())
        if administration is None:
            raise exceptions.AuthenticationFailed
        return AnonymousUser(), administration

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        """What a request without it is told: 401 instead of 403."""
        return SCHEME


class HoldsToken(permissions.BasePermission):
    """Only whoever came with a participant's token."""

    def has_permission(self, request: Request, view: Any) -> bool:  # noqa: ARG002
        """Whether a token was given."""
        return isinstance(request.auth, Administration)


class ParticipationViewSet(viewsets.ViewSet):
    """`POST /api/participation/` records a participant's own answers, in the order of the pages."""

    authentication_classes = (ParticipantToken,)
    permission_classes = (HoldsToken,)
    takes: ClassVar[dict[str, Any]] = {"create": SubmissionSerializer}
    answers: ClassVar[dict[str, Any]] = {
        "create": Answer(services.Receipt, 201, called="submit_own_answers", or_status=200)
    }

    def create(self, request: Request) -> Response:
        """Record one submission; its `idempotency_key` again stores nothing and answers 200."""
        submission = SubmissionSerializer(data=request.data)
        submission.is_valid(raise_exception=True)
        sent = submission.validated_data
        self._end_if_late(request.auth)  # type: ignore[arg-type]
        receipt = services.record_participant_answers(
            administration=request.auth,  # type: ignore[arg-type]
            answers=[_answer(one) for one in sent["answers"]],
            idempotency_key=sent["idempotency_key"],
            door=SubmissionDoor.PARTICIPANT_REST,
        )
        code = status.HTTP_200_OK if receipt.repeated else status.HTTP_201_CREATED
        return Response(asdict(receipt), status=code)

    def _end_if_late(self, administration: Administration) -> None:
        if services.time_is_up(administration, timezone.now()):
            services.end_early(administration=administration, outcome=Outcome.TIMED_OUT)


def _answer(sent: Mapping[str, Any]) -> GivenAnswer:
    given = sent["given"] if sent["code"] is None else sent["code"]
    if isinstance(given, list) and all(type(one) is int for one in given):
        given = tuple(given)
    elif isinstance(given, bool | dict | list):
        given = str(given)  # no answer to any question but a text, which it then is
    if sent["unscored"]:
        # Both at once are no answer to any question.
        given = Declared(sent["unscored"]) if given is None else Declared("")
    return GivenAnswer(sent["ref"], given, sent["missing_reason"], sent["elapsed_ms"])
