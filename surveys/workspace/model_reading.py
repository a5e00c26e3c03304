"""How a model reads questions. The app that asks models says it; without one nobody does.

What is shown beside a person's page comes from the functions that deliver it: the app registers a
reader when it is ready, and previews ask here.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from surveys.media import Medium
from surveys.presentation import Presentation


@dataclass(frozen=True, slots=True)
class ReadTurn:
    """What is asked in one request: the message, word for word, and the form of a reply.

    `number` counts from 1; `form` is the JSON schema that the endpoint enforces, empty without one;
    `pictures` are those that are sent with the message.
    """

    number: int
    text: str
    form: str
    refs: tuple[str, ...]
    pictures: tuple[Medium, ...] = ()


@dataclass(frozen=True, slots=True)
class ArmChoice:
    """One part of how a session is conducted: its values with their names, and which is chosen."""

    name: str
    label: Any  # a translatable string
    options: tuple[tuple[str, Any], ...]
    chosen: str


@dataclass(frozen=True, slots=True)
class ModelReading:
    """Some questions as a session of one arm is asked them.

    `request` are the messages of the last request of these, as (role, text): earlier turns are in
    it as far as the arm sends them again, with a stand-in for each reply.
    """

    system: str
    turns: tuple[ReadTurn, ...]
    request: tuple[tuple[str, str], ...]
    choices: tuple[ArmChoice, ...]


Reader = Callable[[Presentation, Collection[str], Mapping[str, str]], ModelReading]
_readers: list[Reader] = []


def register_reader(reader: Reader) -> None:
    """Let an app say how models read; a later one takes the place of the one before."""
    _readers[:] = [reader]


def read_by_model(
    shown: Presentation, refs: Collection[str], arm: Mapping[str, str]
) -> ModelReading | None:
    """What a model is sent of these questions; None where no app asks models.

    `arm` are parts of an arm as they come from an address; what is unknown is left as it is by
    default.
    """
    return _readers[0](shown, refs, arm) if _readers else None
