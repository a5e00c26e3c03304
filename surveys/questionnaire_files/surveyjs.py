"""SurveyJS's JSON, old names of its properties included. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from surveys.questionnaire_files.content import Refusal
from surveys.questionnaire_files.errors import Changed, NotKept, Unreadable
from surveys.questionnaire_files.json_values import listed, table, text, true
from surveys.questionnaire_files.languages import ASSUMED, implied, in_order, language_tag
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
from surveys.questionnaire_files.surveyjs_losses import note_option, note_question, note_survey
from surveys.questionnaire_files.wording import Wording, shown

MOST_PANELS = 20
_KINDS = {
    "radiogroup": Kind.CHOICE,
    "dropdown": Kind.CHOICE,
    "buttongroup": Kind.CHOICE,
    "imagepicker": Kind.CHOICE,
    "checkbox": Kind.SEVERAL,
    "tagbox": Kind.SEVERAL,
    "ranking": Kind.RANKING,
    "sortablelist": Kind.RANKING,
    "comment": Kind.TEXT,
    "slider": Kind.SLIDER,
    "nouislider": Kind.SLIDER,
    "html": Kind.INFORMATION,
    "image": Kind.INFORMATION,
}
_INPUTS = {
    "number": Kind.NUMBER,
    "range": Kind.SLIDER,
    "date": Kind.DATE,
    "datetime": Kind.DATE,
    "datetime-local": Kind.DATE,
    "month": Kind.DATE,
}
# Options that stand beside the others, under a newer and an older name of their property.
_BESIDE = (
    ("other", ("showOtherItem", "hasOther"), "otherText", "Other (describe)"),
    ("none", ("showNoneItem", "hasNone"), "noneText", "None"),
    ("refused", ("showRefuseItem",), "refuseText", "Refuse to answer"),
    ("dontknow", ("showDontKnowItem",), "dontKnowText", "Don't know"),
)
# Elements whose words are not a title.
_UNTITLED = ("html", "image")
_PARTS = ("elements", "questions")


def is_survey(values: Any) -> bool:
    """Tell whether it has pages or elements as a survey does."""
    top = table(values)
    return any(isinstance(top.get(part), list) for part in ("pages", *_PARTS))


def read_survey(values: Any) -> Questionnaire:
    """The questionnaire of a survey's JSON. Raises `Refusal` for one that holds none."""
    if not is_survey(values):
        raise Refusal(Unreadable.UNKNOWN_FORM)
    top = table(values)
    wording = Wording(Tool.SURVEYJS)
    said = language_tag(top.get("locale"))
    reading = _Reading(wording, said or ASSUMED, _languages(top, said or ASSUMED))
    pages = listed(top.get("pages")) or [top]
    groups: list[Group] = []
    questions: list[Question] = []
    for number, page in enumerate(pages, start=1):
        if isinstance(page, dict):
            key = text(page.get("name")) or f"page{number}"
            group = reading.group(page, key if page is not top else "")
            groups.append(group)
            unseen = page.get("visible") is False
            questions.extend(
                replace(one, hidden=one.hidden or unseen)
                for one in reading.walk(page, group.key, "", 0)
            )
    note_survey(wording, top)
    return Questionnaire(
        tool=Tool.SURVEYJS,
        title=reading.texts(top.get("title"), "title"),
        languages=reading.languages,
        groups=tuple(groups),
        questions=tuple(questions),
        losses=tuple(wording.losses),
        language_said=bool(said),
    )


def _languages(top: Mapping[str, Any], base: str) -> tuple[str, ...]:
    return in_order(base, sorted(_tags(top, 0)))


def _tags(value: Any, depth: int) -> set[str]:
    """Every language that some text is written in."""
    found: set[str] = set()
    if depth > 60:
        return found
    if isinstance(value, dict):
        if "default" in value and all(isinstance(one, str) for one in value.values()):
            return _named(value)
        for part in ("title", "text", "label", "html", "labelTrue", "labelFalse"):
            words = value.get(part)
            if isinstance(words, dict):
                found |= {
                    tag for name in words if name != "default" and (tag := language_tag(name))
                }
    for part in listed(value):
        if isinstance(part, dict | list):
            found |= _tags(part, depth + 1)
    return found


def _named(words: Mapping[str, Any]) -> set[str]:
    return {tag for name in words if name != "default" and (tag := language_tag(name))}


