"""Where in a record each part of a model's reply stands."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from surveys.codes import Saying
from surveys.imports.mistakes import CollectedWanted
from surveys.instrument_files.errors import FileMistake
from surveys.instrument_files.toml_tables import Table, shown

# What a record may say. The first four and one of the next four are needed.
FIELDS = (
    *("panel", "session", "model", "item", "items"),
    *("raw", "value", "missing_reason", "distribution"),
    *("provider", "asked_at", "temperature", "seed", "prompt_text", "prompt_sha256"),
    *("system_text", "persona", "matched_to", "position", "scale_direction"),
    *("items_per_turn", "history", "usage", "finish_reason", "refusal", "error", "cluster"),
)
ITEM = "{item}"
_PARTS = {"before", "after", "but", "comment_after"}


@dataclass(frozen=True, slots=True)
class Place:
    """A path into a record, such as ``output.choices.0.message.content``.

    A path that begins with ``/`` is one of the whole document. Of what stands there, `before` and
    `after` take what comes before or after the last such sign; the text `but` stands for nothing.
    Behind the first `comment_after` a reply to a choice says more than its answer. Several `paths`
    are joined.
    """

    paths: tuple[str, ...]
    before: str = ""
    after: str = ""
    but: str = ""
    comment_after: str = ""

    @property
    def of_item(self) -> bool:
        """Whether it stands once for each item of a record."""
        return any(ITEM in path for path in self.paths)

    def found(
        self, record: Mapping[str, Any], document: Any, item: str, *, choice: bool = False
    ) -> Any:
        """What stands there; None for nothing. `choice`: for a question with options."""
        values = [_at(document if path[:1] == "/" else record, path, item) for path in self.paths]
        if len(values) > 1:
            return "/".join(as_text(one) for one in values if one is not None) or None
        return self._cut(values[0], choice=choice)

    def _cut(self, value: Any, *, choice: bool) -> Any:
        if not isinstance(value, str):
            return value
        if self.but and value.strip() == self.but:
            return None
        if self.comment_after and choice:
            value = value.strip().partition(self.comment_after)[0]
        if self.before:
            return value.rpartition(self.before)[0] or None
        return value.rpartition(self.after)[2] if self.after else value


Places = Mapping[str, tuple[Place, ...]]
"""Field -> the places where it may stand; the first that has something counts."""


def read_places(table: Table) -> dict[str, tuple[Place, ...]]:
    """Read ``[fields]``: each a path, a list of paths of which one is there, or a table."""
    places = {}
    for field in FIELDS:
        if table.has(field) and (read := tuple(_places(table, field, table.raw(field)))):
            places[field] = read
    table.finish()
    return places


def _places(table: Table, field: str, given: Any) -> Iterator[Place]:
    for one in given if isinstance(given, list) else [given]:
        if isinstance(one, str) and one:
            yield Place((one,))
        elif isinstance(one, dict) and (place := _place(one)):
            yield place
        else:
            wanted = Saying(CollectedWanted.PLACE)
            table.note(field, FileMistake.WRONG_TYPE, wanted=wanted, given=shown(one))


def _place(given: Mapping[str, Any]) -> Place | None:
    joined = given.get("join")
    if set(given) == {"join"} and isinstance(joined, list) and _all_texts(joined):
        return Place(tuple(joined))
    parts = given.keys() - {"path"}
    one_cut = len(parts & {"before", "after"}) <= 1
    if parts and parts <= _PARTS and one_cut and "path" in given and _all_texts([*given.values()]):
        return Place((given["path"],), **{name: given[name] for name in parts})
    return None


def _all_texts(values: Sequence[Any]) -> bool:
    return bool(values) and all(isinstance(one, str) and one for one in values)


def _at(values: Any, path: str, item: str) -> Any:
    return _below(values, path.removeprefix("/").replace(ITEM, item))


def _below(values: Any, path: str) -> Any:
    """What stands under a path: a key that is the path as a whole, else one part after another."""
    if isinstance(values, list):
        head, _, rest = path.partition(".")
        if not head.isdecimal() or int(head) >= len(values):
            return None
        return _below(values[int(head)], rest) if rest else values[int(head)]
    if not isinstance(values, Mapping):
        return None
    if path in values:
        return values[path]
    cut = path.find(".")
    while cut != -1:
        if path[:cut] in values:
            return _below(values[path[:cut]], path[cut + 1 :])
        cut = path.find(".", cut + 1)
    return None


def as_text(value: Any) -> str:
    """A value as it is compared and kept: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def parsed(value: Any) -> Any:
    """A list or a table, which a cell holds as JSON."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def pairs(value: Any) -> tuple[tuple[str, str], ...] | None:
    """A persona as (label, value) pairs; words without labels are one pair."""
    value = parsed(value)
    if isinstance(value, dict):
        return tuple((str(label), as_text(said)) for label, said in value.items())
    return (("persona", as_text(value)),) if value not in (None, "") else None
