"""Answers out of a reply in words: the phrase that is one, or a line for each question."""

from __future__ import annotations

import re
from collections.abc import Sequence

from llm_respondents.conversation.arms import Arm
from llm_respondents.conversation.choices import Choice
from llm_respondents.conversation.reading.mentions import mentions, refuses
from llm_respondents.conversation.reading.number_words import number_in_words
from llm_respondents.conversation.reading.outcomes import (
    Answered,
    Missing,
    NoAnswer,
    OutOfRange,
    Parsed,
    Refusal,
    Unparsable,
    excerpt,
    from_mark,
    if_possible,
)
from llm_respondents.conversation.turns import Turn
from llm_respondents.conversation.typography import bare
from surveys.presentation import Question
from surveys.questions import Declared, EntryMistake, Mistaken, OpenFormat

# "My answer is: 5", in the languages in which models are asked or fall into.
_SAYING = (
    r"(?:(?:my|the|meine|die|ma|la|mon|mi|mia|minha|mijn|het|moja|mój|benim|我的|我|私の)\s*)?"
    r"(?:(?:final|selected|chosen)\s+)?"
    r"(?:(?:answer|response|choice|option|selection|rating|score|antwort|wahl|bewertung|réponse"
    r"|choix|respuesta|opción|elección|risposta|scelta|opzione|resposta|escolha|opção|antwoord"
    r"|keuze|optie|odpowiedź|wybór|opcja|cevap|cevabım|yanıt|yanıtım|seçim|seçenek|答案|回答|答"
    r"|选择|選擇|选项|選項|答え|選択|الإجابة|الجواب|إجابتي)"
    r"(?:\s*(?:is|ist|lautet|est|es|è|é|to|jest|是|为|為|は|هي|هو)(?=[\s:=0-9*]|$))?\s*[:=]?\s*"
    r"|(?:i\s+(?:choose|select|pick)|ich\s+wähle|je\s+choisis|elijo|scelgo|escolho|ik\s+kies"
    r"|wybieram|我选择?|我選擇?|选择?|選擇?)\s*(?:option|opción|opzione|opção|optie)?\s*)?"
)
_NUMBER = r"[+-]?[0-9]+(?:[.,][0-9]+)?"
# A dash right before a digit may be its sign.
_BETWEEN = r"(?:\s*(?:[=:.,;)]|[-–—](?![0-9])))?\s*"
# "-1-1" is a range; a number behind a number is its label only with something between them.
_NO_RANGE = r"(?:(?<=[\s=:,;(])|(?![+-][0-9]))"
# What a reply that names an option by its mark may look like, by the marks on display. Behind a
# letter something other than a word must follow, or every word would begin with an answer.
_ANSWER_FORMS = {
    "number": re.compile(
        rf"{_SAYING}[(\[]?(?P<mark>{_NUMBER})[)\]]?(?:{_BETWEEN}{_NO_RANGE}(?P<label>[^\d)\]].*))?",
        re.IGNORECASE | re.DOTALL,
    ),
    "letter": re.compile(
        rf"{_SAYING}[(\[]?(?P<mark>[A-Z])(?!\w)[)\]]?(?:{_BETWEEN}(?P<label>.+))?",
        re.IGNORECASE | re.DOTALL,
    ),
}
# A mark that opens a reply, whatever follows: such a reply named an option and then said more.
_OPENING = {
    "number": re.compile(rf"[(\[]?{_NUMBER}(?![\w/])"),
    "letter": re.compile(r"[(\[]?[A-Z]\s*[)\]=:.,–—-]"),
}
_LABEL_FORM = re.compile(rf"{_SAYING}(?P<label>.+)", re.IGNORECASE | re.DOTALL)
# An option's words, and its mark behind them.
_MARK_BEHIND = re.compile(
    r"(?P<label>.+?)(?:\s*[=\-–—:,;]\s*|\s*[(\[]\s*)(?P<mark>[+-]?[0-9]+|[A-Z])\s*[)\]]?", re.DOTALL
)
# The mark that a label shows, before its words or behind them.
_MARK_SHOWN = re.compile(
    r"\A[(\[]?(?:[+-]?[0-9]+|[a-z])[)\]]?(?:\s*[=\-:.,;)](?![0-9])\s*|(?<=[)\]])|\s+)(?=\S)"
    r"|(?<=\S)\s*[(\[][+-]?[0-9]+[)\]]\Z"
)
_BARE_MARK = re.compile(r"[+-]?[0-9]+|[A-Za-z]")
# Between words a dash is a dash; before a digit alone it may be a sign.
_DASH = re.compile(r"(?<=\w)[–—―−]|[–—―−](?![0-9])")
_BULLET = re.compile(r"\A[-–—•‣▪·*]\s+")
_LINE_FORM = re.compile(
    r"(?:[-–—•‣▪·]\s+)?(?:question|frage|pregunta|domanda|pergunta|questão|vraag|pytanie|soru|q"
    r"|item|no\.?|nr\.?|n\.?\s*[°º]|#|第|(?:问题|問題|题|題|質問|设问|設問|السؤال|سؤال))?\s*"
    r"[(\[]?(?P<position>[0-9]{1,6})[)\]]?(?:题|題|问|問)?"
    r"(?:\s*[:.)=]|(?<=[)\]]))\s*(?P<answer>\S.*)",
    re.IGNORECASE,
)
FENCE = re.compile(
    r"```(?:[a-z]*[ \t]*\n|json\s+|\s*)(?P<inside>.*?)\s*```", re.DOTALL | re.IGNORECASE
)
# So many options in lines of their own are a scale told again.
_FEWEST_RESTATED = 2
# So many lines that are a whole scale are answers sooner than a scale told again.
_LONGEST_MEANT = 3
# A reply is one short answer; what is longer is no answer, and need not be searched for one.
LONGEST_ANSWER = 2_000


