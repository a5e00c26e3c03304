"""The tab on how people come in: a card for each link, with what each outcome leads to."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_POST, require_safe

from surveys.jobs.reading import job_state
from surveys.models import Credit, Job, RecruitingLink, Study
from surveys.recruiters import Recruiter
from surveys.roles import Act
from surveys.selectors import link_credits, link_outcomes, studies_for, with_counts, with_progress
from surveys.selectors.hidden import tests_of
from surveys.services import erase_tests
from surveys.services.audit import page_actor
from surveys.services.people.leaving import recruiter_secret
from surveys.services.people.quotas import quota_states
from surveys.services.people.refusing import ArrangementRefused
from surveys.services.people.terms import set_terms, terms_of
from surveys.services.rehearsal import REHEARSAL
from surveys.views.membership import form_methods, member_page, page_for
from surveys.views.participants.page_clock import is_asked_for
from surveys.views.participants.trying import address_to_try
from surveys.views.people.quotas import mark_of_quotas
from surveys.views.people.rehearsal import RehearsalForm
from surveys.views.people.terms_form import OutcomeRow, TermsForm
from surveys.views.workspace.confirmation import Question, ask
from surveys.views.workspace.recruiting import link_address
from surveys.workspace.lists.tables import Column, Filter, Table, show

REHEARSALS_SHOWN = 3


KINDS = {"open": "open", "single_use": "single use", "personal": "personal"}
LINKS = Table(
    columns=(
        Column("name", _lazy("Link"), lambda card: card.link.label),
        Column("recruiter", _lazy("Recruiter"), lambda card: card.recruiter.name),
        Column("kind", _lazy("Kind"), lambda card: _(KINDS[card.link.kind])),
        Column("state", _lazy("State"), lambda card: _("on") if card.link.active else _("off")),
        Column("loads", _lazy("Page loads"), lambda card: card.link.loads, number=True),
        Column("began", _lazy("Began"), lambda card: card.link.began, number=True),
        Column("completed", _lazy("Completed"), lambda card: card.link.completed, number=True),
    ),
    filters=(
        Filter(
            "state",
            _lazy("State"),
            [("on", _lazy("on")), ("off", _lazy("off"))],
            _lazy("any"),
            value=lambda card: "on" if card.link.active else "off",
        ),
    ),
    searches=True,
)


@dataclass(frozen=True, slots=True)
class LinkCard:
    """One link as the page shows it."""

    link: RecruitingLink
    recruiter: Recruiter
    address: str
    form: TermsForm
    rows: tuple[OutcomeRow, ...]
    # Whether a secret is named that the operator's environment does not have.
    secret_missing: bool
    # What became of credit that the server asked for: state and how many.
    credited: tuple[tuple[str, int], ...]

    @property
    def asks_for_work(self) -> bool:
        """Whether browsers are asked for a proof of work before somebody begins here."""
        return is_asked_for(self.link)

    @property
    def unheard(self) -> list[OutcomeRow]:
        """Outcomes that people had already, of which the recruiter was told nothing."""
        return [row for row in self.rows if row.missing and row.so_far]

    @property
    def lacking(self) -> list[OutcomeRow]:
        """Outcomes that the recruiter expects to hear of, and will not."""
        return [row for row in self.rows if row.missing and not row.so_far]


@require_safe
@member_page
def recruit(request: HttpRequest, study: Study) -> HttpResponseBase:
    """The study's links, each with its address, its outcomes and what is missing."""
    return _page(request, study)


@require_POST
@page_for(Act.RECRUIT)
def terms(request: HttpRequest, study: Study, link_id: int) -> HttpResponseBase:
    """Store what was agreed with the recruiter of one link."""
    link = get_object_or_404(study.links, pk=link_id)
    form = TermsForm(link, terms_of(link=link), _others(request, study), request.POST)
    if form.is_valid():
        try:
            set_terms(link=link, terms=form.terms, by=page_actor(request.user))
        except ArrangementRefused as error:
            form.refuse(list(error.problems))
        else:
            messages.success(request, _("Saved for %(link)s.") % {"link": link.label})
            address = reverse("surveys:recruit", kwargs={"slug": study.slug})
            return redirect(f"{address}#link-{link.pk}")
    return _page(request, study, {link.pk: form})


