"""Answers of models that were collected elsewhere: their groups, their replies, read again."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from llm_respondents.conversation.parsing import Parsed
from llm_respondents.conversation.reading.collected import (
    ReadAnswer,
    as_read,
    read_shares,
    read_text,
    read_value,
)
from llm_respondents.design.spec import arm_from_json
from llm_respondents.models import CollectedReply
from llm_respondents.readout.rereading import Reread, StatedShare
from surveys.errors import Refused, StudyError
from surveys.models import Answer, RespondentGroup, Study
from surveys.presentation import Question
from surveys.selectors import presentation_of

Form = CollectedReply.Form


@dataclass(frozen=True, slots=True)
class CollectedGroup:
    """A group of imported answers of models in numbers; it has no calls and cost nothing here."""

    group: RespondentGroup
    sessions: int
    answered: int
    missing: Mapping[str, int]
    forms: Mapping[str, int]
    matched: int


def collected_groups(study: Study) -> list[CollectedGroup]:
    """The groups of a study whose answers were collected elsewhere, in the order of import."""
    groups = study.groups.filter(imported=True).order_by("pk")
    return [collected_group(group) for group in groups]


def collected_group(group: RespondentGroup) -> CollectedGroup:
    """One such group: its sessions, its answers, and in which form replies came."""
    sessions = group.respondents.aggregate(n=Count("pk"), matched=Count("matched_to"))
    answers = Answer.objects.filter(administration__respondent__group=group).order_by()
    counts = dict(answers.values_list("missing_reason").annotate(Count("pk")))
    forms = replies_of(group).order_by().values_list("form").annotate(Count("pk"))
    return CollectedGroup(
        group,
        sessions["n"],
        counts.pop("", 0),
        counts,
        dict(forms),
        sessions["matched"],
    )


def replies_of(group: RespondentGroup) -> QuerySet[CollectedReply]:
    """The replies of a group, in the order of its sessions."""
    replies = CollectedReply.objects.filter(administration__respondent__group=group)
    return replies.select_related("administration__respondent", "administration__study").order_by(
        "administration_id", "number"
    )


def draw_seed(panel: str, session: str) -> int:
    """The seed from which a session's answers are drawn where it states distributions."""
    return int.from_bytes(hashlib.sha256(f"{panel}:{session}".encode()).digest()[:8]) >> 2


def answers_of(
    reply: CollectedReply, questions: tuple[Question, ...], design: Mapping[str, Any]
) -> tuple[ReadAnswer, ...]:
    """What a reply comes to for each of its questions."""
    if reply.form == Form.RAW:
        return tuple(map(as_read, _parsed(reply, questions, design)))
    if reply.form == Form.REASON:
        return tuple(ReadAnswer(None, str(reply.said)) for _ in questions)
    if reply.form == Form.VALUE:
        return (read_value(reply.said, questions[0]),)
    assert isinstance(reply.said, dict)
    shares = {int(value): share for value, share in reply.said.items()}
    seed = draw_seed(design["panel"], design["session"])
    return (read_shares(shares, questions[0], seed),)


def _parsed(
    reply: CollectedReply, questions: tuple[Question, ...], design: Mapping[str, Any]
) -> tuple[Parsed, ...]:
    return read_text(
        reply.raw,
        questions,
        arm_from_json(design["arm"]),
        by_value=design["by_value"],
        finish_reason=reply.finish_reason,
        refusal=reply.refusal,
    )


def reread_collected(group: RespondentGroup) -> Iterator[list[Reread]]:
    """Yield, session by session, what today's parser makes of every raw reply."""
    session: list[Reread] = []
    for reply in replies_of(group).filter(form=Form.RAW).iterator(chunk_size=500):
        administration = reply.administration
        if session and session[0].administration != administration.pk:
            yield session
            session = []
        questions = questions_of(reply)
        outcomes = _parsed(reply, questions, administration.respondent.design)
        session += [
            Reread(administration.pk, question, outcome, reply.raw)
            for question, outcome in zip(questions, outcomes, strict=True)
        ]
    if session:
        yield session


def questions_of(reply: CollectedReply) -> tuple[Question, ...]:
    """The questions of a reply as its session read them."""
    presentation = presentation_of(reply.administration)
    return tuple(presentation.question(ref) for ref in reply.refs)


def collected_shares(group: RespondentGroup) -> Iterator[StatedShare]:
    """Yield a row for each option of each question that was answered by a distribution."""
    for reply in replies_of(group).filter(form__in=(Form.SHARES, Form.RAW)).iterator(500):
        respondent = reply.administration.respondent
        questions = questions_of(reply)
        for question, read in zip(
            questions, answers_of(reply, questions, respondent.design), strict=True
        ):
            for code, share in read.stated:
                value = None if question.declared(code) else question.value_of(code)
                drawn = code == read.given
                yield StatedShare(respondent.pk, question.ref, value, share, drawn)


def collected_records(study: Study) -> Iterator[str]:
    """One line of JSON for each reply of a study's imported answers, for its transcripts."""
    replies = CollectedReply.objects.filter(
        administration__study=study, administration__group__test=False
    )
    rows = replies.select_related("administration").order_by("administration_id", "number")
    for reply in rows.iterator(chunk_size=500):
        record = {
            "respondent": reply.administration.respondent_id,
            "imported": True,
            "turn": reply.number - 1,
            "questions": reply.refs,
            "form": reply.form,
            "reply": reply.raw,
            "said": reply.said,
            "refusal": reply.refusal,
            "finish_reason": reply.finish_reason,
            "told": _public(reply.told),
        }
        yield json.dumps(record, ensure_ascii=False, sort_keys=True)


def _public(told: Mapping[str, Any]) -> dict[str, Any]:
    """Prompts under the roles of messages, so that whoever redacts personas finds them."""
    kept = {key: value for key, value in told.items() if key not in ("prompt_text", "system_text")}
    roles = {"system": told.get("system_text"), "user": told.get("prompt_text")}
    messages = [{"role": role, "content": text} for role, text in roles.items() if text]
    return {**kept, "messages": messages} if messages else kept


def collected_group_named(study: Study, key: str) -> RespondentGroup:
    """A group of imported model answers; `StudyError` (`group_unknown`) with those there are."""
    groups = {group.key: group for group in study.groups.filter(imported=True)}
    if key not in groups:
        known = ", ".join(groups) or "none yet"
        raise StudyError(Refused.GROUP_UNKNOWN, given=key, study=study.slug, known=known)
    return groups[key]


def told_of(group: RespondentGroup) -> dict[str, Counter[str]]:
    """What the replies of a group tell of how they were asked: field -> text -> replies."""
    found: dict[str, Counter[str]] = {}
    for told in replies_of(group).values_list("told", flat=True).iterator(chunk_size=2000):
        for name, value in told.items():
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            found.setdefault(name, Counter())[text] += 1
    return found
