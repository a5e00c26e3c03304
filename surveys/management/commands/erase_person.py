"""Erase one person of a study on request."""

from typing import Any

from django.core.management.base import CommandParser

from surveys.errors import EnrolmentError, Refused
from surveys.management.base import Made, SteeringCommand
from surveys.models import Respondent
from surveys.selectors import study_named
from surveys.services.audit import Actor
from surveys.services.people.erasure import erase_person
from surveys.services.people.listing import look_up


class Command(SteeringCommand):
    help = "Erase one person for good, by the completion code or the recruiter's id."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("study", metavar="STUDY")
        parser.add_argument("code_or_id", metavar="CODE_OR_ID")

    def perform(self, *, study: str, code_or_id: str, by: Actor, **_options: Any) -> Made:
        found = look_up(study=study_named(study), text=code_or_id)
        if not found:
            raise EnrolmentError(Refused.NOBODY_FOUND, study=study)
        for respondent in Respondent.objects.filter(pk__in=found):
            erase_person(respondent=respondent, by=by)
        facts = {"study": study, "erased": len(found)}
        following = "erase them again after restoring a backup that is older"
        return Made([f"Erased of {study}: {len(found)}."], facts, following)
