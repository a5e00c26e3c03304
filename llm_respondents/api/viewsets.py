"""The REST door of the panels: panels of the user's studies, their sessions and transcripts.

An endpoint is chosen by the name under which the operator lists it: a researcher's request must not
be able to send the server to an arbitrary address. A scripted profile needs no endpoint.
"""

from decimal import Decimal
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter

from llm_respondents import jobs, services
from llm_respondents.api import shapes
from llm_respondents.api.serializers import PanelSerializer, asked_for
from llm_respondents.batches.states import batch_states, waves_ahead
from llm_respondents.design.spec import LARGEST_SEED, MAX_SESSIONS, PanelSpec
from llm_respondents.endpoint_list import readable_endpoints
from llm_respondents.jobs.recruiting import recruit_or_queue
from llm_respondents.models import Attempt, Panel
from llm_respondents.money.duration import duration_of
from llm_respondents.money.forecast import (
    AskingAgain,
    cost_of_asking_again,
    estimate_cost,
    pilot_cost,
)
from llm_respondents.money.prices import batch_terms
from llm_respondents.readout.progress import panels_for, sessions_of
from llm_respondents.readout.reading_checks import checked, shown_reply
from llm_respondents.readout.search import CallQuery, search_calls
from llm_respondents.readout.transcripts import call_record, transcript
from llm_respondents.services.afterwards.lost_turns import reopen_lost_turns
from llm_respondents.services.afterwards.reading_checks import (
    SAMPLE,
    draw_reading_check,
    record_reading,
)
from llm_respondents.store.lost_turns import LOST_REASONS, USUAL_REASONS
from surveys.api.description.told import Answer, begun, made, paged
from surveys.api.jobs import JobSerializer
from surveys.api.rules.parameters import PAGED
from surveys.models import Job, Scope
from surveys.roles import Act
from surveys.selectors import studies_for
from surveys.services.access.refusals import require_role
from surveys.services.audit import rest_actor


def register(router: BaseRouter) -> None:
    """Put the panels on the project's router."""
    router.register("panels", PanelViewSet, basename="panel")


