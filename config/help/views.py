"""The pages of the help site, in the frame of the product."""

from pathlib import Path

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from config.help.building import place
from config.help.site import is_built, read_page, search_help

MOST_WORDS = 120
_IMAGES = frozenset({".png", ".svg", ".webp"})
_CLIENTS = frozenset({".py", ".R"})


@require_safe
@cache_control(private=True, no_cache=True)
def help_page(request: HttpRequest, path: str = "") -> HttpResponse:
    """One page. Its frame is the reader's, so that it is asked for anew each time."""
    if not is_built():
        return render(request, "help/missing.html", status=503)
    page = read_page(path)
    if page is None:
        raise Http404
    return render(request, "help/page.html", {"page": page})


@require_safe
@cache_control(private=True, no_cache=True)
def help_search(request: HttpRequest) -> HttpResponse:
    """The parts of the help in which some words occur; for htmx the list alone."""
    words = request.GET.get("q", "").strip()[:MOST_WORDS]
    context = {"words": words, "found": search_help(words), "is_built": is_built()}
    alone = request.headers.get("HX-Request")
    return render(request, "help/_found.html" if alone else "help/search.html", context)


@require_safe
@cache_control(public=True, max_age=86_400)
def help_image(request: HttpRequest, path: str) -> FileResponse:  # noqa: ARG001
    """A picture of a page."""
    return FileResponse(_file("pictures", path, _IMAGES).open("rb"))


@require_safe
@cache_control(public=True, max_age=86_400)
def help_client(request: HttpRequest, name: str) -> FileResponse:  # noqa: ARG001
    """A client of REST that a page of the help offers, as text to be read and kept."""
    file = _file("clients", name, _CLIENTS).open("rb")
    return FileResponse(file, content_type="text/plain; charset=utf-8")


def _file(folder: str, path: str, kinds: frozenset[str]) -> Path:
    """A file of the built site; what is of another kind or lies elsewhere is not there."""
    root = (place() / folder).resolve()
    file = (root / path).resolve()
    if file.suffix not in kinds or not file.is_relative_to(root) or not file.is_file():
        raise Http404
    return file
