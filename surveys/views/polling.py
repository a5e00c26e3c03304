"""Parts of pages that ask again and again: nothing is sent where nothing has changed since.

A part that is polled names in its address what it has `seen`; htmx leaves the page as it is where
the answer is 204.
"""

from hashlib import blake2b

from django.http import HttpRequest, HttpResponse

from surveys.workspace.lists.tables import address_with


def mark_of(*parts: object) -> str:
    """A short name for what a part shows, made of everything that it depends on."""
    return blake2b(repr(parts).encode(), digest_size=9).hexdigest()


def unchanged(request: HttpRequest, mark: str) -> HttpResponse | None:
    """The answer to a page that has seen this already; None for any other."""
    asked = request.headers.get("HX-Request") and request.GET.get("seen") == mark
    return HttpResponse(status=204) if asked else None


def asks_again(request: HttpRequest, mark: str) -> str:
    """Where a part asks again that has seen this, in the order and with the filters of now."""
    return request.path + address_with(request, seen=mark)