class SteeredPanelSerializer(serializers.Serializer[Any]):
    """What of a panel can be set while it runs; what is not given stays.

    The most that it may cost, in the currency of the bill (null lifts the cap), and how many calls
    each worker makes at once (null: as many as the list of endpoints says).
    """

    spend_cap = serializers.DecimalField(
        max_digits=12, decimal_places=4, min_value=Decimal(0), allow_null=True, required=False
    )
    concurrency = serializers.IntegerField(
        min_value=1, max_value=services.MOST_AT_ONCE, allow_null=True, required=False
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Something must be given."""
        if not attrs:
            raise serializers.ValidationError("Give spend_cap, concurrency, or both.")
        return attrs


class RunPanelSerializer(serializers.Serializer[Any]):
    """How many sessions to conduct (0 means all of them), and whether no reply is to end it."""

    first = serializers.IntegerField(min_value=0, max_value=MAX_SESSIONS, default=0)
    whatever_comes = serializers.BooleanField(default=False)


class ReasonsSerializer(serializers.Serializer[Any]):
    """For which reasons turns were lost that are to be asked again."""

    reasons = serializers.MultipleChoiceField(
        choices=LOST_REASONS, default={str(one) for one in USUAL_REASONS}
    )


class SampleSerializer(serializers.Serializer[Any]):
    """How many replies a person is to read, and by which seed they are drawn."""

    size = serializers.IntegerField(default=SAMPLE)
    seed = serializers.IntegerField(min_value=0, max_value=LARGEST_SEED, default=None)


class ReadingSerializer(serializers.Serializer[Any]):
    """What a person reads in a reply."""

    reading = serializers.CharField(max_length=20)


class PanelViewSet(viewsets.ReadOnlyModelViewSet[Panel]):
    """List, look at, recruit, cap, run (in batches too), pause and cancel panels; search them."""

    parameters: ClassVar = {
        "list": ("study",),
        "lost_turns": ("reason",),
        "calls": ("search", "outcome", "flag", "question", *PAGED),
    }

    action_scopes: ClassVar = {
        "run": Scope.SPEND,
        "run_batches": Scope.SPEND,
        "probe": Scope.SPEND,
        "ask_lost_turns_again": Scope.SPEND,
        # The cap is what spending is held by.
        "partial_update": Scope.SPEND,
    }

    acts: ClassVar = {
        "partial_update": Act.PANELS,
        "run": Act.PANELS,
        "run_batches": Act.PANELS,
        "probe": Act.PANELS,
        "pause": Act.PANELS,
        "cancel": Act.PANELS,
        "ask_lost_turns_again": Act.PANELS,
        "draw_reading_check": Act.ANALYSE,
        "read_reply": Act.ANALYSE,
    }

    serializer_class = PanelSerializer
    takes: ClassVar[dict[str, Any]] = {
        "create": shapes.PanelRequest,
        "partial_update": SteeredPanelSerializer,
        "run": RunPanelSerializer,
        "ask_lost_turns_again": ReasonsSerializer,
        "draw_reading_check": SampleSerializer,
        "read_reply": ReadingSerializer,
    }
    answers: ClassVar[dict[str, Any]] = {
        "create": made(PanelSerializer, "recruit_panel")._replace(or_begun=JobSerializer),
        "partial_update": Answer(PanelSerializer, called="cap_panel"),
        "run": begun(PanelSerializer),
        "batches": shapes.Batches,
        "run_batches": begun(shapes.Batches, "run_panel_in_batches"),
        "probe": begun(PanelSerializer),
        "pause": PanelSerializer,
        "cancel": PanelSerializer,
        "estimate": shapes.EstimatedPanel,
        "session": shapes.Session,
        "lost_turns": AskingAgain | None,
        "ask_lost_turns_again": begun(shapes.Reopened, "ask_lost_turns_of_panel_again"),
        "reading_check": shapes.ReadingState,
        "draw_reading_check": made(shapes.ReadingState, "draw_reading_check_of_panel"),
        "read_reply": Answer(shapes.ReadingState, called="read_reply_of_panel"),
        "calls": paged(shapes.CallRow, "list_calls_of_panel"),
    }

    def get_queryset(self) -> QuerySet[Panel]:
        """The panels of the user's studies, or of one; a stranger's request finds nothing."""
        panels = panels_for(self.request.user).order_by("pk")
        study = self.request.query_params.get("study")
        return panels.filter(study__slug=study) if study else panels

    def create(self, request: Request) -> Response:
        """Recruit a panel at a named endpoint, or a scripted one. Nothing is asked yet.

        Of more than 250 sessions it is a job (202), whose `result` names the `panel`.
        """
        given, spec = asked_for(request.data)
        study = get_object_or_404(studies_for(request.user), slug=given["study"])
        require_role(study.reader_role, Act.PANELS)
        asked = {"key": given["key"], "cap": given.get("spend_cap")}
        made = recruit_or_queue(study=study, spec=spec, by=rest_actor(request.user), **asked)
        if isinstance(made, Job):
            return Response(JobSerializer(made).data, status=status.HTTP_202_ACCEPTED)
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

    def partial_update(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Set the spend cap, the calls at once, or both; nothing else of a panel can be changed."""
        form = SteeredPanelSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        panel, by, given = self.get_object(), rest_actor(request.user), form.validated_data
        with transaction.atomic():
            if "spend_cap" in given:
                services.cap_spend(panel=panel, cap=given["spend_cap"], by=by)
            if "concurrency" in given:
                services.retune_panel(panel=panel, concurrency=given["concurrency"], by=by)
        return Response(self.get_serializer(panel).data)

    @action(detail=True, methods=["post"])
    def run(self, request: Request, pk: str) -> Response:  # noqa: ARG002 - the router's signature
        """Run the panel, or its `first` sessions only, as soon as a worker is free.

        With `whatever_comes` it goes on although its replies are no answers.
        """
        form = RunPanelSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        panel, asked = self.get_object(), form.validated_data
        jobs.queue_run(
            panel=panel,
            first=asked["first"],
            insists=asked["whatever_comes"],
            by=rest_actor(request.user),
        )
        panel.refresh_from_db()
        return Response(self.get_serializer(panel).data, status=status.HTTP_202_ACCEPTED)

    @action(detail=True)
    def batches(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """The panel's batches, and how long the rest can take; `plan` is null where none are taken.

        Amounts (`reserved_nano`) are in billionths of the currency.
        """
        panel = self.get_object()
        offered = not panel.is_over and _takes_batches(panel)
        plan = services.BatchPlan(waves_ahead(panel.pk)).as_json() if offered else None
        return Response({"plan": plan, "batches": _batches(panel)})

    @batches.mapping.post
    def run_batches(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Hand the panel's calls over in batches as soon as a worker is free."""
        panel = self.get_object()
        plan = jobs.queue_batch_panel(panel_id=panel.pk, by=rest_actor(request.user))
        body = {"plan": plan.as_json(), "batches": _batches(panel)}
        return Response(body, status=status.HTTP_202_ACCEPTED)

    @action(detail=True, methods=["post"])
    def probe(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Probe the panel's endpoint anew as soon as a worker is free; see `capabilities`."""
        panel = self.get_object()
        jobs.queue_probe(panel=panel, by=rest_actor(request.user))
        return Response(self.get_serializer(panel).data, status=status.HTTP_202_ACCEPTED)

    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Let running workers finish the calls in flight and stop."""
        panel = services.pause_panel(panel=self.get_object(), by=rest_actor(request.user))
        return Response(self.get_serializer(panel).data)

    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """End the panel for good."""
        panel = services.cancel_panel(panel=self.get_object(), by=rest_actor(request.user))
        return Response(self.get_serializer(panel).data)

    @action(detail=True)
    def estimate(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """What the panel will take: by sessions that are over or, before there is one, its texts.

        Amounts (`nano`) are in billionths of the currency; null where no price is known. `duration`
        is null until the endpoint was probed.
        """
        panel = self.get_object()
        found = pilot_cost(panel) or estimate_cost(panel)
        pace = services.pace_of_panel(panel, PanelSpec.from_stored(panel.spec))
        duration = duration_of(panel, pace, found)
        return Response({**found.as_json(), "duration": duration and duration.as_json()})

    @action(detail=True, url_path=r"sessions/(?P<number>\d+)")
    def session(self, request: Request, pk: str, number: str) -> Response:  # noqa: ARG002
        """One session as a conversation, every call word for word."""
        member = get_object_or_404(sessions_of(self.get_object()), number=int(number))
        return Response(transcript(member).as_json())

    @action(detail=True, url_path="lost-turns")
    def lost_turns(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Questions that were lost for want of a reply, and what asking them again takes.

        `reason` (any number of them) says which are meant; null where none is lost.
        """
        found = cost_of_asking_again(self.get_object(), request.query_params.getlist("reason"))
        return Response(found and found.as_json())

    @lost_turns.mapping.post
    def ask_lost_turns_again(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Open the turns that were lost for these `reasons`, and let a worker ask them."""
        form = ReasonsSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        panel, by = self.get_object(), rest_actor(request.user)
        opened = reopen_lost_turns(panel=panel, reasons=form.validated_data["reasons"], by=by)
        jobs.queue_reopened(panel=panel, by=by)
        body = {"sessions": opened.sessions, "turns": opened.turns}
        return Response(body, status=status.HTTP_202_ACCEPTED)

    @action(detail=True, url_path="reading-check")
    def reading_check(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """How far people agree with the parser about a sample of replies; the next to be read."""
        return Response(_reading(self.get_object()))

    @reading_check.mapping.post
    def draw_reading_check(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Draw a sample of `size` replies by a `seed` (none: the panel's) for a person to read."""
        form = SampleSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        panel = self.get_object()
        draw_reading_check(panel=panel, **form.validated_data, by=rest_actor(request.user))
        return Response(_reading(panel), status=status.HTTP_201_CREATED)

    @action(detail=True, methods=["post"], url_path=r"reading-check/(?P<place>\d{1,5})")
    def read_reply(self, request: Request, pk: str, place: str) -> Response:  # noqa: ARG002
        """Store the `reading` of one reply: a displayed code, or that there is no answer in it."""
        form = ReadingSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        panel = self.get_object()
        reading, by = form.validated_data["reading"], rest_actor(request.user)
        record_reading(panel=panel, place=int(place), reading=reading, by=by)
        return Response(_reading(panel))

    @action(detail=True)
    def calls(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """The panel's calls, narrowed by `search`, `outcome`, `flag` and `question`."""
        given = request.query_params
        names = ("outcome", "flag", "question")
        query = CallQuery(given.get("search", ""), **{name: given.get(name, "") for name in names})
        page = self.paginate_queryset(search_calls(self.get_object(), query))  # type: ignore[arg-type]
        records = [_found(attempt) for attempt in page or ()]
        return self.get_paginated_response(records)


def _takes_batches(panel: Panel) -> bool:
    return batch_terms(PanelSpec.from_stored(panel.spec), readable_endpoints()) is not None


def _reading(panel: Panel) -> dict[str, Any]:
    """The latest sample, and the next of its replies without what the parser made of it."""
    found = checked(panel)
    if found is None:
        return {"check": None, "next": None}
    unread = found.check.readings.filter(verdict="").order_by("place").first()
    return {"check": found.as_json(), "next": shown_reply(unread).as_json() if unread else None}


def _batches(panel: Panel) -> list[dict[str, Any]]:
    return [state.as_json() for state in batch_states(panel)]


def _found(attempt: Attempt) -> dict[str, Any]:
    number = attempt.administration.respondent.panel_member.number
    return {"id": attempt.pk, "session": number, **call_record(attempt)}
