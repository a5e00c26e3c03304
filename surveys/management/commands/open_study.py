"""Open a study and print the address that people begin at."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.management.base import CommandParser
from django.db import transaction
from django.urls import reverse

from surveys.instrument_files import (
    Locked,
    bundled_instruments,
    bundled_study,
    instruments_by_block,
)
from surveys.management.base import Made, SteeringCommand, add_owner_argument, owner_named
from surveys.models import RecruitingLink, Study
from surveys.selectors import languages_in_english
from surveys.services import (
    Materials,
    change_draft,
    create_link,
    create_study,
    open_study,
    publish_instrument,
)
from surveys.services.audit import Actor
from surveys.services.definitions import study_definition


class Command(SteeringCommand):
    help = (
        "Open a study and print its open link; what it asks is frozen then. A study that comes "
        "with the program is made first if it does not exist yet. The same label again prints the "
        "same link."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("study", metavar="STUDY", help="The slug, such as privacy-prosocial.")
        parser.add_argument("--link-label", default="Open link", help="What the link is for.")
        parser.add_argument(
            "--simulated",
            action="store_true",
            help="A rehearsal: whoever comes through this link is stored and shown as simulated.",
        )
        parser.add_argument(
            "--contact",
            default="",
            help="Whom people can write to: put into the consent of a draft before it is opened.",
        )
        add_owner_argument(parser)

    @transaction.atomic
    def perform(
        self,
        *,
        study: str,
        link_label: str,
        simulated: bool,
        contact: str,
        owner: str | None,
        by: Actor,
        **_options: Any,
    ) -> Made:
        there = Study.objects.filter(slug=study).first()
        draft = there or _create_bundled(study, owner_named(owner), by)
        if contact:
            _put_contact(draft, contact, by)
        opened = open_study(study=draft, people=not simulated, by=by)
        link = _open_link(opened, link_label, by, simulated=simulated)
        address = settings.SITE_URL + reverse("surveys:information", args=(link.token,))
        kind = "people who are simulated" if link.simulated else "people"
        rehearse = f"manage.py simulate_people {opened.slug} --people 50"
        following = rehearse if simulated else f"manage.py freeze_plan {opened.slug} PLAN.toml"
        return Made(
            [
                f"{opened.slug} is open for {kind}:",
                address,
                f"Frozen: {'; '.join(one.sentence for one in Locked)}.",
                *_of_languages(languages_in_english(opened)),
                f"Next: {following}",
            ],
            {
                "study": opened.slug,
                "status": opened.status,
                "checksum": opened.checksum,
                "created": there is None,
                "next": following,
                "link": {"label": link.label, "simulated": link.simulated, "address": address},
            },
        )


def _of_languages(english: Sequence[str]) -> list[str]:
    """What is told where the program has no words in a language of the study."""
    if not english:
        return []
    return [f"In {', '.join(english)} buttons and notes around the questions are in English."]


def _put_contact(study: Study, contact: str, by: Actor) -> None:
    definition = study_definition(study)
    written = replace(definition, consent=replace(definition.consent, contact=contact))
    change_draft(study=study, materials=Materials(written), by=by)


def _create_bundled(slug: str, owner: AbstractBaseUser, by: Actor) -> Study:
    definition = bundled_study(slug)
    for instrument in instruments_by_block(definition, bundled_instruments()).values():
        publish_instrument(definition=instrument, by=by)
    return create_study(definition=definition, owner=owner, by=by)


def _open_link(study: Study, label: str, by: Actor, *, simulated: bool) -> RecruitingLink:
    known = study.links.filter(
        label=label, kind=RecruitingLink.Kind.OPEN, simulated=simulated, active=True
    )
    return known.first() or create_link(study=study, label=label, simulated=simulated, by=by)
