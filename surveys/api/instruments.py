"""The REST door of instruments: everybody with an account reads all of them and publishes new ones.

An instrument is written as JSON of the same shape as its TOML file.
"""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from surveys import services
from surveys.api.drafts import refused_file, tables_in
from surveys.instrument_files import (
    InstrumentFileError,
    instrument_values,
    read_instrument_values,
)
from surveys.models import InstrumentVersion
from surveys.selectors import versions_with_parts
from surveys.services.audit import rest_actor
from surveys.services.definitions import instrument_definition


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


class InstrumentViewSet(viewsets.ReadOnlyModelViewSet[InstrumentVersion]):
    """`GET /api/instruments/`, of one with ``?slug=``, and one with its words; POST publishes."""

    serializer_class = InstrumentVersionSerializer

    def get_queryset(self) -> QuerySet[InstrumentVersion]:
        """What is published, by name, version and language."""
        rows = versions_with_parts().order_by("instrument__slug", "version", "language")
        slug = self.request.query_params.get("slug")
        return rows.filter(instrument__slug=slug) if slug else rows

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:  # noqa: ARG002
        """One version with everything that is in it, as it can be sent here."""
        version = self.get_object()
        content = instrument_values(instrument_definition([version]))
        return Response({**self.get_serializer(version).data, "content": content})

    def create(self, request: Request) -> Response:
        """Publish a version in all its languages; 409 if it is published with other words."""
        try:
            definition = read_instrument_values(tables_in(request, "instrument"))
        except InstrumentFileError as error:
            return refused_file("instrument", error)
        made = services.publish_instrument(definition=definition, by=rest_actor(request.user))
        rows = self.get_queryset().filter(pk__in=[version.pk for version in made])
        return Response(self.get_serializer(rows, many=True).data, status=status.HTTP_201_CREATED)
