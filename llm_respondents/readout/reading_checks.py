"""Replies that a person reads blind to the parser: what is shown of one, and how far both agree."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import QuerySet

from llm_respondents.conversation.parsing import Answered, Parsed, judge
from llm_respondents.conversation.prompts import Turn
from llm_respondents.models import Attempt, Panel, Reading, ReadingCheck
from llm_respondents.readout.agreement import Agreement, Pair, agreement_of
from llm_respondents.runner.types import WorkItem
from llm_respondents.store.leases import work_items
from surveys.models import MissingReason
from surveys.presentation import Question, Walk

# What came of a reply by its words; a filter or a limit decides before a word is read.
READ_BY_THE_PARSER = (
    Attempt.ANSWERED,
    MissingReason.REFUSED,
    MissingReason.NO_ANSWER,
    MissingReason.UNPARSABLE,
    MissingReason.SCHEMA_VIOLATION,
    MissingReason.OUT_OF_RANGE,
)
# A distribution is drawn from by a seed: nobody can read which answer is recorded.
_NOT_READ_OFF = "distribution"


@dataclass(frozen=True, slots=True)
class ShownOption:
    """An option as people saw it; `mark` is what the model had to name, "" if only words."""

    code: int
    label: str
    mark: str


@dataclass(frozen=True, slots=True)
class ShownReply:
    """One reply of a sample as its reader sees it: nothing of what the parser made of it."""

    place: int
    question: str
    # Where several questions were asked at once: the number of this one among them.
    number: int | None
    options: tuple[ShownOption, ...]
    reply: str

    def as_json(self) -> dict[str, Any]:
        """Return plain values for programs."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Checked:
    """How far a sample is read and, once all of it is, how far both agree.

    `cannot_tell` readings are no readings: they are counted, and left out of the agreement.
    `differing` are those in which the person found something else than the parser.
    """

    check: ReadingCheck
    replies: int
    read: int
    cannot_tell: int = 0
    agreement: Agreement | None = None
    differing: tuple[Reading, ...] = ()
    readers: tuple[str, ...] = ()

    @property
    def next_place(self) -> int:
        """The place of the reply that is to be read next, from 1."""
        return self.read + 1

    def as_json(self) -> dict[str, Any]:
        """Return plain values for programs; nothing of the parser's before all is read."""
        done = self.check.done_at
        return {
            "seed": self.check.seed,
            "parser": self.check.parser_version,
            "replies": self.replies,
            "read": self.read,
            "done_at": done and done.isoformat(),
            "readers": list(self.readers),
            "cannot_tell": self.cannot_tell if done else None,
            "agreement": self.agreement.as_json() if self.agreement else None,
        }


def readable_replies(panel: Panel) -> QuerySet[Attempt]:
    """The replies of a panel that its parser read, and that a person can read as well."""
    replies = Attempt.objects.of(panel).filter(used=True, outcome__in=READ_BY_THE_PARSER)
    arm = "administration__respondent__panel_member__cell__arm__elicitation"
    return replies.exclude(**{arm: _NOT_READ_OFF})


def latest_check(panel: Panel) -> ReadingCheck | None:
    """The sample that counts: the last that was drawn."""
    return ReadingCheck.objects.filter(panel=panel).order_by("-pk").first()


def checked(panel: Panel) -> Checked | None:
    """How far the panel's latest sample is read, and with what agreement; None without one."""
    check = latest_check(panel)
    if check is None:
        return None
    readings = list(check.readings.select_related("attempt").order_by("place"))
    read = [one for one in readings if one.verdict]
    readers = tuple(dict.fromkeys(one.read_by_name for one in read if one.read_by_name))
    if check.done_at is None:
        return Checked(check, len(readings), len(read), readers=readers)
    told = [one for one in read if one.verdict != Reading.Verdict.CANNOT_TELL]
    differing = tuple(one for one in told if found_by_parser(one) != found_by_person(one))
    agreement = agreement_of(_weighted(told)) if told else None
    unsure = len(read) - len(told)
    return Checked(check, len(readings), len(read), unsure, agreement, differing, readers)


