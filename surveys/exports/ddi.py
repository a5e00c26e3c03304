"""The data described in DDI-Codebook 2.5, as data archives take it.

Reference: DDI Alliance, DDI-Codebook 2.5 (https://ddialliance.org/Specification/DDI-Codebook/2.5/).
Elements stand in the order of its schema.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from surveys.exports.columns import NUMBERS, Column, columns_of, meaning
from surveys.exports.content import ExportContent, ExportItem
from surveys.exports.missing import CODE_LABELS
from surveys.questions import number_shown

NAMESPACE = "ddi:codebook:2_5"
# What XML 1.0 has no place for; texts of questionnaires may carry it all the same.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class DescribedFile:
    """A table that was written: its path within the folder, its rows, the names of its columns.

    `full` are the names in other files of columns whose names are cut in this one.
    """

    name: str
    rows: int
    columns: Sequence[str]
    full: Mapping[str, str] = field(default_factory=dict)

    @property
    def named(self) -> Iterator[tuple[str, str]]:
        """Every column as it is called here, and in other files."""
        return ((name, self.full.get(name, name)) for name in self.columns)


def ddi_codebook(content: ExportContent, files: Sequence[DescribedFile]) -> str:
    """The study, each of its files, and each variable of each file, as XML."""
    root = ET.Element("codeBook", {"xmlns": NAMESPACE, "version": "2.5"})
    root.set("xml:lang", content.language)
    _study(root, content)
    for number, file in enumerate(files, start=1):
        _file(root, f"F{number}", file)
    data = ET.SubElement(root, "dataDscr")
    columns = {
        column.name: column
        for item in content.items
        for column in columns_of(item, content.language)
    }
    scored = {
        column.name: column
        for item in content.items
        for column in columns_of(item, content.language, scored=True)
    }
    for number, file in enumerate(files, start=1):
        of_file = scored if "scored" in file.name else columns
        for place, (name, full) in enumerate(file.named, start=1):
            key = (f"V{number}_{place}", f"F{number}")
            known = meaning(full, content) or full
            _variable(data, key, name, of_file.get(full), known)
    ET.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _study(root: ET.Element, content: ExportContent) -> None:
    study = ET.SubElement(root, "stdyDscr")
    citation = ET.SubElement(study, "citation")
    title = ET.SubElement(citation, "titlStmt")
    _text(title, "titl", content.title)
    _text(title, "IDNo", f"{content.slug} {content.version}")
    if analyst := content.facts.get("analyst"):
        _text(ET.SubElement(citation, "rspStmt"), "AuthEnty", analyst)
    if funding := content.facts.get("funding"):
        _text(ET.SubElement(citation, "prodStmt"), "fundAg", funding)
    if content.citation:
        _text(citation, "biblCit", content.citation)
    info = ET.SubElement(study, "stdyInfo")
    groups = "; ".join(f"{label}: {words}" for label, words in content.groups.values())
    _text(
        info, "abstract", f"Answers to one questionnaire by groups that are never added: {groups}"
    )
    if population := content.facts.get("target_population"):
        _text(ET.SubElement(info, "sumDscr"), "universe", population)
    method = {key: content.facts.get(key) for key in ("sampling_frame", "mode")}
    if any(method.values()):
        collection = ET.SubElement(ET.SubElement(study, "method"), "dataColl")
        for name, key in (("sampProc", "sampling_frame"), ("collMode", "mode")):
            if told := method[key]:
                _text(collection, name, told)
    if content.licence:
        use = ET.SubElement(ET.SubElement(study, "dataAccs"), "useStmt")
        _text(use, "conditions", content.licence)


def _file(root: ET.Element, key: str, file: DescribedFile) -> None:
    text = ET.SubElement(ET.SubElement(root, "fileDscr", {"ID": key}), "fileTxt")
    _text(text, "fileName", file.name)
    size = ET.SubElement(text, "dimensns")
    _text(size, "caseQnty", str(file.rows))
    _text(size, "varQnty", str(len(file.columns)))
    _text(text, "fileType", file.name.rpartition(".")[2])


def _ends(column: Column) -> tuple[str, str] | None:
    """The least and the greatest valid value, where there are such."""
    item = column.item
    if item.number and item.minimum is not None and item.maximum is not None:
        return number_shown(item.minimum), number_shown(item.maximum)
    return (str(min(column.labels)), str(max(column.labels))) if column.labels else None


def _variable(
    data: ET.Element,
    key: tuple[str, str],
    name: str,
    column: Column | None,
    known: str,
) -> None:
    chosen = column is not None and bool(column.item.values)
    how = {"intrvl": "discrete"} if chosen else {}
    variable = ET.SubElement(data, "var", {"ID": key[0], "files": key[1], "name": name, **how})
    if column is None:
        _text(variable, "labl", known)
        number = name in NUMBERS or name in ("value", "oriented", "position")
        _format(variable, "numeric" if number else "character")
        return
    _text(variable, "labl", column.label)
    _asked(variable, column.item)
    if ends := _ends(column):
        _range(variable, "valrng", dict(zip(("min", "max"), ends, strict=True)))
    if column.has_codes:
        invalid = ET.SubElement(variable, "invalrng")
        for code in CODE_LABELS:
            ET.SubElement(invalid, "item", {"VALUE": str(code)})
    _categories(variable, column.labels.items(), missing=False)
    if column.has_codes:
        _categories(variable, CODE_LABELS.items(), missing=True)
    if column.item.construct:
        _text(variable, "concept", column.item.construct)
    _format(variable, "numeric" if column.kind == "number" else "character")


def _asked(variable: ET.Element, item: ExportItem) -> None:
    for language, text in item.texts.items():
        asked = ET.SubElement(variable, "qstn")
        literal = _text(asked, "qstnLit", text)
        literal.set("xml:lang", language)


def _range(variable: ET.Element, name: str, ends: Mapping[str, str]) -> None:
    ET.SubElement(ET.SubElement(variable, name), "range", dict(ends))


def _categories(variable: ET.Element, labels: Iterable[tuple[int, str]], *, missing: bool) -> None:
    for value, label in labels:
        category = ET.SubElement(variable, "catgry", {"missing": "Y"} if missing else {})
        _text(category, "catValu", str(value))
        _text(category, "labl", label)


def _format(variable: ET.Element, kind: str) -> None:
    ET.SubElement(variable, "varFormat", {"type": kind})


def _text(parent: ET.Element, name: str, text: str) -> ET.Element:
    made = ET.SubElement(parent, name)
    made.text = _NO_XML.sub("\ufffd", text)
    return made
