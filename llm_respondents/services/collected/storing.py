"""Imported sessions of models become respondents, replies and answers."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any

from llm_respondents.conversation.arms import Arm
from llm_respondents.conversation.reading.collected import ReadAnswer
from llm_respondents.design.clusters import Draws, clusters_of
from llm_respondents.models import CollectedReply
from llm_respondents.readout.collected import Form, answers_of
from surveys.checksums import sha256_of
from surveys.imports.collected.replies import CollectedReply as Reply
from surveys.imports.collected.replies import CollectedSession
from surveys.models import (
    Administration,
    Kind,
    MissingReason,
    Respondent,
    RespondentGroup,
    ScaleDirection,
    Study,
    SubmissionDoor,
)
from surveys.presentation import Presentation, Questionnaire
from surveys.presentation.content import entries_of
from surveys.questions import number_format
from surveys.selectors import replayed
from surveys.services import (
    AnswerSubmission,
    GivenAnswer,
    Start,
    begin_administrations,
    complete_administrations,
    record_answer_batch,
)
from surveys.services.data.staging import Stage

BATCH_SIZE = 200


@dataclass(frozen=True, slots=True)
class Import:
    """What is the same for every session of an import."""

    study: Study
    language: str
    questionnaire: Questionnaire
    groups: Mapping[str, RespondentGroup]
    arms: Mapping[str, tuple[Arm, bool]]
    people: Mapping[str, Respondent]


def fingerprint_of(session: CollectedSession) -> str:
    """What was imported of a session, as the key under which its answers are stored."""
    replies = [
        [reply.refs, reply.raw, reply.value, reply.reason, _plain(reply.shares), reply.refusal]
        for reply in session.replies
    ]
    facts = json.loads(json.dumps(session.facts, sort_keys=True))
    return f"import {sha256_of([replies, facts])}"


def _plain(shares: Mapping[int, float] | None) -> dict[str, float] | None:
    return None if shares is None else {str(value): share for value, share in shares.items()}


@dataclass(frozen=True, slots=True)
class Counted:
    """What was stored, by question: scored values and missing reasons."""

    values: dict[str, dict[int | float, int]]
    missing: dict[str, dict[str, int]]


def store_sessions(made: Import, sessions: Sequence[CollectedSession], stage: Stage) -> Counted:
    """Store sessions, complete from the start, in batches; count what their replies come to."""
    refs = [entry.ref for block in made.questionnaire.blocks for entry in entries_of(block)]
    values: dict[str, Counter[int | float]] = {ref: Counter() for ref in refs}
    missing: dict[str, Counter[str]] = {ref: Counter() for ref in refs}
    tell = stage.watch.told("storing")
    clusters = _clusters(sessions)
    for start in range(0, len(sessions), BATCH_SIZE):
        stage.watch.check()
        batch = sessions[start : start + BATCH_SIZE]
        with stage.piece():
            read_now = list(_add_batch(made, batch, clusters[start : start + BATCH_SIZE]))
        for ref, read, scored in read_now:
            if read.given is None:
                missing[ref][read.reason] += 1
            elif scored is not None:
                values[ref][scored] += 1
        tell(start + len(batch), len(sessions))
    return Counted(
        {ref: dict(counts) for ref, counts in values.items()},
        {ref: dict(counts) for ref, counts in missing.items()},
    )


def _add_batch(
    made: Import, sessions: Sequence[CollectedSession], clusters: Sequence[str]
) -> Iterator[tuple[str, ReadAnswer, int | float | None]]:
    """Store sessions, their replies and what these come to; yields each answer."""
    respondents = Respondent.with_tests.bulk_create(
        [_respondent(made, one, cluster) for one, cluster in zip(sessions, clusters, strict=True)]
    )
    orders = [_order(made.questionnaire, one) for one in sessions]
    directions = [one.facts.get("scale_direction", ScaleDirection.FORWARD) for one in sessions]
    # With an order of their own nothing depends on a seed; imported people have none either.
    begun = begin_administrations(
        study=made.study,
        starts=[
            Start(respondent, 0, made.language, direction, order)
            for respondent, direction, order in zip(respondents, directions, orders, strict=True)
        ],
    )
    stored = [
        [_reply(passage, number, reply) for number, reply in enumerate(session.replies, start=1)]
        for session, passage in zip(sessions, begun, strict=True)
    ]
    CollectedReply.objects.bulk_create(list(chain.from_iterable(stored)), batch_size=500)
    submissions = []
    for index, (session, passage, replies) in enumerate(zip(sessions, begun, stored, strict=True)):
        shown = replayed(made.study, made.language, 0, directions[index], orders[index])
        read = _read(replies, shown, respondents[index].design)
        submissions.append(_submission(passage, read, shown, fingerprint_of(session)))
        yield from ((ref, one, _scored(shown, ref, one)) for ref, one in read.items())
    record_answer_batch(submissions=submissions)
    complete_administrations(administrations=begun)


def _read(
    replies: Sequence[CollectedReply], shown: Presentation, design: Mapping[str, object]
) -> dict[str, ReadAnswer]:
    """Question -> what was replied; what no reply answers was not shown."""
    found = {one.ref: ReadAnswer(None, MissingReason.NOT_SHOWN) for one in shown.questions}
    for reply in replies:
        questions = tuple(shown.question(ref) for ref in reply.refs)
        found |= dict(zip(reply.refs, answers_of(reply, questions, design), strict=True))
    return found


def _scored(shown: Presentation, ref: str, read: ReadAnswer) -> int | float | None:
    """The value of an answer, where it has one: of an option, or a number."""
    question = shown.question(ref)
    if read.given is None or question.declared(read.given):
        return None
    if question.open:
        number = number_format(question.open) and question.stored(read.given)[0]
        return number if isinstance(number, int | float) else None
    return question.value_of(read.given)  # type: ignore[arg-type]


def _submission(
    passage: Administration, read: Mapping[str, ReadAnswer], shown: Presentation, key: str
) -> AnswerSubmission:
    answers = [
        GivenAnswer(ref, read[ref].given, "" if read[ref].given is not None else read[ref].reason)
        for ref in shown.order
    ]
    return AnswerSubmission(passage.pk, answers, key, door=SubmissionDoor.IMPORT)


def _respondent(made: Import, session: CollectedSession, cluster: str) -> Respondent:
    arm, by_value = made.arms[session.panel]
    person = made.people.get(session.facts.get("matched_to", ""))
    design = {
        "arm": asdict(arm),
        "by_value": by_value,
        "panel": session.panel,
        "session": session.key,
        **({"scale_direction": d} if (d := session.facts.get("scale_direction")) else {}),
        **({"cluster": cluster} if cluster else {}),
    }
    if "persona" in session.facts:
        design["persona"] = [list(pair) for pair in session.facts["persona"]]
    return Respondent(
        study=made.study,
        group=made.groups[session.panel],
        kind=Kind.LLM,
        test=True,
        demographics=person.demographics if person else {},
        design=design,
        matched_to=person,
    )


def _clusters(sessions: Sequence[CollectedSession]) -> list[str]:
    """What sessions share as far as the file tells it: a person, a persona, a prompt put again."""
    by_panel: dict[str, list[int]] = defaultdict(list)
    for place, session in enumerate(sessions):
        by_panel[session.panel].append(place)
    found = [""] * len(sessions)
    for places in by_panel.values():
        drawn = [_draws(sessions[place]) for place in places]
        for place, draws, cluster in zip(places, drawn, clusters_of(drawn), strict=True):
            kind = cluster.partition(":")[0]
            told = sessions[place].facts.get("cluster")
            level = hashlib.sha256(getattr(draws, kind).encode()).hexdigest()[:12] if kind else ""
            found[place] = f"told:{told}" if told else f"{kind}:{level}" if kind else ""
    return found


def _draws(session: CollectedSession) -> Draws:
    prompts = [
        (
            reply.refs,
            reply.told.get("prompt_sha256") or reply.told.get("prompt_text"),
            reply.told.get("system_text"),
        )
        for reply in session.replies
    ]
    fixed = all(
        str(reply.told.get("temperature")) in ("0", "0.0") and prompt[1] and reply.shares is None
        for reply, prompt in zip(session.replies, prompts, strict=True)
    )
    persona = session.facts.get("persona")
    return Draws(
        person=session.facts.get("matched_to", ""),
        persona=json.dumps(persona) if persona else "",
        prompt=json.dumps(prompts) if fixed else "",
    )


def _order(questionnaire: Questionnaire, session: CollectedSession) -> tuple[str, ...]:
    """Questions as the session had them: by their positions, else as the file has them.

    Each block is kept together where it first occurs; what was not asked ends its block.
    """
    refs = [
        (reply.position if reply.position is not None else place, ref)
        for place, (reply, ref) in enumerate(
            ((reply, ref) for reply in session.replies for ref in reply.refs), start=1
        )
    ]
    place_of = {ref: place for place, ref in sorted(refs, key=lambda pair: pair[0])}
    last = max(place_of.values(), default=0) + 1
    blocks = [
        sorted((e.ref for e in entries_of(block)), key=lambda ref: place_of.get(ref, last))
        for block in questionnaire.blocks
    ]
    blocks.sort(key=lambda own: place_of.get(own[0], last))
    return tuple(chain.from_iterable(blocks))


def _reply(passage: Administration, number: int, reply: Reply) -> CollectedReply:
    form: Form = Form.RAW
    said: Any = None
    if reply.shares is not None:
        form, said = Form.SHARES, _plain(reply.shares)
    elif reply.reason:
        form, said = Form.REASON, reply.reason
    elif reply.raw is None:
        form, said = Form.VALUE, reply.value
    return CollectedReply(
        administration=passage,
        number=number,
        place=reply.where,
        refs=list(reply.refs),
        form=form,
        raw=reply.raw or "",
        said=said,
        finish_reason=reply.finish_reason[:40],
        refusal=reply.refusal,
        told=dict(reply.told),
    )
