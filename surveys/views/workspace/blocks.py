"""What a draft study asks, block by block: added, moved and removed on its design page."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from surveys.errors import InstrumentError, StudyError
from surveys.instrument_files import InstrumentFileError
from surveys.models import Study
from surveys.roles import Act
from surveys.services.audit import page_actor
from surveys.services.authoring.blocks import add_block, move_block, remove_block
from surveys.views.membership import page_for

STEPS = {"up": -1, "down": 1}


@require_POST
@page_for(Act.AUTHOR)
def new_block(request: HttpRequest, study: Study) -> HttpResponse:
    """Put a published version behind what the study asks."""
    slug, _space, version = request.POST.get("instrument", "").partition(" ")
    by = page_actor(request.user)
    return _done(
        request,
        study,
        lambda: add_block(
            study=study,
            instrument=slug,
            version=version,
            shuffle="shuffle" in request.POST,
            by=by,
        ),
        _("The block is added."),
    )


@require_POST
@page_for(Act.AUTHOR)
def change_block(request: HttpRequest, study: Study, key: str) -> HttpResponse:
    """Move a block one place, or ask it no more."""
    act, by = request.POST.get("act", ""), page_actor(request.user)
    if act in STEPS:
        return _done(
            request,
            study,
            lambda: move_block(study=study, key=key, steps=STEPS[act], by=by),
            _("The block is moved."),
        )
    return _done(
        request,
        study,
        lambda: remove_block(study=study, key=key, by=by),
        _("The block is removed; its instrument stays in the library."),
    )


def _done(
    request: HttpRequest, study: Study, use_case: Callable[[], Study], said: str
) -> HttpResponse:
    try:
        use_case()
    except (StudyError, InstrumentError) as error:
        messages.error(request, error.said(_))
    except InstrumentFileError as error:
        for problem in error.problems:
            messages.error(request, f"{problem.where}: {problem.said(_)}")
    else:
        messages.success(request, said)
    return redirect("surveys:design", slug=study.slug)