@dataclass(frozen=True, slots=True)
class _Reading:
    wording: Wording
    base: str
    languages: tuple[str, ...]
    names: set[str] = field(default_factory=set)

    def texts(self, value: Any, where: str) -> Texts:
        """A text that is one string or one per language; what is called default is the first."""
        if not isinstance(value, dict):
            return self.wording.texts({self.base: text(value)}, where)
        raw = {self.base: value["default"]} if "default" in value else {}
        for name, words in value.items():
            if name != "default" and (tag := language_tag(name)):
                raw[tag] = words
        return self.wording.texts(raw, where)

    def group(self, page: Mapping[str, Any], key: str) -> Group:
        """A page; without a title it is not shown with one."""
        condition = text(page.get("visibleIf"))
        if condition and key:
            self.wording.note(f"page {key}", NotKept.GROUP_CONDITION, condition=shown(condition))
        order = text(page.get("questionsOrder")) or text(page.get("questionOrder"))
        if order == "random":
            self.wording.note(f"page {key}", NotKept.RANDOM, what="order of the questions")
        title = self.texts(page.get("title"), f"page {key}") if key else {}
        return Group(key, title, condition)

    def walk(
        self, part: Mapping[str, Any], group: str, condition: str, depth: int
    ) -> Iterator[Question]:
        """The questions of a page or panel in their order, panels in their place."""
        if depth > MOST_PANELS:
            raise Refusal(Unreadable.TOO_DEEP)
        for name in _PARTS:
            for element in listed(part.get(name)):
                if not isinstance(element, dict):
                    continue
                if isinstance(element.get("elements"), list) or element.get("type") == "panel":
                    yield from self._panel(element, group, condition, depth)
                else:
                    yield from self._question(element, group, condition)

    def _panel(
        self, panel: Mapping[str, Any], group: str, condition: str, depth: int
    ) -> Iterator[Question]:
        own = text(panel.get("visibleIf"))
        if own:
            where = f"panel {text(panel.get('name'))}"
            self.wording.note(where, NotKept.GROUP_CONDITION, condition=shown(own))
        both = " and ".join(one for one in (condition, own) if one)
        for one in self.walk(panel, group, both, depth + 1):
            yield replace(one, hidden=one.hidden or panel.get("visible") is False)

    def _question(self, one: Mapping[str, Any], group: str, condition: str) -> Iterator[Question]:
        name, kind = text(one.get("name")), text(one.get("type")) or "text"
        where = name or kind
        own = text(one.get("visibleIf"))
        if own:
            self.wording.note(where, NotKept.CONDITION, condition=shown(own))
        words = self.texts(one.get("html" if kind == "html" else "title"), where)
        base = Question(
            name=name,
            place=where,
            kind=_kind(one, kind),
            type=_type(one, kind),
            # A question without a title is shown with its name.
            text=words or ({} if kind in _UNTITLED else self.texts(name, where)),
            group=group,
            required=Required.YES if true(one.get("isRequired")) else Required.NO,
            condition=" and ".join(part for part in (condition, own) if part),
            minimum=text(one.get("min")),
            maximum=text(one.get("max")),
            hidden=one.get("visible") is False,
        )
        note_question(self.wording, one, where)
        yield from self._by_type(one, base, kind)

    def _by_type(self, one: Mapping[str, Any], base: Question, kind: str) -> Iterator[Question]:
        if kind == "matrix":
            yield from self._matrix(one, base)
        elif kind == "multipletext":
            yield from self._fields(one, base)
        elif kind == "rating":
            yield replace(base, kind=Kind.CHOICE, options=self._rating(one, base.place))
        elif kind == "boolean":
            yield replace(base, kind=Kind.CHOICE, options=self._boolean(one, base.place))
        elif base.kind in (Kind.CHOICE, Kind.SEVERAL, Kind.RANKING):
            yield replace(base, options=self._choices(one, base.place))
        else:
            yield base

    def _fields(self, one: Mapping[str, Any], base: Question) -> Iterator[Question]:
        """The fields of a question with several, each with its own kind, range and need."""
        for item in map(table, listed(one.get("items"))):
            row = self._row(base, item, "name", "title", _kind(item, "text"))
            note_question(self.wording, item, row.place)
            need = Required.YES if true(item.get("isRequired")) else base.required
            limits = (text(item.get("min")), text(item.get("max")))
            limited = replace(row, minimum=limits[0], maximum=limits[1])
            yield replace(limited, required=need, type=_type(item, "text"))

    def _matrix(self, one: Mapping[str, Any], base: Question) -> Iterator[Question]:
        columns = self._options(one.get("columns"), base.place)
        each = true(one.get("eachRowRequired")) or true(one.get("isAllRowRequired"))
        several = text(one.get("cellType")) == "checkbox"
        made = replace(
            base,
            options=columns,
            required=Required.YES if each else base.required,
            shuffled=text(one.get("rowOrder")) == "random"
            or text(one.get("rowsOrder")) == "random",
        )
        rows = listed(one.get("rows"))
        for row in rows:
            kind = Kind.SEVERAL if several else Kind.CHOICE
            yield self._row(made, _as_choice(row), "value", "text", kind)
        if not rows:
            # A matrix without rows is one question.
            yield replace(made, kind=Kind.CHOICE)

    def _row(
        self, base: Question, row: Mapping[str, Any], key: str, label: str, kind: Kind
    ) -> Question:
        name = text(row.get(key))
        where = f"{base.place}, {name}"
        condition = text(row.get("visibleIf"))
        if condition:
            self.wording.note(where, NotKept.CONDITION, condition=shown(condition))
        return replace(
            base,
            name=f"{base.name}_{name}",
            place=where,
            kind=kind,
            text=self.texts(row.get(label), where) or self.texts(name, where),
            stem=base.text,
            matrix=base.name,
            condition=" and ".join(part for part in (base.condition, condition) if part),
        )

    def _choices(self, one: Mapping[str, Any], where: str) -> tuple[Option, ...]:
        given = listed(one.get("choices")) or _counted(one)
        options = list(self._options(given, where))
        for code, names, label, words in _BESIDE:
            if not any(true(one.get(name)) for name in names):
                continue
            if code == "other":
                self.wording.note(where, NotKept.OTHER_OPTION)
            else:
                said = self.texts(one.get(label), where) or {self.base: words}
                options.append(Option(code, said, scored=False))
        if source := one.get("choicesByUrl") or text(one.get("choicesFromQuestion")):
            self.wording.note(where, NotKept.CHOICES_ELSEWHERE, source=shown(str(source)))
        order = text(one.get("choicesOrder"))
        if order not in ("", "none"):
            self.wording.note(where, NotKept.OPTION_ORDER, order=order)
        return tuple(options)

    def _options(self, choices: Any, where: str) -> tuple[Option, ...]:
        options = []
        for choice in listed(choices):
            entry = _as_choice(choice)
            code = text(entry.get("value"))
            label = self.texts(entry.get("text"), where) or self.texts(code, where)
            options.append(Option(code, label))
            note_option(self.wording, entry, f"{where}, {code}")
        return tuple(options)

    def _rating(self, one: Mapping[str, Any], where: str) -> tuple[Option, ...]:
        """Numbers from 1 to 5 unless it says others, with words at the ends."""
        values = listed(one.get("rateValues"))
        if values:
            options = list(self._options(values, where))
        else:
            options = [Option(str(value)) for value in _range(one)]
        if not options:
            return ()
        ends = (
            (0, ("minRateDescription", "mininumRateDescription")),
            (-1, ("maxRateDescription", "maximumRateDescription")),
        )
        for place, names in ends:
            words = next((one[name] for name in names if one.get(name)), None)
            if words and not values:
                options[place] = replace(options[place], label=self.texts(words, where))
            elif words:
                self.wording.note(where, NotKept.END_LABELS, text=shown(text(words) or str(words)))
        return tuple(options)

    def _boolean(self, one: Mapping[str, Any], where: str) -> tuple[Option, ...]:
        no, yes = implied((("false", "no"), ("true", "yes")), self.languages)
        if not (one.get("labelTrue") and one.get("labelFalse")):
            self.wording.note(where, Changed.IMPLIED_LABELS, type="boolean")
        return (
            Option(
                text(one.get("valueFalse")) or "false",
                {**no.label, **self.texts(one.get("labelFalse"), where)},
                0,
            ),
            Option(
                text(one.get("valueTrue")) or "true",
                {**yes.label, **self.texts(one.get("labelTrue"), where)},
                1,
            ),
        )


