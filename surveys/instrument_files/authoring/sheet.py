"""The tables of a draft as the grid of the editor, with every mistake at its field. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from surveys.codes import Problem, Translate, marked
from surveys.instrument_files.authoring.grid import HEAD, NUMBERS, OPTIONS, PLAIN, SAID, WORDS
from surveys.instrument_files.authoring.places import field_of
from surveys.instrument_files.authoring.scale_lines import option_lines, unscored_lines
from surveys.instrument_files.errors import FileMistake

NOT_WRITTEN = marked("this is not written yet")
GAPS = frozenset({FileMistake.MISSING_LANGUAGE, FileMistake.MISSING_KEY, FileMistake.EMPTY_TEXT})


@dataclass(frozen=True, slots=True)
class Cell:
    """One field: its name, what is written, what is wrong; `gap` where a text is missing."""

    name: str
    value: str
    mistakes: tuple[str, ...] = ()
    gap: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """One text in every language: (language, cell)."""

    name: str
    cells: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item; `number` counts from 1."""

    number: int
    key: Cell
    text: Said
    facet: Cell
    scale: Cell
    need: Cell
    reverse: bool
    reversible: bool
    media: int


@dataclass(frozen=True, slots=True)
class FacetRow:
    """One facet."""

    number: int
    key: Cell
    label: Said


@dataclass(frozen=True, slots=True)
class ScaleCard:
    """One response scale: its numbers, its short words, and its options and exits as lines."""

    number: int
    key: Cell
    kind: Cell
    numbers: tuple[tuple[str, Cell], ...]
    said: tuple[Said, ...]
    words: Said | None
    unscored: Said | None
    long: bool
    used: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole draft; `unplaced` are mistakes that belong to no field."""

    languages: Cell
    language_list: tuple[str, ...]
    head: Mapping[str, Cell]
    words: tuple[Said, ...]
    facets: tuple[FacetRow, ...]
    scales: tuple[ScaleCard, ...]
    items: tuple[ItemRow, ...]
    mistakes: tuple[tuple[str, str, str], ...]

    @property
    def gaps(self) -> int:
        """How many texts are missing in a language."""
        said = [*self.words, *(row.text for row in self.items), *(one.label for one in self.facets)]
        return sum(cell.gap for one in said for _language, cell in one.cells)


def sheet_of(values: Mapping[str, Any], problems: Iterable[Problem], say: Translate) -> Sheet:
    """The grid of a draft; `say` puts mistakes into the reader's language."""
    return _Making(values, problems, say).sheet()


class _Making:
    def __init__(
        self, values: Mapping[str, Any], problems: Iterable[Problem], say: Translate
    ) -> None:
        self._values = values
        self._languages = tuple(values.get("languages", ()))
        self._mistakes: dict[str, list[str]] = defaultdict(list)
        self._gaps: set[str] = set()
        # (Field, place in the file, sentence), as they are listed above the grid.
        self._listed: list[tuple[str, str, str]] = []
        for problem in problems:
            field, gap = field_of(problem.where, values), problem.code in GAPS
            # A file has keys and quotation marks, a grid has none.
            sentence = say(NOT_WRITTEN) if gap else problem.said(say)
            self._mistakes[field].append(sentence)
            self._listed.append((field, problem.where, sentence))
            if gap:
                self._gaps.add(field)

    def sheet(self) -> Sheet:
        values = self._values
        reverse = set(values.get("reverse_keyed", ()))
        return Sheet(
            self._cell("languages", ", ".join(self._languages)),
            self._languages,
            {key: self._cell(key, values.get(key, "")) for key in HEAD},
            tuple(self._said(key, values.get(key, {})) for key in WORDS),
            tuple(self._facet(n, one) for n, one in self._rows("facets")),
            tuple(self._scale(n, one) for n, one in self._rows("response_scales")),
            tuple(self._item(n, one, reverse) for n, one in self._rows("items")),
            tuple(self._listed),
        )

    def _rows(self, part: str) -> Iterable[tuple[int, Mapping[str, Any]]]:
        return enumerate(self._values.get(part, ()), start=1)

    def _item(self, n: int, item: Mapping[str, Any], reverse: set[str]) -> ItemRow:
        at, key, scale = f"item.{n}", item.get("key", ""), item.get("response_scale", "")
        kinds = {
            one.get("key"): one.get("kind", "choice") for _, one in self._rows("response_scales")
        }
        return ItemRow(
            n,
            self._cell(f"{at}.key", key),
            self._said(f"{at}.text", item.get("text", {})),
            self._cell(f"{at}.facet", item.get("facet", "")),
            self._cell(f"{at}.response_scale", scale),
            self._cell(f"{at}.need", item.get("need", "asked")),
            key in reverse,
            kinds.get(scale, "choice") in ("choice", "numbered", "number", "slider"),
            len(item.get("media", ())),
        )

    def _facet(self, n: int, facet: Mapping[str, Any]) -> FacetRow:
        at = f"facet.{n}"
        key = self._cell(f"{at}.key", facet.get("key", ""))
        return FacetRow(n, key, self._said(f"{at}.label", facet.get("label", {})))

    def _scale(self, n: int, scale: Mapping[str, Any]) -> ScaleCard:
        at, kind = f"scale.{n}", scale.get("kind", "choice")
        names = (*NUMBERS.get(kind, ()), *PLAIN.get(kind, ()))
        words = self._lines(f"{at}.words", scale.get(OPTIONS.get(kind, ""), ()), option_lines)
        unscored = self._lines(f"{at}.unscored", scale.get("unscored", ()), unscored_lines)
        return ScaleCard(
            n,
            self._cell(f"{at}.key", scale.get("key", "")),
            self._cell(f"{at}.kind", kind),
            tuple((name, self._cell(f"{at}.{name}", scale.get(name, ""))) for name in names),
            tuple(self._said(f"{at}.{one}", scale.get(one, {})) for one in SAID.get(kind, ())),
            words if kind in OPTIONS else None,
            None if kind == "information" else unscored,
            bool(scale.get("long")),
            sum(one.get("response_scale") == scale.get("key") for _, one in self._rows("items")),
        )

    def _lines(self, name: str, options: Any, written: Any) -> Said:
        rows = [one for one in _listed(options) if isinstance(one, Mapping)]
        texts = {language: written(rows, language) for language in self._languages}
        return self._said(name, texts)

    def _said(self, name: str, texts: Any) -> Said:
        known = texts if isinstance(texts, Mapping) else {}
        cells = (
            (language, self._cell(f"{name}.{language}", known.get(language, "")))
            for language in self._languages or ("en",)
        )
        return Said(name, tuple(cells))

    def _cell(self, name: str, value: object) -> Cell:
        mistakes = tuple(self._mistakes.get(name, ()))
        return Cell(name, str(value), mistakes, name in self._gaps and not value)


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()
