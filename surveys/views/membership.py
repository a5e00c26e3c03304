"""Who may see and steer a study. To anyone else it does not exist."""

from collections.abc import Callable
from functools import reduce, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.contrib.auth.decorators import login_required
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from surveys.models import Study
from surveys.roles import Act
from surveys.selectors import rows_for, studies_for
from surveys.services.access.refusals import RoleNeeded, require_role

P = ParamSpec("P")
Row = TypeVar("Row", bound=Model)
StudyView = Callable[Concatenate[HttpRequest, Study, P], HttpResponseBase]
# Called by the resolver, which passes the slug by its name.
SlugView = Callable[..., HttpResponseBase]

form_methods = require_http_methods(["GET", "HEAD", "POST"])


def member_page(view: StudyView[P]) -> SlugView:
    """A page of a study for its members, whatever their role; a stranger gets 404, not 403."""

    @login_required
    @wraps(view)
    def wrapped(
        request: HttpRequest, slug: str, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        study = get_object_or_404(studies_for(request.user), slug=slug)
        return view(request, study, *args, **kwargs)

    return wrapped


def page_for(act: Act) -> Callable[[StudyView[P]], SlugView]:
    """A page of a study for those members who may do `act`; the others get 403, which says who."""

    def decorated(view: StudyView[P]) -> SlugView:
        @wraps(view)
        def asked(
            request: HttpRequest, study: Study, /, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            require_role(study.reader_role, act)
            return view(request, study, *args, **kwargs)

        return member_page(asked)

    return decorated


def study_or_404(request: HttpRequest, slug: str, act: Act = Act.SEE) -> Study:
    """The study of a page that is no `member_page`. Raises `Http404`, `RoleNeeded`."""
    study = get_object_or_404(studies_for(request.user), slug=slug)
    require_role(study.reader_role, act)
    return study


def row_or_404(request: HttpRequest, rows: QuerySet[Row], pk: int, *path: str, act: Act) -> Row:
    """A row of one of the reader's studies; `path` leads to the study, which then knows its reader.

    Raises `Http404`, `RoleNeeded`.
    """
    row = get_object_or_404(rows_for(request.user, rows, "__".join(path)), pk=pk)
    require_role(study_of(row, *path).reader_role, act)
    return row


def study_of(row: Model, *path: str) -> Study:
    """The study of a row of `rows_for`; it knows what its reader's role is."""
    reached: Any = reduce(getattr, path, row)
    study: Study = reached
    study.reader_role = row.reader_role  # type: ignore[attr-defined]  # an annotation
    return study


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page of a 403: what the reader's role is, and which one it takes."""
    said = exception.said(gettext) if isinstance(exception, RoleNeeded) else ""
    return render(request, "403.html", {"said": said}, status=403)
