"""The REST door of a look at the answers: what was seen last, look again, set a group aside."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, NotRequired

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import TypedDict

from analysis.compare.json_codec import to_plain
from analysis.quality.looks import QualityLook
from analysis.quality.remarks import remarks_on
from analysis.quality.services import Looked, ended_now, latest_look, start_look
from surveys import services
from surveys.api.description.told import Answer, StartedJob, begun
from surveys.codes import said
from surveys.models import RespondentGroup, Study
from surveys.roles import Act
from surveys.selectors import studies_for, study_groups
from surveys.services.access.refusals import require_role
from surveys.services.audit import rest_actor


class SetAsideSerializer(serializers.Serializer[Any]):
    """Whether a group is left out of comparisons from now on, and why."""

    group = serializers.CharField()
    set_aside = serializers.BooleanField()
    because = serializers.CharField(default="", allow_blank=True, max_length=200)


class EndedNow(TypedDict):
    """How many have ended by now; people and sessions are never added together."""

    people: int
    sessions: int


class GroupRow(TypedDict):
    """A group of respondents, and whether it is left out of comparisons."""

    key: str
    label: str
    provenance: str
    set_aside: bool
    because: str


class RemarkRow(TypedDict):
    """Something to be looked at before anything is concluded."""

    code: str
    group: str
    blocks: bool
    said: str


class Seen(TypedDict):
    """What was seen last; `look` is null where nobody has looked."""

    at: datetime | None
    ended_now: EndedNow
    job: int | None
    groups: list[GroupRow]
    look: QualityLook | None
    plan: NotRequired[str]
    left_out: NotRequired[dict[str, dict[str, int]]]
    remarks: NotRequired[list[RemarkRow]]


class QualityViewSet(viewsets.ViewSet):
    """`/api/quality/<study>/`: GET what was seen last, POST to look again, PUT to set aside."""

    lookup_value_regex = "[-a-zA-Z0-9_]+"
    takes: ClassVar[dict[str, Any]] = {"groups": SetAsideSerializer}
    answers: ClassVar[dict[str, Any]] = {
        "retrieve": Answer(Seen, called="get_quality_of_study"),
        "look": begun(StartedJob, "look_at_quality_of_study"),
        "groups": Answer(GroupRow, called="set_group_aside"),
    }

    def retrieve(self, request: Request, pk: str) -> Response:
        """What was seen last; null where nobody has looked. Kinds are never added together."""
        study = _study(request, pk)
        latest, ended = latest_look(study), ended_now(study)
        groups = study_groups(study)
        return Response(
            {
                "at": latest.at,
                "ended_now": {"people": ended[0], "sessions": ended[1]},
                "job": latest.job.pk if latest.job else None,
                "groups": [_group(one) for one in groups],
                **(_found(latest.found, groups) if latest.found else {"look": None}),
            }
        )

    @action(detail=True, methods=("post",))
    def look(self, request: Request, pk: str) -> Response:
        """Let a worker look; 202 with its job."""
        job = start_look(study=_study(request, pk, Act.ANALYSE), by=rest_actor(request.user))
        return Response({"job": job.pk}, status=status.HTTP_202_ACCEPTED)

    @action(detail=True, methods=("put",))
    def groups(self, request: Request, pk: str) -> Response:
        """Set a group aside with a reason, or take it back."""
        study = _study(request, pk, Act.ANALYSE)
        given = SetAsideSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        group = get_object_or_404(RespondentGroup, study=study, key=asked["group"])
        changed = services.set_group_aside(
            group=group,
            aside=asked["set_aside"],
            because=asked["because"],
            by=rest_actor(request.user),
        )
        return Response(_group(changed))


def _study(request: Request, slug: str, act: Act = Act.SEE) -> Study:
    study = get_object_or_404(studies_for(request.user), slug=slug)
    require_role(study.reader_role, act)
    return study


def _group(group: RespondentGroup) -> GroupRow:
    return {
        "key": group.key,
        "label": group.label,
        "provenance": group.provenance,
        "set_aside": group.set_aside,
        "because": group.set_aside_because,
    }


def _found(found: Looked, groups: Sequence[RespondentGroup]) -> dict[str, Any]:
    by_key = {group.key: group for group in groups}
    return {
        "look": to_plain(found.look),
        "plan": found.plan,
        "left_out": found.left_out or {},
        "remarks": [
            {
                "code": one.code.value,
                "group": one.group,
                "blocks": one.blocks,
                "said": said(one.code, one.arguments, gettext),
            }
            for one in remarks_on(found.look, by_key)
        ],
    }
