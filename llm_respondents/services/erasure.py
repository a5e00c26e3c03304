"""When a person withdraws, what panels have copied of that person is erased as well.

A matched session was told the person's demographics, a swapped one the person's answers. What the
model said is the model's own and stays; the hash chain still proves what was sent.
"""

from typing import Any

from django.db import transaction
from django.db.models import Q

from llm_respondents.models import Attempt, CollectedReply, PanelMember
from llm_respondents.runner.session import CHAIN_START
from llm_respondents.store.outcomes import close_session
from llm_respondents.store.tallies import forget_tally
from surveys.models import Administration, MissingReason, Respondent, RespondentGroup

ERASED = "[erased: the person withdrew]"


@transaction.atomic
def forget_person(respondent: Respondent) -> None:
    """Erase the copies; sessions that still need them are ended as cancelled."""
    told = PanelMember.objects.select_related("respondent__administration")
    for member in told.filter(respondent__matched_to=respondent):
        _erase(member, "system")
        _erase_thoughts(member)
        _forget_demographics(member)
    _forget_in_imported(respondent)
    for member in told.filter(donor=respondent):
        _erase(member, "assistant")
        member.donor_values = {}
        member.save(update_fields=("donor_values",))


@transaction.atomic
def forget_gone(group: RespondentGroup) -> None:
    """Forget in new sessions whoever withdrew after they were read, and before these were there."""
    told = Respondent.objects.filter(group=group).order_by()
    copied = Q(pk__in=told.exclude(matched_to=None).values("matched_to"))
    donors = PanelMember.objects.filter(respondent__group=group).exclude(donor=None).order_by()
    copied |= Q(pk__in=donors.values("donor"))
    gone = Respondent.objects.filter(copied, study=group.study_id)
    for person in gone.filter(administration__status=Administration.Status.WITHDRAWN):
        forget_person(person)


def _erase(member: PanelMember, role: str) -> None:
    """End the session if it is under way, and blank the messages of a role that were sent in it."""
    administration = member.respondent.administration
    if administration.status == Administration.Status.IN_PROGRESS:
        close_session(administration, MissingReason.CANCELLED)
        forget_tally(member.panel_id)
    attempts = list(Attempt.objects.filter(administration=administration))
    for attempt in attempts:
        attempt.new_messages = [_blanked(message, role) for message in attempt.new_messages]
        if role == "system" and attempt.prefix_hash == CHAIN_START:
            # Without a system message the instruction is the beginning of the first question.
            attempt.new_messages[:1] = [_blanked(one, "user") for one in attempt.new_messages[:1]]
    Attempt.objects.bulk_update(attempts, ("new_messages",), batch_size=500)


def _erase_thoughts(member: PanelMember) -> None:
    """What a model thinks repeats what it was told: it goes, and the responses that hold it."""
    administration = member.respondent.administration
    thought = [
        attempt
        for attempt in Attempt.objects.filter(administration=administration)
        if attempt.thoughts or any("carried" in message for message in attempt.new_messages)
    ]
    for attempt in thought:
        attempt.thoughts = attempt.raw = ERASED
        attempt.new_messages = [
            {name: part for name, part in message.items() if name != "carried"}
            for message in attempt.new_messages
        ]
    fields = ("thoughts", "raw", "new_messages")
    Attempt.objects.bulk_update(thought, fields, batch_size=500)


def _blanked(message: dict[str, Any], role: str) -> dict[str, Any]:
    return {**message, "content": ERASED} if message["role"] == role else message


def _forget_in_imported(person: Respondent) -> None:
    """Imported sessions that were matched to the person: what their prompts told of it goes."""
    # Also of an import that is still under way.
    sessions = Respondent.with_tests.filter(matched_to=person, group__imported=True)
    replies = list(CollectedReply.objects.filter(administration__respondent__in=sessions))
    for reply in replies:
        prompts = {"prompt_text", "system_text"} & reply.told.keys()
        reply.told = {**reply.told, **dict.fromkeys(prompts, ERASED)}
    CollectedReply.objects.bulk_update(replies, ("told",), batch_size=500)
    for session in sessions:
        _forget_persona(session)


def _forget_demographics(member: PanelMember) -> None:
    member.persona = []
    member.save(update_fields=("persona",))
    _forget_persona(member.respondent)


def _forget_persona(session: Respondent) -> None:
    session.demographics = {}
    session.design = {**session.design, "persona": []}
    session.save(update_fields=("demographics", "design"))