def from_text(text: str, turn: Turn, arm: Arm) -> tuple[Parsed, ...]:
    """One outcome for each question of a turn whose reply was to be words, in the order asked."""
    if len(text) > _longest(turn):
        return (Unparsable("longer than any answer"),) * len(turn.questions)
    if len(turn.questions) == 1:
        return (_from_phrase(text, turn, turn.questions[0], arm),)
    return _from_lines(text, turn, arm)


def _longest(turn: Turn) -> int:
    """As long as all of its answers may be."""
    longest = (
        max((entry.longest for entry in question.open.entries), default=0) if question.open else 0
        for question in turn.questions
    )
    return sum(max(LONGEST_ANSWER, one) for one in longest)


def _from_lines(text: str, turn: Turn, arm: Arm) -> tuple[Parsed, ...]:
    """Read a line for each question. What says anything else may take back what the lines say."""
    lines = [line for line in text.splitlines() if bare(line)]
    found = [_LINE_FORM.fullmatch(bare(line)) for line in lines]
    asked = {question.position: question for question in turn.questions}
    pairs = [
        (position, _as_written(line, one["answer"], asked.get(position)))
        for line, one in zip(lines, found, strict=True)
        if one
        for position in (int(one["position"]),)
    ]
    if not all(found) or not pairs or not {position for position, _ in pairs} <= set(asked):
        return (_without_answer(text, turn, arm),) * len(turn.questions)
    read = [(position, _from_phrase(said, turn, asked[position], arm)) for position, said in pairs]
    if _says_more(read) or _restates_scale(pairs, turn, arm):
        return (Unparsable(excerpt(text)),) * len(turn.questions)
    return tuple(_of_question(question, read) for question in turn.questions)


def _as_written(line: str, said: str, question: Question | None) -> str:
    """The answer of a line; of an open question with its typography, which may belong to it."""
    whole = _LINE_FORM.fullmatch(line.strip()) if question and question.open else None
    return whole["answer"] if whole else said


def _says_more(read: Sequence[tuple[int, Parsed]]) -> bool:
    """Whether a line is neither an answer nor a refusal of one."""
    return any(isinstance(outcome, Unparsable | NoAnswer) for _, outcome in read)


