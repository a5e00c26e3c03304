"""A reply that is a number in words: "five". Pure.

The languages are those whose refusals are known too. A word that is also another one (Turkish
"on", Italian "due", German "null", which programs write for nothing) is no number here.
"""

from __future__ import annotations

_WORDS = {
    0: "zero cero zéro sıfır 零 ゼロ صفر",
    1: "one eins uno jeden bir 一 واحد",
    2: "two zwei deux dos dois twee dwa iki 二 اثنان",
    3: "three drei trois tres três tre drie trzy üç 三 ثلاثة",
    4: "four vier quatre cuatro quattro quatro cztery dört 四 أربعة",
    5: "five fünf cinq cinco cinque vijf pięć beş 五 خمسة",
    6: "six sechs seis zes sześć altı 六 ستة",
    7: "seven sieben sept siete sette sete zeven siedem yedi 七 سبعة",
    8: "eight acht huit ocho otto oito osiem sekiz 八 ثمانية",
    9: "nine neun neuf nueve nove negen dziewięć dokuz 九 تسعة",
    10: "zehn dix diez dieci dez tien dziesięć 十 عشرة",
}
_NUMBERS = {word: number for number, words in _WORDS.items() for word in words.split()}


def number_in_words(phrase: str) -> str:
    """The digits of a number that is written as a word; empty for anything else."""
    number = _NUMBERS.get(phrase.casefold())
    return "" if number is None else str(number)
