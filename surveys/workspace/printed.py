"""What was printed of a study, as the app that prints it says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from surveys.models import Study


@dataclass(frozen=True, slots=True)
class Printed:
    """The documents of one run: what each is called, in the reader's language, and its address."""

    run: str
    address: str
    documents: Sequence[tuple[str, str]]


PrintedOf = Callable[[Study], Sequence[Printed]]
_printed: list[PrintedOf] = []


def register_printed(printed: PrintedOf) -> None:
    """Let the app that prints say what it has printed; a later one takes the place."""
    _printed[:] = [printed]


def printed_of(study: Study) -> Sequence[Printed]:
    """The documents of a study's latest runs that have some, the latest run first."""
    return _printed[0](study) if _printed else ()
