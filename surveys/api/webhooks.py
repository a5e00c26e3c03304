"""The REST door of webhooks: which addresses are told what happened in a study."""

from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from surveys.api.description.told import Answer, made, paged
from surveys.api.rules.parameters import PAGED
from surveys.models import Scope, Study, Webhook, WebhookEvent, WebhookMessage
from surveys.roles import Act
from surveys.selectors import rows_for, studies_for
from surveys.services.access.refusals import require_role
from surveys.services.audit import rest_actor
from surveys.services.webhooks.arranging import (
    add_webhook,
    delete_webhook,
    switch_webhook,
    try_webhook,
)


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    """An address, and what it is told; `disabled_at` says since when too much has failed."""

    study = serializers.SlugRelatedField[Study](slug_field="slug", read_only=True)
    json_shapes: ClassVar = {"events": list[str]}

    class Meta:
        model = Webhook
        fields: tuple[str, ...] = (
            "id",
            "study",
            "address",
            "events",
            "paused",
            "disabled_at",
            "failures",
            "created_at",
        )


class NewWebhookSerializer(WebhookSerializer):
    """The same once, with its secret."""

    secret = serializers.CharField(read_only=True)

    class Meta(WebhookSerializer.Meta):
        fields = (*WebhookSerializer.Meta.fields, "secret")


class AddingSerializer(serializers.Serializer[Any]):
    """Which address is told of which events of which study."""

    study = serializers.SlugField()
    address = serializers.URLField(max_length=500)
    events = serializers.ListField(child=serializers.ChoiceField(choices=WebhookEvent.values))


class MessageSerializer(serializers.ModelSerializer[WebhookMessage]):
    """What the address was told, what it answered, and when it is told again if nothing arrived."""

    next_try = serializers.SerializerMethodField()
    json_shapes: ClassVar = {"content": dict[str, Any]}

    class Meta:
        model = WebhookMessage
        fields = (
            "id",
            "event",
            "content",
            "state",
            "attempts",
            "next_try",
            "status",
            "error_code",
            "created_at",
            "ended_at",
        )

    def get_next_try(self, message: WebhookMessage) -> datetime | None:
        """When it is sent at the earliest; none for what arrived or was given up."""
        return message.due_at if message.state == WebhookMessage.State.WAITING else None


class WebhookViewSet(viewsets.ReadOnlyModelViewSet[Webhook]):
    """Addresses that are told of events of a study; owners arrange them.

    A message is a POST of JSON with ``Counterpart-Timestamp`` and ``Counterpart-Signature``:
    ``v1=`` and HMAC-SHA256 (hex) of the timestamp, a full stop and the body, by the secret.
    """

    parameters: ClassVar = {"list": ("study",), "messages": PAGED}
    action_scopes: ClassVar = {"messages": Scope.PEOPLE}
    serializer_class = WebhookSerializer
    acts: ClassVar = dict.fromkeys(("destroy", "test", "pause", "resume", "messages"), Act.CONNECT)
    takes: ClassVar[dict[str, Any]] = {"create": AddingSerializer}
    answers: ClassVar[dict[str, Any]] = {
        "create": made(NewWebhookSerializer, "add_webhook"),
        "test": Answer(MessageSerializer),
        "pause": WebhookSerializer,
        "resume": WebhookSerializer,
        "messages": paged(MessageSerializer, "list_messages_of_webhook"),
    }

    def get_queryset(self) -> QuerySet[Webhook]:
        """The webhooks of the user's studies."""
        rows = rows_for(self.request.user, Webhook.objects.select_related("study"), "study")
        if slug := self.request.query_params.get("study"):
            rows = rows.filter(study__slug=slug)
        return rows.order_by("pk")

    def create(self, request: Request) -> Response:
        """Add an address; its `secret` is told once, here."""
        given = AddingSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked = dict(given.validated_data)
        study = get_object_or_404(studies_for(request.user), slug=asked.pop("study"))
        require_role(study.reader_role, Act.CONNECT)
        webhook, secret = add_webhook(study=study, by=rest_actor(request.user), **asked)
        webhook.secret = secret
        shown = NewWebhookSerializer(webhook).data
        return Response(shown, status=status.HTTP_201_CREATED)

    def destroy(self, request: Request, **_kwargs: Any) -> Response:
        """Tell the address nothing any more, and forget what it was told."""
        delete_webhook(webhook=self._own(), by=rest_actor(request.user))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @action(detail=True, methods=("post",))
    def test(self, request: Request, **_kwargs: Any) -> Response:
        """Send a message at once that nothing happened; its `state` says whether it arrived."""
        message = try_webhook(webhook=self._own(), by=rest_actor(request.user))
        return Response(MessageSerializer(message).data)

    @action(detail=True, methods=("post",))
    def pause(self, request: Request, **_kwargs: Any) -> Response:
        """Tell it nothing for now. What happens meanwhile is not told later."""
        webhook = switch_webhook(webhook=self._own(), paused=True, by=rest_actor(request.user))
        return Response(WebhookSerializer(webhook).data)

    @action(detail=True, methods=("post",))
    def resume(self, request: Request, **_kwargs: Any) -> Response:
        """Tell it again, also where too much failed."""
        webhook = switch_webhook(webhook=self._own(), paused=False, by=rest_actor(request.user))
        return Response(WebhookSerializer(webhook).data)

    @action(detail=True)
    def messages(self, request: Request, **_kwargs: Any) -> Response:  # noqa: ARG002
        """What it was told in the last thirty days, latest first."""
        page = self.paginate_queryset(self.get_object().messages.order_by("-pk"))  # type: ignore[arg-type]
        return self.get_paginated_response(MessageSerializer(page or (), many=True).data)

    def _own(self) -> Webhook:
        webhook: Webhook = self.get_object()
        return webhook
