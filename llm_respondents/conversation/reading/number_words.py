"""A reply that is a number in words: "five". Pure.

The languages are those whose refusals are known too. German "null" is what programs write for
nothing, and Turkish "on" a word of English and Polish; they are no numbers here, nor is Dutch
"nul", since Dutch shares "vier" and "acht" with German. On a scale that has such a number, or one
below zero, no word of the language is read: else whether an answer is lost would depend on it.
"""

from __future__ import annotations

from collections.abc import Collection

# From zero to ten, with "-" for what is no number here.
_WORDS = (
    "zero one two three four five six seven eight nine ten",
    "- eins zwei drei vier fünf sechs sieben acht neun zehn",
    "zéro un deux trois quatre cinq six sept huit neuf dix",
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez",
    "zero uno due tre quattro cinque sei sette otto nove dieci",
    "zero um dois três quatro cinco seis sete oito nove dez",
    "- een twee drie vier vijf zes zeven acht negen tien",
    "zero jeden dwa trzy cztery pięć sześć siedem osiem dziewięć dziesięć",
    "sıfır bir iki üç dört beş altı yedi sekiz dokuz -",
    "零 一 二 三 四 五 六 七 八 九 十",
    "ゼロ 一 二 三 四 五 六 七 八 九 十",
    "صفر واحد اثنان ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة عشرة",
)
_LANGUAGES = tuple(
    {word: str(number) for number, word in enumerate(words.split()) if word != "-"}
    for words in _WORDS
)


def number_in_words(phrase: str, marks: Collection[str]) -> str:
    """The digits of a number that is written as a word; empty for anything else.

    `marks` are those on display: a language is read that has a word for each of them.
    """
    said = phrase.casefold()
    known = (words for words in _LANGUAGES if said in words)
    return next((words[said] for words in known if set(marks) <= set(words.values())), "")