def _restates_scale(pairs: Sequence[tuple[int, str]], turn: Turn, arm: Arm) -> bool:
    """Whether the lines are options under their marks, all of them or its ends: no answers.

    A whole scale may also be told numbered through, from either end. Where words were asked for, a
    line for each question may say the same as a part of one and be meant, or as the whole of a
    short one: yes and no are a scale told again, and two answers.
    """
    said = {(str(position), _folded(words)) for position, words in pairs}
    scales = [turn.choices(question, arm) for question in turn.questions]
    if len(said) < _FEWEST_RESTATED:
        return False
    asked_for = arm.elicitation == "label" and len(said) == len(turn.questions)
    if asked_for and len(said) <= _LONGEST_MEANT:
        return False
    if any(said in _scales_told(choices) for choices in scales):
        return True
    shown = [{(one.mark, _folded(one.label)) for one in choices} for choices in scales]
    return not asked_for and any(said <= scale for scale in shown)


def _scales_told(choices: Sequence[Choice]) -> list[set[tuple[str, str]]]:
    """How a whole scale may be told again: under its marks, or numbered through."""
    words = [(one.mark, _folded(one.label)) for one in choices]
    ordered = [_folded(one.label) for one in sorted(choices, key=lambda one: one.code)]
    through = [
        {(str(place), label) for place, label in enumerate(labels, start=1)}
        for labels in (ordered, ordered[::-1])
    ]
    return [set(words), *through]


def _of_question(question: Question, read: Sequence[tuple[int, Parsed]]) -> Parsed:
    """What its line says. Two lines for one question contradict each other; neither is taken."""
    outcomes = [outcome for position, outcome in read if position == question.position]
    if len(outcomes) == 1:
        return outcomes[0]
    return Unparsable(f"{len(outcomes) or 'no'} lines for question {question.position}")


def _from_phrase(text: str, turn: Turn, question: Question, arm: Arm) -> Parsed:
    if question.open:
        return _from_open_phrase(text, turn, question.open, arm)
    choices = turn.choices(question, arm)
    phrase = bare(_BULLET.sub("", text.strip(), count=1) if _takes_bullet(choices) else text)
    named = _labelled(phrase, choices)
    if named is not None:
        return Answered(named)
    if (both := _named_twice(phrase, choices)) is not None:
        return Answered(both)
    marked = _marked(phrase, choices, arm)
    return _without_answer(text, turn, arm) if marked is None else marked


def _marked(phrase: str, choices: Sequence[Choice], arm: Arm) -> Parsed | None:
    """What a phrase says that is a mark, with or without the words of its option; else None."""
    form = _ANSWER_FORMS[arm.option_marks].fullmatch(_in_digits(phrase, choices, arm))
    in_words = arm.elicitation == "label"
    if form is None or (in_words and not _marks_are_words(choices)):
        return None
    outcome = _from_named(form["mark"], choices)
    named = [one for one in choices if Answered(one.code) == outcome]
    if in_words and not any(one.shows_mark for one in named):
        return None
    said = _unbracketed(bare(form["label"] or ""))
    is_named = any(_names(words, one) for words in said for one in named)
    return outcome if is_named or not said[-1] else None


def _marks_are_words(choices: Sequence[Choice]) -> bool:
    """Whether a label is nothing but its mark: then whoever says a mark says words of the scale.

    On a scale from "-3" to "+3" and on one from "0 = never" over "1" to "10 = always" all options
    can be named so, or those in the middle alone would be heard.
    """
    return any(one.shows_mark and _BARE_MARK.fullmatch(bare(one.label)) for one in choices)


def _unbracketed(words: str) -> tuple[str, ...]:
    """Words behind a mark, with brackets round them and without; a label may have its own."""
    return words, re.sub(r"\A[(\[](.*)[)\]]\Z", r"\1", words), words.strip("()[] ")


