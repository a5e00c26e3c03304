"""The REST door of the panels: panels of the user's studies, their sessions and transcripts.

Panels of an endpoint are recruited by whoever operates the server, with `manage.py run_panel`: a
researcher's request must not be able to send the server to an arbitrary address. Scripted panels
need no address and can be recruited here.
"""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter

from llm_respondents import services, tasks
from llm_respondents.models import Panel
from llm_respondents.selectors import panel_progress, panels_for, sessions_of, transcript
from llm_respondents.specs import PanelSpec
from surveys.models import Study
from surveys.selectors import studies_for


def register(router: BaseRouter) -> None:
    """Put the panels on the project's router."""
    router.register("panels", PanelViewSet, basename="panel")


class PanelSerializer(serializers.ModelSerializer[Panel]):
    """A panel with its progress; its rows are model-generated, and simulated if scripted."""

    study = serializers.SlugRelatedField[Study](slug_field="slug", read_only=True)
    group = serializers.CharField(source="group.key", read_only=True)
    name = serializers.CharField(source="group.label", read_only=True)
    provenance = serializers.CharField(source="group.provenance", read_only=True)
    progress = serializers.SerializerMethodField()

    class Meta:
        model = Panel
        fields = (
            "id",
            "study",
            "group",
            "name",
            "provenance",
            "status",
            "status_note",
            "provider",
            "model",
            "seed",
            "spec",
            "spec_hash",
            "prompt_version",
            "capabilities",
            "created_at",
            "started_at",
            "ended_at",
            "progress",
        )

    def get_progress(self, panel: Panel) -> dict[str, Any]:
        """Counts of sessions, questions and calls."""
        return panel_progress(panel).as_json()


class RecruitSerializer(serializers.Serializer[Any]):
    """What a scripted panel needs."""

    study = serializers.SlugField()
    profile = serializers.CharField()
    sessions = serializers.IntegerField(min_value=1, max_value=10_000)
    seed = serializers.IntegerField(default=1)
    name = serializers.CharField(default="", allow_blank=True)
    language = serializers.CharField(default="", allow_blank=True)


class PanelViewSet(viewsets.ReadOnlyModelViewSet[Panel]):
    """List, look at, recruit (scripted), run, pause and cancel panels."""

    serializer_class = PanelSerializer

    def get_queryset(self) -> QuerySet[Panel]:
        """The panels of the user's studies; a stranger's request finds nothing."""
        return panels_for(self.request.user).order_by("pk")

    def create(self, request: Request) -> Response:
        """Recruit a scripted panel."""
        form = RecruitSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        values = dict(form.validated_data)
        study = get_object_or_404(studies_for(request.user), slug=values.pop("study"))
        model = f"scripted:{values['profile']}"
        spec = PanelSpec(model=model, provider="scripted", label=values.pop("name"), **values)
        panel = services.recruit_panel(study=study, spec=spec)
        return Response(self.get_serializer(panel).data, status=status.HTTP_201_CREATED)

    @action(detail=True, methods=["post"])
    def run(self, request: Request, pk: str) -> Response:  # noqa: ARG002 - the router's signature
        """Run the panel as soon as a worker is free."""
        panel = services.resume_panel(panel=self.get_object())
        tasks.run_panel.enqueue(panel.pk)
        return Response(self.get_serializer(panel).data, status=status.HTTP_202_ACCEPTED)

    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Let running workers finish the calls in flight and stop."""
        panel = services.pause_panel(panel=self.get_object())
        return Response(self.get_serializer(panel).data)

    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """End the panel for good."""
        panel = services.cancel_panel(panel=self.get_object())
        return Response(self.get_serializer(panel).data)

    @action(detail=True, url_path=r"sessions/(?P<number>\d+)")
    def session(self, request: Request, pk: str, number: str) -> Response:  # noqa: ARG002
        """One session as a conversation, every call word for word."""
        member = get_object_or_404(sessions_of(self.get_object()), number=int(number))
        return Response(transcript(member).as_json())
