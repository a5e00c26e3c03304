"""The REST door of the survey app: studies, links, respondents and answers of the user's studies.

A stranger's request finds nothing (404), as on the pages. Nobody writes answers here but people
themselves (`surveys.api.participation`). Tokens of administrations are never shown: whoever holds
one can answer and withdraw in a person's place.
"""

from datetime import datetime
from typing import Any, ClassVar, TypeVar

from django.db.models import Model, QuerySet
from django.shortcuts import get_object_or_404
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter
from typing_extensions import TypedDict

from surveys.api.description.told import paged
from surveys.api.drafts import CompletedCounts, DraftActions
from surveys.api.exports import ExportActions
from surveys.api.imports import ImportViewSet
from surveys.api.instrument_drafts import InstrumentDraftViewSet
from surveys.api.instruments import InstrumentViewSet
from surveys.api.jobs import JobViewSet
from surveys.api.media import MediaViewSet
from surveys.api.participation import ParticipationViewSet
from surveys.api.recruiting.link_lists import LinkListActions
from surveys.api.recruiting.links import LinkActions, LinkSerializer
from surveys.api.recruiting.mails import MailActions
from surveys.api.recruiting.people import PeopleActions, PeopleViewSet
from surveys.api.recruiting.quotas import QuotaActions
from surveys.api.recruiting.rehearsals import RehearsalActions
from surveys.api.recruiting.retention import RetentionActions
from surveys.api.recruiting.terms import TermsActions
from surveys.api.recruiting.waves import WaveActions
from surveys.api.rules.parameters import PAGED
from surveys.api.team import TeamActions
from surveys.api.webhooks import WebhookViewSet
from surveys.models import (
    Answer,
    AuditEntry,
    RecruitingLink,
    Respondent,
    Scope,
    Study,
)
from surveys.roles import Act, may
from surveys.selectors import rows_for, studies_for, studies_with_counts, with_counts
from surveys.services.access.refusals import require_role
from surveys.workspace.log_words import subject_in_words

Row = TypeVar("Row", bound=Model)


def register(router: BaseRouter) -> None:
    """Put the survey app's resources on the project's router."""
    router.register("studies", StudyViewSet, basename="study")
    router.register("instruments", InstrumentViewSet, basename="instrument")
    router.register("instrument-drafts", InstrumentDraftViewSet, basename="instrument-draft")
    router.register("media", MediaViewSet, basename="media")
    router.register("links", LinkViewSet, basename="link")
    router.register("people", PeopleViewSet, basename="people")
    router.register("respondents", RespondentViewSet, basename="respondent")
    router.register("answers", AnswerViewSet, basename="answer")
    router.register("participation", ParticipationViewSet, basename="participation")
    router.register("jobs", JobViewSet, basename="job")
    router.register("imports", ImportViewSet, basename="import")
    router.register("webhooks", WebhookViewSet, basename="webhook")


class StudySerializer(serializers.ModelSerializer[Study]):
    """A study with the reader's role and how many completed; kinds are never added together."""

    role = serializers.CharField(source="reader_role", read_only=True)
    previous = serializers.SlugRelatedField[Study](
        slug_field="slug", read_only=True, allow_null=True
    )
    completed = serializers.SerializerMethodField()
    json_shapes: ClassVar = {"titles": dict[str, str], "languages": list[str]}

    class Meta:
        model = Study
        fields = (
            "slug",
            "version",
            "titles",
            "languages",
            "status",
            "checksum",
            "created_at",
            "opened_at",
            "closed_at",
            "archived_at",
            "people_may_begin",
            "previous",
            "role",
            "completed",
        )

    def get_completed(self, study: Any) -> CompletedCounts:
        """How many completed, by kind and provenance; `study` carries the selector's counts."""
        return {
            "people": study.people,
            "simulated_people": study.simulated_people,
            "model_sessions": study.model_sessions,
        }


