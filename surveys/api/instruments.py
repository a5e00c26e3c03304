"""The REST door of the library: everybody with an account reads all of it and publishes new ones.

An instrument is written as JSON of the same shape as its TOML file.
"""

from dataclasses import asdict
from typing import Any, ClassVar, NotRequired

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import TypedDict

from surveys import services
from surveys.api.description.documents import DraftedTables, InstrumentTables
from surveys.api.description.told import TOML, Answer, ProblemRow, content_of, made
from surveys.api.drafts import refused_file, tables_in
from surveys.instrument_files import (
    InstrumentFileError,
    instrument_values,
    read_instrument_values,
    to_toml,
)
from surveys.instrument_files.authoring.shelf import Evidence, shelf
from surveys.models import InstrumentVersion
from surveys.questionnaire_files.errors import QuestionnaireFileError
from surveys.questionnaire_files.made.report import import_json
from surveys.questionnaire_files.made.said import Said, keys_of
from surveys.selectors import versions_with_parts
from surveys.selectors.instrument_library import matching
from surveys.services.audit import rest_actor
from surveys.services.authoring.instrument_drafts import (
    copy_instrument,
    draft_next_version,
    published_instrument,
)
from surveys.services.authoring.instrument_library import delete_instrument_version, take_from_shelf
from surveys.services.authoring.media import known_tables
from surveys.services.definitions import instrument_definition
from surveys.services.importing.questionnaires import (
    import_files,
    load_import,
    read_import,
    said_keys,
)


class InstrumentVersionSerializer(serializers.ModelSerializer[InstrumentVersion]):
    """One version in one language, without its words."""

    slug = serializers.SlugField(source="instrument.slug", read_only=True)
    items = serializers.SerializerMethodField()

    class Meta:
        model = InstrumentVersion
        fields = (
            "id",
            "slug",
            "version",
            "language",
            "title",
            "construct",
            "orientation",
            "citation",
            "licence",
            "wording_note",
            "checksum",
            "published_at",
            "items",
        )

    def get_items(self, version: InstrumentVersion) -> int:
        """How many items it has."""
        return len(version.items.all())


class QuestionnaireSerializer(serializers.Serializer[Any]):
    """A file, and what is said of it because it does not say it itself.

    `reverse` names items that are reverse-keyed, parted by commas; ``none`` says that none is.
    """

    file = serializers.FileField()
    language = serializers.CharField(required=False, default="", allow_blank=True)
    options = serializers.CharField(required=False, default="", allow_blank=True)
    name = serializers.CharField(required=False, default="", allow_blank=True)
    licence = serializers.CharField(required=False, default="", allow_blank=True)
    citation = serializers.CharField(required=False, default="", allow_blank=True)
    reverse = serializers.CharField(required=False, default=None, allow_null=True)
    load = serializers.BooleanField(required=False, default=False)
    study = serializers.BooleanField(required=False, default=False)

    def validate_reverse(self, given: str | None) -> tuple[str, ...] | None:
        """The names; None where nobody has said any."""
        return None if given is None else keys_of(given)


class CopyingSerializer(serializers.Serializer[Any]):
    """What the copy is called; without it the draft is of the next version."""

    name = serializers.CharField(required=False, default="", allow_blank=True)


class TakingSerializer(serializers.Serializer[Any]):
    """Which scale of the shelf."""

    name = serializers.CharField()


class VersionRow(TypedDict):
    """One version in one language, without its words."""

    id: int
    slug: str
    version: str
    language: str
    title: str
    construct: str
    orientation: str
    citation: str
    licence: str
    wording_note: str
    checksum: str
    published_at: str
    items: int


class InstrumentWithWords(VersionRow):
    """The same with everything that is in it."""

    content: InstrumentTables


class CopiedInstrument(TypedDict):
    """The draft that was made."""

    id: int
    name: str
    tables: DraftedTables


class ShelvedRow(TypedDict):
    """A published scale, and the evidence that it may stand here."""

    content: InstrumentTables
    evidence: list[Evidence]


class LossRow(ProblemRow):
    """Something that cannot be kept, and how much it matters."""

    weight: str


class QuestionnaireRead(TypedDict):
    """What becomes of a questionnaire; `loaded` and `draft` once it was published."""

    questionnaire: dict[str, Any]
    instruments: list[dict[str, Any]]
    study: dict[str, Any]
    losses: list[LossRow]
    asked: list[str]
    files: dict[str, str]
    loaded: NotRequired[list[str]]
    draft: NotRequired[str | None]


