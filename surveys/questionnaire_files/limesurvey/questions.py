"""LimeSurvey's question types as questions. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from surveys.questionnaire_files.errors import Changed, NotKept
from surveys.questionnaire_files.languages import (
    ASSUMED,
    implied,
    in_order,
    language_tag,
    numbered,
)
from surveys.questionnaire_files.limesurvey.details import (
    losses_of,
    scale_headers,
    type_of,
    under,
    with_ends,
)
from surveys.questionnaire_files.limesurvey.structure import (
    LimeAnswer,
    LimeGroup,
    LimeQuestion,
    LimeSurvey,
)
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

_YES_NO = (("Y", "yes"), ("N", "no"))
_IMPLIED = {
    "Y": _YES_NO,
    "C": (("Y", "yes"), ("U", "uncertain"), ("N", "no")),
    "E": (("I", "increase"), ("S", "same"), ("D", "decrease")),
    "G": (("F", "female"), ("M", "male")),
}
_POINTS = {"5": 5, "A": 5, "B": 10}
# A question whose rows are each answered with one of its options.
_MATRICES = frozenset("FHABCE1")
_CHOICES = frozenset("L!OY5GI")
_ROWS_OF = {"K": Kind.NUMBER, "Q": Kind.TEXT}
_CELLS = {";": Kind.TEXT, ":": Kind.NUMBER}
_SINGLE = {"N": Kind.NUMBER, "S": Kind.TEXT, "T": Kind.TEXT, "U": Kind.TEXT, "D": Kind.DATE}
_REQUIRED = {"Y": Required.YES, "S": Required.SOFT}
_ALWAYS = frozenset(("", "1"))
_FILTERS = ("array_filter", "array_filter_exclude")
_LEAST = ("min_num_value_n", "multiflexible_min", "slider_min", "date_min")
_MOST = ("max_num_value_n", "multiflexible_max", "slider_max", "date_max")


def questionnaire_of(survey: LimeSurvey) -> Questionnaire:
    """The questionnaire of a file that was read."""
    wording = Wording(Tool.LIMESURVEY)
    languages = _languages(survey, wording)
    reading = _Reading(wording, languages)
    groups = sorted(survey.groups, key=lambda group: group.order)
    order = {group.key: place for place, group in enumerate(groups)}
    placed = sorted(survey.questions, key=lambda one: (order.get(one.group, len(order)), one.order))
    named = {group.key: group for group in groups}
    questions = [part for one in placed for part in reading.parts(one, named.get(one.group))]
    for name in survey.quotas:
        wording.note("quota", NotKept.QUOTA, name=name)
    for name in survey.assessments:
        wording.note("assessments", NotKept.ASSESSMENT, name=shown(name))
    for column, text in survey.page_texts.items():
        wording.page_text(column, text)
    return Questionnaire(
        tool=Tool.LIMESURVEY,
        title=wording.texts(reading.tagged(survey.title), "title", line=True),
        languages=languages,
        groups=tuple(reading.group(one) for one in groups),
        questions=tuple(questions),
        losses=tuple(wording.losses),
        # A group's file lists its languages, and does not say which of several comes first.
        language_said=bool(survey.base) or len(survey.languages) == 1,
    )


def _languages(survey: LimeSurvey, wording: Wording) -> tuple[str, ...]:
    """Those that some question is written in: settings can name more than the survey has."""
    written = {
        language for one in survey.questions for part in (one, *one.rows) for language in part.text
    }
    used = [one for one in survey.languages if one in written] or [survey.base or ASSUMED]
    used += sorted(written - set(used) - {""})
    tags = []
    for given in used:
        tag = language_tag(given)
        if tag != given:
            wording.note("languages", Changed.LANGUAGE_TAG, given=given, language=tag or "–")
        tags.append(tag)
    return in_order(tags[0] or ASSUMED, tags)


@dataclass(frozen=True, slots=True)
class _Reading:
    wording: Wording
    languages: tuple[str, ...]

    def tagged(self, texts: Texts) -> dict[str, str]:
        """Texts by our tags, of the questionnaire's languages alone."""
        tagged = {language_tag(language): text for language, text in texts.items()}
        return {language: tagged[language] for language in self.languages if language in tagged}

    def tagged_words(self, words: Texts) -> dict[str, str]:
        """Words by our tags; what is written for no language stays under ""."""
        return {
            language_tag(language) if language else "": text for language, text in words.items()
        }

    def group(self, group: LimeGroup) -> Group:
        """A group; its name is not shown when it is a condition's or a lottery's."""
        title = self.wording.texts(self.tagged(group.name), f"group {group.key}", line=True)
        condition = "" if group.relevance in _ALWAYS else group.relevance
        if condition:
            where = f"group {group.key}"
            self.wording.note(where, NotKept.GROUP_CONDITION, condition=shown(condition))
        if group.random:
            self.wording.note(f"group {group.key}", NotKept.RANDOM, what=shown(group.random))
        return Group(group.key, title, condition)

    def parts(self, one: LimeQuestion, group: LimeGroup | None) -> Iterator[Question]:
        """The questions that one question of the file consists of."""
        where = _where(one)
        base = Question(
            name=one.code,
            place=where,
            kind=Kind.OTHER,
            type=type_of(one),
            text=self.wording.texts(self.tagged(one.text), where),
            group=group.key if group else "",
            required=_REQUIRED.get(one.mandatory, Required.NO),
            condition=self._condition(one, where),
            minimum=_attribute(one, _LEAST),
            maximum=_attribute(one, _MOST),
            # A relevance of 0 is how a question is put out of use.
            hidden=one.attributes.get("hidden") == "1" or one.relevance.strip() == "0",
        )
        self._note(one, where)
        yield from self._by_type(one, base)

    def _by_type(self, one: LimeQuestion, base: Question) -> Iterator[Question]:
        if one.type in _MATRICES:
            yield from self._matrix(one, base)
        elif one.type in _CHOICES and one.type != "I":
            yield replace(base, kind=Kind.CHOICE, options=self._options(one, base.place))
        elif one.type in ("M", "P"):
            yield replace(base, kind=Kind.SEVERAL, options=self._rows_as_options(one, base.place))
        elif one.type == "R":
            options = self._options(one, base.place) or self._rows_as_options(one, base.place)
            yield replace(base, kind=Kind.RANKING, options=options)
        elif one.type in _ROWS_OF:
            slider = one.attributes.get("slider_layout") == "1"
            kind = Kind.SLIDER if slider else _ROWS_OF[one.type]
            yield from self._rows(one, base, lambda row, _part: replace(row, kind=kind))
        elif one.type in _CELLS:
            yield from self._cells(one, base)
        elif one.type in _SINGLE:
            yield replace(base, kind=_SINGLE[one.type])
        else:
            yield replace(base, kind=Kind.INFORMATION if one.type == "X" else Kind.OTHER)

    def _matrix(self, one: LimeQuestion, base: Question) -> Iterator[Question]:
        if one.type != "1":
            options = self._options(one, base.place)
            return self._rows(
                one, base, lambda row, _: replace(row, kind=Kind.CHOICE, options=options)
            )
        return self._dual(one, base)

    def _dual(self, one: LimeQuestion, base: Question) -> Iterator[Question]:
        """Both scales of a dual scale, each a matrix."""
        for scale in (0, 1):
            options = self._options(one, base.place, scale)
            for row in self._rows(one, base, lambda row, _: row):
                name = f"{row.name}_{scale + 1}"
                matrix = f"{one.code}_{scale + 1}"
                stem = under(row.stem, self.tagged_words(scale_headers(one, scale)))
                told = replace(row, name=name, matrix=matrix, stem=stem)
                yield replace(told, kind=Kind.CHOICE, options=options)

    def _rows(
        self,
        one: LimeQuestion,
        base: Question,
        made: Callable[[Question, LimeQuestion], Question],
    ) -> Iterator[Question]:
        for part in one.rows:
            if part.scale != 0:
                continue
            where = _where(one, part)
            row = replace(
                base,
                name=f"{one.code}_{part.code}",
                place=where,
                text=self.wording.texts(self.tagged(part.text), where),
                matrix=one.code,
                stem=base.text,
                condition=self._condition(part, where) or base.condition,
                shuffled=one.attributes.get("random_order") == "1",
            )
            yield with_ends(made(row, part), one, self.wording)

    def _cells(self, one: LimeQuestion, base: Question) -> Iterator[Question]:
        """Each cell of an array of texts or numbers is a question of its own."""
        columns = [part for part in one.rows if part.scale == 1]
        ticks = one.attributes.get("multiflexible_checkbox") == "1"
        for row in self._rows(one, base, lambda row, _: row):
            if ticks:
                options = tuple(
                    Option(column.code, self.wording.texts(self.tagged(column.text), row.place))
                    for column in columns
                )
                yield replace(row, kind=Kind.SEVERAL, options=options)
                continue
            for column in columns:
                heading = self.wording.texts(self.tagged(column.text), row.place)
                yield replace(
                    row,
                    name=f"{row.name}_{column.code}",
                    kind=_CELLS[one.type],
                    text={
                        language: f"{text} – {heading[language]}" if language in heading else text
                        for language, text in row.text.items()
                    },
                )

    def _options(self, one: LimeQuestion, where: str, scale: int = 0) -> tuple[Option, ...]:
        if one.type in _POINTS:
            return numbered(1, _POINTS[one.type])
        if one.type in _IMPLIED:
            self.wording.note(where, Changed.IMPLIED_LABELS, type=one.type)
            return implied(_IMPLIED[one.type], self.languages)
        answers = [answer for answer in one.answers if answer.scale == scale]
        scored = len({answer.score for answer in answers}) > 1
        return tuple(self._option(answer, where, scored=scored) for answer in answers)

    def _option(self, answer: LimeAnswer, where: str, *, scored: bool) -> Option:
        # The same assessment value everywhere is what LimeSurvey fills in: no scoring.
        label = self.wording.texts(self.tagged(answer.text), f"{where}, answer {answer.code}")
        return Option(answer.code, label, _whole(answer.score) if scored else None)

    def _rows_as_options(self, one: LimeQuestion, where: str) -> tuple[Option, ...]:
        for part in one.rows:
            self._condition(part, _where(one, part))
        return tuple(
            Option(part.code, self.wording.texts(self.tagged(part.text), where))
            for part in one.rows
        )

    def _condition(self, one: LimeQuestion, where: str) -> str:
        """Logic stands twice, as conditions and as the relevance that is made of them."""
        condition = one.relevance
        if condition in _ALWAYS:
            condition = " and ".join(one.conditions)
        if condition:
            self.wording.note(where, NotKept.CONDITION, condition=shown(condition))
        return condition

    def _note(self, one: LimeQuestion, where: str) -> None:
        self.wording.help(one.help, where)
        for code, arguments in _losses(one):
            self.wording.note(where, code, **arguments)
        for part in (one, *one.rows):
            if part.default:
                self.wording.note(_where(one, part), NotKept.DEFAULT, value=shown(part.default))