def _from_open_phrase(text: str, turn: Turn, asked: OpenFormat, arm: Arm) -> Parsed:
    """The answer as it stands, without typography, or behind "Answer:"."""
    fenced = FENCE.fullmatch(text.strip())
    plain = fenced["inside"] if fenced else text
    phrase = bare(plain)
    saying = _LABEL_FORM.fullmatch(phrase)
    for said in (plain, phrase, bare(saying["label"]) if saying else ""):
        if reason := asked.reason_of(said):
            return Answered(Declared(reason))
        given = asked.of_text(said) if said.strip() else Mistaken(EntryMistake.EMPTY)
        if not isinstance(given, Mistaken):
            return if_possible(given, asked)
    return _without_answer(text, turn, arm)


def _in_digits(phrase: str, choices: Sequence[Choice], arm: Arm) -> str:
    """A reply that is a number in words, also behind "Answer:", as digits."""
    if arm.option_marks != "number":
        return phrase
    saying = _LABEL_FORM.fullmatch(phrase)
    said = bare(saying["label"]) if saying else phrase
    marks = [choice.mark for choice in choices]
    return number_in_words(phrase, marks) or number_in_words(said, marks) or phrase


def _takes_bullet(choices: Sequence[Choice]) -> bool:
    """Whether a dash before a reply is a bullet: where marks are negative it may be a sign."""
    return not any(choice.mark.startswith("-") for choice in choices)


def _labelled(phrase: str, choices: Sequence[Choice]) -> int | None:
    """The code of the one option whose label the phrase is, also behind "Answer:"."""
    saying = _LABEL_FORM.fullmatch(phrase)
    for said in (phrase, bare(saying["label"]) if saying else ""):
        named = [choice.code for choice in choices if _names(said, choice)]
        if len(named) == 1:
            return named[0]
    return None


def _named_twice(phrase: str, choices: Sequence[Choice]) -> int | None:
    """The code of the option whose words the phrase is with its own mark behind them."""
    form = _MARK_BEHIND.fullmatch(phrase) if _takes_bullet(choices) else None
    named = _labelled(bare(form["label"]), choices) if form else None
    marked = [choice.code for choice in choices if form and choice.mark == form["mark"].upper()]
    return named if [named] == marked else None


def _without_answer(text: str, turn: Turn, arm: Arm) -> Missing:
    """Why a text is no answer. Only what names no one option can be a refusal.

    A mark that opens the text, with more behind it, is one kind of case whatever it says: else
    answers would be lost by their wording, and in a privacy study by their value.
    """
    phrase = bare(_BULLET.sub("", text.strip(), count=1))
    if not phrase:
        return Unparsable("empty reply")
    if _OPENING[arm.option_marks].match(phrase):
        return Unparsable(excerpt(text))
    if refuses(phrase[:LONGEST_ANSWER], turn, arm):
        return Refusal(excerpt(text))
    named = mentions(phrase, turn, arm)
    return Unparsable(excerpt(text)) if named else NoAnswer(excerpt(text))


def _from_named(mark: str, choices: Sequence[Choice]) -> Parsed:
    """The option with a mark as it may be written: ``4``, ``+4``, ``04``, ``4.0``, ``b``."""
    if mark.isalpha():
        return from_mark(mark.upper(), choices)
    whole, _, fraction = mark.replace(",", ".").partition(".")
    # With three digits behind it a comma or a point may be that of thousands.
    if fraction not in ("", "0", "00") or len(whole) > 9:
        return OutOfRange(f"{mark[:20]} is no option")
    return from_mark(str(int(whole)), choices)


def _names(said: str, choice: Choice) -> bool:
    """Whether words are an option's label, whole or without the mark that it begins with."""
    label = _folded(choice.label)
    words = _MARK_SHOWN.sub("", label, count=1).strip("()[] ") if choice.shows_mark else label
    return bool(said) and _folded(said) in (label, words)


def _folded(words: str) -> str:
    """Words in which neither capitals nor the length of a dash tell anything apart.

    A capital I is that of "i" and of Turkish "ı": HAYIR says the same as hayır, as EVET does.
    """
    return _DASH.sub("-", bare(words).casefold().replace("i\u0307", "i").replace("ı", "i"))