def _type(one: Mapping[str, Any], kind: str) -> str:
    given = text(one.get("inputType"))
    return f"{kind}/{given}" if given else kind


def _kind(one: Mapping[str, Any], kind: str) -> Kind:
    if kind == "text":
        return _INPUTS.get(text(one.get("inputType")), Kind.TEXT)
    if kind == "imagepicker" and true(one.get("multiSelect")):
        return Kind.SEVERAL
    if kind == "slider" and text(one.get("sliderType")) == "range":
        # Its answer is two numbers.
        return Kind.OTHER
    return _KINDS.get(kind, Kind.OTHER)


def _counted(one: Mapping[str, Any]) -> list[int]:
    """The numbers that a list offers which is given by its ends."""
    least, most = _whole(one.get("choicesMin"), 0), _whole(one.get("choicesMax"), 0)
    step = max(_whole(one.get("choicesStep"), 1), 1)
    return list(range(least, min(most, least + 500 * step) + 1, step)) if most > least else []


def _as_choice(choice: Any) -> Mapping[str, Any]:
    """A choice as value and text: "value|text", a value alone, or a table of both."""
    if isinstance(choice, dict):
        return choice
    if isinstance(choice, str) and "|" in choice:
        value, _, words = choice.partition("|")
        return {"value": value, "text": words}
    return {"value": choice}


def _range(one: Mapping[str, Any]) -> list[int]:
    count = _whole(one.get("rateCount"), 0)
    least = _whole(one.get("rateMin"), 1)
    step = max(_whole(one.get("rateStep"), 1), 1)
    most = _whole(one.get("rateMax"), least + (count - 1) * step if count > 1 else 5)
    return list(range(least, min(most, least + 200 * step) + 1, step))


def _whole(value: Any, default: int) -> int:
    return value if type(value) is int and abs(value) < 10_000 else default
