"""Links for people one by one: made in one go, written as a list, printed as a sheet of codes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TextIO

from django.db import transaction

from surveys.exports.cells import CsvWriter
from surveys.models import Action, Administration, Contact, LinkList, RecruitingLink, Study
from surveys.recruiters import RecruitingRefused
from surveys.recruiters.link_lists import ListDraft, list_problems
from surveys.services.audit import Actor, record
from surveys.services.people.refusing import ArrangementRefused
from surveys.services.recording.anonymity import require_nameless
from surveys.services.studies import require_for_people

# What a link of a list takes over from another link: how people leave it, and its bounds.
_TAKEN_OVER = (
    *("exits", "secret_name", "returns_at_once", "checks_to_fail", "minutes_allowed"),
    *("opens_at", "closes_at"),
)


@dataclass(frozen=True, slots=True)
class PersonLink:
    """One line of a list: the link, and what became of it ("" while nobody has begun)."""

    link: RecruitingLink
    status: str
    # Where its person can be reached, if that is known; the address itself is on no page.
    contact: Contact | None = None


@transaction.atomic
def make_link_list(
    *,
    study: Study,
    draft: ListDraft,
    by: Actor,
    simulated: bool = False,
    as_link: RecruitingLink | None = None,
) -> LinkList:
    """Make a link for each person of a list; `as_link` is one whose terms they take over.

    Raises `ArrangementRefused` (`list_invalid`), and `StudyNotReady` (`placeholder_left`) as
    `create_link` does, and `StudyError` (`names_people`) in an anonymous study.
    """
    if not simulated:
        require_for_people(study)
        require_nameless(study=study, kind=draft.kind, recruiter="")
    known = list(study.link_lists.values_list("name", flat=True))
    if problems := list_problems(draft, known):
        raise ArrangementRefused(RecruitingRefused.LIST_INVALID, problems, name=draft.name)
    made = LinkList.objects.create(study=study, name=draft.name)
    terms = {name: getattr(as_link, name) for name in _TAKEN_OVER} if as_link else {}
    RecruitingLink.objects.bulk_create(
        [
            RecruitingLink(
                study=study,
                link_list=made,
                label=line.label or f"{draft.name} · {line.pseudonym}"[:120],
                kind=draft.kind,
                pseudonym=line.pseudonym,
                simulated=simulated,
                **terms,
            )
            for line in draft.lines
        ],
        batch_size=200,
    )
    after = {"kind": draft.kind, "links": len(draft.lines), "simulated": simulated}
    record(by=by, action=Action.LINK_LIST_MADE, study=study, subject=made, after=after)
    return made


def links_of(*, link_list: LinkList) -> list[PersonLink]:
    """The links of a list in the order of its lines, with what became of each."""
    rows = Administration.objects.filter(
        respondent__link__link_list=link_list, respondent__test=False
    ).exclude(status=Administration.Status.DECLINED)
    became = dict(rows.values_list("respondent__link", "status"))
    links = link_list.links.select_related("contact").order_by("pk")
    return [PersonLink(one, became.get(one.pk, ""), getattr(one, "contact", None)) for one in links]


def write_link_list(
    *, link_list: LinkList, file: TextIO, address: Callable[[RecruitingLink], str]
) -> int:
    """Write the list as CSV: a line for each person with the address that is theirs; how many."""
    writer = CsvWriter(file)
    writer.write(("pseudonym", "label", "address", "state"))
    lines = list(_rows(link_list, address))
    writer.write_all(lines)
    return len(lines)


def _rows(
    link_list: LinkList, address: Callable[[RecruitingLink], str]
) -> Iterator[tuple[str, ...]]:
    for one in links_of(link_list=link_list):
        state = one.status or ("unused" if one.link.active else "off")
        yield (one.link.pseudonym, one.link.label, address(one.link), state)
