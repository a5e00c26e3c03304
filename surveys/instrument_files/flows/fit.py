"""Whether rules and placeholders fit what a study asks: its items, their order, their values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from surveys.codes import Problem, advice
from surveys.flow import (
    Comparison,
    FlowMistake,
    answers_in,
    conditions_in,
    is_answer,
    malformed_in,
    parse,
)
from surveys.instrument_files.definitions import (
    BlockDefinition,
    InstrumentDefinition,
    ItemDefinition,
    ResponseScaleDefinition,
    StudyDefinition,
)
from surveys.instrument_files.errors import FileMistake
from surveys.instrument_files.flows.sections import comparisons, impossible
from surveys.presentation import refs_of
from surveys.questions import OpenFormat, number_shown

Instruments = Mapping[tuple[str, str], InstrumentDefinition]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where something is asked or read: its block, and how many items of it come before."""

    block: str
    before: int


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer that can be named; `parts` are those that a question has instead of one."""

    place: _Place
    scale: ResponseScaleDefinition
    parts: tuple[str, ...] = ()


def flow_problems(study: StudyDefinition, instruments: Instruments) -> tuple[Problem, ...]:
    """Return where rules and placeholders do not fit the study's instruments; empty if they fit.

    Blocks whose instrument is not there are told of elsewhere.
    """
    fit = _Fit(study, _known_blocks(study, instruments))
    return (*fit.rules(), *fit.placeholders())


def wrong_comparisons(
    where: str, found: Iterable[Comparison], study: StudyDefinition, instruments: Instruments
) -> Iterator[Problem]:
    """Yield where comparisons of answers, of a rule at `where`, do not fit what is asked."""
    fit = _Fit(study, _known_blocks(study, instruments))
    for comparison in found:
        if is_answer(comparison.name):
            yield from fit.wrong_comparison(where, comparison)


def _known_blocks(
    study: StudyDefinition, instruments: Instruments
) -> dict[str, tuple[BlockDefinition, InstrumentDefinition]]:
    return {
        block.key: (block, instruments[block.instrument, block.version])
        for block in study.blocks
        if (block.instrument, block.version) in instruments
    }


class _Fit:
    """What a study asks, by the names that rules and placeholders use."""

    def __init__(
        self,
        study: StudyDefinition,
        blocks: Mapping[str, tuple[BlockDefinition, InstrumentDefinition]],
    ) -> None:
        self._study = study
        self._blocks = blocks
        self._shuffled = {key for key, (block, _) in blocks.items() if block.shuffle}
        self._order = list(blocks)
        self._answers: dict[str, _Answer] = {}
        self._targets: dict[str, _Place] = {key: _Place(key, 0) for key in blocks}
        for block, instrument in blocks.values():
            self._note(block.key, instrument)
        for check in study.attention_checks:
            self._targets[f"check.{check.key}"] = _Place(check.block, check.after)

    def _note(self, block: str, instrument: InstrumentDefinition) -> None:
        asked = 0
        for item in instrument.items:
            scale = instrument.response_scale(item.response_scale)
            ref, place = f"{block}.{item.key}", _Place(block, asked)
            self._targets[ref] = place
            if not scale.format.asks:
                continue
            asked += 1
            parts = refs_of(ref, scale.format)
            for part in parts:
                self._answers[part] = _Answer(place, scale)
            if parts != (ref,):
                self._answers[ref] = _Answer(place, scale, parts)

    def _comes_before(self, answer: _Place, target: _Place) -> bool:
        if answer.block == target.block:
            return answer.block not in self._shuffled and answer.before < target.before
        if self._study.settings.get("block_order") == "shuffled":
            return False
        return self._order.index(answer.block) < self._order.index(target.block)

    # Rules

    def rules(self) -> Iterator[Problem]:
        for rule in self._study.flow.show_if:
            if rule.show not in self._targets:
                about = {"given": rule.show, "advice": advice(rule.show, self._targets)}
                yield Problem(f"show_if[{rule.show}].show", FlowMistake.UNKNOWN_TARGET, about)
                continue
            yield from self._later(
                f"show_if[{rule.show}].when", rule.show, parse(rule.when).answers
            )
        for where, comparison in comparisons(self._study.flow):
            if is_answer(comparison.name):
                yield from self.wrong_comparison(where, comparison)

    def _later(self, where: str, target: str, names: Iterable[str]) -> Iterator[Problem]:
        for name in sorted(set(names)):
            answer = self._answers.get(name)
            if answer and not self._comes_before(answer.place, self._targets[target]):
                about = {"given": name, "target": target}
                yield Problem(where, FlowMistake.LATER_ITEM, about)

    def wrong_comparison(self, where: str, comparison: Comparison) -> Iterator[Problem]:
        name = comparison.name
        answer = self._answers.get(name)
        if answer is None:
            yield self._unknown(where, name)
        elif answer.parts:
            about = {"given": name, "known": ", ".join(answer.parts)}
            yield Problem(where, FlowMistake.PART_NEEDED, about)
        else:
            yield from _wrong_literals(where, comparison, answer.scale)

    def _unknown(self, where: str, name: str) -> Problem:
        about = {"given": name, "advice": advice(name, self._answers)}
        return Problem(where, FileMistake.UNKNOWN_ITEM, about)

    # Placeholders

    def placeholders(self) -> Iterator[Problem]:
        for key, (_, instrument) in self._blocks.items():
            at = f"blocks[{key}]"
            for item in instrument.items:
                yield from self._item(at, key, item)
            for part in ("title", "instruction"):
                for language, text in getattr(instrument, part).items():
                    where = f"{at}.{part}.{language}"
                    yield from self._words(where, text)
                    yield from _as_they_stand(where, (f"{{answer:{a}}}" for a in answers_in(text)))
            for scale in instrument.response_scales:
                where = f"{at}.response_scales[{scale.key}]"
                for text in _texts_of((scale.format, scale.options)):
                    found = (f"{{condition:{one}}}" for one in conditions_in(text))
                    said = (f"{{answer:{one}}}" for one in answers_in(text))
                    yield from _as_they_stand(where, (*malformed_in(text), *found, *said))
        for check in self._study.attention_checks:
            for language, text in check.text.items():
                where = f"attention_checks[{check.key}].text.{language}"
                yield from self._words(where, text)
                if check.block in self._blocks:
                    yield from self._repeated(where, f"check.{check.key}", text)

    def _item(self, at: str, block: str, item: ItemDefinition) -> Iterator[Problem]:
        for language, text in item.text.items():
            where = f"{at}.items[{item.key}].text.{language}"
            yield from self._words(where, text)
            yield from self._repeated(where, f"{block}.{item.key}", text)

    def _words(self, where: str, text: str) -> Iterator[Problem]:
        yield from _as_they_stand(where, malformed_in(text))
        known = {one.key for one in self._study.flow.conditions}
        for name in conditions_in(text):
            if name not in known:
                about = {"given": name, "advice": advice(name, known)}
                yield Problem(where, FlowMistake.UNKNOWN_CONDITION, about)

    def _repeated(self, where: str, target: str, text: str) -> Iterator[Problem]:
        names = list(answers_in(text))
        for name in names:
            if name not in self._answers:
                yield self._unknown(where, name)
        yield from self._later(where, target, names)


def _as_they_stand(where: str, found: Iterable[str]) -> Iterator[Problem]:
    for one in found:
        yield Problem(where, FlowMistake.UNKNOWN_PLACEHOLDER, {"given": one})


def _wrong_literals(
    where: str, comparison: Comparison, scale: ResponseScaleDefinition
) -> Iterator[Problem]:
    """Values that the answer can never have; a text is a missing reason that it can have."""
    answered, name = scale.format, comparison.name
    reasons = [one.reason for one in answered.unscored]
    for literal in comparison.literals:
        if isinstance(literal, str):
            if comparison.sign not in ("==", "!="):
                yield Problem(where, FlowMistake.NOT_ORDERED, {"name": repr(literal)})
            elif literal not in reasons:
                yield impossible(where, name, literal, (*map(repr, reasons), _values(scale)))
        elif not answered.scored:
            yield Problem(where, FlowMistake.NOT_COMPARABLE, {"name": name})
        elif not _possible(literal, scale, exactly=comparison.sign in ("==", "!=")):
            yield impossible(where, name, literal, [_values(scale)])


def _possible(value: float, scale: ResponseScaleDefinition, *, exactly: bool) -> bool:
    values, answered = scale.values, scale.format
    if values:
        return value in values if exactly else values[0] <= value <= values[-1]
    if isinstance(answered, OpenFormat) and answered.column == "value" and value != int(value):
        return False
    span = answered.span
    return span is None or span[0] <= value <= span[1]


def _values(scale: ResponseScaleDefinition) -> str:
    """The values of a scale, as part of a sentence."""
    if scale.values:
        return ", ".join(map(str, scale.values))
    span = scale.format.span
    return f"{number_shown(span[0])} to {number_shown(span[1])}" if span else "–"


def _texts_of(value: Any) -> Iterator[str]:
    """Every text that respondents read of a scale, in all languages."""
    if is_dataclass(value) and not isinstance(value, type):
        for part in fields(value):
            held = getattr(value, part.name)
            if not isinstance(held, str):
                yield from _texts_of(held)
    elif isinstance(value, Mapping):
        yield from (text for text in value.values() if isinstance(text, str))
    elif isinstance(value, tuple):
        for part in value:
            yield from _texts_of(part)