def _others(request: HttpRequest, study: Study) -> list[tuple[str, str]]:
    """The member's studies whose people a link may not ask again; this one never asks twice."""
    studies = studies_for(request.user).exclude(pk=study.pk).order_by("slug")
    return [(one.slug, f"{one.title()} ({one.slug})") for one in studies]


def _page(
    request: HttpRequest, study: Study, sent: Mapping[int, TermsForm] | None = None
) -> HttpResponseBase:
    counts = link_outcomes(study)
    quotas = quota_states(study=study) if study.has_quotas else []
    numbers = [one.quota for one in quotas]
    alone = with_counts(study.links.filter(link_list=None).order_by("pk"))
    links = alone.prefetch_related("alerts")
    credited = link_credits(study)
    others = _others(request, study)
    cards = [
        _card(
            link,
            counts.get(link.pk, {}),
            credited.get(link.pk, {}),
            (sent or {}).get(link.pk)
            or TermsForm(link, terms_of(link=link, among=numbers), others),
        )
        for link in links
    ]
    table = show(request, LINKS, cards)
    if table.is_file:
        return table.file(f"{study.slug}-links")
    rehearsed = Job.objects.filter(study=study, kind=REHEARSAL).order_by("-pk")
    context = {
        "study": study,
        "cards": cards,
        "table": table,
        "wrong": bool(sent),
        "lists": with_progress(study.link_lists.order_by("pk")),
        "quotas": quotas,
        "quotas_seen": mark_of_quotas(study, quotas),
        "rehearsal": RehearsalForm(),
        "rehearsals": [job_state(job) for job in rehearsed[:REHEARSALS_SHOWN]],
        "back": reverse("surveys:recruit", kwargs={"slug": study.slug}),
        "tests": tests_of(study).count(),
    }
    return render(request, "surveys/recruit.html", context, status=422 if sent else 200)


def _card(
    link: RecruitingLink,
    counts: Mapping[str, int],
    credited: Mapping[str, int],
    form: TermsForm,
) -> LinkCard:
    named = bool(link.secret_name)
    return LinkCard(
        link,
        link.sender,
        link_address(link),
        form,
        tuple(form.rows(counts)),
        secret_missing=named and not recruiter_secret(link),
        credited=tuple((str(Credit.State(state).label), n) for state, n in credited.items()),
    )


@require_POST
@page_for(Act.RECRUIT)
def try_out(request: HttpRequest, study: Study, link_id: int) -> HttpResponse:
    """Walk through a link as one of its people would."""
    link = get_object_or_404(study.links, pk=link_id)
    if study.status != Study.Status.OPEN:
        messages.error(request, _("Open the study first; a draft is shown by its preview."))
        return redirect("surveys:recruit", slug=study.slug)
    return redirect(address_to_try(link))


@form_methods
@page_for(Act.RECRUIT)
def erase_all_tests(request: HttpRequest, study: Study) -> HttpResponse:
    """Erase everybody who only tried the pages, after asking."""
    if request.method != "POST":
        tests = tests_of(study).count()
        question = Question(
            heading=_("Erase the tests?"),
            deleted=[
                _("People who only tried the pages, with all they entered: %(n)s") % {"n": tests}
            ],
            stays=[_("Everybody else")],
            action=_("Erase for good"),
        )
        back = reverse("surveys:recruit", kwargs={"slug": study.slug})
        return ask(request, question, study=study, back=back)
    erase_tests(study=study, by=page_actor(request.user))
    messages.success(request, _("The tests are erased."))
    return redirect("surveys:recruit", slug=study.slug)
