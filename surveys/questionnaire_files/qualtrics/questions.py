"""Qualtrics' question types as questions. Pure.

The id of an option is not its value: `RecodeValues` decides, where it is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from surveys.questionnaire_files.errors import Changed, LeftOut, NotKept
from surveys.questionnaire_files.json_values import listed, table, text, true
from surveys.questionnaire_files.languages import ASSUMED, in_order, language_tag
from surveys.questionnaire_files.qualtrics.elements import Block, described, elements_of
from surveys.questionnaire_files.questionnaire import (
    Group,
    Kind,
    Option,
    Question,
    Questionnaire,
    Required,
    Texts,
    Tool,
)
from surveys.questionnaire_files.wording import Wording, shown

_NUMBERS = frozenset(("ValidNumber", "ValidInteger", "Number"))
_DATES = frozenset(("ValidDate", "ValidUSDate", "ValidEUDate"))
_SEVERAL = ("MAVR", "MAHR", "MACOL", "MSB")
_REQUIRED = {"ON": Required.YES, "RequestResponse": Required.SOFT}


def read_survey(values: Any) -> Questionnaire:
    """The questionnaire of a .qsf file. Raises `Refusal` for one that holds none."""
    wording = Wording(Tool.QUALTRICS)
    elements = elements_of(values, wording)
    said = language_tag(text(elements.entry.get("SurveyLanguage")))
    languages = _languages(said, elements.options, elements.questions.values())
    reading = _Reading(wording, languages)
    questions = [
        part
        for block in elements.blocks
        for key in block.questions
        if key in elements.questions
        for part in reading.parts(key, elements.questions[key], block)
    ]
    for key in elements.unused:
        if key in elements.questions:
            name = text(elements.questions[key].get("DataExportTag"))
            wording.note(f"{key}: {name}" if name else key, LeftOut.UNUSED)
    title = wording.plain(text(elements.entry.get("SurveyName")), "title")
    return Questionnaire(
        tool=Tool.QUALTRICS,
        title={languages[0]: title} if title else {},
        languages=languages,
        groups=tuple(_group(one, languages[0]) for one in elements.blocks),
        questions=tuple(questions),
        losses=tuple(wording.losses),
        language_said=bool(said),
    )


def _group(block: Block, language: str) -> Group:
    return Group(block.key, {language: block.name} if block.name else {}, block.condition)


def _languages(said: str, options: Mapping[str, Any], questions: Any) -> tuple[str, ...]:
    """Those that the survey is offered in; of a question from a library there may be more."""
    offered = options.get("AvailableLanguages")
    if isinstance(offered, dict) and offered:
        names = list(offered)
    else:
        names = [name for one in questions for name in table(one.get("Language"))]
    return in_order(said or ASSUMED, (language_tag(name) for name in names if not name.isdigit()))


@dataclass(frozen=True, slots=True)
class _Reading:
    wording: Wording
    languages: tuple[str, ...]

    def parts(self, key: str, one: Mapping[str, Any], block: Block) -> Iterator[Question]:
        """The questions that one question of the file consists of."""
        name = text(one.get("DataExportTag")) or key
        where = f"{key}: {name}"
        kind, selector = text(one.get("QuestionType")), text(one.get("Selector"))
        sub = text(one.get("SubSelector"))
        base = Question(
            name=name,
            place=where,
            kind=Kind.OTHER,
            type="/".join(part for part in (kind, selector, sub) if part),
            text=self._texts(one, where, "QuestionText"),
            group=block.key,
            required=_required(one),
            condition=self._condition(one, where),
            minimum=_limit(one, "Min"),
            maximum=_limit(one, "Max"),
        )
        self._note(one, where)
        yield from self._by_type(one, base, (kind, selector, sub))

    def _by_type(
        self, one: Mapping[str, Any], base: Question, kind: tuple[str, str, str]
    ) -> Iterator[Question]:
        match kind:
            case ("MC", "NPS", _):
                yield replace(base, kind=Kind.CHOICE, options=self._choices(one, base.place))
            case ("MC", selector, _):
                several = Kind.SEVERAL if selector in _SEVERAL else Kind.CHOICE
                yield replace(base, kind=several, options=self._choices(one, base.place))
            case ("Matrix", "Likert" | "Bipolar" | "Profile", sub):
                yield from self._matrix(one, base, sub)
            case ("Matrix", "TE", _):
                yield from self._cells(one, base)
            case ("SBS", _, _):
                yield from self._side_by_side(one, base)
            case ("Slider", _, _):
                low, high = self._ends(one, base.place)
                self._note_slider(one, base.place)
                yield from self._rows(one, replace(base, kind=Kind.SLIDER, low=low, high=high))
            case ("TE", "FORM", _):
                yield from self._rows(one, replace(base, kind=Kind.TEXT))
            case ("TE", _, _):
                yield replace(base, kind=_written(one))
            case ("RO", _, _):
                yield replace(base, kind=Kind.RANKING, options=self._choices(one, base.place))
            case ("DB", _, _):
                yield replace(base, kind=Kind.INFORMATION)
            case _:
                yield base

    def _matrix(self, one: Mapping[str, Any], base: Question, sub: str) -> Iterator[Question]:
        kind = Kind.SEVERAL if sub == "MultipleAnswer" else Kind.CHOICE
        answers = table(one.get("Answers"))
        self._note_each(one, base.place, "Answers", "answer")
        for row in self._rows(one, base):
            options = self._options(one, row.place, "Answers", answers, "AnswerOrder")
            yield replace(row, kind=kind, options=options)

    def _side_by_side(self, one: Mapping[str, Any], base: Question) -> Iterator[Question]:
        """Several matrices of the same rows, each with answers of its own."""
        for key, column in table(one.get("AdditionalQuestions")).items():
            part = {**one, **table(column), "Choices": one.get("Choices")}
            part = {**part, "ChoiceOrder": one.get("ChoiceOrder"), "Language": one.get("Language")}
            heading = self.wording.plain(table(column).get("QuestionText"), base.place)
            words = {language: f"{words} – {heading}" for language, words in base.text.items()}
            under = replace(
                base, name=f"{base.name}_{key}", type=f"{base.type} {key}", text=words or base.text
            )
            if text(part.get("QuestionType")) != "Matrix":
                yield under
            elif text(part.get("Selector")) == "TE":
                yield from self._cells(part, under)
            else:
                yield from self._matrix(part, under, text(part.get("SubSelector")))

    def _cells(self, one: Mapping[str, Any], base: Question) -> Iterator[Question]:
        answers = table(one.get("Answers"))
        for row in self._rows(one, base):
            for key in _order(one, "AnswerOrder", answers):
                heading = self._displayed(one, row.place, "Answers", key)
                words = {
                    language: f"{part} – {heading[language]}" if language in heading else part
                    for language, part in row.text.items()
                }
                yield replace(row, name=f"{row.name}_{key}", kind=Kind.TEXT, text=words)

    def _rows(self, one: Mapping[str, Any], base: Question) -> Iterator[Question]:
        """Each choice as a row under the question."""
        choices, tags = table(one.get("Choices")), table(one.get("ChoiceDataExportTags"))
        self._carried(one, base.place, choices)
        for key in _order(one, "ChoiceOrder", choices):
            where = f"{base.place}, row {key}"
            if true(table(choices[key]).get("TextEntry")):
                self.wording.note(where, NotKept.OPTION_TEXT, label=self._label(one, key))
            own = self._condition(table(choices[key]), where)
            yield replace(
                base,
                name=text(tags.get(key)) or f"{base.name}_{key}",
                place=where,
                text=self._displayed(one, where, "Choices", key),
                stem=base.text,
                matrix=base.name,
                condition=" and ".join(part for part in (base.condition, own) if part),
                shuffled=_random(one) == "All",
            )

    def _choices(self, one: Mapping[str, Any], where: str) -> tuple[Option, ...]:
        choices = table(one.get("Choices"))
        self._carried(one, where, choices)
        if _random(one):
            self.wording.note(where, NotKept.OPTION_ORDER, order=_random(one))
        for key in _order(one, "ChoiceOrder", choices):
            if true(table(choices[key]).get("TextEntry")):
                self.wording.note(where, NotKept.OPTION_TEXT, label=self._label(one, key))
        self._note_each(one, where, "Choices", "option")
        return self._options(one, where, "Choices", choices, "ChoiceOrder")

    def _note_each(self, one: Mapping[str, Any], where: str, what: str, called: str) -> None:
        """What belongs to single options: when they are shown, that they stand alone, pictures."""
        for key, given in table(one.get(what)).items():
            option, place = table(given), f"{where}, {called} {key}"
            self._condition(option, place)
            if true(option.get("ExclusiveAnswer")):
                self.wording.note(place, NotKept.RULE, rule="ExclusiveAnswer")
            if picture := text(table(option.get("Image")).get("ImageLocation")):
                self.wording.note(place, NotKept.PICTURE, source=shown(picture))

    def _options(
        self,
        one: Mapping[str, Any],
        where: str,
        what: str,
        given: Mapping[str, Any],
        order: str,
    ) -> tuple[Option, ...]:
        recoded = table(one.get("RecodeValues"))
        outside = table(one.get("AnalyzeChoices"))
        return tuple(
            Option(
                text(recoded.get(key)) or key,
                self._displayed(one, where, what, key),
                scored=text(outside.get(key)) != "No",
            )
            for key in _order(one, order, given)
        )

    def _carried(self, one: Mapping[str, Any], where: str, choices: Mapping[str, Any]) -> None:
        dynamic = table(one.get("DynamicChoices"))
        source = text(dynamic.get("Locator")) or text(table(dynamic).get("Type"))
        if source:
            self.wording.note(where, NotKept.CHOICES_ELSEWHERE, source=shown(source))
        elif not choices:
            self.wording.note(where, LeftOut.CARRIED)

    def _label(self, one: Mapping[str, Any], key: str) -> str:
        display = table(table(one.get("Choices")).get(key)).get("Display")
        return shown(Wording(Tool.QUALTRICS).plain(text(display), "")) or key

    def _texts(self, one: Mapping[str, Any], where: str, what: str) -> Texts:
        raw = {self.languages[0]: one.get(what)}
        for name, words in table(one.get("Language")).items():
            if (tag := language_tag(name)) in self.languages[1:]:
                raw[tag] = table(words).get(what)
        return self.wording.texts(raw, where)

    def _displayed(self, one: Mapping[str, Any], where: str, what: str, key: str) -> Texts:
        """The words of a choice or an answer in every language."""
        raw = {self.languages[0]: table(table(one.get(what)).get(key)).get("Display")}
        for name, words in table(one.get("Language")).items():
            if (tag := language_tag(name)) in self.languages[1:]:
                part = table(table(words).get(what)).get(key)
                raw[tag] = table(part).get("Display")
        plain = {language: text(words) for language, words in raw.items()}
        return self.wording.texts(plain, where)

    def _condition(self, one: Mapping[str, Any], where: str) -> str:
        condition = described(one.get("DisplayLogic")) or described(one.get("InPageDisplayLogic"))
        if condition:
            self.wording.note(where, NotKept.CONDITION, condition=shown(condition))
        return condition

    def _note(self, one: Mapping[str, Any], where: str) -> None:
        note = self.wording.note
        if skip := described(one.get("SkipLogic")):
            note(where, NotKept.SKIP, condition=shown(skip))
        if one.get("QuestionJS"):
            note(where, NotKept.SCRIPT)
        if picture := text(one.get("Graphics")) or text(one.get("Files")):
            note(where, NotKept.PICTURE, source=shown(picture))
        if default := one.get("DefaultChoices"):
            note(where, NotKept.DEFAULT, value=shown(str(default)))
        if rule := _rule(one):
            note(where, NotKept.RULE, rule=shown(rule))
        if (order := _random(one)) and text(one.get("QuestionType")) == "Matrix" and order != "All":
            note(where, NotKept.RANDOM, what=order)
        if listed(one.get("GradingData")):
            note(where, NotKept.ASSESSMENT, name="GradingData")
        if "Reverse" in str(table(one.get("Configuration")).get("Autoscale")):
            note(where, Changed.REORDERED)

    def _note_slider(self, one: Mapping[str, Any], where: str) -> None:
        settings = table(one.get("Configuration"))
        if true(settings.get("NotApplicable")):
            label = text(settings.get("NotApplicableText")) or "Not Applicable"
            self.wording.note(where, NotKept.MISSING_CODE, label=shown(label), code="NotApplicable")

    def _ends(self, one: Mapping[str, Any], where: str) -> tuple[Texts, Texts]:
        """The first and the last word above a slider; those between have no place."""
        labels = [
            self.wording.texts({self.languages[0]: text(table(part).get("Display"))}, where)
            for part in listed(one.get("Labels"))
        ]
        if len(labels) < 2:
            return {}, {}
        between = [next(iter(label.values()), "") for label in labels[1:-1]]
        if any(between):
            self.wording.note(where, NotKept.END_LABELS, text=shown(", ".join(between)))
        return labels[0], labels[-1]


def _order(one: Mapping[str, Any], name: str, given: Mapping[str, Any]) -> list[str]:
    """Keys in the order of the file, those of groups in their place, left-out ones at the end."""
    groups = table(one.get("ChoiceGroups"))
    order: list[str] = []
    for entry in [*listed(one.get(name)), *given]:
        key = text(entry)
        inner = listed(table(groups.get(key)).get("ChoiceGroupOrder"))
        order.extend(text(part) for part in inner or [key])
    return [key for key in dict.fromkeys(order) if key in given]


def _required(one: Mapping[str, Any]) -> Required:
    """Only what is forced is mandatory: the type beside it may say ON though it is not."""
    settings = table(table(one.get("Validation")).get("Settings"))
    forced = text(settings.get("ForceResponse"))
    if forced == "ON" and text(settings.get("ForceResponseType")) == "RequestResponse":
        return Required.SOFT
    return _REQUIRED.get(forced, Required.NO)


def _written(one: Mapping[str, Any]) -> Kind:
    settings = table(table(one.get("Validation")).get("Settings"))
    content = {text(settings.get("ContentType")), text(settings.get("Type"))}
    if content & _NUMBERS:
        return Kind.NUMBER
    return Kind.DATE if content & _DATES else Kind.TEXT


def _limit(one: Mapping[str, Any], end: str) -> str:
    settings = table(table(one.get("Validation")).get("Settings"))
    number = table(settings.get("ValidNumber"))
    slider = table(one.get("Configuration"))
    return text(number.get(end)) or text(slider.get(f"CSSlider{end}"))


def _rule(one: Mapping[str, Any]) -> str:
    """What else is asked of an answer than that it is one, and a number or a date."""
    settings = table(table(one.get("Validation")).get("Settings"))
    kind = text(settings.get("Type"))
    if kind in ("", "None", "ContentType", "Number"):
        content = text(settings.get("ContentType"))
        return "" if content in ("", "None") or content in _NUMBERS | _DATES else content
    details = [f"{name} {text(settings[name])}" for name in sorted(settings) if "Char" in name]
    return " ".join([kind, *details])


def _random(one: Mapping[str, Any]) -> str:
    """The random order of the choices, empty if there is none."""
    given = one.get("Randomization")
    kind = text(table(given).get("Type")) or text(given)
    return "" if kind in ("None", "false") else kind
