"""SPSS and Stata files: values with labels, and missing codes that the program knows as such.

Numbers are held column by column, four or eight bytes each, until the file is written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from sys import intern
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyreadstat

from surveys.exports.cells import cell
from surveys.exports.columns import NUMBERS, TIMES, Column
from surveys.exports.content import ExportRow
from surveys.exports.missing import CODE_LABELS, STATA_LETTERS, UNSCORED, UNUSABLE, missing_code

# What the programs keep; whatever is longer stands whole in the codebook.
LONGEST_TEXT = 500
SPSS_LABEL_BYTES, SPSS_VALUE_LABEL, STATA_LABEL = 255, 120, 80
SPSS_MISSING: list[Any] = [{"lo": UNUSABLE, "hi": UNSCORED}, min(CODE_LABELS)]
# Stata keeps 32 letters of a name. The set of a column's labels is called by its name and its
# place, which has five digits at most. SPSS keeps more, but in both a column is called the same.
LONGEST_NAME = 27
_GROWTH = 1024
_LETTER_LABELS = {letter: CODE_LABELS[code] for code, letter in STATA_LETTERS.items()}


class StatisticsTable:
    """The rows of SPSS and Stata files (by the suffixes of `paths`), written when it is closed.

    Times of day are texts of their own in each row, and stand in the CSV files alone. `full` are
    the names of the CSV files of columns whose names are cut here.
    """

    def __init__(
        self, paths: Sequence[Path], about: Mapping[str, str], columns: Sequence[Column]
    ) -> None:
        self.paths, self.rows = paths, 0
        kept = {name: words for name, words in about.items() if name not in TIMES}
        short = short_names([*kept, *(column.name for column in columns)])
        self.full: Mapping[str, str] = {cut: name for name, cut in short.items() if cut != name}
        about = {short[name]: words for name, words in kept.items()}
        columns = [replace(column, name=short[column.name]) for column in columns]
        self.header = (*about, *(column.name for column in columns))
        self._about, self._columns = about, columns
        texts = [column.name for column in columns if column.kind == "text"]
        self._texts: dict[str, list[str]] = {
            name: [] for name in (*about, *texts) if name not in NUMBERS
        }
        self._numbers: dict[str, npt.NDArray[Any]] = {
            **{name: np.empty(_GROWTH, np.float64) for name in about if name in NUMBERS},
            **{
                column.name: np.empty(_GROWTH, np.float32 if column.item.values else np.float64)
                for column in columns
                if column.kind == "number"
            },
        }

    def take(self, row: ExportRow) -> None:
        """Keep a respondent."""
        if self.rows == len(next(iter(self._numbers.values()))):
            self._grow()
        for name in self._about:
            value = row.about.get(self.full.get(name, name))
            if name in NUMBERS:
                self._numbers[name][self.rows] = np.nan if value is None else value
            else:
                self._texts[name].append(intern("" if value is None else cell(value)))
        for column in self._columns:
            if column.kind == "number":
                self._numbers[column.name][self.rows] = _number(column, row)
            else:
                self._texts[column.name].append(_text(column, row))
        self.rows += 1

    def _grow(self) -> None:
        for name, values in self._numbers.items():
            self._numbers[name] = np.concatenate([values, np.empty(self.rows, values.dtype)])

    def close(self) -> None:
        """Write the files."""
        values: dict[str, Any] = {
            name: self._texts.get(name, self._numbers.get(name)) for name in self.header
        }
        cut = {
            name: one[: self.rows] if isinstance(one, np.ndarray) else pd.array(one, dtype="str")
            for name, one in values.items()
        }
        self._numbers, self._texts = {}, {}
        for path in self.paths:
            write = _write_sav if path.suffix == ".sav" else _write_dta
            write(path, self, cut)

    @property
    def labels(self) -> dict[str, str]:
        """The label of every column."""
        return {**self._about, **{column.name: column.label for column in self._columns}}

    @property
    def columns(self) -> Sequence[Column]:
        """The columns of questions."""
        return self._columns


def _text(column: Column, row: ExportRow) -> str:
    answer = row.answers.get(column.item.ref)
    value = None if answer is None or answer.value is None else column.read(answer)
    return "" if value is None else str(value)[:LONGEST_TEXT]


def _number(column: Column, row: ExportRow) -> float:
    answer = row.answers.get(column.item.ref)
    if answer is None:
        return np.nan
    if answer.value is not None:
        value = column.read(answer)
        return float(value) if isinstance(value, int | float) else np.nan
    return missing_code(answer.missing_reason) if column.has_codes else np.nan


def _write_sav(path: Path, table: StatisticsTable, values: Mapping[str, Any]) -> None:
    coded = [column for column in table.columns if column.has_codes]
    pyreadstat.write_sav(
        pd.DataFrame(values, copy=False),
        path,
        column_labels={n: cut_bytes(label, SPSS_LABEL_BYTES) for n, label in table.labels.items()},
        row_compress=True,
        variable_value_labels={
            column.name: {
                float(value): label[:SPSS_VALUE_LABEL]
                for value, label in {**column.labels, **_codes(column)}.items()
            }
            for column in table.columns
            if column.kind == "number"
        },
        missing_ranges={column.name: list(SPSS_MISSING) for column in coded},
        variable_measure={
            **dict.fromkeys(table.header, "nominal"),
            **{column.name: column.measure for column in table.columns},
        },
        variable_format={column.name: "F8.0" for column in table.columns if column.item.values},
    )


def _write_dta(path: Path, table: StatisticsTable, values: Mapping[str, Any]) -> None:
    coded = [column for column in table.columns if column.has_codes]
    lettered = {column.name: _lettered(values[column.name]) for column in coded}
    used = {
        name: sorted({one for one in cells if isinstance(one, str)})
        for name, cells in lettered.items()
        if cells.dtype == object
    }
    pyreadstat.write_dta(
        pd.DataFrame({**values, **lettered}, copy=False),
        path,
        version=15,
        column_labels={name: label[:STATA_LABEL] for name, label in table.labels.items()},
        variable_value_labels={
            column.name: _stata_labels(column, used.get(column.name, ()))
            for column in table.columns
            if column.kind == "number"
        },
        missing_user_values={name: letters for name, letters in used.items() if letters},
    )


def _stata_labels(column: Column, letters: Sequence[str]) -> dict[Any, str]:
    """Labels of values, and of those letters that occur: Stata labels no others."""
    return {**column.labels, **{letter: _LETTER_LABELS[letter] for letter in letters}}


def _lettered(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Codes of missing answers as letters; an array without any stays numbers."""
    different, places = np.unique(values, return_inverse=True)
    if not np.isin(different, list(STATA_LETTERS)).any():
        return values
    # One object for each different value, however many rows have it.
    objects = [STATA_LETTERS.get(one, one) for one in different.tolist()]
    return np.array(objects, dtype=object)[places]


def _codes(column: Column) -> dict[int, str]:
    return dict(CODE_LABELS) if column.has_codes else {}


def cut_bytes(text: str, most: int) -> str:
    """The beginning of a text that fits into so many bytes of UTF-8."""
    return text.encode()[:most].decode(errors="ignore")


def short_names(names: Iterable[str]) -> dict[str, str]:
    """Name -> what the column is called where names are short: as it is, or its beginning.

    Beginnings that are alike are numbered in the order of the columns.
    """
    names = list(names)
    short = {name: name for name in names if len(name) <= LONGEST_NAME}
    taken = set(short)
    for name in names:
        if name not in short:
            short[name] = _unused(name, taken)
            taken.add(short[name])
    return short


def _unused(name: str, taken: set[str]) -> str:
    found, number = name[:LONGEST_NAME], 1
    while found in taken:
        number += 1
        ending = f"_{number}"
        found = name[: LONGEST_NAME - len(ending)].rstrip("_") + ending
    return found
