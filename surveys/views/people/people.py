"""Who took part: outcome, code, duration and checks, to look up and to pay by."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Page
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from surveys.errors import EnrolmentError
from surveys.instrument_files.settings import MOST_DAYS_KEPT
from surveys.jobs.reading import study_jobs
from surveys.models import Kind, Respondent, Study
from surveys.paradata.flags import CALLED as FLAGS_CALLED
from surveys.paradata.flags import FlagCode
from surveys.roles import Act, may
from surveys.services.audit import page_actor
from surveys.services.flagging.looking import LONGEST_NOTE, look_at_flag
from surveys.services.flagging.looks import LOOK, start_look_at_people, too_many_to_wait_for
from surveys.services.flagging.signals import raise_flags
from surveys.services.people.erasure import erase_person, set_retention
from surveys.services.people.listing import (
    Person,
    Wanted,
    as_people,
    people_of,
    sessions_of_people,
    write_payment_list,
)
from surveys.views.membership import member_page, page_for
from surveys.views.people.outcomes import CALLED
from surveys.workspace.lists.paging import KeyedPaginator
from surveys.workspace.lists.tables import Column, Heading, Table, headings, ordered, read_asked

PEOPLE_PER_PAGE = 50
# Sessions know in which order their people stand.
TABLE = Table(
    columns=(
        Column("person", gettext_lazy("Person")),
        Column("outcome", gettext_lazy("Outcome"), order=("outcome",)),
        Column("code", gettext_lazy("Code")),
        Column("link", gettext_lazy("Link"), order=("respondent__link__label",)),
        Column("began", gettext_lazy("Began"), order=("started_at",)),
        Column("took", gettext_lazy("Took"), order=("took",), number=True),
        Column("checks", gettext_lazy("Failed checks"), number=True),
        Column("flags", gettext_lazy("Flags")),
    ),
    first="-began",
)
# One more than a page holds says that there is another page.
_LOOKED_AT = PEOPLE_PER_PAGE + 1


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person in the list, with what a member reads of them."""

    person: Person
    outcome: str

    @property
    def flags(self) -> list[tuple[str, bool]]:
        """What each flag is called, and whether a member has looked at it."""
        return [
            (_(FLAGS_CALLED[one.raised.code]), one.looked_at is not None)
            for one in self.person.flags
        ]


@require_safe
@member_page
def people(request: HttpRequest, study: Study) -> HttpResponse:
    """The study's people, latest first, a page at a time; ids only where they are asked for."""
    wanted = read_wanted(request)
    knows = may(study.reader_role, Act.IDENTITIES)
    if not knows:
        # Whoever may not know who people are does not find out by looking an id up either.
        wanted = replace(wanted, search="")
    unlooked = raise_flags(study=study)
    looks = study_jobs(study, LOOK) if unlooked else []
    page = _page_of(request, study, wanted, knows=knows)
    shown = as_people(page.rows)
    context = {
        "study": study,
        "rows": [PersonRow(one, str(CALLED[one.outcome])) for one in shown],
        "wanted": wanted,
        "flags": [(code.value, _(called)) for code, called in FLAGS_CALLED.items()],
        "unlooked": unlooked,
        "looks": looks,
        "looking": any(not one.job.is_over for one in looks),
        "back": request.get_full_path(),
        "nobody": not shown and page.first and wanted == Wanted(),
        "outcomes": [(key or "open", called) for key, called in CALLED.items()],
        "links": study.links.filter(link_list=None).order_by("pk"),
        "knows": knows,
        "shows_ids": knows and request.GET.get("ids") == "1",
        "filters": urlencode(
            {k: v for k, v in request.GET.items() if k not in {"before", "ids", "page"}}
        ),
        "table": page,
        "first": page.first,
        "following": page.following,
    }
    return render(request, "surveys/people.html", context)


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """Some people in the order that was asked for, and where those before and after them are.

    The latest first, they go on from a person; in any other order by the number of the page.
    """

    rows: list[Respondent]
    headings: list[Heading]
    first: bool
    following: int | None
    page: Page[Respondent] | None = None


def _page_of(request: HttpRequest, study: Study, wanted: Wanted, *, knows: bool) -> PeoplePage:
    rows = people_of(study=study, wanted=wanted)
    columns = [one for one in TABLE.columns if knows or one.key != "code"]
    table = replace(TABLE, columns=columns)
    asked = read_asked(request, table)
    heads = headings(request, table, asked, of_query=True)
    if (asked.sort, asked.turned) == ("began", True):
        before = _number(request.GET.get("before"))
        found = list((rows.filter(pk__lt=before) if before else rows)[:_LOOKED_AT])
        following = found[PEOPLE_PER_PAGE - 1].pk if len(found) > PEOPLE_PER_PAGE else None
        return PeoplePage(found[:PEOPLE_PER_PAGE], heads, before is None, following)
    sessions = sessions_of_people(study=study, wanted=wanted)
    timed = sessions.annotate(took=F("ended_at") - F("started_at"))
    keys = ordered(timed, table, asked).values_list("respondent", flat=True)
    page = KeyedPaginator(rows, PEOPLE_PER_PAGE, keys).get_page(request.GET.get("page"))
    return PeoplePage(list(page), heads, first=True, following=None, page=page)


