"""Arabic and Hebrew for a canvas that draws signs one beside the other, from left to right. Pure.

Browsers join Arabic letters and turn them round by themselves; a PDF's canvas does neither. The
forms of letters are those of Unicode's own table (Arabic presentation forms); the order is that of
its bidirectional algorithm for one line without embeddings.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import groupby

_RIGHT_TO_LEFT = {"R", "AL"}
_NUMBERS = {"EN", "AN"}
_FORMS = range(0xFB50, 0xFEFD)
_OPEN = {"(": ")", "[": "]", "{": "}"}
_TURNED = dict(zip("()[]{}<>«»", ")(][}{><»«", strict=True))
_LAM = "\u0644"
_WITH_LAM = {_LAM + alef for alef in "\u0622\u0623\u0625\u0627"}

Forms = Mapping[tuple[str, str], str]
"""(letters, isolated | initial | medial | final) -> the sign that is drawn."""


def as_drawn(text: str) -> str:
    """The signs of one line from left to right; a text of other letters as it is."""
    if not any(_kind(sign) in _RIGHT_TO_LEFT for sign in text):
        return text
    clusters = _clusters(_joined(text))
    levels = _levels(clusters)
    signs = [
        _TURNED.get(one, one) if level % 2 else one
        for one, level in zip(clusters, levels, strict=True)
    ]
    # Rule L2: from the deepest level up to the first, whatever is at least so deep is reversed.
    order = list(range(len(signs)))
    for level in (2, 1):
        order = [place for run in _runs(order, levels, level) for place in run]
    return "".join(signs[place] for place in order)


def _runs(order: list[int], levels: list[int], level: int) -> Iterator[list[int]]:
    for deep, run in groupby(order, key=lambda place: levels[place] >= level):
        places = list(run)
        yield places[::-1] if deep else places


def _kind(cluster: str) -> str:
    return unicodedata.bidirectional(cluster[0])


def _clusters(text: str) -> list[str]:
    """Signs, each with the marks that stand on it."""
    found: list[str] = []
    for sign in text:
        if found and unicodedata.combining(sign):
            found[-1] += sign
        else:
            found.append(sign)
    return found


def _levels(clusters: list[str]) -> list[int]:
    """How deep each stands: 0 from left to right, 1 from right to left, 2 the other way within."""
    kinds = [_kind(one) for one in clusters]
    strong = [one for one in kinds if one in _RIGHT_TO_LEFT | {"L"}]
    outer = 1 if strong[0] in _RIGHT_TO_LEFT else 0
    directions = list(_directions(kinds, outer))
    for opens, closes in _pairs(clusters):
        directions[opens] = directions[closes] = _of_pair(directions, opens, closes, outer)
    levels = []
    for place, (kind, found) in enumerate(zip(kinds, directions, strict=True)):
        # Rule N1: what is neither way runs as both of its neighbours do, else as the line.
        direction = found
        if direction is None:
            before = next((one for one in directions[:place][::-1] if one is not None), outer)
            after = next((one for one in directions[place + 1 :] if one is not None), outer)
            direction = before if before == after else outer
        number = kind in _NUMBERS and direction == 1
        levels.append(2 if number or direction < outer else direction)
    return levels


def _pairs(clusters: list[str]) -> list[tuple[int, int]]:
    """The places of brackets that belong together, by where they open."""
    found, waiting = [], list[int]()
    for place, sign in enumerate(clusters):
        if sign in _OPEN:
            waiting.append(place)
        elif sign in _OPEN.values() and waiting and _OPEN[clusters[waiting[-1]]] == sign:
            found.append((waiting.pop(), place))
    return sorted(found)


def _of_pair(directions: list[int | None], opens: int, closes: int, outer: int) -> int:
    """Rule N0: as the line, unless all that is inside and what stands before runs otherwise."""
    inside = {one for one in directions[opens:closes] if one is not None}
    before = next((one for one in directions[:opens][::-1] if one is not None), outer)
    otherwise = outer not in inside and bool(inside) and before != outer
    return 1 - outer if otherwise else outer


def _directions(kinds: list[str], outer: int) -> Iterator[int | None]:
    """0 or 1 for letters and numbers; None for what is neither."""
    last = outer
    for kind in kinds:
        if kind in _NUMBERS:
            # Rule W7: a number behind letters that run from left to right is one of them.
            yield last
        elif kind == "L" or kind in _RIGHT_TO_LEFT:
            last = int(kind in _RIGHT_TO_LEFT)
            yield last
        else:
            yield None


def _joined(text: str) -> str:
    """Arabic letters in the forms that their neighbours ask for."""
    forms = _forms()
    letters = _letters(text, forms)
    drawn = []
    for place, letter in enumerate(letters):
        before = next((one for one in reversed(letters[:place]) if not _is_mark(one)), "")
        after = next((one for one in letters[place + 1 :] if not _is_mark(one)), "")
        joins_before = (before, "initial") in forms and (letter, "final") in forms
        joins_after = (letter, "initial") in forms and (after, "final") in forms
        form = {
            (False, False): "isolated",
            (False, True): "initial",
            (True, True): "medial",
            (True, False): "final",
        }[joins_before, joins_after]
        drawn.append(forms.get((letter, form), letter))
    return "".join(drawn)


def _letters(text: str, forms: Forms) -> list[str]:
    """The letters, lam and alef as one: they are always written so."""
    found: list[str] = []
    for sign in text:
        if found and found[-1] == _LAM and (_LAM + sign, "isolated") in forms:
            found[-1] += sign
        else:
            found.append(sign)
    return found


def _is_mark(letter: str) -> bool:
    return bool(unicodedata.combining(letter[0]))


@cache
def _forms() -> Forms:
    """What Unicode says of each presentation form: ``<initial> 0639``."""
    found: dict[tuple[str, str], str] = {}
    for code in _FORMS:
        kind, *letters = unicodedata.decomposition(chr(code)).split() or [""]
        base = "".join(chr(int(one, 16)) for one in letters)
        if kind.startswith("<") and (len(base) == 1 or base in _WITH_LAM):
            found.setdefault((base, kind.strip("<>")), chr(code))
    return found
