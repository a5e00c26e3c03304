"""What each column of a file may be, with its counts and examples."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from surveys.imports.columns import normal_code, with_point
from surveys.imports.drafts.no_answers import left_blank, no_answers
from surveys.imports.drafts.numbers import Numbers, far_codes, numbers_of
from surveys.imports.drafts.recognising import Recognised
from surveys.imports.drafts.roles import FAR, MOST_OPTIONS, Role, role_of, time_format, words_behind
from surveys.imports.drafts.words import words_role
from surveys.imports.files.data_files import DataFile
from surveys.imports.provenance import columns_of_models

Codes = tuple[tuple[str, str], ...]
EXAMPLES = 5
# The number of an item stands behind a sign (Q5_1, TR02_01), or else behind a letter (prv1).
_STEMS = (
    re.compile(r"(?P<stem>.*[A-Za-z0-9])[ _.\-\[(]+\d+[\])]?[A-Za-z]?"),
    re.compile(r"(?P<stem>.*?[A-Za-z])\d+[\])]?[A-Za-z]?"),
)
# Programs write the sentence of a row of a table behind the question that all rows share.
_ROW = re.compile(r"(?P<stem>.+?)\s*\[(?P<row>[^\[\]]+)\](?:\[[^\[\]]*\])?")
# LimeSurvey may write the code of the row as well: likert[SQ001]. [I like it]
_CODE_OF_ROW = re.compile(r"\[[^\[\]]*\]")
_LONG_STEM, _LONG_NAME = 12, 30
_VERSION = re.compile(r"(?P<base>.*[A-Za-z0-9])[_.]?(?P<version>[abAB])")


@dataclass(frozen=True, slots=True)
class DraftColumn:
    """A column as a draft proposes it.

    `codes` are the values of the scale in order, code -> label; `apart` are codes of which nobody
    but the researcher knows why they are there. `examples` are the commonest cells with counts,
    none of what may say who somebody is; `cells` are all that are different, `mean` is of numbers.
    `numbers` are those of a column that is answered by numbers; `declared` are cells that the file
    itself declares to be no answers.
    """

    name: str
    text: str
    role: Role
    filled: int
    examples: tuple[tuple[str, int], ...]
    codes: tuple[tuple[str, str], ...] = ()
    apart: tuple[tuple[str, str], ...] = ()
    cells: tuple[str, ...] = ()
    mean: float | None = None
    numbers: Numbers | None = None
    declared: tuple[str, ...] = ()

    @property
    def stem(self) -> str:
        """What columns of one instrument have in common: the name without its number."""
        if row := _ROW.fullmatch(self.name):
            return _CODE_OF_ROW.sub("", row["stem"])
        code = self.name.partition(". ")[0] if words_behind(self.name) else self.name
        found = next((one for stem in _STEMS if (one := stem.fullmatch(code))), None)
        return found["stem"] if found else code

    @property
    def short(self) -> str:
        """What tells an item from the others of its instrument, where the shared part is long."""
        if len(self.stem) <= _LONG_STEM:
            return self.name
        row = _ROW.fullmatch(self.name)
        rest = row["row"] if row else self.name[len(self.stem) :].strip(" []")
        return rest if rest and (len(self.name) > _LONG_NAME or not rest.isdecimal()) else self.name

    @property
    def sentence(self) -> str:
        """The words of the question, as far as the file has them."""
        row = _ROW.fullmatch(self.name)
        words = row["row"] if row else words_behind(self.name)
        return self.text or (words if " " in words else "")

    @property
    def values(self) -> tuple[int, ...]:
        """The codes as values of a scale; empty where their order cannot be known.

        It is known where the file has words for all of them, or where whole numbers rise by equal
        steps: a number that stands apart may have been given to any option.
        """
        if not all(map(_is_whole, (code for code, _ in self.codes))):
            return ()
        whole = tuple(int(code) for code, _ in self.codes)
        steps = {after - before for before, after in pairwise(whole)}
        return whole if len(steps) == 1 or all(label for _, label in self.codes) else ()


def draft_columns(recognised: Recognised) -> tuple[DraftColumn, ...]:
    """Every column of the file in order; items whose names differ by a number share a scale."""
    columns = _with_one_id([_column(recognised, name) for name in recognised.data.header])
    # SoSci Survey counts beside a random draw how often all lots were drawn.
    drawn = {name.removesuffix("_CP") for name in recognised.data.header if name.endswith("_CP")}
    columns = [replace(o, role="condition") if o.name in drawn else o for o in columns]
    shared = {
        (stem, one.name): codes
        for stem, found in _by_stem(columns).items()
        for codes, alike in _alike(found)
        for one in alike
    }
    return tuple(
        replace(one, codes=shared[one.stem, one.name]) if one.role == "item" else one
        for one in columns
    )


def _with_one_id(columns: Sequence[DraftColumn]) -> list[DraftColumn]:
    """Of several ids the first that most people have; by the others somebody may be known."""
    ids = [one for one in columns if one.role == "id"]
    taken = max(ids, key=lambda one: one.filled, default=None)
    others = [one.name for one in ids if one is not taken]
    return [
        replace(one, role="personal", examples=()) if one.name in others else one for one in columns
    ]


def _by_stem(columns: Sequence[DraftColumn]) -> dict[str, list[DraftColumn]]:
    found: dict[str, list[DraftColumn]] = {}
    for column in columns:
        if column.role == "item":
            found.setdefault(column.stem, []).append(column)
    return found


def _alike(columns: Sequence[DraftColumn]) -> Iterator[tuple[Codes, list[DraftColumn]]]:
    """Columns that are answered alike, also where nobody chose some of the codes in one of them."""
    groups: list[tuple[dict[str, str], list[DraftColumn]]] = []
    for column in columns:
        own = dict(column.codes)
        for codes, alike in groups:
            both = {**codes, **own}
            same_words = all(codes[one] == own[one] for one in codes.keys() & own.keys())
            if same_words and codes.keys() & own.keys() and len(both) <= MOST_OPTIONS:
                codes.update(own)
                alike.append(column)
                break
        else:
            groups.append((own, [column]))
    for codes, alike in groups:
        yield tuple(sorted(codes.items(), key=lambda pair: _by_number(pair[0]))), alike


def looks_like_models(columns: Sequence[DraftColumn]) -> list[str]:
    """The columns that stand beside answers of models."""
    return columns_of_models([column.name for column in columns])


def _column(recognised: Recognised, name: str) -> DraftColumn:
    cells = (row.cells.get(name, "") for row in recognised.data.rows)
    counts: Counter[str] = Counter(map(normal_code, cells))
    counts.pop("", None)
    labels = {normal_code(code): text for code, text in recognised.labels.get(name, {}).items()}
    declared = {normal_code(code) for code in recognised.missing.get(name, ())}
    text, filled = recognised.texts.get(name, ""), sum(counts.values())
    role = role_of(name, text, counts, labels)
    codes: list[tuple[str, str]] = []
    apart: list[tuple[str, str]] = []
    numbers: Numbers | None = None
    known = {*counts, *labels}
    unanswered = (known & declared) | no_answers(known, labels)
    if role == "item":
        far = unanswered | {code for code in known if _is_apart(code, known)}
        codes = [(code, labels.get(code, "")) for code in sorted(known - far, key=_by_number)]
        apart = [(code, labels.get(code, "")) for code in sorted(far, key=_by_number)]
        if not 2 <= len(codes) <= MOST_OPTIONS:
            role, codes, apart = "number", [], []
    if role == "number":
        far = unanswered | far_codes(known - unanswered)
        numbers = numbers_of(counts, far, {one: labels[one] for one in labels if one not in far})
        if not numbers:
            far |= {code for code in counts if _number(code) in FAR}
        answers = Counter({code: count for code, count in counts.items() if code not in far})
        role = "number" if numbers else words_role(answers)
        if role == "text":
            # What people wrote is not shown: only what is no word of anybody's.
            far = (far & declared) | left_blank(counts)
        kept = role in ("number", "date", "text")
        apart = [(c, labels.get(c, "")) for c in sorted(far, key=_by_number)] if kept else []
    return DraftColumn(
        name,
        "" if text == name else text,
        role,
        filled,
        () if _may_tell_who(role, counts) else tuple(counts.most_common(EXAMPLES)),
        tuple(codes),
        tuple(apart),
        tuple(counts),
        _mean(counts),
        numbers,
        tuple(code for code in counts if code in declared),
    )


def _may_tell_who(role: Role, counts: Counter[str]) -> bool:
    """Names, addresses, and words that most people wrote for themselves, whatever the question."""
    words = [one for one in counts if _number(with_point(one) or one) is None]
    own = 2 * len(words) > counts.total() and time_format(words) is None
    return role in ("personal", "text") or (role == "other" and own)


def _is_apart(code: str, known: set[str]) -> bool:
    """Whether a code is a number that often stands for no answer, and is far from the others."""
    number = _number(code)
    if number is None or number not in FAR:
        return False
    others = [one for other in known if (one := _number(other)) is not None and one not in FAR]
    return not others or not (min(others) - 1 <= number <= max(others) + 1)


def _is_whole(code: str) -> bool:
    return re.fullmatch(r"-?\d{1,4}", code) is not None


def _mean(counts: Counter[str]) -> float | None:
    numbers = [(_number(with_point(code) or code), count) for code, count in counts.items()]
    told = [(number, count) for number, count in numbers if number is not None]
    if not told or len(told) < len(counts):
        return None
    return sum(number * count for number, count in told) / counts.total()


def _number(code: str) -> float | None:
    try:
        return float(code)
    except ValueError:
        return None


def _by_number(code: str) -> tuple[float, str]:
    number = _number(code)
    return (float("inf") if number is None else number, code)


def versions_of(
    columns: Sequence[DraftColumn], data: DataFile
) -> dict[str, tuple[DraftColumn, str]]:
    """Column -> the column that it is another version of, and what the version is called.

    Versions are called alike but for a last letter, A or B, are answered alike, and nobody has
    both.
    """
    pairs: dict[str, dict[str, DraftColumn]] = {}
    for column in columns:
        found = _VERSION.fullmatch(column.name)
        if found and column.role in ("item", "number"):
            pairs.setdefault(found["base"], {})[found["version"].upper()] = column
    return {
        one.name: (both["A"], version)
        for both in pairs.values()
        if both.keys() == {"A", "B"} and _are_versions(both["A"], both["B"], data)
        for version, one in both.items()
    }


def _are_versions(one: DraftColumn, other: DraftColumn, data: DataFile) -> bool:
    if one.numbers and other.numbers:
        alike = one.numbers.within_line == other.numbers.within_line
    else:
        alike = bool({code for code, _ in one.codes} & {code for code, _ in other.codes})
    both = (row.cells.get(one.name, "") and row.cells.get(other.name, "") for row in data.rows)
    return alike and not any(both)


def instruments_of(columns: Sequence[DraftColumn]) -> Iterator[tuple[str, list[DraftColumn]]]:
    """Items in a row whose names differ by their number, and that are answered alike."""
    found: dict[tuple[str, Codes, bool | None, Role], list[DraftColumn]] = {}
    for column in columns:
        if column.role in ("item", "number", "text", "date"):
            within = column.numbers.within_line if column.numbers else None
            found.setdefault((column.stem, column.codes, within, column.role), []).append(column)
    for (stem, *_alike), items in found.items():
        yield stem, items