def _weighted(told: Sequence[Reading]) -> list[Pair]:
    """Each reading stands for as many of the panel's replies as its stratum has for one read."""
    in_stratum = Counter(one.stratum for one in told)
    return [
        Pair(
            found_by_parser(one),
            found_by_person(one),
            one.stratum_size / in_stratum[one.stratum],
        )
        for one in told
    ]


def found_by_parser(reading: Reading) -> str:
    """The scored value, refused, or no answer: whatever else the parser says is no answer."""
    if reading.found_value is not None:
        return str(reading.found_value)
    refused = reading.found_reason == MissingReason.REFUSED
    return Reading.Verdict.REFUSED if refused else Reading.Verdict.NO_ANSWER


def found_by_person(reading: Reading) -> str:
    """The scored value, or the verdict."""
    return str(reading.value) if reading.value is not None else reading.verdict


def shown_reply(reading: Reading) -> ShownReply:
    """One reply with its question and the options as people saw them."""
    item, turn, question = asked_in(reading)
    choices = {choice.code: choice for choice in turn.choices(question, item.arm)}
    in_words = item.arm.elicitation == "label"
    options = tuple(
        ShownOption(code, label, "" if in_words or choices[code].shows_mark else choices[code].mark)
        for code, label in (
            *((one.code, one.label) for one in question.options),
            *question.unscored,
        )
    )
    said = reading.attempt.reply or reading.attempt.refusal
    number = question.position if len(turn.questions) > 1 else None
    return ShownReply(reading.place, question.text, number, options, said)


def asked_in(reading: Reading) -> tuple[WorkItem, Turn, Question]:
    """The session, the turn and the question that a reply of a sample belongs to."""
    attempt = reading.attempt
    (item,) = work_items(reading.check_of.panel_id, [attempt.administration_id])
    turn = item.turns[attempt.turn].asked(attempt.refs)
    question = next(one for one in turn.questions if one.ref == reading.ref)
    if item.plan:
        question = Walk(item.plan.presentation, item.told).worded(question)
    return item, turn, question


def parsed(attempt: Attempt, item: WorkItem, ref: str) -> tuple[int | None, str]:
    """What today's parser finds for a question: its scored value, or why there is none."""
    turn = item.turns[attempt.turn].asked(attempt.refs)
    outcomes = judge(
        text=attempt.reply,
        turn=turn,
        arm=item.arm,
        finish_reason=attempt.finish_reason,
        refusal=attempt.refusal,
    )
    at = turn.refs.index(ref)
    return _value_or_reason(turn.questions[at], outcomes[at])


def _value_or_reason(question: Question, outcome: Parsed) -> tuple[int | None, str]:
    if not isinstance(outcome, Answered):
        return None, outcome.reason
    if reason := question.declared(outcome.given):
        return None, reason
    return question.value_of(outcome.given), ""  # type: ignore[arg-type] # options are asked here


def check_line(panel: Panel) -> str:
    """What a report says of it."""
    found = checked(panel)
    if found is None:
        return "Not done"
    if found.check.done_at is None:
        return f"Under way: {found.read} of {found.replies} sampled replies read"
    told = f"{found.replies} sampled replies, stratified by outcome, read blind to the parser"
    unsure = f"; {found.cannot_tell} of them could not be told" if found.cannot_tell else ""
    if found.agreement is None:
        return f"{told}{unsure}; no agreement can be stated"
    return f"{told}{unsure}; {_figures(found.agreement)} (parser {found.check.parser_version})"


def _figures(found: Agreement) -> str:
    low, high = found.agreement_interval
    agreed = f"agreement {found.agreement:.1%} [{low:.1%}, {high:.1%}]"
    if found.kappa is None:
        return f"{agreed}; Cohen's kappa undefined: both found one thing only"
    if found.kappa_interval is None:
        return f"{agreed}; Cohen's kappa {found.kappa:.2f}, no interval"
    low, high = found.kappa_interval
    return f"{agreed}; Cohen's kappa {found.kappa:.2f} [{low:.2f}, {high:.2f}]"
