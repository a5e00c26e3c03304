"""What has to be done when nobody comes: ending who is late, asking for credit, tidying up."""

from django.utils import timezone

from surveys.models import Administration, Credit, RecruitingLink
from surveys.recruiters import Outcome
from surveys.services.audit import Actor
from surveys.services.authoring.media import forget_unused_media
from surveys.services.data.staging import clear_dead_imports
from surveys.services.enrolment import end_early, time_is_up
from surveys.services.inviting.contacts import forget_addresses
from surveys.services.people.crediting import wake
from surveys.services.people.erasure import delete_late_answers, keep_retention
from surveys.services.recording.anonymity import hide_clocks_of_silent


def end_late() -> int:
    """End everybody who has taken longer than their link allows; how many."""
    now = timezone.now()
    under_way = Administration.objects.filter(
        status=Administration.Status.IN_PROGRESS, respondent__link__minutes_allowed__isnull=False
    ).select_related("respondent__link")
    late = [one for one in under_way if time_is_up(one, now)]
    for administration in late:
        end_early(administration=administration, outcome=Outcome.TIMED_OUT)
    return len(late)


def wake_credit() -> int:
    """Let workers ask again at every link where credit waits; how many links."""
    waiting = Credit.objects.filter(state=Credit.State.WAITING, next_try_at__lte=timezone.now())
    links = RecruitingLink.objects.filter(
        pk__in=waiting.values("administration__respondent__link")
    ).select_related("study")
    for link in links:
        wake(link=link)
    return len(links)


def tidy_people(*, by: Actor) -> dict[str, int]:
    """All that was promised people for a time, and what nothing shows or needs; with counts."""
    return {
        "answers_deleted": delete_late_answers(by=by),
        "ids_deleted": keep_retention(by=by),
        "addresses_deleted": forget_addresses(),
        "timed_out": end_late(),
        "clocks_hidden": hide_clocks_of_silent(),
        "links_with_credit": wake_credit(),
        "media_deleted": forget_unused_media(),
        "imports_cleared": clear_dead_imports(),
    }
