"""``Idempotency-Key``: a POST that a program sends again because it heard no answer."""

import hashlib
import json
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from surveys.models import ApiToken
from surveys.services.access.repeating import Claim, KeptAnswer, claim_request

HEADER = "Idempotency-Key"
# Said of an answer that was given before.
REPLAYED = "Idempotent-Replayed"


class AnsweredBefore(APIException):
    """Ends a request whose work was done; the answer to the first is given instead."""

    def __init__(self, kept: KeptAnswer) -> None:
        super().__init__()
        self.kept = kept


class Repeatable(APIView):
    """Lets every POST of a known user be sent again under its key.

    Work and answer are one transaction: whoever sees the answer kept sees the work done.
    """

    claim: Claim | None = None

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """As usual; with a key in one transaction, and what failed in it is undone."""
        if request.method != "POST" or HEADER not in request.headers:
            return super().dispatch(request, *args, **kwargs)
        with transaction.atomic():
            response = super().dispatch(request, *args, **kwargs)
            if isinstance(response, Response):
                response.render()
            if not status.is_success(response.status_code):
                transaction.set_rollback(True)
            elif self.claim is not None:
                assert isinstance(response, HttpResponse)  # no POST answers with a stream
                self.claim.keep(
                    status=response.status_code,
                    content_type=response.headers.get("Content-Type", ""),
                    content=response.content.decode(),
                )
        return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Once it is known who asks and that they may: see whether they asked before."""
        super().initial(request, *args, **kwargs)
        if request.method != "POST" or not request.user.is_authenticated:
            return
        if key := request.headers.get(HEADER):
            kind = "token" if isinstance(request.auth, ApiToken) else "user"
            who = f"{kind} {request.auth.pk if kind == 'token' else request.user.pk}"
            claim = claim_request(who=who, key=key, request=_all_of(request))
            if isinstance(claim, KeptAnswer):
                raise AnsweredBefore(claim)
            self.claim = claim


def repeated_answer(error: AnsweredBefore) -> HttpResponse:
    """What the first request was answered, word for word."""
    kept = error.kept
    headers = {REPLAYED: "true"}
    return HttpResponse(
        kept.content, status=kept.status, content_type=kept.content_type, headers=headers
    )


def _all_of(request: Request) -> str:
    """Everything that a request says; parts of a form whatever their boundary is this time."""
    data: Any = request.data
    if hasattr(data, "lists"):
        data = [[name, [_value(one) for one in values]] for name, values in data.lists()]
    said = json.dumps(data, sort_keys=True, default=str)
    return f"{request.get_full_path()}\n{said}"


def _value(one: Any) -> Any:
    if not isinstance(one, UploadedFile):
        return one
    digest = hashlib.sha256()
    for chunk in one.chunks():
        digest.update(chunk)
    one.seek(0)
    return [one.name, digest.hexdigest()]
