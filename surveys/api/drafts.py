"""The REST door of studies of one's own: what a draft holds, what it lacks, and what becomes of it.

A study is written as JSON of the same shape as its TOML file. What is wrong with it comes as a list
under ``errors.study``, each mistake with `path`, `code`, `arguments` and `sentence`.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import TypedDict

from surveys import services
from surveys.api.description.documents import StudyTables, StudyWithInstruments
from surveys.api.description.told import TOML, ZIP, Answer, ProblemRow, made
from surveys.codes import Problem, Saying
from surveys.errors import StudyNotReady
from surveys.instrument_files import (
    InstrumentFileError,
    Locked,
    instrument_values,
    study_values,
    to_toml,
)
from surveys.instrument_files.errors import FileMistake, Wanted
from surveys.instrument_files.media.packed import LARGEST_PACKED
from surveys.instrument_files.settings import StatedFacts
from surveys.models import Study
from surveys.roles import Act
from surveys.selectors import languages_in_english, stated_facts, studies_for
from surveys.services import Materials
from surveys.services.access.refusals import require_role
from surveys.services.audit import Actor, rest_actor
from surveys.services.authoring.blocks import add_block
from surveys.services.authoring.packing import instruments_of, packed_study
from surveys.services.definitions import readiness, study_definition
from surveys.services.drafts import MaterialsError, read_packed_files


class LockedRow(TypedDict):
    """Something that can no longer be changed once a study is open."""

    code: str
    sentence: str


class Readiness(TypedDict):
    """What a study lacks, what keeps people out of it, and what will be locked."""

    ready: bool
    ready_for_people: bool
    lacking: list[ProblemRow]
    people: list[ProblemRow]
    languages_in_english: list[str]
    locks: list[LockedRow]


class CompletedCounts(TypedDict):
    """How many completed; people and sessions of models are never added together."""

    people: int
    simulated_people: int
    model_sessions: int


class WrittenStudy(Readiness):
    """A study as it stands after it was written, with what it lacks."""

    slug: str
    version: str
    titles: dict[str, str]
    languages: list[str]
    status: str
    checksum: str
    created_at: str
    opened_at: str | None
    closed_at: str | None
    archived_at: str | None
    people_may_begin: bool
    previous: str | None
    role: str
    completed: CompletedCounts


class OpeningSerializer(serializers.Serializer[Any]):
    """How a study is opened: to real people, or without them."""

    people = serializers.BooleanField(default=True)


class CopySerializer(serializers.Serializer[Any]):
    """What a copy is called; with a version it amends the study, and may do without a name."""

    slug = serializers.CharField(required=False, default="", allow_blank=True)
    version = serializers.CharField(required=False, default="", allow_blank=True)


class BlockSerializer(serializers.Serializer[Any]):
    """A block: which version of which instrument, and how it is shown."""

    instrument = serializers.CharField()
    version = serializers.CharField()
    key = serializers.CharField(required=False, default="", allow_blank=True)
    shuffle = serializers.BooleanField(required=False, default=True)
    items_per_page = serializers.IntegerField(required=False, default=8, min_value=1)


class PackedSerializer(serializers.Serializer[Any]):
    """A zip file as multipart form data: a study, its instruments and what they show."""

    file = serializers.FileField()

    def validate_file(self, file: Any) -> Any:
        """Refuse what is larger than is read."""
        if file.size > LARGEST_PACKED:
            raise serializers.ValidationError(
                f"The zip file is too large; {LARGEST_PACKED // 1_000_000} megabytes are the most.",
                code="file_too_large",
            )
        return file


class DraftActions(viewsets.GenericViewSet[Study]):
    """What is written and done with studies; the view set that this is part of reads them."""

    takes: ClassVar[dict[str, Any]] = {
        "create": StudyTables,
        "update": StudyTables,
        "open": OpeningSerializer,
        "copy": CopySerializer,
        "make_packed": PackedSerializer,
        "change_packed": PackedSerializer,
        "blocks": BlockSerializer,
        "facts": StatedFacts,
    }
    answers: ClassVar[dict[str, Any]] = {
        "create": made(WrittenStudy),
        "update": WrittenStudy,
        "check": Answer(Readiness, called="check_study"),
        "open": WrittenStudy,
        "close": WrittenStudy,
        "export": Answer(StudyWithInstruments, called="export_study", or_media=(TOML, ZIP)),
        "make_packed": made(WrittenStudy, "make_study_of_zip"),
        "change_packed": Answer(WrittenStudy, called="change_study_by_zip"),
        "copy": made(WrittenStudy),
        "blocks": made(WrittenStudy, "add_block_to_study"),
        "facts.get": StatedFacts,
        "facts.patch": Answer(StatedFacts, called="state_facts_of_study"),
        "archive.post": WrittenStudy,
        "archive.delete": Answer(WrittenStudy, called="restore_study"),
    }

    def create(self, request: Request) -> Response:
        """Make a draft; 400 with every mistake, 409 if the name is taken."""
        try:
            materials = _materials(request)
        except InstrumentFileError as error:
            return refused_file("study", error)
        by = rest_actor(request.user)
        study = services.make_draft(materials=materials, owner=_user(by), by=by)
        return self._shown(study, status.HTTP_201_CREATED)

    def update(self, request: Request, slug: str) -> Response:
        """Let a draft hold what is sent, and nothing else; 409 once the study is frozen."""
        study = self._study(slug, Act.AUTHOR)
        try:
            materials = _materials(request)
        except InstrumentFileError as error:
            return refused_file("study", error)
        services.change_draft(study=study, materials=materials, by=rest_actor(request.user))
        return self._shown(study)

    def destroy(self, request: Request, slug: str) -> Response:
        """Delete a study that nobody has begun; only an owner may."""
        study = self._study(slug, Act.DELETE)
        services.delete_study(study=study, by=rest_actor(request.user))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @action(detail=True)
    def check(self, request: Request, slug: str) -> Response:  # noqa: ARG002 - the router's
        """What is missing before the study can be opened, and what can no longer change then."""
        return Response(_readiness(self._study(slug)))

    @action(detail=True, methods=("post",))
    def open(self, request: Request, slug: str) -> Response:
        """Freeze the study and open it; ``{"people": false}`` for rehearsals and models only."""
        given = OpeningSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        study = self._study(slug, Act.AUTHOR)
        try:
            services.open_study(study=study, by=rest_actor(request.user), **given.validated_data)
        except StudyNotReady as error:
            body = {"code": error.code, "detail": error.said(gettext)}
            errors = {"study": [problem.as_json(gettext) for problem in error.problems]}
            return Response({**body, "errors": errors}, status=status.HTTP_409_CONFLICT)
        return self._shown(study)

    @action(detail=True, methods=("post",))
    def close(self, request: Request, slug: str) -> Response:
        """Let nobody begin any more, for good; whoever has begun may finish. Only an owner may."""
        study = services.close_study(study=self._study(slug), by=rest_actor(request.user))
        return self._shown(study)

    @action(detail=True)
    def export(self, request: Request, slug: str) -> HttpResponse:
        """The study and its instruments as they can be sent here; ``?form=toml`` for its file.

        ``?form=zip`` has its instruments and what they show, too, as ``packed/`` takes them.
        """
        definition = study_definition(self._study(slug))
        form, instruments = request.query_params.get("form"), instruments_of(definition)
        if form == "toml":
            text = to_toml(study_values(definition))
            return HttpResponse(text, content_type="application/toml; charset=utf-8")
        if form == "zip":
            return HttpResponse(packed_study(definition, instruments), content_type=ZIP)
        used = [instrument_values(one) for one in instruments]
        return Response({"study": study_values(definition), "instruments": used})

    @action(detail=False, methods=("post",), url_path="packed", parser_classes=(MultiPartParser,))
    def make_packed(self, request: Request) -> Response:
        """Make a draft of a study in one zip file, as ``export/?form=zip`` gives it.

        Its instruments are published and what they show is stored; 400 with every mistake.
        """
        materials = _packed(request)
        if isinstance(materials, Response):
            return materials
        by = rest_actor(request.user)
        study = services.make_draft(materials=materials, owner=_user(by), by=by)
        return self._shown(study, status.HTTP_201_CREATED)

    @action(detail=True, methods=("put",), url_path="packed", parser_classes=(MultiPartParser,))
    def change_packed(self, request: Request, slug: str) -> Response:
        """Let a draft hold what is in a zip file, and nothing else; 409 once it is frozen."""
        study = self._study(slug, Act.AUTHOR)
        materials = _packed(request)
        if isinstance(materials, Response):
            return materials
        services.change_draft(study=study, materials=materials, by=rest_actor(request.user))
        return self._shown(study)

    @action(detail=True, methods=("post",))
    def copy(self, request: Request, slug: str) -> Response:
        """A draft of the same content: a copy, or with a `version` one that amends the study."""
        given = CopySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        version = given.validated_data["version"]
        study = self._study(slug, Act.AUTHOR if version else Act.SEE)
        asked, by = {"study": study, "slug": given.validated_data["slug"]}, rest_actor(request.user)
        if version:
            copied = services.new_version(**asked, version=version, owner=_user(by), by=by)
        else:
            copied = services.copy_study(**asked, owner=_user(by), by=by)
        return self._shown(copied, status.HTTP_201_CREATED)

    @action(detail=True, methods=("post",))
    def blocks(self, request: Request, slug: str) -> Response:
        """Ask a published instrument behind what a draft asks already."""
        given = BlockSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        study = self._study(slug, Act.AUTHOR)
        try:
            study = add_block(study=study, by=rest_actor(request.user), **given.validated_data)
        except InstrumentFileError as error:
            return refused_file("study", error)
        return self._shown(study, status.HTTP_201_CREATED)

    @action(detail=True, methods=("get", "patch"))
    def facts(self, request: Request, slug: str) -> Response:
        """What a report says of the study; PATCH states some of it, an empty text takes it back.

        400 with every mistake; a study may be in any state.
        """
        study = self._study(slug)
        if request.method == "PATCH":
            require_role(study.reader_role, Act.ANALYSE)
            by = rest_actor(request.user)
            try:
                given = tables_in(request, "facts")
                study = services.state_facts(study=study, facts=given, by=by)
            except InstrumentFileError as error:
                return refused_file("facts", error)
        return Response(stated_facts(study))

    @action(detail=True, methods=("post", "delete"))
    def archive(self, request: Request, slug: str) -> Response:
        """Leave the study out of lists; with DELETE show it there again."""
        by = rest_actor(request.user)
        study = self._study(slug, Act.AUTHOR)
        if request.method == "DELETE":
            services.restore_study(study=study, by=by)
        else:
            services.archive_study(study=study, by=by)
        return self._shown(study)

    def _study(self, slug: str, act: Act = Act.SEE) -> Study:
        """The study, for those members who may do `act`. Raises `Http404`, `RoleNeeded`."""
        study = get_object_or_404(studies_for(self.request.user), slug=slug)
        require_role(study.reader_role, act)
        return study

    def _shown(self, study: Study, code: int = status.HTTP_200_OK) -> Response:
        rows: QuerySet[Study] = self.get_queryset()
        row = rows.get(pk=study.pk)
        return Response({**self.get_serializer(row).data, **_readiness(row)}, status=code)


def refused_file(what: str, error: InstrumentFileError) -> Response:
    """400 with every mistake in what was sent."""
    return _refused(what, as_json(error.problems))


def _refused(what: str, problems: list[Any]) -> Response:
    detail = gettext("This cannot be used as it is; see errors.")
    body = {"code": "invalid", "detail": detail, "errors": {what: problems}}
    return Response(body, status=status.HTTP_400_BAD_REQUEST)


def as_json(problems: Sequence[Problem]) -> list[Any]:
    """Problems as plain values, said in the reader's language."""
    return [problem.as_json(gettext) for problem in problems]


