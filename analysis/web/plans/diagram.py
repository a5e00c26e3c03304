"""The path diagram of a plan: constructs in columns, from those that nothing leads to. Pure.

Where there is little room it is drawn upright: what is a column there is a row here.

Lengths are units of the drawing. Signs are told by words, by a character and by how a line is
dashed; nothing depends on colour.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import hypot
from textwrap import wrap

WIDTH, HEIGHT = 156, 62
COLUMN, ROW = 286, 92
# Upright: from one level to the next, and between two constructs of a level.
LEVEL, BESIDE = 138, 170
MARGIN = 14
LONGEST_LINE = 16


@dataclass(frozen=True, slots=True)
class Node:
    """A construct: where its middle is, its lines, and whether it is latent."""

    x: float
    y: float
    lines: tuple[str, ...]
    beneath: str
    is_latent: bool

    @property
    def left(self) -> float:
        """The left end of its shape."""
        return self.x - WIDTH / 2

    @property
    def top(self) -> float:
        """The upper end of its shape."""
        return self.y - HEIGHT / 2

    @property
    def written(self) -> list[tuple[float, str, bool]]:
        """Its lines with the heights they stand at; the last is small."""
        lines = [*((one, False) for one in self.lines), (self.beneath, True)]
        first = self.y + 5 - 8 * (len(lines) - 1)
        return [(first + 16 * n, text, small) for n, (text, small) in enumerate(lines)]


@dataclass(frozen=True, slots=True)
class Edge:
    """A path: its line as SVG has it, its sign, and where the sign stands."""

    way: str
    sign: str
    x: float
    y: float

    @property
    def kind(self) -> str:
        """How the line is drawn."""
        return {"+": "plus", "−": "minus"}.get(self.sign, "open")


@dataclass(frozen=True, slots=True)
class Diagram:
    """Everything that is drawn, and how large it is.

    ``above`` and ``beside`` are room for lines that go round.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    width: float
    height: float
    above: float
    beside: float

    @property
    def view(self) -> str:
        """The part of the drawing that is seen."""
        width, height = self.width + self.beside, self.height + self.above
        return f"{-self.beside:g} {-self.above:g} {width:g} {height:g}"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A construct to draw: what it is called, what stands beneath, and whether it is latent."""

    key: str
    label: str
    beneath: str = ""
    is_latent: bool = True


def diagram(
    constructs: Sequence[Drawn], paths: Sequence[tuple[str, str, str]], *, upright: bool = False
) -> Diagram | None:
    """Lay a plan out; `paths` are (predictor, outcome, sign). None where there is no construct.

    A path to itself, or to a construct that there is not, is not drawn.
    """
    known = {one.key: one for one in constructs}
    ends = {
        (predictor, outcome): sign
        for predictor, outcome, sign in paths
        if predictor != outcome and predictor in known and outcome in known
    }
    if not known:
        return None
    columns = _columns(list(known), list(ends))
    steps = (LEVEL, BESIDE) if upright else (COLUMN, ROW)
    places = {key: _place(*at, steps, upright) for key, at in _in_columns(columns).items()}
    edges = tuple(_edge(places[a], places[b], sign) for (a, b), sign in ends.items())
    return Diagram(
        nodes=tuple(_node(known[key], place) for key, place in places.items()),
        edges=edges,
        width=max(x for x, _y in places.values()) + WIDTH / 2 + MARGIN,
        height=max(y for _x, y in places.values()) + HEIGHT / 2 + MARGIN,
        above=max((-edge.y + 14 for edge in edges if edge.y < 0), default=0),
        beside=max((-edge.x + 14 for edge in edges if edge.x < 0), default=0),
    )


def _in_columns(columns: Sequence[Sequence[str]]) -> dict[str, tuple[float, float]]:
    """Which column each construct is in, and how far down it, every column in the middle."""
    tallest = max(len(column) for column in columns)
    return {
        key: (number, row + (tallest - len(column)) / 2)
        for number, column in enumerate(columns)
        for row, key in enumerate(column)
    }


def _place(
    along: float, across: float, steps: tuple[float, float], upright: bool
) -> tuple[float, float]:
    """Where the middle of a construct is."""
    shifts = (along * steps[0], across * steps[1])
    right, down = reversed(shifts) if upright else shifts
    return MARGIN + WIDTH / 2 + right, MARGIN + HEIGHT / 2 + down


def _columns(keys: Sequence[str], ends: Sequence[tuple[str, str]]) -> list[list[str]]:
    """The constructs by the longest way that leads to them; a circle is cut where it closes."""
    depth = dict.fromkeys(keys, 0)
    for _round in keys:
        for predictor, outcome in ends:
            # As many rounds as constructs end every way; in a circle they would go on.
            depth[outcome] = max(depth[outcome], min(depth[predictor] + 1, len(keys) - 1))
    used = sorted(set(depth.values()))
    return [[key for key in keys if depth[key] == one] for one in used]


def _node(one: Drawn, place: tuple[float, float]) -> Node:
    lines = wrap(one.label or one.key, LONGEST_LINE, max_lines=2, placeholder=" …")
    return Node(*place, tuple(lines), one.beneath, one.is_latent)


def _edge(start: tuple[float, float], end: tuple[float, float], sign: str) -> Edge:
    """A straight line between neighbours; one that passes another construct goes round it."""
    (x1, y1), (x2, y2) = start, end
    if abs(x2 - x1) > COLUMN and y1 == y2:
        bend = y1 - HEIGHT
        way = f"M{x1:g} {y1 - HEIGHT / 2:g}C{x1 + 90:g} {bend - 20:g} {x2 - 90:g} {bend - 20:g} "
        return Edge(f"{way}{x2:g} {y2 - HEIGHT / 2 - 3:g}", sign, (x1 + x2) / 2, bend - 6)
    if abs(y2 - y1) > LEVEL and x1 == x2:
        edge = x1 - WIDTH / 2
        way = f"M{edge:g} {y1:g}C{edge - 40:g} {y1 + 40:g} {edge - 40:g} {y2 - 40:g} "
        return Edge(f"{way}{edge - 3:g} {y2:g}", sign, edge - 30, (y1 + y2) / 2 + 5)
    a, b = _border(start, end), _border(end, start, gap=3)
    way = f"M{a[0]:.1f} {a[1]:.1f}L{b[0]:.1f} {b[1]:.1f}"
    return Edge(way, sign, a[0] + 0.42 * (b[0] - a[0]), a[1] + 0.42 * (b[1] - a[1]) + 5)


def _border(
    middle: tuple[float, float], towards: tuple[float, float], gap: float = 0
) -> tuple[float, float]:
    """Where a line from the middle of an ellipse leaves it."""
    dx, dy = towards[0] - middle[0], towards[1] - middle[1]
    length = hypot(dx, dy) or 1.0
    scale = 1 / hypot(dx / (WIDTH / 2), dy / (HEIGHT / 2)) if length else 0
    reach = scale + gap / length
    return middle[0] + dx * reach, middle[1] + dy * reach


SIGNS: Mapping[object, str] = {"+": "+", "-": "−", "human": "?", 1: "+", -1: "−", 0: "?"}
