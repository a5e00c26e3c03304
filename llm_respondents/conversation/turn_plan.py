"""From a presentation to the turns of a session: what is asked together, and in which words.

Pure. The words of items and options are those of `surveys.presentation`; only the frame around them
is written here. Whatever changes a single character changes `prompts.PROMPT_VERSION`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from llm_respondents.conversation.arms import SESSION_VERSION, Arm, ItemsPerTurn
from llm_respondents.conversation.choices import Choice, choices_of
from llm_respondents.conversation.turns import Turn
from llm_respondents.conversation.wording import Words, words_in
from surveys.media import Medium
from surveys.presentation import Page, Presentation, Question, Told, Walk
from surveys.questions import OpenFormat


def plan_turns(
    presentation: Presentation,
    arm: Arm,
    donated: Collection[str] | None = None,
    *,
    version: str = SESSION_VERSION,
) -> tuple[Turn, ...]:
    """Cut a presentation into the turns of one session, in the order shown to people.

    Where the presentation branches these are the turns of somebody who is shown everything;
    `TurnPlan` says which of them a session has.

    `version` is how the session is conducted, one of `SESSION_VERSIONS`.

    `donated` are the items to which a swapped or an own history can hold an answer. A turn with
    another one is never in sight of later ones, so that its block opens again after it.
    """
    return TurnPlan(presentation, arm, donated, version).everything


# No slots: cached_property keeps its values in the instance's __dict__.
@dataclass(frozen=True)
class TurnPlan:
    """The turns of a session, each as it is asked once what comes before it is answered.

    A turn has the same index whatever is answered, so that a session can be continued. See
    `plan_turns` for what it is made of. With `sends_pictures` they go with the questions; else, as
    sound and video always, their words stand for them.
    """

    presentation: Presentation
    arm: Arm
    donated: Collection[str] | None = None
    version: str = SESSION_VERSION
    sends_pictures: bool = False

    @cached_property
    def everything(self) -> tuple[Turn, ...]:
        """Every turn with all its questions, as if nothing were left out."""
        seen: set[str] = set()
        turns = []
        for index, (page, questions) in enumerate(self._portions):
            turns.append(self._turn(index, page, questions, said=page.block in seen))
            if self._stays_in_sight(questions):
                seen.add(page.block)
        return tuple(turns)

    def turn(self, index: int, told: Told) -> Turn:
        """A turn as it is asked after `told`; without questions where none of it is shown.

        What was not said by now will not be: a turn that was lost counts as one without an answer.
        """
        walk = Walk(self.presentation, told, over=True)
        return self._as_shown(index, walk, walk.shows)

    def possible(self, index: int) -> Turn:
        """A turn before anything is answered: with all of it that answers can still bring in."""
        walk = Walk(self.presentation, {})
        return self._as_shown(index, walk, lambda ref: ref not in walk.hidden)

    def _as_shown(self, index: int, walk: Walk, shows: Callable[[str], bool]) -> Turn:
        page, questions = self._portions[index]
        shown = tuple(walk.worded(one) for one in questions if shows(one.ref))
        if not shown:
            return replace(self.everything[index], questions=())
        before = [part for at, part in self._portions[:index] if at.block == page.block]
        said = any(
            self._stays_in_sight(part) and any(shows(one.ref) for one in part) for part in before
        )
        return self._turn(index, page, shown, said=said)

    @cached_property
    def _portions(self) -> Sequence[tuple[Page, tuple[Question, ...]]]:
        return list(_portions(self.presentation.pages, self.arm.items_per_turn))

    @cached_property
    def _frame(self) -> _Frame:
        language, total = self.presentation.language, len(self.presentation.questions)
        seed = self.presentation.seed
        about = (language, self.arm, seed, total, self.version, self.sends_pictures)
        return _Frame(words_in(language), *about)

    def _stays_in_sight(self, questions: Sequence[Question]) -> bool:
        """Whether later turns can see this one, and with it what its block is about."""
        return self.donated is None or all(
            ref in self.donated for question in questions for ref in question.refs
        )

    def _turn(self, index: int, page: Page, questions: tuple[Question, ...], *, said: bool) -> Turn:
        opening = not said or self.arm.repeats_instruction
        words = "\n\n".join(part for part in (page.title, page.instruction) if part)
        text = _turn_text(self._frame, words if opening else "", questions)
        about = ("" if opening else words, self.version)
        seen = (
            [one for question in questions for one in question.seen] if self.sends_pictures else ()
        )
        pictures = tuple(one for one in seen if one.kind == "picture")
        return Turn(index, page.block, questions, text, self.presentation.seed, *about, pictures)


@dataclass(frozen=True, slots=True)
class _Frame:
    """What is the same for all turns of a session: its words, arm, seed and number of questions."""

    words: Words
    language: str
    arm: Arm
    seed: int
    total: int
    version: str
    sends_pictures: bool


def _portions(
    pages: Sequence[Page], items_per_turn: ItemsPerTurn
) -> Iterator[tuple[Page, tuple[Question, ...]]]:
    if items_per_turn == "one":
        for page in pages:
            for question in page.questions:
                yield page, (question,)
    elif items_per_turn == "page":
        for page in pages:
            yield page, page.questions
    else:
        for group in _together(pages):
            yield group[0], tuple(question for page in group for question in page.questions)


def _together(pages: Sequence[Page]) -> Iterator[list[Page]]:
    """The pages of each block, apart where answers decide what comes next."""
    group: list[Page] = []
    for page in pages:
        if group and (page.decided or page.block != group[-1].block):
            yield group
            group = []
        group.append(page)
    if group:
        yield group


def _turn_text(frame: _Frame, opening: str, questions: Sequence[Question]) -> str:
    parts = [opening] if opening else []
    shown = _Shown(frame)
    for question in questions:
        parts += ["\n".join([*shown.lines(one.media), one.text]) for one in question.preface]
        heading = frame.words.question.format(position=question.position, total=frame.total)
        below = _below(frame, question, many=len(questions) > 1)
        lines = (heading, *shown.lines(question.media), question.text, below)
        parts.append("\n".join(part for part in lines if part))
    parts.append(closing(frame.words, frame.arm, frame.language, questions))
    return "\n\n".join(parts)


class _Shown:
    """What stands in a text for what is shown with it; pictures that are sent are numbered."""

    def __init__(self, frame: _Frame) -> None:
        self._words, self._sends = frame.words, frame.sends_pictures
        self._number = 0

    def lines(self, media: Sequence[Medium]) -> list[str]:
        """A line for each of them."""
        return [self._line(one) for one in media]

    def _line(self, medium: Medium) -> str:
        if self._sends and medium.kind in self._words.sent:
            self._number += 1
            return self._words.sent[medium.kind].format(number=self._number)
        return self._words.described[medium.kind].format(alt=medium.alt)


def _below(frame: _Frame, question: Question, *, many: bool) -> str:
    """What stands under a question: its options, or what an open one says of its answer."""
    if question.open is None:
        choices = choices_of(question, frame.arm, frame.seed, version=frame.version)
        return _options_text(choices, frame.arm)
    asked_for = frame.words.wanted.format(wanted=_wanted(question.open, frame.language))
    return "\n".join(part for part in (question.open.told(), asked_for if many else "") if part)


def closing(words: Words, arm: Arm, language: str, questions: Sequence[Question]) -> str:
    """The sentence that closes a turn: in which form to reply."""
    asked = questions[0].open
    if len(questions) == 1 and asked:
        return words.open_form(arm).format(wanted=_wanted(asked, language))
    if any(question.open for question in questions):
        return words.mixed_form(arm)
    return words.form(arm, many=len(questions) > 1)


def _wanted(asked: OpenFormat, language: str) -> str:
    """What an answer is, and the words that may be given instead of one."""
    instead = "".join(words_in(language).instead.format(label=one.label) for one in asked.unscored)
    return f"{asked.wanted(language)}{instead}"


def _options_text(choices: Sequence[Choice], arm: Arm) -> str:
    if arm.elicitation == "label":
        return "\n".join(f"- {choice.label}" for choice in choices)
    return "\n".join(map(_option_text, choices))


def _option_text(choice: Choice) -> str:
    """A label that shows its mark is not numbered again."""
    return choice.label if choice.shows_mark else f"{choice.mark} = {choice.label}"
