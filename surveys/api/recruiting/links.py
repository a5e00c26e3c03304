"""The REST door of recruiting links: made, switched on and off."""

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import serializers, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from surveys import services
from surveys.models import RecruitingLink
from surveys.recruiters import RECRUITERS
from surveys.selectors import studies_for
from surveys.services.audit import rest_actor


class NewLinkSerializer(serializers.Serializer[Any]):
    """A new link; whoever comes through a simulated one is stored and shown as simulated."""

    study = serializers.SlugField()
    label = serializers.CharField(max_length=120)  # type: ignore[assignment] # a name of the base
    kind = serializers.ChoiceField(
        choices=[RecruitingLink.Kind.OPEN, RecruitingLink.Kind.SINGLE_USE],
        default=RecruitingLink.Kind.OPEN,
    )
    recruiter = serializers.ChoiceField(choices=list(RECRUITERS), default="", allow_blank=True)
    simulated = serializers.BooleanField(default=False)


class SwitchSerializer(serializers.Serializer[Any]):
    """Whether people may come through it."""

    active = serializers.BooleanField()


class LinkActions(viewsets.GenericViewSet[RecruitingLink]):
    """`POST /api/links/`, `PATCH …/<id>/`; the view set that this is part of reads them."""

    def create(self, request: Request) -> Response:
        """Make an address that people can begin at; 409 where they must not see the study yet."""
        given = NewLinkSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        about = dict(given.validated_data)
        study = get_object_or_404(studies_for(request.user), slug=about.pop("study"))
        link = services.create_link(study=study, by=rest_actor(request.user), **about)
        return self._shown(link, status.HTTP_201_CREATED)

    def partial_update(self, request: Request, **_kwargs: Any) -> Response:
        """Switch it on or off; 409 for a single-use link that somebody came through."""
        given = SwitchSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        active, by = given.validated_data["active"], rest_actor(request.user)
        link = services.set_link_active(link=self.get_object(), active=active, by=by)
        return self._shown(link)

    def _shown(self, link: RecruitingLink, code: int = status.HTTP_200_OK) -> Response:
        row = self.get_queryset().get(pk=link.pk)
        return Response(self.get_serializer(row).data, status=code)