def tables_in(request: Request, what: str) -> dict[str, Any]:
    """The tables that a request sends. Raises `InstrumentFileError` where it is something else."""
    if type(request.data) is dict:
        return request.data
    about = {"wanted": Saying(Wanted.TABLE), "given": type(request.data).__name__}
    raise InstrumentFileError(what, [Problem("file", FileMistake.WRONG_TYPE, about)])


def _user(by: Actor) -> AbstractBaseUser:
    assert by.user is not None  # as nobody passes the permission classes without an account
    return by.user


def _materials(request: Request) -> Materials:
    return services.read_materials(tables_in(request, "study"))


def _packed(request: Request) -> Materials | Response:
    """What stands in the zip file that a request sends, or the answer with all that is wrong."""
    given = PackedSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    file = given.validated_data["file"]
    try:
        return read_packed_files(content=file.read(), name=file.name or "study.zip")
    except MaterialsError as error:
        found = [
            {**one, "path": f"{problems.file}: {one['path']}"}
            for problems in error.errors
            for one in as_json(problems.problems)
        ]
        return _refused("study", found)


def _readiness(study: Study) -> Readiness:
    ready = readiness(study)
    return {
        "ready": not ready.lacking,
        "ready_for_people": not (ready.lacking or ready.people),
        "lacking": as_json(ready.lacking),
        "people": as_json(ready.people),
        "languages_in_english": languages_in_english(study),
        "locks": [{"code": one.value, "sentence": gettext(one.sentence)} for one in Locked],
    }
