"""A site on which every page of the workspace has something to show, and what links do not lead to.

`furnish` adds to a site that `manage.py demo` made: studies in each state, lists, mails, drafts,
two panels of one name, and somebody who takes part.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import replace

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.urls import reverse
from django.utils import timezone

from analysis.models import AnalysisRun
from analysis.plans.drafting.services import save_draft
from analysis.plans.files import bundled_plan
from llm_respondents.design.spec import PanelSpec
from llm_respondents.models import Panel
from llm_respondents.services import recruit_panel
from surveys import selectors, services
from surveys.instrument_files import bundled_study
from surveys.jobs.queue import start_job
from surveys.models import (
    Administration,
    Door,
    InstrumentDraft,
    RecruitingLink,
    Study,
    Webhook,
)
from surveys.recruiters.link_lists import ListDraft, numbered
from surveys.recruiters.mails import Address, MailDraft
from surveys.services import GivenAnswer
from surveys.services.access.invitations import invite
from surveys.services.audit import Actor
from surveys.services.authoring.instrument_drafts import BLANK, make_instrument_draft, paste_items
from surveys.services.inviting.contacts import set_addresses
from surveys.services.inviting.mailing import send_mailing
from surveys.services.jobs import cancel_job
from surveys.services.people.link_lists import make_link_list
from surveys.services.people.quotas import set_quotas

UNFINISHED = {"en": "Unfinished", "de": "Unfertig"}
FIRST_LOOK = {"en": "First look", "de": "Erster Blick"}
TEA = "text\tde\tfacet\tR\nTea is good.\tTee ist gut.\ttaste\t\nTea is bad.\t\ttaste\tR\n"


def furnish(owner: AbstractBaseUser) -> list[str]:
    """Everything that the demo leaves out; the addresses to which no link of the workspace leads.

    The demo's study must be there.
    """
    by = Actor(Door.COMMAND, owner)
    _drafts(owner, by)
    study = _open_study(owner, by)
    link = services.create_link(study=study, label="Prolific", recruiter="prolific", by=by)
    services.record_alert(link=link, fault="unfilled", parameter="PROLIFIC_PID", found="{{%X%}}")
    services.create_link(study=study, label="Poster", by=by)
    people = _list_of_people(study, by)
    _panels_of_one_name(study, by)
    _invitation, token = invite(study=study, role="analyst", by=by)
    cancel_job(job=start_job("fit", study=study), by=by)
    alone = [
        *_of_people(study, by),
        *people,
        *_of_the_team(study, by),
        *_plan_to_freeze(by),
        _two_runs(),
    ]
    return [*alone, reverse("surveys:invitation", kwargs={"token": token}), *_asked_for(study)]


def _of_the_team(study: Study, by: Actor) -> Iterator[str]:
    """The pages that ask before a member or a webhook goes."""
    other = get_user_model().objects.create(username="colleague")
    member = services.add_member(study=study, user=other, role="analyst", by=by)
    about = {"secret": "x", "events": ["run.done"], "address": "https://hooks.example.org/a"}
    now = timezone.now()
    hook = Webhook.objects.create(study=study, looked_at=now, told_since=now, **about)
    for name in ("drop_member", "transfer"):
        yield reverse(f"surveys:{name}", kwargs={"slug": study.slug, "member_id": member.pk})
    yield reverse("surveys:drop_webhook", kwargs={"slug": study.slug, "webhook_id": hook.pk})


def _two_runs() -> str:
    """The latest run beside one that found the same."""
    run = AnalysisRun.objects.filter(status=AnalysisRun.Status.DONE).latest("pk")
    first, run.pk, run.job = run.pk, None, None
    run.save(force_insert=True)
    return reverse("analysis:beside", kwargs={"run_id": first, "other_id": run.pk})


def _plan_to_freeze(by: Actor) -> Iterator[str]:
    """The demo's plan again as a draft that can be frozen, and what is asked of it before."""
    text = bundled_plan("privacy-prosocial").read_text(encoding="utf-8")
    study = Study.objects.get(slug="privacy-prosocial")
    values = {**tomllib.loads(text), "name": "again", "reference_group": "simulated-people"}
    draft = save_draft(study=study, values=values, by=by)
    for name in ("freeze_draft", "draft_power"):
        yield reverse(f"analysis:{name}", kwargs={"slug": study.slug, "draft_id": draft.pk})


