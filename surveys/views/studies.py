"""The back office: the studies of a user, and one study with its people, links and members."""

from io import BytesIO

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from surveys import services
from surveys.errors import StudyError
from surveys.instrument_files import Locked
from surveys.models import Membership, RecruitingLink, Study
from surveys.recruiters import recruiter_named
from surveys.selectors import (
    respondent_flows,
    role_in,
    studies_with_counts,
    study_groups,
    with_counts,
)
from surveys.services.audit import page_actor
from surveys.services.definitions import readiness
from surveys.views.forms import LinkForm, MemberForm
from surveys.views.membership import member_page, owner_only

form_methods = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@login_required
def study_list(request: HttpRequest) -> HttpResponse:
    """The studies that the user owns or helps with; the archived ones on a page of their own."""
    studies = studies_with_counts(request.user)
    archived = studies.filter(archived_at__isnull=False)
    shown = request.GET.get("archived") == "1"
    context = {
        "studies": archived if shown else studies.filter(archived_at__isnull=True),
        "archived": archived.count(),
        "shows_archived": shown,
    }
    return render(request, "surveys/study_list.html", context)


@require_safe
@member_page
def study_page(request: HttpRequest, study: Study) -> HttpResponse:
    """One study at a glance; panels and reports are fragments that their own apps serve."""
    links = with_counts(study.links.order_by("pk")).prefetch_related("alerts")
    flows = respondent_flows(study)
    context = {
        "study": study,
        "title": study.title(),
        "is_owner": role_in(study, request.user) == Membership.Role.OWNER,
        "ready": readiness(study) if study.status == Study.Status.DRAFT else None,
        "flows": [(group, flows[group.pk]) for group in study_groups(study)],
        "links": [(link, link_address(link), recruiter_named(link.recruiter)) for link in links],
        "members": study.memberships.select_related("user").order_by("pk"),
        "panels_path": _fragment(study, "panels/"),
        "reports_path": _fragment(study, "reports/"),
    }
    return render(request, "surveys/study.html", context)


def link_address(link: RecruitingLink) -> str:
    """The address to give out, with what the recruiter must fill in."""
    path = reverse("surveys:information", kwargs={"token": link.token})
    return settings.SITE_URL + path + recruiter_named(link.recruiter).query


def _fragment(study: Study, name: str) -> str:
    """The address below the study's page that another app serves; empty if none does."""
    path = reverse("surveys:study", kwargs={"slug": study.slug}) + name
    try:
        resolve(path)
    except Resolver404:
        return ""
    return path


@form_methods
@member_page
def open_study(request: HttpRequest, study: Study) -> HttpResponse:
    """Freeze the study and let people begin, after saying what is missing and what locks."""
    if request.method != "POST":
        context = {
            "study": study,
            "title": study.title(),
            "ready": readiness(study),
            "locks": [_(one.sentence) for one in Locked],
        }
        return render(request, "surveys/open_study.html", context)
    rehearsal = "rehearsal" in request.POST
    try:
        services.open_study(study=study, people=not rehearsal, by=page_actor(request.user))
    except StudyError as error:
        messages.error(request, error.said(_))
    else:
        done = (
            _("The study is open and frozen, for rehearsals and models only.")
            if rehearsal
            else _("The study is open and frozen: people can begin.")
        )
        messages.success(request, done)
    return _back_to(study)


@form_methods
@member_page
def close_study(request: HttpRequest, study: Study) -> HttpResponse:
    """Let no one begin any more, after asking."""
    if request.method != "POST":
        question = {
            "heading": _("Close this study?"),
            "text": _(
                "Nobody can begin any more, and a closed study cannot be opened again. Whoever has "
                "begun may finish."
            ),
            "action": _("Close for good"),
        }
        context = {"study": study, "title": study.title(), "question": question}
        return render(request, "surveys/confirm.html", context)
    try:
        services.close_study(study=study, by=page_actor(request.user))
    except StudyError as error:
        messages.error(request, error.said(_))
    else:
        messages.success(request, _("The study is closed. Whoever has begun may finish."))
    return _back_to(study)


@form_methods
@member_page
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
    return _form(request, study, form, _("New recruiting link"), _("Create link"))


@require_POST
@member_page
def switch_link(request: HttpRequest, study: Study, link_id: int) -> HttpResponse:
    """Switch a link off, or on again."""
    link = get_object_or_404(study.links, pk=link_id)
    try:
        services.set_link_active(
            link=link, active="on" in request.POST, by=page_actor(request.user)
        )
    except StudyError as error:
        messages.error(request, error.said(_))
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


@form_methods
@member_page
@owner_only
def new_member(request: HttpRequest, study: Study) -> HttpResponse:
    """Let somebody with an account see and steer the study."""
    form = MemberForm(request.POST or None)
    if form.is_valid():
        user, role = form.cleaned_data["username"], form.cleaned_data["role"]
        try:
            services.add_member(study=study, user=user, role=role, by=page_actor(request.user))
        except StudyError as error:
            form.add_error("role", error.said(_))
        else:
            messages.success(request, _("%(user)s can now see this study.") % {"user": user})
            return _back_to(study)
    return _form(request, study, form, _("New member"), _("Add member"))


def _form(
    request: HttpRequest, study: Study, form: LinkForm | MemberForm, heading: str, action: str
) -> HttpResponse:
    context = {
        "study": study,
        "title": study.title(),
        "form": form,
        "heading": heading,
        "action": action,
    }
    status = 422 if form.errors else 200
    return render(request, "surveys/study_form.html", context, status=status)


def _back_to(study: Study) -> HttpResponseRedirect:
    return redirect("surveys:study", slug=study.slug)
