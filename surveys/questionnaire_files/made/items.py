"""Questions as items, and which of them stand together in one instrument. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from surveys.codes import Problem, SentenceCode
from surveys.instrument_files import InstrumentFileError, read_instrument_values
from surveys.questionnaire_files.errors import Changed, LeftOut
from surveys.questionnaire_files.made.formats import Answered, answered
from surveys.questionnaire_files.made.said import Said
from surveys.questionnaire_files.questionnaire import Kind, Question, Questionnaire, Required, Tool
from surveys.questionnaire_files.tables.response_options import options_of
from surveys.questionnaire_files.wording import shown

_NEEDS = {Required.YES: "required", Required.NO: "free"}
# They do not say of any item whether it must be answered.
_WITHOUT_NEEDS = (Tool.ITEM_TABLE, Tool.PSYCHTESTR)


@dataclass(frozen=True, slots=True)
class Item:
    """An item that is kept: its key here, the question of the file, and how it is answered.

    `need` is its key of an instrument file, empty where the usual one holds.
    """

    key: str
    question: Question
    answered: Answered
    need: dict[str, str]

    @property
    def claimed(self) -> bool:
        """Whether the file marks it as reverse-keyed."""
        return self.question.reversed_in_file and self.answered.reversible


@dataclass
class Making:
    """An import in the making: what is read, what was said of it, and what is lost so far."""

    questionnaire: Questionnaire
    name: str
    said: Said
    losses: list[Problem] = field(default_factory=list)
    slugs: set[str] = field(default_factory=set)

    def note(self, where: str, code: SentenceCode, /, **arguments: Any) -> None:
        """Note what is lost or changed at one place."""
        self.losses.append(Problem(where, code, arguments))

    @property
    def base(self) -> str:
        """The language that the file was written in."""
        return self.questionnaire.languages[0]


def make_item(question: Question, making: Making) -> Item | None:
    """The item that a question becomes; None, with the reason noted, where it becomes none."""
    note = partial(making.note, question.place)
    if question.hidden:
        note(LeftOut.HIDDEN)
        return None
    if question.kind is Kind.OTHER:
        note(LeftOut.KIND, type=question.type or "?", kind=question.kind.value)
        return None
    if making.base not in question.text:
        note(LeftOut.NO_TEXT, language=making.base)
        return None
    question = _with_options(question, making)
    how = answered(question, making.questionnaire.languages, note)
    if how is None or not _stands(question, how, making):
        return None
    if question.reversed_in_file and how.reversible:
        note(Changed.REVERSED_IN_FILE)
    said = how.asks and making.questionnaire.tool not in _WITHOUT_NEEDS
    need = _NEEDS.get(question.required, "") if said else ""
    return Item("", question, how, {"need": need} if need else {})


def _with_options(question: Question, making: Making) -> Question:
    """A question whose answers the file does not say has those that somebody said."""
    said = making.said.options
    if question.options or not said or question.kind is not Kind.CHOICE:
        return question
    making.note(question.place, Changed.OPTIONS_SAID, options=shown(said))
    return replace(question, options=options_of(said, making.base))


def _stands(question: Question, how: Answered, making: Making) -> bool:
    """Try an instrument of this item alone, so that no mistake of one costs the others."""
    base = making.base
    scales = [how.table("how", [base])]
    items = [{"key": "item", "response_scale": "how", "text": {base: question.text[base]}}]
    if not how.asks:
        scales.append({"key": "after", "kind": "text"})
        items.append({"key": "after", "response_scale": "after", "text": {base: "–"}})
    named = {name: {base: "–"} for name in ("title", "instruction", "orientation")}
    told = dict.fromkeys(("citation", "licence", "wording_note"), "–")
    head = {"slug": "one", "version": "1.0", "construct": "one", "languages": [base]}
    try:
        read_instrument_values({**head, **named, **told, "response_scales": scales, "items": items})
    except InstrumentFileError as error:
        making.note(question.place, LeftOut.REFUSED, problem=error.problems[0].saying)
        return False
    return True


def without_idle_texts(items: Sequence[Item], making: Making) -> list[Item]:
    """The items but for texts that are said again at once or stand at the end."""
    items = _said_once(items, making)
    last = max((n for n, item in enumerate(items, start=1) if item.answered.asks), default=0)
    for item in items[last:]:
        making.note(item.question.place, LeftOut.NOTHING_AFTER)
    return list(items[:last])


def _said_once(items: Sequence[Item], making: Making) -> list[Item]:
    """Of texts that only are read, none that what follows it says again."""
    kept: list[Item] = []
    after: set[str] = set()
    for item in reversed(items):
        texts = set(_folded(item.question))
        if item.answered.asks:
            after = texts
        elif texts & after:
            making.note(item.question.place, LeftOut.SAID_TWICE)
            continue
        else:
            after |= texts
        kept.append(item)
    return kept[::-1]


def runs(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Items in order, parted where the group or what stands above them changes.

    A run never holds the same words twice, which an instrument cannot; texts that are only read
    stand with what is asked next.
    """
    run: list[Item] = []
    waiting: list[Item] = []
    above: tuple[object, ...] = ()
    words: set[str] = set()
    for item in items:
        waiting.append(item)
        if not item.answered.asks:
            continue
        one = item.question
        here = (one.group, tuple(sorted(one.stem.items())), one.matrix if one.stem else "")
        texts = [text for waits in waiting for text in _folded(waits.question)]
        if run and (here != above or words & set(texts)):
            yield run
            run, words = [], set()
        run.extend(waiting)
        words |= set(texts)
        waiting, above = [], here
    if run:
        yield run


def _folded(question: Question) -> list[str]:
    return [f"{lang} {' '.join(text.casefold().split())}" for lang, text in question.text.items()]
