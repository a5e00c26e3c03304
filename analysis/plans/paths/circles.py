"""Circles among the paths of a plan: no recursive model has any. Pure."""

from collections.abc import Iterator, Sequence


def circles(paths: Sequence[tuple[str, str, str]]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Each circle that a path closes: the path's place, and the constructs from first to first.

    ``paths`` are (model, predictor, outcome); a circle is one of a single model, as its paths are
    estimated together. A path of a construct to itself is no circle of several.
    """
    leads: dict[tuple[str, str], list[str]] = {}
    for place, (model, predictor, outcome) in enumerate(paths):
        if predictor == outcome:
            continue
        if way := _way(leads, model, outcome, predictor):
            yield place, (predictor, *way)
        else:
            # A path that closes a circle is left out, so that each circle is told once.
            leads.setdefault((model, predictor), []).append(outcome)


def _way(
    leads: dict[tuple[str, str], list[str]], model: str, start: str, end: str
) -> tuple[str, ...]:
    """The constructs on a way from `start` to `end`; empty where none leads there."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen = {start}
    while ways:
        way = ways.pop(0)
        if way[-1] == end:
            return way
        for onward in leads.get((model, way[-1]), ()):
            if onward not in seen:
                seen.add(onward)
                ways.append((*way, onward))
    return ()
