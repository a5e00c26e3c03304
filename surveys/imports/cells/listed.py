"""Options that a cell names: the key of one, its label, or a code of the file. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from surveys.imports.cells.labels import folded
from surveys.imports.columns import normal_code
from surveys.questions import OpenFormat

Names = Mapping[str, str]
"""What a cell may have, folded -> the key of the option."""


def names_of(asked: OpenFormat, codes: Mapping[str, int | str]) -> dict[str, str]:
    """What names an option: codes that a mapping gives, or else its key and its label.

    A label that two options share names neither.
    """
    if codes:
        return {folded(code): str(key) for code, key in codes.items()}
    labels = [folded(label) for label in asked.listed.values()]
    told = {
        name: key
        for name, key in zip(labels, asked.listed, strict=True)
        if name and labels.count(name) == 1
    }
    return {**told, **{folded(key): key for key in asked.listed}}


def keys_in(cell: str, names: Names, separator: str) -> tuple[str, ...] | None:
    """The options that a cell names, in its order; None where a part of it is no name.

    Without a `separator` a cell names one. Labels may hold the separator themselves: of several
    ways to read a cell the longest name counts.
    """
    parts = cell.split(separator) if separator else [cell]
    found = list(_read(parts, names, separator))
    return None if None in found else tuple(filter(None, found))


def _read(parts: Sequence[str], names: Names, separator: str) -> Iterator[str | None]:
    at = 0
    while at < len(parts):
        if not parts[at].strip():
            at += 1
            continue
        for end in range(len(parts), at, -1):
            name = folded(normal_code(separator.join(parts[at:end])))
            if name in names:
                yield names[name]
                at = end
                break
        else:
            yield None
            return
