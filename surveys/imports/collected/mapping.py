"""A mapping file whose rows are answers of models; docs/imports.md describes the format."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any, Literal

from surveys.codes import Saying
from surveys.imports.collected.places import FIELDS, ITEM, Place, Places, read_places
from surveys.imports.columns import ItemColumn, read_columns, read_recodings
from surveys.imports.files.data_files import FILE_FORMATS, FileLayout
from surveys.imports.mistakes import CollectedWanted, ImportMistake
from surveys.imports.source import MappingFile
from surveys.instrument_files.errors import FileMistake
from surveys.instrument_files.toml_tables import Table, parse_toml

Format = Literal["jsonl", "json", "csv", "xlsx", "sav", "dta"]
Shape = Literal["long", "wide"]
Cells = Literal["raw", "value"]
FORMATS: tuple[Format, ...] = ("jsonl", "json", *FILE_FORMATS)
SHAPES: tuple[Shape, ...] = ("long", "wide")
TOOLS = ("edsl", "inspect_ai", "openai_batch")
# What a line of JSON, or a row of a table, says under the name of the field itself.
_OWN: Places = {field: (Place((field,)),) for field in FIELDS}
_OF_ITEMS = ("raw", "value", "missing_reason", "distribution")
LONGEST_LABEL = 100


@dataclass(frozen=True, slots=True)
class CollectedPanel:
    """What is said once of all sessions of one group: what it is called, and how it was asked.

    `key` is what records have as their panel. `elicitation` and `option_marks` are the form that
    replies were asked for in: the product's own words for it, or ``value`` for marks that are the
    scored values.
    """

    key: str
    label: str = ""
    model: str = ""
    provider: str = ""
    elicitation: str = "number"
    option_marks: str = "value"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelMapping(MappingFile):
    """A mapping file of models' answers that was read.

    `columns` name the items as the file does. In the `shape` "wide" a record is a session, and
    places of an item have ``{item}`` in their path; in "long" it is a reply.
    """

    format: Format
    shape: Shape
    records: str
    places: Places
    panels: tuple[CollectedPanel, ...]
    columns: tuple[ItemColumn, ...]

    @property
    def is_table(self) -> bool:
        """Whether the file has cells, of which empty ones say nothing."""
        return self.format in FILE_FORMATS

    @property
    def table_layout(self) -> FileLayout:
        """How a file with cells is written."""
        held = next(one for one in FILE_FORMATS if one == self.format)
        return replace(self.layout, format=held)


def read_model_rows(top: Table, data: Table, missing: Mapping[str, str]) -> dict[str, Any]:
    """Read what a mapping of models alone says of its rows, as parts of a `ModelMapping`."""
    tool = _tool(data)
    shape = data.choice("shape", SHAPES, default=tool.get("shape", "long"))
    written = data.choice("format", FORMATS, default=tool.get("format", "jsonl"))
    places = _places(top, data, tool, shape)
    columns = _columns(top, missing, required=shape == "wide")
    return {
        "format": written,
        "shape": shape,
        "records": data.text("records", default=tool.get("records", "")),
        "places": places,
        "panels": tuple(_panel(row) for row in top.tables("panels", required=False)),
        "columns": columns,
    }


def _tool(data: Table) -> Mapping[str, Any]:
    """What comes with the program for the logs of a tool."""
    if not data.has("tool"):
        return {}
    name = data.choice("tool", TOOLS)
    file = resources.files("surveys.imports.collected") / "tools" / f"{name}.toml"
    return parse_toml(file.read_text(encoding="utf-8"), file=f"{name}.toml")


def _places(top: Table, data: Table, tool: Mapping[str, Any], shape: Shape) -> Places:
    shipped = Table(tool.get("fields", {}), path="fields", problems=top.problems)
    base = read_places(shipped) if tool else dict(_OWN)
    cells = data.choice("cells", ("raw", "value")) if data.has("cells") else ""
    if shape == "wide" and not tool:
        base = {field: place for field, place in base.items() if field not in _OF_ITEMS}
        base |= {cells: (Place((ITEM,)),)} if cells else {}
    places = {**base, **read_places(top.table("fields", required=False))}
    if shape == "wide" and not any(one.of_item for part in places.values() for one in part):
        data.note("cells", FileMistake.MISSING_KEY, wanted=Saying(CollectedWanted.CELLS))
    return places


def _columns(top: Table, missing: Mapping[str, str], *, required: bool) -> tuple[ItemColumn, ...]:
    columns: Sequence[Any] = ()
    if required or top.has("columns"):
        columns = read_columns(top, read_recodings(top), missing)
    for column in columns:
        if not isinstance(column, ItemColumn):
            top.note(f"columns[{column.name}]", ImportMistake.ITEMS_ALONE)
    return tuple(one for one in columns if isinstance(one, ItemColumn))


def _panel(row: Table) -> CollectedPanel:
    panel = CollectedPanel(
        key=row.text("key"),
        label=row.text("label", longest=LONGEST_LABEL, default=""),
        model=row.text("model", default=""),
        provider=row.text("provider", default=""),
        elicitation=row.text("elicitation", default="number"),
        option_marks=row.text("option_marks", default="value"),
    )
    row.finish()
    return panel
