"""One page of questions as a person sees it beside what a model is sent of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from surveys.instrument_files import InstrumentDefinition
from surveys.instrument_files.authoring.previews import asked_alone
from surveys.languages import name_of
from surveys.presentation import present
from surveys.views.participants.page_views import PageView, view_of
from surveys.workspace.model_reading import ModelReading, read_by_model

ARM = "arm-"


@dataclass(frozen=True, slots=True)
class Reading:
    """A page read twice; `pages` are the numbers there are, `languages` (tag, name)."""

    language: str
    languages: tuple[tuple[str, str], ...]
    view: PageView
    pages: range
    model: ModelReading | None


def read_instrument(
    instrument: InstrumentDefinition,
    asked: Mapping[str, str],
    *,
    languages: tuple[str, ...] = (),
) -> Reading:
    """The page, language and arm that an address or a form asks for; else the first of each."""
    offered = languages or instrument.languages
    wish = asked.get("language", "")
    language = wish if wish in instrument.languages else instrument.languages[0]
    shown = present(asked_alone(instrument, language), seed=1)
    page = shown.pages[page_number(asked.get("page", ""), len(shown.pages)) - 1]
    refs = [question.ref for question in page.questions]
    return Reading(
        language,
        tuple((tag, name_of(tag)) for tag in offered),
        view_of(page, stored={}),
        range(1, len(shown.pages) + 1),
        read_by_model(shown, refs, arm_of(asked)),
    )


def arm_of(asked: Mapping[str, str]) -> dict[str, str]:
    """The parts of an arm that an address names: ``?arm-history=none``."""
    return {name.removeprefix(ARM): asked[name] for name in asked if name.startswith(ARM)}


def page_number(text: str, last: int) -> int:
    """A page that there is: the one that is asked for, or the nearest."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
    return min(max(number, 1), last)
