"""Options that a text speaks of without being an answer: they decide why it is none. Pure.

"I'm sorry, but I disagree" and "Sorry, my answer is 5" apologise and answer. Whoever took them for
refusals would not ask again, and lose those answers that people are sorry for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from llm_respondents.conversation.arms import Arm
from llm_respondents.conversation.choices import Choice
from llm_respondents.conversation.refusals import declines, excuses, without_excuses
from llm_respondents.conversation.turns import Turn
from llm_respondents.conversation.typography import bare

# What a number counts or names that is no option: "question 5", "from 1 to 7", "GPT-4", "5 of 7".
_BEFORE = "".join(
    rf"(?<!\b{word} )" for word in ("question", "item", "frage", "scale", "no", "nr", "from", "von",
                                   "to", "bis", "of")
)  # fmt: skip
_MARK_ALONE = rf"(?<![\w.,/+-])(?i:{_BEFORE})"
_BEHIND = r"(?!\w|[.,]?[0-9]|\s*[-–—/%]|\s+(?:to|bis|of|von)\b"
# "A language model" and "I" are no options.
_BEHIND_LETTER = r"|\s+[a-z]"


def refuses(phrase: str, turn: Turn, arm: Arm) -> bool:
    """Whether a straightened text declines to answer, or excuses itself and names no one option.

    Whoever names several means none of them. Words of an option that declines ("prefer not to say")
    choose it, and do not decline: else whether a reply is asked again would depend on the option.
    """
    labels = [bare(choice.label) for choice in _choices(turn, arm) if choice.label]
    left = phrase
    for label in labels:
        if declines(label) or excuses(label):
            left = _words_of(label).sub("\n", left)
    if declines(left):
        return True
    return excuses(left) and len(_named(without_excuses(phrase, labels), turn, arm)) != 1


def mentions(phrase: str, turn: Turn, arm: Arm) -> bool:
    """Whether a number, a letter on display or the words of an option occur somewhere in a text."""
    if any(map(str.isdigit, phrase)):
        return True
    words = set(re.findall(r"\w+", phrase))
    folded = phrase.casefold()
    return any(
        choice.mark in words or (choice.label and bare(choice.label).casefold() in folded)
        for choice in _choices(turn, arm)
    )


def _named(phrase: str, turn: Turn, arm: Arm) -> set[tuple[str, str]]:
    """The options that a text names by their words or by a mark of their own, as (mark, label)."""
    choices = sorted(_choices(turn, arm), key=lambda choice: -len(choice.label))
    behind = _BEHIND + (_BEHIND_LETTER if arm.option_marks == "letter" else "")
    left, named = phrase, set()
    for choice in choices:
        # What a longer label says is not said by a shorter one in it.
        words = _words_of(bare(choice.label))
        if choice.label and words.search(left):
            named.add((choice.mark, choice.label))
            left = words.sub("\n", left)
    for choice in choices:
        if re.search(f"{_MARK_ALONE}{re.escape(choice.mark)}{behind})", left):
            named.add((choice.mark, choice.label))
    return named


def _words_of(label: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-zà-ÿ]){re.escape(label)}(?![a-zà-ÿ])", re.IGNORECASE)


def _choices(turn: Turn, arm: Arm) -> Iterator[Choice]:
    for question in turn.questions:
        yield from turn.choices(question, arm)
