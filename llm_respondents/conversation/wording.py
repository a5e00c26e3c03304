"""The words around a questionnaire, language by language.

Whatever changes a single character here changes `prompts.PROMPT_VERSION`, which is stored with
every panel; a form of asking that is new needs no new version, since nobody has read it yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from llm_respondents.conversation.arms import Arm, OptionMarks
from surveys.media import MediumKind

ReplyForm = Literal["json", "text", "reason"]


@dataclass(frozen=True, slots=True)
class Forms:
    """How to reply, where options are named by their marks; `…_many` for several questions."""

    schema: str
    schema_many: str
    number: str
    number_many: str
    reason: str
    reason_many: str
    distribution: str
    distribution_many: str


@dataclass(frozen=True, slots=True)
class Words:
    """The frame around a questionnaire in one language."""

    system_one: str
    system_many: str
    system_one_distribution: str
    system_many_distribution: str
    persona: str
    question: str
    label: str
    label_many: str
    # Of version 1; since then, what was wrong with a reply, by its outcome, and that the question
    # is asked again.
    reminder: str
    wrong: Mapping[str, str]
    again: str
    forms: Mapping[OptionMarks, Forms]
    # Of questions that are no choice of one option: how to reply to one of them, to several of
    # which one is, what each of those asks for, and the words that may be given instead.
    open_forms: Mapping[ReplyForm, str]
    mixed_forms: Mapping[ReplyForm, str]
    wanted: str
    instead: str
    wrong_open: Mapping[str, str]
    # What is shown with a text, each kind: where it is sent, and where words stand for it.
    sent: Mapping[MediumKind, str]
    described: Mapping[MediumKind, str]

    def system(self, arm: Arm) -> str:
        """The standard system message of an arm."""
        if arm.elicitation == "distribution":
            one, many = self.system_one_distribution, self.system_many_distribution
        else:
            one, many = self.system_one, self.system_many
        return one if arm.items_per_turn == "one" else many

    def form(self, arm: Arm, *, many: bool) -> str:
        """The sentence that closes a question: in which form to reply."""
        if arm.elicitation == "label":
            return self.label_many if many else self.label
        name = f"{arm.elicitation}_many" if many else arm.elicitation
        return str(getattr(self.forms[arm.option_marks], name))

    def open_form(self, arm: Arm) -> str:
        """The sentence that closes an open question; `{wanted}` is the form of an answer."""
        return self.open_forms[_reply_form(arm)]

    def mixed_form(self, arm: Arm) -> str:
        """The sentence that closes several questions of which some are open."""
        return self.mixed_forms[_reply_form(arm)]


def _reply_form(arm: Arm) -> ReplyForm:
    """Of a distribution there are options alone: an open question is answered by its answer."""
    if arm.elicitation == "reason":
        return "reason"
    return "json" if arm.needs_schema else "text"


_WORDS: Mapping[str, Words] = {
    "en": Words(
        system_one=(
            "You are answering a questionnaire. The questions come one at a time. There are no "
            "right or wrong answers: choose the answer that fits you best. Reply to each question "
            "in the form it asks for, and with nothing else."
        ),
        system_many=(
            "You are answering a questionnaire. The questions come several at a time. There are no "
            "right or wrong answers: for each question choose the answer that fits you best. Reply "
            "in the form asked for, and with nothing else."
        ),
        system_one_distribution=(
            "You are answering a questionnaire. The questions come one at a time. There are no "
            "right or wrong answers: for each option say how likely you are to choose it. Reply to "
            "each question in the form it asks for, and with nothing else."
        ),
        system_many_distribution=(
            "You are answering a questionnaire. The questions come several at a time. There are no "
            "right or wrong answers: for each option of each question say how likely you are to "
            "choose it. Reply in the form asked for, and with nothing else."
        ),
        persona="Answer as the following person would:",
        question="Question {position} of {total}",
        label="Reply with the exact words of one option.",
        label_many=(
            "Reply with one line for each question: the number of the question, a colon, the exact "
            "words of one option."
        ),
        reminder="Your last reply did not have the form asked for. Please answer again.",
        wrong={
            "no_answer": "Your reply names none of the options.",
            "unparsable": "Your reply says more than an answer, or leaves doubt which one it is.",
            "schema_violation": "Your reply is not the JSON that was asked for.",
            "out_of_range": "Your reply names an option that there is not.",
            "truncated": "Your reply was too long and was cut off.",
        },
        again="Please answer the question again, with the answer alone.",
        open_forms={
            "json": 'Reply with JSON: {{"answer": {wanted}}}.',
            "text": "Reply with {wanted}, and with nothing else.",
            "reason": (
                'Reply with JSON: {{"reason": your reason in one sentence, "answer": {wanted}}}.'
            ),
        },
        mixed_forms={
            "json": (
                'Reply with JSON: {"answers": an object that gives, for the number of each '
                "question, what the question asks for; of options, as its options are named}."
            ),
            "text": (
                "Reply with one line for each question: the number of the question, a colon, what "
                "the question asks for; of options, as its options are named."
            ),
            "reason": (
                'Reply with JSON: {"answers": an object that gives, for the number of each '
                'question, {"reason": your reason in one sentence, "answer": what the question '
                "asks for; of options, as its options are named}}."
            ),
        },
        wanted="Answer: {wanted}",
        instead=", or “{label}”",
        wrong_open={
            "no_answer": "Your reply does not answer the question.",
            "unparsable": "Your reply says more than an answer, or leaves doubt which one it is.",
            "schema_violation": "Your reply is not the JSON that was asked for.",
            "out_of_range": "Your reply is outside what the question asks for.",
            "truncated": "Your reply was too long and was cut off.",
        },
        sent={"picture": "[Picture {number}]"},
        described={
            "picture": "[Picture: {alt}]",
            "sound": "[Sound recording: {alt}]",
            "video": "[Video: {alt}]",
        },
        forms={
            "number": Forms(
                schema='Reply with JSON: {"answer": the number of one option}.',
                schema_many=(
                    'Reply with JSON: {"answers": an object that gives, for the number of each '
                    "question, the number of one option}."
                ),
                number="Reply with the number of one option.",
                number_many=(
                    "Reply with one line for each question: the number of the question, a colon, "
                    "the number of one option."
                ),
                reason=(
                    'Reply with JSON: {"reason": your reason in one sentence, "answer": the number '
                    "of one option}."
                ),
                reason_many=(
                    'Reply with JSON: {"answers": an object that gives, for the number of each '
                    'question, {"reason": your reason in one sentence, "answer": the number of '
                    "one option}}."
                ),
                distribution=(
                    'Reply with JSON: {"answer": an object that gives, for the number of each '
                    "option, how likely you are to choose it, in whole percent}. The percentages "
                    "add up to 100."
                ),
                distribution_many=(
                    'Reply with JSON: {"answers": an object that gives, for the number of each '
                    "question, an object that gives, for the number of each option, how likely "
                    "you are to choose it, in whole percent}. The percentages of each question "
                    "add up to 100."
                ),
            ),
            "letter": Forms(
                schema='Reply with JSON: {"answer": the letter of one option}.',
                schema_many=(
                    'Reply with JSON: {"answers": an object that gives, for the number of each '
                    "question, the letter of one option}."
                ),
                number="Reply with the letter of one option.",
                number_many=(
                    "Reply with one line for each question: the number of the question, a colon, "
                    "the letter of one option."
                ),
                reason=(
                    'Reply with JSON: {"reason": your reason in one sentence, "answer": the letter '
                    "of one option}."
                ),
                reason_many=(
                    'Reply with JSON: {"answers": an object that gives, for the number of each '
                    'question, {"reason": your reason in one sentence, "answer": the letter of '
                    "one option}}."
                ),
                distribution=(
                    'Reply with JSON: {"answer": an object that gives, for the letter of each '
                    "option, how likely you are to choose it, in whole percent}. The percentages "
                    "add up to 100."
                ),
                distribution_many=(
                    'Reply with JSON: {"answers": an object that gives, for the number of each '
                    "question, an object that gives, for the letter of each option, how likely "
                    "you are to choose it, in whole percent}. The percentages of each question "
                    "add up to 100."
                ),
            ),
        },
    ),
    "de": Words(
        system_one=(
            "Sie beantworten einen Fragebogen. Die Fragen kommen einzeln. Es gibt keine richtigen "
            "oder falschen Antworten: Wählen Sie die Antwort, die am besten auf Sie zutrifft. "
            "Antworten Sie auf jede Frage in der verlangten Form und mit nichts anderem."
        ),
        system_many=(
            "Sie beantworten einen Fragebogen. Es kommen jeweils mehrere Fragen zusammen. Es gibt "
            "keine richtigen oder falschen Antworten: Wählen Sie zu jeder Frage die Antwort, die "
            "am besten auf Sie zutrifft. Antworten Sie in der verlangten Form und mit nichts "
            "anderem."
        ),
        system_one_distribution=(
            "Sie beantworten einen Fragebogen. Die Fragen kommen einzeln. Es gibt keine richtigen "
            "oder falschen Antworten: Geben Sie zu jeder Antwortmöglichkeit an, wie wahrscheinlich "
            "Sie sie wählen würden. Antworten Sie auf jede Frage in der verlangten Form und mit "
            "nichts anderem."
        ),
        system_many_distribution=(
            "Sie beantworten einen Fragebogen. Es kommen jeweils mehrere Fragen zusammen. Es gibt "
            "keine richtigen oder falschen Antworten: Geben Sie zu jeder Antwortmöglichkeit jeder "
            "Frage an, wie wahrscheinlich Sie sie wählen würden. Antworten Sie in der verlangten "
            "Form und mit nichts anderem."
        ),
        persona="Antworten Sie so, wie die folgende Person antworten würde:",
        question="Frage {position} von {total}",
        label="Antworten Sie mit dem genauen Wortlaut einer Antwortmöglichkeit.",
        label_many=(
            "Antworten Sie mit einer Zeile je Frage: Nummer der Frage, Doppelpunkt, genauer "
            "Wortlaut einer Antwortmöglichkeit."
        ),
        reminder=(
            "Ihre letzte Antwort hatte nicht die verlangte Form. Bitte antworten Sie noch einmal."
        ),
        wrong={
            "no_answer": "Ihre Antwort nennt keine der Antwortmöglichkeiten.",
            "unparsable": (
                "Ihre Antwort sagt mehr als eine Antwort oder lässt offen, welche es ist."
            ),
            "schema_violation": "Ihre Antwort ist nicht das verlangte JSON.",
            "out_of_range": "Ihre Antwort nennt eine Antwortmöglichkeit, die es nicht gibt.",
            "truncated": "Ihre Antwort war zu lang und wurde abgeschnitten.",
        },
        again="Bitte beantworten Sie die Frage noch einmal, mit der Antwort allein.",
        open_forms={
            "json": 'Antworten Sie mit JSON: {{"answer": {wanted}}}.',
            "text": "Antworten Sie so und mit nichts anderem: {wanted}.",
            "reason": (
                'Antworten Sie mit JSON: {{"reason": Ihre Begründung in einem Satz, "answer": '
                "{wanted}}}."
            ),
        },
        mixed_forms={
            "json": (
                'Antworten Sie mit JSON: {"answers": ein Objekt, das zur Nummer jeder Frage '
                "angibt, was die Frage verlangt; bei Antwortmöglichkeiten so, wie sie bezeichnet "
                "sind}."
            ),
            "text": (
                "Antworten Sie mit einer Zeile je Frage: Nummer der Frage, Doppelpunkt, was die "
                "Frage verlangt; bei Antwortmöglichkeiten so, wie sie bezeichnet sind."
            ),
            "reason": (
                'Antworten Sie mit JSON: {"answers": ein Objekt, das zur Nummer jeder Frage '
                '{"reason": Ihre Begründung in einem Satz, "answer": was die Frage verlangt; bei '
                "Antwortmöglichkeiten so, wie sie bezeichnet sind} angibt}."
            ),
        },
        wanted="Antwort: {wanted}",
        instead=" oder „{label}“",
        wrong_open={
            "no_answer": "Ihre Antwort beantwortet die Frage nicht.",
            "unparsable": (
                "Ihre Antwort sagt mehr als eine Antwort oder lässt offen, welche es ist."
            ),
            "schema_violation": "Ihre Antwort ist nicht das verlangte JSON.",
            "out_of_range": "Ihre Antwort liegt außerhalb dessen, was die Frage verlangt.",
            "truncated": "Ihre Antwort war zu lang und wurde abgeschnitten.",
        },
        sent={"picture": "[Bild {number}]"},
        described={
            "picture": "[Bild: {alt}]",
            "sound": "[Tonaufnahme: {alt}]",
            "video": "[Video: {alt}]",
        },
        forms={
            "number": Forms(
                schema='Antworten Sie mit JSON: {"answer": die Nummer einer Antwortmöglichkeit}.',
                schema_many=(
                    'Antworten Sie mit JSON: {"answers": ein Objekt, das zur Nummer jeder Frage '
                    "die Nummer einer Antwortmöglichkeit angibt}."
                ),
                number="Antworten Sie mit der Nummer einer Antwortmöglichkeit.",
                number_many=(
                    "Antworten Sie mit einer Zeile je Frage: Nummer der Frage, Doppelpunkt, Nummer "
                    "einer Antwortmöglichkeit."
                ),
                reason=(
                    'Antworten Sie mit JSON: {"reason": Ihre Begründung in einem Satz, "answer": '
                    "die Nummer einer Antwortmöglichkeit}."
                ),
                reason_many=(
                    'Antworten Sie mit JSON: {"answers": ein Objekt, das zur Nummer jeder Frage '
                    '{"reason": Ihre Begründung in einem Satz, "answer": die Nummer einer '
                    "Antwortmöglichkeit} angibt}."
                ),
                distribution=(
                    'Antworten Sie mit JSON: {"answer": ein Objekt, das zur Nummer jeder '
                    "Antwortmöglichkeit in ganzen Prozent angibt, wie wahrscheinlich Sie sie "
                    "wählen würden}. Die Prozentzahlen ergeben zusammen 100."
                ),
                distribution_many=(
                    'Antworten Sie mit JSON: {"answers": ein Objekt, das zur Nummer jeder Frage '
                    "ein Objekt angibt, das zur Nummer jeder Antwortmöglichkeit in ganzen Prozent "
                    "angibt, wie wahrscheinlich Sie sie wählen würden}. Die Prozentzahlen jeder "
                    "Frage ergeben zusammen 100."
                ),
            ),
            "letter": Forms(
                schema=(
                    'Antworten Sie mit JSON: {"answer": der Buchstabe einer Antwortmöglichkeit}.'
                ),
                schema_many=(
                    'Antworten Sie mit JSON: {"answers": ein Objekt, das zur Nummer jeder Frage '
                    "den Buchstaben einer Antwortmöglichkeit angibt}."
                ),
                number="Antworten Sie mit dem Buchstaben einer Antwortmöglichkeit.",
                number_many=(
                    "Antworten Sie mit einer Zeile je Frage: Nummer der Frage, Doppelpunkt, "
                    "Buchstabe einer Antwortmöglichkeit."
                ),
                reason=(
                    'Antworten Sie mit JSON: {"reason": Ihre Begründung in einem Satz, "answer": '
                    "der Buchstabe einer Antwortmöglichkeit}."
                ),
                reason_many=(
                    'Antworten Sie mit JSON: {"answers": ein Objekt, das zur Nummer jeder Frage '
                    '{"reason": Ihre Begründung in einem Satz, "answer": der Buchstabe einer '
                    "Antwortmöglichkeit} angibt}."
                ),
                distribution=(
                    'Antworten Sie mit JSON: {"answer": ein Objekt, das zum Buchstaben jeder '
                    "Antwortmöglichkeit in ganzen Prozent angibt, wie wahrscheinlich Sie sie "
                    "wählen würden}. Die Prozentzahlen ergeben zusammen 100."
                ),
                distribution_many=(
                    'Antworten Sie mit JSON: {"answers": ein Objekt, das zur Nummer jeder Frage '
                    "ein Objekt angibt, das zum Buchstaben jeder Antwortmöglichkeit in ganzen "
                    "Prozent angibt, wie wahrscheinlich Sie sie wählen würden}. Die Prozentzahlen "
                    "jeder Frage ergeben zusammen 100."
                ),
            ),
        },
    ),
}

PROMPT_LANGUAGES: tuple[str, ...] = tuple(_WORDS)


def words_in(language: str) -> Words:
    """The frame in `language`; a regional variant such as ``de-AT`` uses its base language."""
    return _WORDS.get(language.split("-")[0].lower(), _WORDS["en"])
