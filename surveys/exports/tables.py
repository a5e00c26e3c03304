"""All files of an export, filled row by row and described when they are finished."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

from surveys.exports.codebooks import codebook_csv, codebook_html
from surveys.exports.columns import ABOUT, FLAGS, TIMES, TOUCHED, VISITS, Column, columns_of
from surveys.exports.content import KINDS, ExportChoice, ExportContent, ExportRow
from surveys.exports.csv_tables import CsvTable, LongTable, WideTable
from surveys.exports.ddi import DescribedFile, ddi_codebook
from surveys.exports.manifest import WrittenFile, manifest_json
from surveys.exports.psych_ds import data_set_json
from surveys.exports.r_script import r_script
from surveys.paradata.visits import Visit

if TYPE_CHECKING:
    from surveys.exports.statistics_files import StatisticsTable

_PIECE = 1 << 20


class Tables:
    """The files of one export, in a folder that is there; leaving its block closes them."""

    def __init__(self, content: ExportContent, folder: Path, choice: ExportChoice) -> None:
        self.content, self._folder, self._choice = content, folder, choice
        self.counts: Counter[tuple[str, str]] = Counter()
        shown = {**ABOUT, **content.conditions}
        hidden = TIMES if choice.share else ()
        self._about = {name: words for name, words in shown.items() if name not in hidden}
        self._raw = list(_columns(content, scored=False))
        self._scored = list(_columns(content, scored=True))
        self._open: dict[str, list[WideTable | LongTable | StatisticsTable]] = {}
        self._beside: dict[str, CsvTable] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for table in [*self._of_answers(), *self._beside.values()]:
            if isinstance(table, CsvTable):
                table.close()

    def _of_answers(self) -> list[WideTable | LongTable | StatisticsTable]:
        return [table for kind in KINDS for table in self._open.get(kind, ())]

    def take(self, row: ExportRow) -> None:
        """Write a respondent into every table of its kind."""
        if row.kind not in self._open:
            self._open[row.kind] = list(self._tables(row.kind))
        for table in self._open[row.kind]:
            table.take(row)
        self.counts[str(row.about["group"]), str(row.about["status"])] += 1
        if self._choice.demographics and row.demographics:
            names = list(self.content.demographics)
            about = self._side("demographics", names)
            about.write([row.about["respondent"], *(row.demographics.get(one) for one in names)])
        if self._choice.recruiter_ids and row.recruiter_id and not self._choice.share:
            side = self._side("recruiter_ids", ["recruiter_id"])
            side.write([row.about["respondent"], row.recruiter_id])
        if self._choice.paradata:
            self._take_paradata(row)

    def _take_paradata(self, row: ExportRow) -> None:
        who = row.about["respondent"]
        for visit in row.visits:
            self._side("page_visits", VISITS).write([who, *_visited(visit)])
            for ref, one in visit.touched.items():
                touched = [one.first_ms, one.last_ms, one.changes, one.pasted]
                self._side("question_times", TOUCHED).write([who, visit.page, ref, *touched])
        for code, reason, looked in row.flags:
            self._side("flags", FLAGS).write([who, code, reason, int(looked)])

    def close(self, left_out: Iterable[tuple[str, str, int]]) -> list[WrittenFile]:
        """Finish and describe every file; `left_out` are group, reason and number of respondents.

        The manifest is the last file, and lists the others with their checksums.
        """
        tables = self._of_answers()
        tables_beside = list(self._beside.values())
        for table in [*tables, *tables_beside]:
            table.close()
        described = [
            DescribedFile(self._name(path), one.rows, one.header, one.full)
            for one in [*tables, *tables_beside]
            for path in one.paths
        ]
        self._describe(described)
        written = {one.name: one for one in described}
        files = [self._written(path, written) for path in self._paths()]
        text = manifest_json(self.content, self._choice, files, self.counts, left_out)
        files.append(self._written(self._put("manifest.json", text), {}))
        return files

    def _tables(self, kind: str) -> Iterable[WideTable | LongTable | StatisticsTable]:
        formats, exact = self._choice.formats, self._choice.exact
        if "csv" in formats or "r" in formats:
            yield WideTable(self._csv(kind, "raw"), self._about, self._raw, exact=exact)
        if "csv" in formats:
            scored = self._csv(kind, "scored")
            yield WideTable(scored, self._about, self._scored, exact=exact)
            yield LongTable(self._csv(kind, "long"), self._about, self._raw, exact=exact)
        paths = [self._folder / f"{kind}.{one}" for one in ("sav", "dta") if one in formats]
        if paths:
            # Its libraries are loaded where such a file is wanted, not when the site starts.
            from surveys.exports.statistics_files import StatisticsTable

            yield StatisticsTable(paths, self._about, self._raw)

    def _csv(self, kind: str, form: str) -> Path:
        """psych-DS has data files called so: words joined by hyphens, then _data."""
        return self._folder / "data" / f"answers-{kind}_form-{form}_data.csv"

    def _side(self, name: str, columns: Sequence[str]) -> CsvTable:
        if name not in self._beside:
            path = self._folder / f"{name}.csv"
            header = ["respondent", *columns]
            self._beside[name] = CsvTable(path, header, exact=self._choice.exact)
        return self._beside[name]

    def _describe(self, files: Sequence[DescribedFile]) -> None:
        content, choice = self.content, self._choice
        self._put("codebook.csv", codebook_csv(content, files, exact=choice.exact))
        self._put("codebook.html", codebook_html(content, files))
        self._put("ddi.xml", ddi_codebook(content, files))
        self._put("dataset_description.json", data_set_json(content, files))
        if "r" in choice.formats:
            kinds = list(self._open)
            script = r_script(content, self._about, self._raw, kinds, exact=choice.exact)
            self._put("load.R", script)

    def _put(self, name: str, text: str) -> Path:
        path = self._folder / name
        path.write_text(text, encoding="utf-8", newline="\n")
        return path

    def _paths(self) -> list[Path]:
        return sorted(path for path in self._folder.rglob("*") if path.is_file())

    def _name(self, path: Path) -> str:
        return path.relative_to(self._folder).as_posix()

    def _written(self, path: Path, tables: dict[str, DescribedFile]) -> WrittenFile:
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
        name = self._name(path)
        table = tables.get(name)
        width = len(table.columns) if table else None
        rows = table.rows if table else None
        return WrittenFile(name, digest.hexdigest(), path.stat().st_size, rows, width)


def _visited(visit: Visit) -> list[object]:
    return [
        *(visit.page, visit.elapsed_ms, visit.answers, int(visit.reported), int(visit.clipped)),
        *(visit.device or None, visit.left, visit.away_ms),
        None if visit.traps is None else " ".join(visit.traps),
        *(visit.work, visit.work_ms),
    ]


def _columns(content: ExportContent, *, scored: bool) -> Iterable[Column]:
    for item in content.items:
        yield from columns_of(item, content.language, scored=scored)
