"""The pages of the help site, in the frame of the product."""

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from config.help.building import place
from config.help.site import is_built, read_page, search_help

MOST_WORDS = 120
_IMAGES = {".png", ".svg", ".webp"}


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
    root = (place() / "pictures").resolve()
    file = (root / path).resolve()
    if file.suffix not in _IMAGES or not file.is_relative_to(root) or not file.is_file():
        raise Http404
    return FileResponse(file.open("rb"))
