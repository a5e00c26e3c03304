"""Agreeing with a recruiter what a link's people bring, and how they leave."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db import transaction

from surveys.codes import Problem
from surveys.models import Action, Quota, RecruitingLink, Study
from surveys.paradata.collected import PROOF_OF_WORK
from surveys.recruiters import (
    LinkTerms,
    RecruitingRefused,
    recruiter_named,
    terms_problems,
    written_exits,
)
from surveys.recruiters.terms import TermMistake
from surveys.selectors import languages_untold, studies_for
from surveys.services.audit import Actor, record
from surveys.services.people.quotas import most_of_link, set_most_of_link
from surveys.services.people.refusing import ArrangementRefused

_PLAIN = (
    *("secret_name", "returns_at_once", "checks_to_fail", "minutes_allowed", "id_parameter"),
    *("opens_at", "closes_at", "shared_computer", "proof_of_work"),
    "signed_only",
)


def terms_of(*, link: RecruitingLink, among: Iterable[Quota] | None = None) -> LinkTerms:
    """What is agreed of a link now."""
    return LinkTerms(
        exits=link.ways_out,
        other_parameters=tuple(link.other_parameters),
        most_people=most_of_link(link=link, among=among),
        not_again=tuple(link.not_again),
        **{name: getattr(link, name) for name in _PLAIN},
    )


@transaction.atomic
def set_terms(*, link: RecruitingLink, terms: LinkTerms, by: Actor) -> RecruitingLink:
    """Agree the terms of a link; they hold for everybody who ends from now on.

    The same again changes nothing. The log names which outcomes have a way out, and no code.
    Raises `ArrangementRefused` (`terms_invalid`).
    """
    link = RecruitingLink.objects.select_for_update().select_related("study").get(pk=link.pk)
    if not recruiter_named(link.recruiter).names_parameters:
        terms = replace(terms, id_parameter="", other_parameters=())
    terms = replace(terms, not_again=tuple(sorted(set(terms.not_again))))
    before = terms_of(link=link)
    problems = terms_problems(link.recruiter, terms, settings.REDIRECT_HOSTS)
    problems += _untold(link.study) if terms.proof_of_work and not before.proof_of_work else []
    if problems := [*problems, *_unknown(terms, before, by)]:
        raise ArrangementRefused(RecruitingRefused.TERMS_INVALID, problems, link=link.label)
    agreed = {
        "exits": written_exits(terms.exits),
        "other_parameters": list(terms.other_parameters),
        "not_again": list(terms.not_again),
        **{name: getattr(terms, name) for name in _PLAIN},
    }
    if written_exits(before.exits) == agreed["exits"] and before == replace(
        terms, exits=before.exits
    ):
        return link
    for name, value in agreed.items():
        setattr(link, name, value)
    link.save(update_fields=tuple(agreed))
    if terms.most_people != before.most_people:
        set_most_of_link(link=link, most=terms.most_people)
    record(
        by=by,
        action=Action.LINK_TERMS_SET,
        study=link.study,
        subject=link,
        before=_for_the_log(before),
        after=_for_the_log(terms),
    )
    return link


def _for_the_log(terms: LinkTerms) -> dict[str, Any]:
    named = (
        *("returns_at_once", "checks_to_fail", "minutes_allowed", "most_people"),
        *("shared_computer", "proof_of_work", "signed_only"),
    )
    moments = {name: getattr(terms, name) for name in ("opens_at", "closes_at")}
    return {
        "exits": sorted(written_exits(terms.exits)),
        **{name: getattr(terms, name) for name in named},
        **{name: value.isoformat() if value else None for name, value in moments.items()},
        "not_again": list(terms.not_again),
    }


def _untold(study: Study) -> list[Problem]:
    """The languages in which the program could not tell people of a proof of work."""
    return [
        Problem("proof_of_work", TermMistake.UNTOLD, {"language": one})
        for one in languages_untold(study, [PROOF_OF_WORK])
    ]


def _unknown(terms: LinkTerms, before: LinkTerms, by: Actor) -> list[Problem]:
    """The studies that this member may not know of; what another member had named stays."""
    known = studies_for(by.user) if by.user else Study.objects.all()
    slugs = {*before.not_again, *known.values_list("slug", flat=True)}
    return [
        Problem("not_again", TermMistake.UNKNOWN_STUDY, {"given": one})
        for one in terms.not_again
        if one not in slugs
    ]
