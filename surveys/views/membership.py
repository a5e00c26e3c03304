"""Who may see and steer a study. To anyone else it does not exist."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from surveys.models import Membership, Study
from surveys.selectors import role_in, studies_for

P = ParamSpec("P")
StudyView = Callable[Concatenate[HttpRequest, Study, P], HttpResponse]
# Called by the resolver, which passes the slug by its name.
SlugView = Callable[..., HttpResponse]

form_methods = require_http_methods(["GET", "HEAD", "POST"])


def member_page(view: StudyView[P]) -> SlugView:
    """A page of a study for its owner and collaborators; a stranger gets 404, not 403."""

    @login_required
    @wraps(view)
    def wrapped(request: HttpRequest, slug: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        study = get_object_or_404(studies_for(request.user), slug=slug)
        return view(request, study, *args, **kwargs)

    return wrapped


def owner_only(view: StudyView[P]) -> StudyView[P]:
    """What a collaborator may see but not do: 403."""

    @wraps(view)
    def wrapped(
        request: HttpRequest, study: Study, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        if role_in(study, request.user) != Membership.Role.OWNER:
            raise PermissionDenied
        return view(request, study, *args, **kwargs)

    return wrapped
