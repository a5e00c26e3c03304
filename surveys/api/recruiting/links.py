"""The REST door of recruiting links: making one, and switching it on or off."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework import serializers, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from surveys import services
from surveys.api.description.told import Answer, made
from surveys.models import RecruitingLink, Study
from surveys.recruiters import RECRUITERS
from surveys.roles import Act, may
from surveys.selectors import studies_for
from surveys.services.audit import rest_actor


class LinkSerializer(serializers.ModelSerializer[RecruitingLink]):
    """A recruiting link with what came of it."""

    study = serializers.SlugRelatedField[Study](slug_field="slug", read_only=True)
    began = serializers.IntegerField(read_only=True)
    completed = serializers.IntegerField(read_only=True)
    token = serializers.SerializerMethodField()

    class Meta:
        model = RecruitingLink
        fields = (
            "id",
            "study",
            "label",
            "token",
            "kind",
            "recruiter",
            "simulated",
            "active",
            "loads",
            "began",
            "completed",
            "created_at",
        )

    def get_token(self, link: Any) -> str | None:
        """What leads in. That of one person alone names the person: null for most members."""
        hidden = link.for_one and not may(link.reader_role, Act.IDENTITIES)
        return None if hidden else str(link.token)


class MakingSerializer(serializers.Serializer[Any]):
    """A link that is asked for: open to many, or good for one; who sends people there."""

    study = serializers.SlugField()
    label = serializers.CharField(max_length=120)  # type: ignore[assignment] # a field of the row
    kind = serializers.ChoiceField(
        choices=[RecruitingLink.Kind.OPEN, RecruitingLink.Kind.SINGLE_USE],
        default=RecruitingLink.Kind.OPEN,
    )
    recruiter = serializers.ChoiceField(choices=["", *RECRUITERS], default="", allow_blank=True)
    simulated = serializers.BooleanField(default=False)


class SwitchingSerializer(serializers.Serializer[Any]):
    """Whether people can begin through it."""

    active = serializers.BooleanField()


class LinkActions(viewsets.GenericViewSet[RecruitingLink]):
    """What is done with links; the view set that this is part of reads them."""

    takes: ClassVar[dict[str, Any]] = {
        "create": MakingSerializer,
        "partial_update": SwitchingSerializer,
    }
    answers: ClassVar[dict[str, Any]] = {
        "create": made(LinkSerializer),
        "partial_update": Answer(LinkSerializer, called="switch_link"),
    }

    def create(self, request: Request) -> Response:
        """Make a link of a study; people begin at `/s/<token>/`. 409 while people must not come."""
        given = MakingSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked = dict(given.validated_data)
        study = get_object_or_404(studies_for(request.user), slug=asked.pop("study"))
        link = services.create_link(study=study, by=rest_actor(request.user), **asked)
        return self._shown(link, status.HTTP_201_CREATED)

    def partial_update(self, request: Request, **_kwargs: Any) -> Response:
        """Switch the link on or off. Whoever has begun may finish."""
        given = SwitchingSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        link, by = self.get_object(), rest_actor(request.user)
        services.set_link_active(link=link, active=given.validated_data["active"], by=by)
        return self._shown(link)

    def _shown(self, link: RecruitingLink, code: int = status.HTTP_200_OK) -> Response:
        rows: QuerySet[RecruitingLink] = self.get_queryset()
        return Response(LinkSerializer(rows.get(pk=link.pk)).data, status=code)