class AuditEntrySerializer(serializers.ModelSerializer[AuditEntry]):
    """Who did what on what, when and through which door; settings before and after by name."""

    actor = serializers.CharField(source="actor_name", read_only=True)
    subject = serializers.SerializerMethodField()
    json_shapes: ClassVar = {"before": dict[str, Any], "after": dict[str, Any]}

    class Meta:
        model = AuditEntry
        fields = (
            "id",
            "at",
            "actor",
            "door",
            "action",
            "subject_kind",
            "subject_id",
            "subject_label",
            "subject",
            "before",
            "after",
        )

    def get_subject(self, entry: AuditEntry) -> str:
        """What it was done to in the reader's language; the label is its name or code alone."""
        return subject_in_words(entry)


class Passage(TypedDict):
    """Somebody's way through a study."""

    id: int
    status: str
    language: str
    scale_direction: str
    presentation_checksum: str
    started_at: datetime
    ended_at: datetime | None


class RespondentSerializer(serializers.ModelSerializer[Respondent]):
    """A person or a session of a model, with the state of its administration."""

    study = serializers.SlugRelatedField[Study](slug_field="slug", read_only=True)
    group = serializers.CharField(source="group.key", read_only=True)
    provenance = serializers.CharField(source="group.provenance", read_only=True)
    administration = serializers.SerializerMethodField()
    recruiter_id = serializers.SerializerMethodField()
    json_shapes: ClassVar = {"demographics": dict[str, Any], "design": dict[str, Any]}

    class Meta:
        model = Respondent
        fields = (
            "id",
            "study",
            "group",
            "kind",
            "simulated",
            "provenance",
            "link",
            "recruiter",
            "recruiter_id",
            "demographics",
            "design",
            "matched_to",
            "created_at",
            "administration",
        )

    def get_recruiter_id(self, respondent: Any) -> str | None:
        """The recruiter's id; null for members who may not know who people are."""
        shown = may(respondent.reader_role, Act.IDENTITIES)
        return respondent.recruiter_id if shown else None

    def get_administration(self, respondent: Respondent) -> Passage | None:
        """The passage through the study; None before it began."""
        administration = getattr(respondent, "administration", None)
        if administration is None:
            return None
        return {
            "id": administration.pk,
            "status": administration.status,
            "language": administration.language,
            "scale_direction": administration.scale_direction,
            "presentation_checksum": administration.presentation_checksum,
            "started_at": administration.started_at,
            "ended_at": administration.ended_at,
        }


class AnswerSerializer(serializers.ModelSerializer[Answer]):
    """The answer in force to one question."""

    study = serializers.CharField(source="administration.study.slug", read_only=True)
    respondent = serializers.IntegerField(source="administration.respondent_id", read_only=True)
    kind = serializers.CharField(source="administration.respondent.kind", read_only=True)
    simulated = serializers.BooleanField(
        source="administration.respondent.simulated", read_only=True
    )
    provenance = serializers.CharField(
        source="administration.respondent.group.provenance", read_only=True
    )
    ref = serializers.SerializerMethodField()

    class Meta:
        model = Answer
        fields = (
            "id",
            "study",
            "respondent",
            "kind",
            "simulated",
            "provenance",
            "administration",
            "ref",
            "value",
            "number",
            "text",
            "missing_reason",
            "position",
            "elapsed_ms",
            "revision",
            "answered_at",
        )

    def get_ref(self, answer: Answer) -> str:
        """The question's reference within the study, of one of its parts where it has some."""
        ref = str(answer.administration.realised_order[answer.position - 1])
        part = answer.item.part if answer.item else ""
        return f"{ref}_{part}" if part else ref