@require_safe
@page_for(Act.IDENTITIES)
def payment_list(request: HttpRequest, study: Study) -> HttpResponse:
    """The same people as a file, for approving and rejecting at the recruiter.

    Where many have to be looked at before, the page of people says so and lets a worker do it.
    """
    if too_many_to_wait_for(study):
        messages.error(request, _("Let a worker look at these people first; then take the list."))
        return redirect(f"{_page_of_people(study)}?{request.GET.urlencode()}")
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{study.slug}-people.csv"'
    # With a byte order mark a spreadsheet reads the names of people's links as they are.
    response.write("\ufeff")
    write_payment_list(study=study, file=response, wanted=read_wanted(request))  # type: ignore[arg-type]
    return response


@require_POST
@page_for(Act.IDENTITIES)
def look(request: HttpRequest, study: Study) -> HttpResponse:
    """Let a worker look at everybody who was not looked at yet."""
    start_look_at_people(study=study, by=page_actor(request.user))
    messages.success(request, _("A worker looks at them; see below how far."))
    return redirect("surveys:people", slug=study.slug)


def _page_of_people(study: Study) -> str:
    return reverse("surveys:people", kwargs={"slug": study.slug})


@require_http_methods(["GET", "HEAD", "POST"])
@page_for(Act.ERASE)
def erase(request: HttpRequest, study: Study, person_id: int) -> HttpResponse:
    """Erase one person for good, after asking."""
    respondent = get_object_or_404(study.respondents.filter(kind=Kind.HUMAN), pk=person_id)
    if request.method == "POST":
        erase_person(respondent=respondent, by=page_actor(request.user))
        messages.success(request, _("The person is erased. Backups are yours to keep as promised."))
        return redirect("surveys:people", slug=study.slug)
    (person,) = as_people(people_of(study=study).filter(pk=respondent.pk))
    context = {"study": study, "person": person}
    return render(request, "surveys/erase_person.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page_for(Act.IDENTITIES)
def flags(request: HttpRequest, study: Study, person_id: int) -> HttpResponse:
    """The flags of one person, each with its reason; a member says what they found."""
    people = people_of(study=study)
    respondent = get_object_or_404(people, pk=person_id)
    if request.method == "POST":
        code, note = request.POST.get("flag", ""), request.POST.get("note", "")
        try:
            look_at_flag(respondent=respondent, code=code, note=note, by=page_actor(request.user))
        except EnrolmentError as error:
            messages.error(request, error.said(_))
        else:
            messages.success(request, _("Noted. The flag stays, and is open no longer."))
        return redirect("surveys:person_flags", slug=study.slug, person_id=person_id)
    (person,) = as_people([respondent])
    context = {
        "study": study,
        "person": person,
        "outcome": CALLED[person.outcome],
        "flags": [(one, one.said(_), _(FLAGS_CALLED[one.raised.code])) for one in person.flags],
        "longest": LONGEST_NOTE,
    }
    return render(request, "surveys/person_flags.html", context)


@require_POST
@page_for(Act.ERASE)
def retention(request: HttpRequest, study: Study) -> HttpResponse:
    """Say after how many days recruiters' ids are deleted, and whether answers are."""
    days = request.POST.get("days", "").strip()
    if days and not (_number(days) and int(days) <= MOST_DAYS_KEPT):
        messages.error(request, _("Give a number of days from 1 to 36500, or nothing."))
    else:
        hashes = "hashes_kept" in request.POST
        days_kept, by = _number(days), page_actor(request.user)
        set_retention(
            study=study,
            days=days_kept,
            answers_deleted=request.POST.get("delete") == "answers",
            hashes_kept=hashes,
            by=by,
        )
        messages.success(request, _("The retention is set."))
    return redirect("surveys:people", slug=study.slug)


def read_wanted(request: HttpRequest) -> Wanted:
    """Which people an address asks for; what it cannot mean is left out."""
    outcome, flag = request.GET.get("outcome", ""), request.GET.get("flag", "")
    return Wanted(
        outcome=outcome if outcome == "open" or (outcome and outcome in CALLED) else "",
        link=_number(request.GET.get("link")),
        search=request.GET.get("q", "").strip()[:120],
        flag=flag if flag in {"any", "open", *FlagCode} else "",
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None
