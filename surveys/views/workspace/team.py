"""The tab on who may see and steer a study."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from surveys import services
from surveys.errors import StudyError
from surveys.models import Membership, Study
from surveys.selectors import role_in
from surveys.services.audit import page_actor
from surveys.views.forms import MemberForm
from surveys.views.membership import form_methods, member_page, owner_only


@require_safe
@member_page
def team(request: HttpRequest, study: Study) -> HttpResponse:
    """The members of a study and their roles."""
    context = {
        "study": study,
        "is_owner": role_in(study, request.user) == Membership.Role.OWNER,
        "members": study.memberships.select_related("user").order_by("pk"),
    }
    return render(request, "surveys/team.html", context)


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
            return redirect("surveys:team", slug=study.slug)
    context = {
        "study": study,
        "form": form,
        "heading": _("New member"),
        "action": _("Add member"),
        "back": reverse("surveys:team", kwargs={"slug": study.slug}),
    }
    status = 422 if form.errors else 200
    return render(request, "surveys/study_form.html", context, status=status)