def _losses(one: LimeQuestion) -> Iterator[tuple[NotKept, dict[str, str]]]:
    """What of a question is not in the questions that it becomes."""
    if one.scripts:
        yield NotKept.SCRIPT, {}
    if one.other == "Y":
        yield NotKept.OTHER_OPTION, {}
    if one.type in ("O", "P"):
        yield NotKept.COMMENT, {}
    if one.rule:
        yield NotKept.RULE, {"rule": shown(one.rule)}
    yield from losses_of(one)
    for name in _FILTERS:
        if source := one.attributes.get(name):
            yield NotKept.FILTER, {"source": shown(source)}
    if group := one.attributes.get("random_group"):
        yield NotKept.RANDOM, {"what": shown(group)}
    if one.attributes.get("random_order") == "1" and one.type in "L!MPOR":
        yield NotKept.OPTION_ORDER, {"order": "random"}


def _where(one: LimeQuestion, part: LimeQuestion | None = None) -> str:
    inner = part if part is not None and part is not one else None
    name = f"{one.code}[{inner.code}]" if inner else one.code
    place = (inner or one).place
    return f"{place}: {name}" if place else name


def _attribute(one: LimeQuestion, names: tuple[str, ...]) -> str:
    return next((one.attributes[name] for name in names if one.attributes.get(name)), "")


def _whole(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None
