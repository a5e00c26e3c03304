"""The REST door of imports: a mapping and a data file make a job that brings them in."""

from typing import Any, ClassVar

from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import TypedDict

from surveys.api.description.told import Answer, begun
from surveys.api.jobs import JobSerializer
from surveys.jobs.reading import jobs_for
from surveys.models import Scope
from surveys.services.audit import rest_actor
from surveys.services.data.import_files import MOST_BYTES, draft_import, start_import
from surveys.services.data.imports import IMPORT

# What the workbooks of spreadsheets take, in characters.
LONGEST_SHEET = 31


class ImportSerializer(serializers.Serializer[Any]):
    """Two files as multipart form data: the mapping (TOML) and the data."""

    mapping = serializers.FileField()
    file = serializers.FileField()
    sheet = serializers.CharField(required=False, max_length=LONGEST_SHEET)

    def validate_file(self, file: Any) -> Any:
        """Refuse what is larger than is taken here."""
        if file.size > MOST_BYTES:
            raise serializers.ValidationError(
                "The file is too large; use manage.py import_responses.", code="file_too_large"
            )
        return file

    def validate_mapping(self, file: Any) -> Any:
        """The mapping's name and text."""
        try:
            return file.name, file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise serializers.ValidationError("It is not UTF-8 text.", code="not_utf8") from None


class DraftSerializer(serializers.Serializer[Any]):
    """A data file as multipart form data, and a study that is there, or the new one's name."""

    file = serializers.FileField()
    study = serializers.SlugField(required=False)
    sheet = serializers.CharField(required=False, max_length=LONGEST_SHEET)


class ExampleCell(TypedDict):
    """A cell as it stands in the file, and how often; no words that people wrote."""

    cell: str
    count: int


class DraftedColumn(TypedDict):
    """A column of the file, and what it would become."""

    name: str
    text: str
    becomes: str
    filled: int
    examples: list[ExampleCell]


class DraftedMapping(TypedDict):
    """The text of a mapping (TOML), what is still asked in it, and its columns."""

    mapping: str
    rows: int
    questions: int
    columns: list[DraftedColumn]


class ImportViewSet(viewsets.GenericViewSet[Any]):
    """`GET /api/imports/` lists imports as jobs, POST brings a file in (202, a job); `draft/`."""

    scope = Scope.PEOPLE
    takes: ClassVar[dict[str, Any]] = {"create": ImportSerializer, "draft": DraftSerializer}
    answers: ClassVar[dict[str, Any]] = {
        "create": begun(JobSerializer, "start_import"),
        "draft": Answer(DraftedMapping, called="draft_mapping_of_import"),
    }

    serializer_class = JobSerializer

    def list(self, request: Request) -> Response:
        """The imports into the user's studies, latest first."""
        jobs = jobs_for(request.user).filter(kind=IMPORT).order_by("-pk")
        page = self.paginate_queryset(jobs)
        return self.get_paginated_response(JobSerializer(page or (), many=True).data)

    @action(detail=False, methods=["post"])
    def draft(self, request: Request) -> Response:
        """Draft the mapping of a `file`: its text, and what each column would become."""
        given = DraftSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        file = given.validated_data["file"]
        draft = draft_import(
            content=file.read(),
            name=file.name,
            study=given.validated_data.get("study", ""),
            user=request.user,
            sheet=given.validated_data.get("sheet", ""),
        )
        columns = [
            {
                "name": one.name,
                "text": one.text,
                "becomes": draft.aim_of(one),
                "filled": one.filled,
                "examples": [{"cell": cell, "count": count} for cell, count in one.examples],
            }
            for one in draft.columns
        ]
        facts = {"rows": draft.rows, "questions": draft.questions, "columns": columns}
        return Response({"mapping": draft.text, **facts})

    def create(self, request: Request) -> Response:
        """Read the mapping at once; the data are read by a worker."""
        given = ImportSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        (mapping_name, mapping_text), data = (
            given.validated_data["mapping"],
            given.validated_data["file"],
        )
        job = start_import(
            mapping_text=mapping_text,
            mapping_name=mapping_name,
            content=data.read(),
            name=data.name,
            by=rest_actor(request.user),
            sheet=given.validated_data.get("sheet", ""),
        )
        return Response(JobSerializer(job).data, status=status.HTTP_202_ACCEPTED)
