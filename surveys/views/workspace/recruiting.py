"""Links through which people come in: their addresses, codes for posters, switches."""

from io import BytesIO

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from surveys import services
from surveys.errors import StudyError
from surveys.models import RecruitingLink, Study
from surveys.roles import Act
from surveys.services.audit import page_actor
from surveys.views.forms import LinkForm
from surveys.views.membership import form_methods, member_page, page_for
from surveys.views.workspace.undoing import say_with_undo


def link_address(link: RecruitingLink) -> str:
    """The address to give out, with what the recruiter must fill in."""
    path = reverse("surveys:information", kwargs={"token": link.token})
    return settings.SITE_URL + path + link.sender.query


@form_methods
@page_for(Act.RECRUIT)
def new_link(request: HttpRequest, study: Study) -> HttpResponse:
    """Make an address that people can begin at."""
    form = LinkForm(request.POST or None)
    if form.is_valid():
        try:
            services.create_link(study=study, by=page_actor(request.user), **form.cleaned_data)
        except StudyError as error:
            form.add_error("simulated", error.said(_))
        else:
            messages.success(request, _("The link is made; its address is below."))
            return _back_to(study)
    context = {
        "study": study,
        "form": form,
        "heading": _("New recruiting link"),
        "action": _("Create link"),
        "back": reverse("surveys:recruit", kwargs={"slug": study.slug}),
    }
    status = 422 if form.errors else 200
    return render(request, "surveys/study_form.html", context, status=status)


@require_POST
@page_for(Act.RECRUIT)
def switch_link(request: HttpRequest, study: Study, link_id: int) -> HttpResponse:
    """Switch a link off, or on again."""
    link = get_object_or_404(study.links, pk=link_id)
    active = "on" in request.POST
    try:
        services.set_link_active(link=link, active=active, by=page_actor(request.user))
    except StudyError as error:
        messages.error(request, error.said(_))
    else:
        told = (
            _("“%(link)s” lets people in again.")
            if active
            else _("“%(link)s” lets nobody in any more; whoever has begun may finish.")
        )
        other = {"off": "1"} if active else {"on": "1"}
        say_with_undo(request, told % {"link": link.label}, request.path, **other)
    return _back_to(study)


@require_safe
@member_page
def link_qr(_request: HttpRequest, study: Study, link_id: int) -> HttpResponse:
    """The address of a link as a QR code (SVG)."""
    # Only this page draws QR codes; every other start of the program does without the encoder.
    import segno

    link = get_object_or_404(study.links, pk=link_id)
    svg = BytesIO()
    segno.make(link_address(link), micro=False, error="m").save(
        svg, kind="svg", scale=6, border=4, light="#fff"
    )
    return HttpResponse(svg.getvalue(), content_type="image/svg+xml")


def _back_to(study: Study) -> HttpResponseRedirect:
    return redirect("surveys:recruit", slug=study.slug)
