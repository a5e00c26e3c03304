"""The tab on who may see and steer a study: members, invitations, and what each role may do."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from surveys import services
from surveys.errors import CounterpartError, StudyError
from surveys.jobs.reading import study_jobs
from surveys.models import Membership, Study
from surveys.roles import LEAST, Act, Role, may
from surveys.services.access.invitations import MAIL, invite, revoke_invitation, send_invitation
from surveys.services.access.members import remove_member, transfer_study
from surveys.services.access.refusals import require_role
from surveys.services.audit import page_actor
from surveys.views.forms import InvitationForm, MemberForm
from surveys.views.membership import form_methods, member_page, page_for
from surveys.views.workspace.confirmation import Question, ask


@require_safe
@member_page
def team(request: HttpRequest, study: Study) -> HttpResponse:
    """The members of a study, who is invited, and what each role may do."""
    return _page(request, study, InvitationForm())


def _page(request: HttpRequest, study: Study, form: InvitationForm, **more: Any) -> HttpResponse:
    owners = study.memberships.filter(role=Role.OWNER).count()
    context = {
        "study": study,
        "members": study.memberships.select_related("user").order_by("pk"),
        "only_owner": owners == 1 and study.reader_role == Role.OWNER,
        "invitations": study.invitations.filter(accepted_at=None, revoked_at=None),
        "roles": [(role.value, _(role.sentence)) for role in Role],
        "acts": [
            (_(act.sentence), [may(role, act) for role in Role], _(LEAST[act].sentence))
            for act in Act
        ],
        "form": form,
        "mails": study_jobs(study, MAIL),
        **more,
    }
    status = 422 if form.errors else 200
    return render(request, "surveys/team.html", context, status=status)


@form_methods
@page_for(Act.TEAM)
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
    context = {
        "study": study,
        "form": form,
        "heading": _("New member"),
        "action": _("Add member"),
        "back": reverse("surveys:team", kwargs={"slug": study.slug}),
    }
    status = 422 if form.errors else 200
    return render(request, "surveys/study_form.html", context, status=status)


@require_POST
@page_for(Act.TEAM)
def change_member(request: HttpRequest, study: Study, member_id: int) -> HttpResponse:
    """Give a member another role."""
    member = get_object_or_404(study.memberships.select_related("user"), pk=member_id)
    role, by = request.POST.get("role", ""), page_actor(request.user)
    try:
        services.add_member(study=study, user=member.user, role=role, by=by)
    except StudyError as error:
        messages.error(request, error.said(_))
    else:
        messages.success(request, _("The role of %(user)s is set.") % {"user": member.user})
    return _back_to(study)


@form_methods
@member_page
def drop_member(request: HttpRequest, study: Study, member_id: int) -> HttpResponse:
    """Take a member out of the study, after asking; anybody may leave."""
    member = get_object_or_404(study.memberships.select_related("user"), pk=member_id)
    leaves = member.user_id == request.user.pk
    if not leaves:
        require_role(study.reader_role, Act.TEAM)
    if request.method != "POST":
        back = reverse("surveys:team", kwargs={"slug": study.slug})
        return ask(request, _dropping(member, leaves=leaves), study=study, back=back)
    try:
        remove_member(member=member, by=page_actor(request.user))
    except StudyError as error:
        messages.error(request, error.said(_))
        return _back_to(study)
    if leaves:
        messages.success(request, _("You have left %(study)s.") % {"study": study.title()})
        return redirect("surveys:study_list")
    messages.success(request, _("%(user)s is no member any more.") % {"user": member.user})
    return _back_to(study)


def _dropping(member: Membership, *, leaves: bool) -> Question:
    stays = [_("Everything that was made, and who made it, in the log")]
    if leaves:
        return Question(
            heading=_("Leave this study?"),
            text=_("You will not find it any more, unless an owner invites you again."),
            stays=stays,
            action=_("Leave"),
        )
    return Question(
        heading=_("Remove %(user)s?") % {"user": member.user},
        text=_(
            "This person and programs with their tokens do not find the study any more, from now "
            "on. Files that were taken out stay where they are."
        ),
        stays=stays,
        action=_("Remove"),
    )


@form_methods
@page_for(Act.TRANSFER)
def transfer(request: HttpRequest, study: Study, member_id: int) -> HttpResponse:
    """Hand the study over to another member, after asking."""
    member = get_object_or_404(study.memberships.select_related("user"), pk=member_id)
    if request.method != "POST":
        question = Question(
            heading=_("Hand this study over to %(user)s?") % {"user": member.user},
            text=_(
                "%(user)s then owns it. You stay as an editor, and cannot take it back yourself."
            )
            % {"user": member.user},
            stays=[_("All other members, with their roles")],
            action=_("Hand over"),
        )
        back = reverse("surveys:team", kwargs={"slug": study.slug})
        return ask(request, question, study=study, back=back)
    try:
        transfer_study(study=study, user=member.user, by=page_actor(request.user))
    except StudyError as error:
        messages.error(request, error.said(_))
    else:
        messages.success(request, _("%(user)s owns the study now.") % {"user": member.user})
    return _back_to(study)


@require_POST
@page_for(Act.TEAM)
@never_cache
def new_invitation(request: HttpRequest, study: Study) -> HttpResponse:
    """Make an invitation; the page that answers shows its address, this once."""
    form, by = InvitationForm(request.POST), page_actor(request.user)
    if not form.is_valid():
        return _page(request, study, form)
    try:
        invitation, told = invite(study=study, by=by, **form.cleaned_data)
    except CounterpartError as error:
        form.add_error(None, error.said(_))
        return _page(request, study, form)
    address = invitation_address(told)
    sent = send_invitation(invitation=invitation, address=address, by=by)
    return _page(request, study, InvitationForm(), told=address, sent=sent, invitation=invitation)


def invitation_address(told: str) -> str:
    """The address that somebody who is invited opens."""
    return settings.SITE_URL + reverse("surveys:invitation", kwargs={"token": told})


@require_POST
@page_for(Act.TEAM)
def take_invitation_back(request: HttpRequest, study: Study, invitation_id: int) -> HttpResponse:
    """Let an invitation let nobody in any more."""
    invitation = get_object_or_404(study.invitations, pk=invitation_id)
    if revoke_invitation(invitation=invitation, by=page_actor(request.user)):
        messages.success(request, _("The invitation is taken back."))
    return _back_to(study)


def _back_to(study: Study) -> HttpResponseRedirect:
    return redirect("surveys:team", slug=study.slug)