class InstrumentViewSet(viewsets.ReadOnlyModelViewSet[InstrumentVersion]):
    """`GET /api/instruments/`, of one with ``?slug=``, and one with its words; POST publishes.

    ``?q=`` finds words in names and items, ``?language=`` one language.
    """

    parameters: ClassVar = {"list": ("slug", "q", "language")}

    serializer_class = InstrumentVersionSerializer
    takes: ClassVar[dict[str, Any]] = {
        "create": InstrumentTables,
        "take_over": QuestionnaireSerializer,
        "copy": CopyingSerializer,
        "shelf": TakingSerializer,
    }
    answers: ClassVar[dict[str, Any]] = {
        "retrieve": InstrumentWithWords,
        "create": made(list[VersionRow], "publish_instrument"),
        "take_over": Answer(QuestionnaireRead, called="import_questionnaire", or_status=201),
        "file": content_of(TOML),
        "copy": made(CopiedInstrument),
        "shelf.get": Answer(list[ShelvedRow], called="list_shelf_of_instruments"),
        "shelf.post": made(list[VersionRow], "take_instrument_from_shelf"),
    }

    def get_queryset(self) -> QuerySet[InstrumentVersion]:
        """What is published, by name, version and language."""
        rows = versions_with_parts().order_by("instrument__slug", "version", "language")
        asked = self.request.query_params
        rows = rows.filter(pk__in=matching(asked.get("q", ""), asked.get("language", "")))
        return rows.filter(instrument__slug=asked["slug"]) if asked.get("slug") else rows

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:  # noqa: ARG002
        """One version with everything that is in it, as it can be sent here."""
        version = self.get_object()
        content = instrument_values(instrument_definition([version]))
        return Response({**self.get_serializer(version).data, "content": content})

    @action(
        detail=False,
        methods=("post",),
        url_path="import",
        parser_classes=(MultiPartParser,),
        pagination_class=None,
        filter_backends=(),
    )
    def take_over(self, request: Request) -> Response:
        """What becomes of a questionnaire of another program; with ``load`` it is published.

        400 for a file that cannot be read; 409 where something has still to be said.
        """
        given = QuestionnaireSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        load, study = given.validated_data.pop("load"), given.validated_data.pop("study")
        file = given.validated_data.pop("file")
        said = Said(**given.validated_data)
        try:
            read = read_import(name=file.name, content=file.read(), said=said)
        except QuestionnaireFileError as error:
            return _unreadable(error)
        keys = said_keys(made=read, said=said)
        facts = {**import_json(read, keys, gettext), "files": import_files(made=read, said=said)}
        if not load:
            return Response(facts)
        by = rest_actor(request.user)
        assert by.user is not None  # as nobody passes the permission classes without an account
        loaded = load_import(made=read, said=said, with_study=study, owner=by.user, by=by)
        facts["loaded"] = [str(one) for one in loaded.versions]
        facts["draft"] = loaded.study.slug if loaded.study else None
        return Response(facts, status=status.HTTP_201_CREATED)

    @action(detail=True)
    def file(self, request: Request, **_kwargs: Any) -> HttpResponse:  # noqa: ARG002
        """The version in all its languages as a file (TOML)."""
        version = self.get_object()
        slug = version.instrument.slug
        text = to_toml(instrument_values(published_instrument(slug=slug, version=version.version)))
        return HttpResponse(text, content_type="application/toml; charset=utf-8")

    @action(detail=True, methods=("post",))
    def copy(self, request: Request, **_kwargs: Any) -> Response:
        """A draft of one's own with the same words: ``name``, or without one the next version."""
        version = self.get_object()
        by = rest_actor(request.user)
        assert by.user is not None  # as nobody passes the permission classes without an account
        about = {"slug": version.instrument.slug, "version": version.version}
        given = CopyingSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        if name := given.validated_data["name"]:
            draft = copy_instrument(**about, name=name, owner=by.user, by=by)
        else:
            draft = draft_next_version(**about, owner=by.user, by=by)
        facts = {"id": draft.pk, "name": draft.name, "tables": draft.tables}
        return Response(facts, status=status.HTTP_201_CREATED)

    @action(detail=False, methods=("get", "post"), pagination_class=None, filter_backends=())
    def shelf(self, request: Request) -> Response:
        """The scales of the shelf with their evidence; POST with a ``name`` publishes one."""
        if request.method == "POST":
            by = rest_actor(request.user)
            given = TakingSerializer(data=request.data)
            given.is_valid(raise_exception=True)
            taken = take_from_shelf(name=given.validated_data["name"], by=by)
            rows = self.get_queryset().filter(pk__in=[version.pk for version in taken])
            shown = self.get_serializer(rows, many=True).data
            return Response(shown, status=status.HTTP_201_CREATED)
        return Response(
            [
                {
                    "content": instrument_values(one.definition),
                    "evidence": [asdict(row) for row in one.evidence],
                }
                for one in shelf()
            ]
        )

    def destroy(self, request: Request, **_kwargs: Any) -> Response:
        """Delete a version in all its languages; 409 where a study asks it."""
        version = self.get_object()
        delete_instrument_version(
            slug=version.instrument.slug, version=version.version, by=rest_actor(request.user)
        )
        return Response(status=status.HTTP_204_NO_CONTENT)

    def create(self, request: Request) -> Response:
        """Publish a version in all its languages; 409 if it is published with other words."""
        try:
            tables = known_tables(tables_in(request, "instrument"))
            definition = read_instrument_values(tables)
        except InstrumentFileError as error:
            return refused_file("instrument", error)
        new = services.publish_instrument(definition=definition, by=rest_actor(request.user))
        rows = self.get_queryset().filter(pk__in=[version.pk for version in new])
        return Response(self.get_serializer(rows, many=True).data, status=status.HTTP_201_CREATED)


def _unreadable(error: QuestionnaireFileError) -> Response:
    problem = error.problem.as_json(gettext)
    body = {"code": error.code, "detail": problem["sentence"], "errors": {"file": [problem]}}
    return Response(body, status=status.HTTP_400_BAD_REQUEST)
