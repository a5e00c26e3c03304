"""The REST door of pictures, sounds and videos: sent once, named by their checksum afterwards."""

from typing import Any, ClassVar, NotRequired

from django.utils.translation import gettext
from rest_framework import serializers, status, viewsets
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import TypedDict

from surveys.api.description.told import made
from surveys.errors import InstrumentError
from surveys.media import named_file
from surveys.models import MediaFile
from surveys.services.audit import rest_actor
from surveys.services.authoring.media import store_media


class MediaSerializer(serializers.Serializer[Any]):
    """A file as multipart form data."""

    file = serializers.FileField(allow_empty_file=True)


class MediaTable(TypedDict):
    """What stands under ``media`` of an item; a picture has its size in pixels."""

    file: str
    sha256: str
    type: str
    width: NotRequired[int]
    height: NotRequired[int]


class MediaViewSet(viewsets.GenericViewSet[MediaFile]):
    """`POST /api/media/`: a file that items of instruments can show, under ``media``.

    The answer is what stands in such a table; `alt` is still to be written.
    """

    serializer_class = MediaSerializer
    answers: ClassVar[dict[str, Any]] = {"create": made(MediaTable, "store_media")}
    parser_classes = (MultiPartParser,)
    queryset = MediaFile.objects.none()

    def create(self, request: Request) -> Response:
        """Store a file without the metadata of pictures; the same one again is the one there is.

        400 with a code for a file that cannot be shown.
        """
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        sent = given.validated_data["file"]
        try:
            facts = store_media(content=sent.read(), by=rest_actor(request.user)).facts
        except InstrumentError as error:
            sentence = error.said(gettext)
            body = {"code": error.code, "detail": sentence, "errors": {"file": [sentence]}}
            return Response(body, status=status.HTTP_400_BAD_REQUEST)
        sizes = {"width": facts.width, "height": facts.height} if facts.width else {}
        name = named_file(sent.name or facts.kind, facts)
        table = {"file": name, "sha256": facts.sha256, "type": facts.type, **sizes}
        return Response(table, status=status.HTTP_201_CREATED)
