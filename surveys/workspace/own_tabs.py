"""The tabs of a study that this app serves itself."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from surveys.models import Kind, LinkAlert, LinkList, RecruitingLink, Study
from surveys.selectors.counting import completed_by, completed_people, number_of
from surveys.services.definitions import readiness
from surveys.workspace.tabs import Count as TabCount
from surveys.workspace.tabs import Need, Progress, Tab


def _links(facts: Mapping[str, Any]) -> TabCount | None:
    """How many links and lists of them there are; where somebody could not begin, one must look."""
    number = facts["links_alone"] + facts["link_lists"]
    return TabCount(number, attention=facts["link_alerts"]) if number else None


def _completed(facts: Mapping[str, Any]) -> TabCount | None:
    """How many people completed; rehearsals are not people."""
    completed = facts["people_completed"]
    return TabCount(completed) if completed else None


def _design(study: Study) -> Progress:
    """Done once the study is frozen."""
    if study.status == Study.Status.DRAFT:
        missing = readiness(study)
        number = len(missing.lacking) + len(missing.people)
        if number:
            said = ngettext("one thing is missing", "%(n)s things are missing", number)
            act = _("Fill in what is missing; then the study can be opened.")
            return Progress("now", said % {"n": number}, act)
        return Progress("now", _("can be opened"), _("Look at the preview; then open the study."))
    blocks = study.blocks.count()
    said = ngettext("one block", "%(n)s blocks", blocks) % {"n": blocks}
    return Progress("done", f"{said}, {' + '.join(study.languages)}")


def _people(study: Study) -> Progress:
    """How many people completed; rehearsals are told apart."""
    people, rehearsals = completed_people(study)
    said = _("%(n)s completed") % {"n": people}
    if rehearsals:
        said += "; " + _("simulated: %(n)s") % {"n": rehearsals}
    if study.status == Study.Status.CLOSED:
        return Progress("done" if people or rehearsals else "open", said)
    if study.status == Study.Status.DRAFT:
        return Progress("open", _("once it is open"))
    if study.links.filter(active=True).exists():
        return Progress("now", said)
    return Progress("now", said, _("Make a link and give it out: people begin through it."))


def _closed_doors(studies: Sequence[Study]) -> Iterator[Need]:
    """Links with an address at which nobody could begin."""
    by_key = {study.pk: study for study in studies}
    alerts = LinkAlert.objects.filter(link__study__in=by_key, link__active=True)
    for alert in alerts.select_related("link").order_by("last_at"):
        study = by_key[alert.link.study_id]
        said = _("Nobody could begin with the address of “%(link)s”: %(parameter)s %(fault)s.") % {
            "link": alert.link.label,
            "parameter": alert.parameter,
            "fault": alert.get_fault_display(),
        }
        address = reverse("surveys:recruit", kwargs={"slug": study.slug})
        yield Need(study, said, _("See the link"), address, blocks=True)


_LINKS = RecruitingLink.objects.filter(study=OuterRef("pk"))
TABS = (
    Tab("data", gettext_lazy("Reports & data"), "surveys:data"),
    Tab("overview", gettext_lazy("Overview"), "surveys:study"),
    Tab(
        "design",
        gettext_lazy("Design"),
        "surveys:design",
        pages=(
            "surveys:edit_study",
            "surveys:study_settings",
            "surveys:preview",
            "surveys:state_facts",
            "surveys:copy_study",
            "surveys:new_version",
            "surveys:delete_study",
        ),
        step=_design,
    ),
    Tab(
        "recruit",
        pgettext_lazy("tab", "Recruit"),
        "surveys:recruit",
        _links,
        pages=(
            "surveys:new_link",
            "surveys:terms",
            "surveys:quotas",
            "surveys:waves",
            "surveys:new_link_list",
            "surveys:link_list",
            "surveys:mailing",
            "surveys:new_mail",
            "surveys:addresses",
            "surveys:bounced",
        ),
        step=_people,
        needs=_closed_doors,
        facts={
            "links_alone": number_of(_LINKS.filter(link_list=None)),
            "link_lists": number_of(LinkList.objects.filter(study=OuterRef("pk"))),
            "link_alerts": Exists(LinkAlert.objects.filter(link__study=OuterRef("pk"))),
        },
    ),
    Tab(
        "people",
        gettext_lazy("People"),
        "surveys:people",
        _completed,
        facts={"people_completed": number_of(completed_by(Kind.HUMAN, simulated=False))},
    ),
    Tab(
        "team",
        gettext_lazy("Team"),
        "surveys:team",
        pages=(
            "surveys:new_member",
            "surveys:drop_member",
            "surveys:transfer",
            "surveys:new_invitation",
            "surveys:log",
        ),
    ),
)
