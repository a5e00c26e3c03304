"""Measures of the layout that contracts hold: how full folders are, and who imports whom."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

# Folders in which a module is one of many of the same kind.
UNCOUNTED = {"migrations", "commands", "tests"}
BAD_NAMES = {"utils", "util", "helpers", "common", "misc", "manager", "lib"}


def modules_by_folder(root: Path, packages: Iterable[str]) -> dict[str, list[str]]:
    """Folder -> names of its modules; packages' faces and folders of alike files are left out."""
    folders: dict[str, list[str]] = {}
    for package in packages:
        for path in sorted((root / package).rglob("*.py")):
            if path.name != "__init__.py" and path.parent.name not in UNCOUNTED:
                folders.setdefault(str(path.parent.relative_to(root)), []).append(path.stem)
    return folders


def crowded(folders: Mapping[str, list[str]], alike: Iterable[str]) -> dict[str, int]:
    """Folders with more than a dozen modules; sixteen where all are `alike`."""
    most = dict.fromkeys(alike, 16)
    return {
        folder: len(names) for folder, names in folders.items() if len(names) > most.get(folder, 12)
    }


def badly_named(folders: Mapping[str, list[str]]) -> list[str]:
    """Modules whose name says nothing of what is in them."""
    return [
        f"{folder}/{name}"
        for folder, names in folders.items()
        for name in names
        if name in BAD_NAMES
    ]


def circles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """Groups of modules that import each other, by whatever way (Tarjan's components)."""
    return [sorted(group) for group in _components(graph) if len(group) > 1]


def levels(graph: Mapping[str, set[str]]) -> int:
    """How many floors a house without circles has: the longest chain of imports, in modules."""
    height: dict[str, int] = {}
    for group in _components(graph):  # whatever is imported comes first
        for module in group:
            height[module] = 1 + max((height.get(other, 0) for other in graph[module]), default=0)
    return max(height.values(), default=0)


def _components(graph: Mapping[str, set[str]]) -> Iterator[list[str]]:
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    for start in graph:
        if start not in index:
            yield from _visit(start, graph, index, low, stack)


def _visit(
    module: str,
    graph: Mapping[str, set[str]],
    index: dict[str, int],
    low: dict[str, int],
    stack: list[str],
) -> Iterator[list[str]]:
    index[module] = low[module] = len(index)
    stack.append(module)
    for other in graph.get(module, ()):
        if other not in index:
            yield from _visit(other, graph, index, low, stack)
            low[module] = min(low[module], low[other])
        elif other in stack:
            low[module] = min(low[module], index[other])
    if low[module] == index[module]:
        place = stack.index(module)
        yield stack[place:]
        del stack[place:]