def _asked_for(study: Study) -> Iterator[str]:
    """Pages that are reached by a form, and those of somebody who cannot log in."""
    yield from ("/search/?q=privacy", "/help/search/?q=panel")
    panel = Panel.objects.earliest("pk")
    yield reverse("llm_respondents:search", kwargs={"panel_id": panel.pk}) + "?q=agree"
    yield reverse("surveys:erase_tests", kwargs={"slug": study.slug})
    for name in ("study_cap", "new_panel_of_file"):
        yield reverse(f"llm_respondents:{name}", kwargs={"slug": study.slug})
    waiting = Panel.objects.filter(study=study).latest("pk")
    yield reverse("llm_respondents:cancel_panel", kwargs={"panel_id": waiting.pk})
    draft = InstrumentDraft.objects.latest("pk")
    yield reverse("surveys:publish_draft", kwargs={"draft_id": draft.pk})
    yield reverse("surveys:forgotten")
    yield reverse("surveys:set_new_password", kwargs={"uidb64": "MQ", "token": "nothing"})


def _drafts(owner: AbstractBaseUser, by: Actor) -> None:
    definition = bundled_study("privacy-prosocial")
    services.create_study(
        definition=replace(
            definition, slug="unfinished", title={"en": "Unfinished", "de": "Unfertig"}
        ),
        owner=owner,
        by=by,
    )
    draft = make_instrument_draft(tables={**BLANK, "slug": "tea"}, owner=owner, by=by)
    paste_items(draft=draft, text=TEA, scale="agreement-5", by=by)


def _open_study(owner: AbstractBaseUser, by: Actor) -> Study:
    """A second study, open to people, with a plan that is being written, and an archived one."""
    definition = bundled_study("privacy-prosocial")
    definition = replace(
        definition,
        slug="second-look",
        title={"en": "Second look", "de": "Zweiter Blick"},
        consent=replace(definition.consent, contact="Laboratory, lab@example.org"),
    )
    study = services.create_study(definition=definition, owner=owner, by=by)
    study = services.open_study(study=study, by=by)
    old = services.create_study(
        definition=replace(
            definition, slug="first-look", title={"en": "First look", "de": "Erster Blick"}
        ),
        owner=owner,
        by=by,
    )
    services.close_study(study=services.open_study(study=old, by=by), by=by)
    services.archive_study(study=Study.objects.get(pk=old.pk), by=by)
    set_quotas(study=study, values={"quotas": [{"label": "Everybody", "most": 40}]}, by=by)
    save_draft(study=study, values={"name": "main"}, by=by)
    return study


def _list_of_people(study: Study, by: Actor) -> list[str]:
    """A list of personal links with addresses and a mail."""
    draft = ListDraft("May", numbered(2), kind="personal")
    people = make_link_list(study=study, draft=draft, by=by)
    set_addresses(link_list=people, addresses=[Address("P001", "a@example.org")], by=by)
    words = dict.fromkeys(study.languages, "{link} {unsubscribe}")
    mail = MailDraft(dict.fromkeys(study.languages, "Invitation"), words)
    mailing = send_mailing(link_list=people, draft=mail, by=by)
    contact = people.links.first().contact
    return [
        reverse("surveys:mailing", kwargs={"slug": study.slug, "mailing_id": mailing.pk}),
        reverse("surveys:unsubscribe", kwargs={"token": contact.token}),
    ]


def _panels_of_one_name(study: Study, by: Actor) -> None:
    for seed in (1, 2):
        spec = PanelSpec.model_validate(
            {
                "provider": "scripted",
                "model": "scripted:people-like",
                "profile": "people-like",
                "sessions": 5,
                "seed": seed,
            }
        )
        recruit_panel(study=study, spec=spec, by=by)


def _of_people(study: Study, by: Actor) -> Iterator[str]:
    """Each page of taking part, as a person meets it."""
    link = services.create_link(study=study, label="Seminar", by=by)
    yield reverse("surveys:information", kwargs={"token": link.token})
    begun, ended = _person(link), _person(link)
    yield reverse("surveys:page", kwargs={"token": begun.token, "number": 1})
    order = selectors.presentation_of(ended).order
    services.record_answers(
        administration=ended,
        answers=[GivenAnswer(ref, 2) for ref in order],
        idempotency_key="everything",
    )
    for name in ("demographics", "review", "withdraw"):
        yield reverse(f"surveys:{name}", kwargs={"token": ended.token})
    gone = _person(link)
    services.withdraw(administration=gone, by=by)
    for name in ("end", "stored"):
        yield reverse(f"surveys:{name}", kwargs={"token": gone.token})


def _person(link: RecruitingLink) -> Administration:
    return services.enrol_person(link=link, consent_text=selectors.consent_text(link.study, "en"))
