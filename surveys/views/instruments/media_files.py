"""Pictures, sounds and videos as browsers fetch them: by checksum, whole or in part.

An address is good for anybody who knows it, as the page of a person has no login; nobody guesses a
checksum. What it gives never changes, so that a browser keeps it for good.
"""

import re
from collections.abc import Iterator

from django.db.models import BinaryField
from django.db.models.functions import Substr
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from surveys.models import MediaFile

_FOR_GOOD = "public, max-age=31536000, immutable"
_RANGE = re.compile(r"bytes=(\d{0,12})-(\d{0,12})")
# So much is read and sent at once, and so much answers a request for all that follows.
_PIECE = 1_000_000


@require_safe
def media_file(request: HttpRequest, sha256: str) -> HttpResponseBase:
    """A stored file; a part of it where a browser asks for one, as it does to wind forward."""
    file = get_object_or_404(MediaFile.objects.defer("content"), sha256=sha256)
    tag = f'"{sha256}"'
    if tag in request.headers.get("If-None-Match", ""):
        response: HttpResponseBase = HttpResponse(status=304)
    else:
        response = _sent(request, file)
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = _FOR_GOOD
    return response


def _sent(request: HttpRequest, file: MediaFile) -> HttpResponseBase:
    asked = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    if asked is None or not any(asked.groups()):
        response: HttpResponseBase = (
            StreamingHttpResponse(_pieces(file, 0, file.size), content_type=file.type)
            if file.size > _PIECE and request.method == "GET"
            else HttpResponse(_piece(file, 0, file.size), content_type=file.type)
        )
        response.headers["Content-Length"] = str(file.size)
    elif (part := _part(*asked.groups(), size=file.size)) is None:
        response = HttpResponse(status=416, content_type=file.type)
        response.headers["Content-Range"] = f"bytes */{file.size}"
    else:
        start, end = part
        content = _piece(file, start, end)
        response = HttpResponse(content, status=206, content_type=file.type)
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{file.size}"
    response.headers["Accept-Ranges"] = "bytes"
    return response


def _part(first: str, last: str, *, size: int) -> tuple[int, int] | None:
    """The bytes that are sent, the end left out; None where there are none of those."""
    if first:
        start = int(first)
        end = min(int(last) + 1 if last else size, size, start + _PIECE)
    else:
        start, end = max(size - min(int(last), _PIECE), 0), size
    return (start, end) if start < end else None


def _pieces(file: MediaFile, start: int, end: int) -> Iterator[bytes]:
    for at in range(start, end, _PIECE):
        yield _piece(file, at, min(at + _PIECE, end))


def _piece(file: MediaFile, start: int, end: int) -> bytes:
    part = Substr("content", start + 1, end - start, output_field=BinaryField())
    return bytes(MediaFile.objects.filter(pk=file.pk).values_list(part, flat=True)[0])
