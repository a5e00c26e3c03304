"""A language of x's: what is printed in other letters has not been through the catalogue."""

import re

KEPT = re.compile(r"(\{+[\w,]*\}+|<[^>]+>|&\w+;|%\(\w+\)s|LEVEL)")


class Veiled:
    """A catalogue in which every letter of a sentence that German has is an x."""

    def __init__(self, catalogue):
        self._known = catalogue

    def gettext(self, sentence):
        return self._veil(sentence) if sentence in self._known._catalog else sentence

    def ngettext(self, singular, plural, number):
        known = (singular, 0) in self._known._catalog
        chosen = singular if number == 1 else plural
        return self._veil(chosen) if known else chosen

    def _veil(self, sentence):
        parts = KEPT.split(sentence)
        return "".join(p if KEPT.fullmatch(p) else re.sub("[A-Za-z]", "x", p) for p in parts)


def letters_left(text: str) -> set[str]:
    """The words of three letters or more that are not x's."""
    return {word for word in re.findall("[A-Za-z]{3,}", text) if set(word.lower()) - {"x"}}
