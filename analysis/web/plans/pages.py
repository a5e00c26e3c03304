"""Pages of plans: begin one, write it, as a file too, plan for power, freeze, delete."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from analysis.compare.errors import PlanError
from analysis.errors import AnalysisError, DraftError
from analysis.models import AnalysisPlan, PlanDraft
from analysis.plans.drafting.asked import groups_of
from analysis.plans.drafting.checking import check
from analysis.plans.drafting.services import (
    check_draft,
    delete_draft,
    freeze_draft,
    plan_draft_power,
    save_draft,
)
from analysis.web.plans.beginning import NewPlanForm, TextForm
from analysis.web.plans.confirming import before_deleting, before_freezing
from analysis.web.plans.draft import DraftPage, drawn_plan
from analysis.web.plans.typed import values_of, without_row
from analysis.web.power import STUDIES, PowerForm
from surveys.instrument_files import InstrumentFileError, to_toml
from surveys.jobs.queue import look_after_jobs
from surveys.models import Study
from surveys.roles import Act
from surveys.services.audit import page_actor
from surveys.views.membership import form_methods, member_page, page_for, row_or_404
from surveys.views.workspace.confirmation import ask


@form_methods
@page_for(Act.ANALYSE)
def new_draft(request: HttpRequest, study: Study) -> HttpResponse:
    """Begin a plan: with the questionnaires of the study, another plan, or a file."""
    form = NewPlanForm(study, request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            draft = save_draft(study=study, values=form.values, by=page_actor(request.user))
        except (InstrumentFileError, AnalysisError) as error:
            form.refuse(error)
        else:
            return redirect("analysis:plan_draft", slug=study.slug, draft_id=draft.pk)
    context = {"study": study, "form": form}
    status = 422 if form.errors else 200
    return render(request, "analysis/plans/new.html", context, status=status)


@form_methods
@login_required
def edit_draft(request: HttpRequest, slug: str, draft_id: int) -> HttpResponse:
    """Write a plan. For htmx what stands beside the form comes alone."""
    draft = _draft(request, slug, draft_id, Act.ANALYSE)
    groups = groups_of(draft.study)
    page = DraftPage(draft, groups)
    if request.method == "POST":
        return _save(request, draft, page)
    if request.headers.get("HX-Request"):
        look_after_jobs()
        return render(request, "analysis/plans/_power.html", page.power_context(check_draft(draft)))
    added = request.GET.get("add", "")
    checked = check_draft(draft, page.asked, may_be_frozen=draft.may_be_frozen)
    context = page.context(checked, draft.content, added=added)
    return render(request, "analysis/plans/draft.html", context)


def _save(request: HttpRequest, draft: PlanDraft, page: DraftPage) -> HttpResponse:
    values = values_of(request.POST)
    act, key, row = (*request.POST.get("act", "").split(":"), "", "", "")[:3]
    if act == "remove" and row.isdecimal():
        values = without_row(values, key, int(row))
    try:
        saved = save_draft(
            study=draft.study,
            values=values,
            draft=draft,
            revision=_revision(request, "revision"),
            by=page_actor(request.user),
            asked=page.asked,
        )
    except (InstrumentFileError, DraftError) as error:
        return _refused(request, page, values, error)
    if request.headers.get("HX-Request"):
        beside = DraftPage(saved, page.groups)
        context = beside.context(check_draft(saved, page.asked), saved.content)
        return render(request, "analysis/plans/_saved.html", {**context, "part": True})
    if act == "add":
        return redirect(f"{request.path}?add={key}#{key}")
    if not act:
        messages.success(request, _("The draft is saved."))
    return redirect(f"{request.path}#{key}" if key else request.path)


def _refused(
    request: HttpRequest,
    page: DraftPage,
    values: dict[str, Any],
    error: InstrumentFileError | DraftError,
) -> HttpResponse:
    """What was typed again, with everything that is wrong with it. Nothing is stored."""
    checked = check(values, page.asked)
    said = error.said(_) if isinstance(error, DraftError) else ""
    context = page.context(checked, values) | {"refused": True, "because": said}
    # Whoever has not read what somebody else saved must not write over it with a second try.
    context["revision"] = request.POST.get("revision", "")
    if request.headers.get("HX-Request"):
        return render(request, "analysis/plans/_saved.html", {**context, "part": True})
    status = 409 if said else 422
    return render(request, "analysis/plans/draft.html", context, status=status)


@require_safe
@login_required
def draft_file(request: HttpRequest, slug: str, draft_id: int) -> HttpResponse:
    """The draft as a plan file, which reads back to the same draft."""
    draft = _draft(request, slug, draft_id)
    return _toml(to_toml(draft.content), f"{slug}-{draft.name}")


@form_methods
@login_required
def draft_text(request: HttpRequest, slug: str, draft_id: int) -> HttpResponse:
    """Let the draft hold what a plan file says."""
    draft = _draft(request, slug, draft_id, Act.ANALYSE)
    form = TextForm(request.POST or None, request.FILES or None)
    if not form.is_bound:
        form.initial = {"text": to_toml(draft.content)}
    elif form.is_valid():
        by = page_actor(request.user)
        try:
            save_draft(study=draft.study, values=form.tables, draft=draft, by=by)
        except (InstrumentFileError, AnalysisError) as error:
            form.refuse(error)
        else:
            messages.success(request, _("The draft is saved."))
            return redirect("analysis:plan_draft", slug=slug, draft_id=draft.pk)
    context = {"study": draft.study, "draft": draft, "form": form}
    status = 422 if form.errors else 200
    return render(request, "analysis/plans/text.html", context, status=status)


@form_methods
@login_required
def draft_power(request: HttpRequest, slug: str, draft_id: int) -> HttpResponse:
    """Say what is expected, and let a worker simulate studies of the draft."""
    draft = _draft(request, slug, draft_id, Act.ANALYSE)
    page = DraftPage(draft, groups_of(draft.study))
    checked = check_draft(draft, page.asked)
    if checked.carried_out is None:
        messages.error(request, _("Power is planned for a plan without mistakes."))
        return redirect("analysis:plan_draft", slug=slug, draft_id=draft.pk)
    form = PowerForm(checked.carried_out, request.POST or None, initial=page.expected(checked))
    if form.is_valid():
        try:
            plan_draft_power(
                draft=draft,
                assumed=form.assumptions(),
                studies=STUDIES,
                by=page_actor(request.user),
            )
        except (PlanError, DraftError) as error:
            form.add_error(None, str(error))
        else:
            return redirect(reverse("analysis:plan_draft", args=[slug, draft_id]) + "#power")
    context = {"study": draft.study, "draft": draft, "form": form, "studies": STUDIES}
    status = 422 if form.errors else 200
    return render(request, "analysis/plans/power.html", context, status=status)


@form_methods
@login_required
def freeze(request: HttpRequest, slug: str, draft_id: int) -> HttpResponse:
    """Ask before freezing, with everything that locks; then freeze."""
    draft = _draft(request, slug, draft_id, Act.ANALYSE)
    page = DraftPage(draft, groups_of(draft.study))
    address = reverse("analysis:plan_draft", args=[slug, draft_id])
    checked = check_draft(draft, page.asked)
    if checked.plan is None:
        said = _("The plan cannot be frozen yet; what is missing is listed.")
        messages.error(request, said)
        return redirect(address)
    if request.method != "POST":
        question = before_freezing(draft, checked, page.left_out(checked))
        return ask(request, question, study=draft.study, back=address)
    try:
        frozen = freeze_draft(
            draft=draft, revision=_revision(request, "act"), by=page_actor(request.user)
        )
    except AnalysisError as error:
        messages.error(request, error.said(_))
        return redirect(address)
    said = _("Plan %(plan)s is frozen. Nobody can change it any more.")
    messages.success(request, said % {"plan": frozen.name})
    return redirect("analysis:frozen_plan", slug=slug, name=frozen.name)


@form_methods
@login_required
def delete(request: HttpRequest, slug: str, draft_id: int) -> HttpResponse:
    """Ask before a draft is deleted; then delete it."""
    draft = _draft(request, slug, draft_id, Act.ANALYSE)
    if request.method == "POST":
        delete_draft(draft=draft, by=page_actor(request.user))
        messages.success(request, _("The draft is deleted."))
        return redirect("analysis:plan", slug=slug)
    address = reverse("analysis:plan_draft", args=[slug, draft_id])
    return ask(request, before_deleting(draft), study=draft.study, back=address)


@require_safe
@member_page
def frozen_plan(request: HttpRequest, study: Study, name: str) -> HttpResponse:
    """A frozen plan: what it says, when it was frozen, and its fingerprint."""
    plan = get_object_or_404(AnalysisPlan, study=study, name=name)
    context = {"study": study, "plan": plan, **drawn_plan(plan)}
    return render(request, "analysis/plans/frozen.html", context)


@require_safe
@member_page
def frozen_file(_request: HttpRequest, study: Study, name: str) -> HttpResponse:
    """The frozen plan as its author wrote it."""
    plan = get_object_or_404(AnalysisPlan.objects.exclude(source=""), study=study, name=name)
    return _toml(plan.source, f"{study.slug}-{name}")


def _draft(request: HttpRequest, slug: str, draft_id: int, act: Act = Act.SEE) -> Any:
    """The draft, which also knows whether a plan of its name is frozen (`may_be_frozen`)."""
    frozen = AnalysisPlan.objects.filter(study=OuterRef("study"), name=OuterRef("name"))
    drafts = PlanDraft.objects.filter(study__slug=slug).annotate(may_be_frozen=Exists(frozen))
    drafts = drafts.select_related("study", "power", "saved_by")
    return row_or_404(request, drafts, draft_id, "study", act=act)


def _revision(request: HttpRequest, name: str) -> int | None:
    """The revision that was read by whoever sends this; None where it is not said."""
    sent = request.POST.get(name, "")
    return int(sent) if sent.isdecimal() else None


def _toml(text: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type="application/toml; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.toml"'
    return response