class StudyViewSet(
    DraftActions,
    ExportActions,
    LinkListActions,
    MailActions,
    PeopleActions,
    QuotaActions,
    RehearsalActions,
    RetentionActions,
    TeamActions,
    WaveActions,
    viewsets.ReadOnlyModelViewSet[Study],
):
    """`/api/studies/`, `/api/studies/<slug>/` and its `log/`; see `DraftActions`,
    `ExportActions`, `LinkListActions`, `MailActions`, `PeopleActions`, `QuotaActions`,
    `RehearsalActions`, `RetentionActions`, `TeamActions` and `WaveActions` for the rest.

    The list leaves out what was archived, but with ``?archived=true``.
    """

    parameters: ClassVar = {
        "list": ("archived",),
        "export": ("form",),
        "log": PAGED,
        "exports": PAGED,
        "deliveries": PAGED,
    }
    action_scopes: ClassVar = dict.fromkeys(
        (
            *("exports", "addresses", "bounced", "mails", "mail", "deliveries", "mail_rest"),
            *("flags", "retention"),
        ),
        Scope.PEOPLE,
    )
    answers: ClassVar[dict[str, Any]] = {"log": paged(AuditEntrySerializer, "list_log_of_study")}

    serializer_class = StudySerializer
    lookup_field = "slug"

    def get_queryset(self) -> QuerySet[Study]:
        """The user's studies."""
        studies = studies_with_counts(self.request.user)
        if self.action != "list":
            return studies
        archived = self.request.query_params.get("archived") == "true"
        return studies.filter(archived_at__isnull=not archived).order_by("-pk")

    @action(detail=True)
    def log(self, request: Request, slug: str) -> Response:
        """Who steered the study and what belongs to it, latest first."""
        study = get_object_or_404(studies_for(request.user), slug=slug)
        page = self.paginate_queryset(study.log.order_by("-at", "-pk"))  # type: ignore[arg-type]
        return self.get_paginated_response(AuditEntrySerializer(page or (), many=True).data)


class LinkViewSet(LinkActions, TermsActions, viewsets.ReadOnlyModelViewSet[RecruitingLink]):
    """`/api/links/`, of one study with ``?study=<slug>``; see `LinkActions`, `TermsActions`."""

    parameters: ClassVar = {"list": ("study",)}

    serializer_class = LinkSerializer

    def get_queryset(self) -> QuerySet[RecruitingLink]:
        """The recruiting links of the user's studies."""
        links = _rows(self.request, RecruitingLink.objects.all(), "study")
        return with_counts(links.select_related("study")).order_by("pk")


class RespondentViewSet(viewsets.ReadOnlyModelViewSet[Respondent]):
    """`GET /api/respondents/`, with ``?study=<slug>`` and ``?kind=human`` or ``llm``."""

    parameters: ClassVar = {"list": ("study", "kind")}
    acts: ClassVar = {"retrieve": Act.EXPORT}
    scope = Scope.PEOPLE

    serializer_class = RespondentSerializer

    def get_queryset(self) -> QuerySet[Respondent]:
        """The respondents of the user's studies."""
        act = Act.EXPORT if self.action == "list" else Act.SEE
        rows = _rows(self.request, Respondent.objects.order_by("pk"), "study", act)
        if kind := self.request.query_params.get("kind"):
            rows = rows.filter(kind=kind)
        return rows.select_related("study", "group", "administration")


class AnswerViewSet(viewsets.ReadOnlyModelViewSet[Answer]):
    """`GET /api/answers/`, with ``?study=`` and ``?administration=``. No member writes answers."""

    parameters: ClassVar = {"list": ("study", "administration")}
    acts: ClassVar = {"retrieve": Act.EXPORT}
    scope = Scope.PEOPLE

    serializer_class = AnswerSerializer

    def get_queryset(self) -> QuerySet[Answer]:
        """The answers in force in the user's studies."""
        kept = Answer.objects.filter(administration__respondent__test=False).order_by("pk")
        act = Act.EXPORT if self.action == "list" else Act.SEE
        rows = _rows(self.request, kept, "administration__study", act)
        administration = self.request.query_params.get("administration", "")
        if administration.isdecimal():
            rows = rows.filter(administration=int(administration))
        return rows.select_related(
            "administration__study", "administration__respondent__group", "item"
        )


def _rows(request: Request, rows: QuerySet[Row], path: str, act: Act = Act.SEE) -> QuerySet[Row]:
    """The rows of the user's studies with which the user may do `act`, or of one (``?study=``).

    Raises `RoleNeeded` for one that is named, and is the user's, but not that far.
    """
    found = rows_for(request.user, rows, path, act)
    slug = request.query_params.get("study")
    if not slug:
        return found
    for study in studies_for(request.user).filter(slug=slug):
        require_role(study.reader_role, act)
    return found.filter(**{f"{path}__slug": slug})
