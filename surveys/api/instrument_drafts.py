"""The REST door of instruments that are being written: the tables of their file, as they stand.

Each answer says what is still missing or wrong under ``problems``, with `path`, `code`, `arguments`
and `sentence`; it can be published once there is nothing.
"""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import TypedDict

from surveys.api.description.documents import DraftedTables
from surveys.api.description.told import Answer, ProblemRow, made
from surveys.api.drafts import as_json, refused_file, tables_in
from surveys.instrument_files import InstrumentFileError
from surveys.instrument_files.authoring.draft_tables import finished
from surveys.models import InstrumentDraft
from surveys.services.audit import rest_actor
from surveys.services.authoring.instrument_drafts import (
    change_instrument_draft,
    delete_instrument_draft,
    make_instrument_draft,
    paste_items,
    publish_instrument_draft,
    revision_of,
)


class InstrumentDraftSerializer(serializers.ModelSerializer[InstrumentDraft]):
    """A draft with its tables and what is wrong with them."""

    revision = serializers.SerializerMethodField()
    problems = serializers.SerializerMethodField()
    json_shapes: ClassVar = {"tables": DraftedTables}

    class Meta:
        model = InstrumentDraft
        fields = (
            *("id", "name", "title", "created_at", "saved_at"),
            *("revision", "tables", "problems"),
        )

    def get_revision(self, draft: InstrumentDraft) -> str:
        """What changes with every change of its content."""
        return revision_of(draft)

    def get_problems(self, draft: InstrumentDraft) -> list[ProblemRow]:
        """Everything that is missing or wrong, with its place."""
        return as_json(finished(draft.tables)[1])


class PasteSerializer(serializers.Serializer[Any]):
    """Lines or a table, and how items are answered whose row does not say it."""

    text = serializers.CharField(trim_whitespace=False)
    scale = serializers.CharField(required=False, default="agreement-5")


class PublishedRow(TypedDict):
    """A version in one language that is published."""

    id: int
    instrument: str


class Published(TypedDict):
    """What was published."""

    published: list[PublishedRow]


class InstrumentDraftViewSet(viewsets.ReadOnlyModelViewSet[InstrumentDraft]):
    """`/api/instrument-drafts/`: the user's own, written, pasted into, published."""

    serializer_class = InstrumentDraftSerializer
    takes: ClassVar[dict[str, Any]] = {
        "create": DraftedTables,
        "update": DraftedTables,
        "items": PasteSerializer,
    }
    answers: ClassVar[dict[str, Any]] = {
        "items": Answer(InstrumentDraftSerializer, called="paste_into_instrument_draft"),
        "publish": made(Published),
    }

    def get_queryset(self) -> QuerySet[InstrumentDraft]:
        """The drafts of whoever asks."""
        return InstrumentDraft.objects.filter(owner_id=self.request.user.pk)

    def create(self, request: Request) -> Response:
        """Begin a draft; 400 with everything that has no place in an instrument."""
        by = rest_actor(request.user)
        assert by.user is not None  # as nobody passes the permission classes without an account
        try:
            tables = tables_in(request, "instrument")
            draft = make_instrument_draft(tables=tables, owner=by.user, by=by)
        except InstrumentFileError as error:
            return refused_file("instrument", error)
        return Response(self.get_serializer(draft).data, status=status.HTTP_201_CREATED)

    def update(self, request: Request, **_kwargs: Any) -> Response:
        """Let a draft hold what is sent, and nothing else.

        With ``If-Match: "<revision>"``, 409 where it was changed since that was read.
        """
        draft = self.get_object()
        try:
            tables = tables_in(request, "instrument")
            read = request.headers.get("If-Match", "").strip('"')
            by = rest_actor(request.user)
            draft = change_instrument_draft(draft=draft, tables=tables, by=by, revision=read)
        except InstrumentFileError as error:
            return refused_file("instrument", error)
        return Response(self.get_serializer(draft).data)

    def destroy(self, request: Request, **_kwargs: Any) -> Response:
        """Delete a draft."""
        delete_instrument_draft(draft=self.get_object(), by=rest_actor(request.user))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @action(detail=True, methods=("post",))
    def items(self, request: Request, **_kwargs: Any) -> Response:
        """Put pasted items behind those that are there; 400 with every mistake in the text."""
        given = PasteSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        by = rest_actor(request.user)
        try:
            draft = paste_items(draft=self.get_object(), by=by, **given.validated_data)
        except InstrumentFileError as error:
            return refused_file("text", error)
        return Response(self.get_serializer(draft).data)

    @action(detail=True, methods=("post",))
    def publish(self, request: Request, **_kwargs: Any) -> Response:
        """Publish it for good; 400 with what is missing, 409 where the version is taken."""
        try:
            new = publish_instrument_draft(draft=self.get_object(), by=rest_actor(request.user))
        except InstrumentFileError as error:
            return refused_file("instrument", error)
        published = [{"id": one.pk, "instrument": str(one)} for one in new]
        return Response({"published": published}, status=status.HTTP_201_CREATED)
