"""What a session is made of: its messages, its turns, and what later turns see of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple, NotRequired, TypedDict

from llm_respondents.conversation.arms import SESSION_VERSION, Arm
from llm_respondents.conversation.choices import Choice, choices_of
from llm_respondents.conversation.pictures import SentPicture, as_characters, sent_picture
from surveys.media import Medium
from surveys.presentation import Question


class Message(TypedDict):
    """One chat message, as it goes over the wire of chat completions.

    `carried` are the parts of a reply as its interface gave them, reasoning among them; they go
    over the wire in place of `content`, which is the answer in them. `pictures` are shown with it,
    in the order in which `content` numbers them.
    """

    role: Literal["system", "user", "assistant"]
    content: str
    carried: NotRequired[list[Any]]
    pictures: NotRequired[list[SentPicture]]


def characters_of(message: Message) -> int:
    """How long a message is where a request is estimated, its pictures included."""
    return len(message["content"]) + sum(map(as_characters, message.get("pictures", ())))


@dataclass(frozen=True, slots=True)
class Turn:
    """The questions of one request and the user message that asks them; `index` counts from 0.

    `seed` is the session's, on which the order of options and drawn answers depend. `opening` is
    the title and the instruction of its block, where an earlier turn is meant to have said them.
    `version` is how its session is conducted, `pictures` are those that are sent with the text.
    """

    index: int
    block: str
    questions: tuple[Question, ...]
    text: str
    seed: int = 0
    opening: str = ""
    version: str = SESSION_VERSION
    pictures: tuple[Medium, ...] = ()

    def message(self, text: str) -> Message:
        """What is said to the model to ask the turn, with its pictures."""
        said: Message = {"role": "user", "content": text}
        if self.pictures:
            said["pictures"] = [sent_picture(one) for one in self.pictures]
        return said

    @property
    def refs(self) -> tuple[str, ...]:
        """References of the questions, in the order asked."""
        return tuple(question.ref for question in self.questions)

    @property
    def has_open(self) -> bool:
        """Whether a question of it is answered otherwise than by one option."""
        return any(question.open for question in self.questions)

    def asked(self, refs: Collection[str]) -> Turn:
        """The turn with these questions alone: what a call asked of it."""
        return replace(self, questions=tuple(one for one in self.questions if one.ref in refs))

    def choices(self, question: Question, arm: Arm) -> tuple[Choice, ...]:
        """The choices of one of its questions, as this session reads them."""
        return choices_of(question, arm, self.seed, version=self.version)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A closed turn as later turns see it: what was asked and what was replied."""

    block: str
    question: Message
    reply: Message


class Correction(NamedTuple):
    """A reply that was no answer, as far as it is shown again, and what is said to it."""

    reply: str
    note: str
