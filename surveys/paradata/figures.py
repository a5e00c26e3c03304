"""What flags of a person and rules of a plan both go by: few figures, from what is stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from surveys.paradata.visits import Visit, Work

# A page with fewer answers is too short to tell reading from not reading.
FEWEST_ON_PAGE = 3
# A text that was pasted: at least so many characters, and at least so much of what is stored.
FEWEST_PASTED = 20
PASTED_SHARE = 0.5
# Shorter texts are written in less than the time that a page takes anyhow.
SHORTEST_TYPED = 60


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How one person went through the pages. None is what was not recorded of anybody's page.

    `fastest` is seconds an answer on the quickest page of three answers or more, when it was sent
    first; `left` how often pages were left, `away` for how many seconds; `traps` which hidden
    fields were filled in; `pasted` how many texts mostly were; `signs` the most characters a second
    of a text that was not; `work` what became of the proof of work.
    """

    fastest: float | None = None
    left: int | None = None
    away: float | None = None
    traps: tuple[str, ...] | None = None
    pasted: int | None = None
    signs: float | None = None
    device: str = ""
    work: Work | None = None


def behaviour_of(
    visits: Sequence[Visit], texts: Mapping[str, int], pages: Mapping[str, int]
) -> Behaviour:
    """Read visits in the order they were sent; `texts` are lengths of stored texts by question.

    `pages` says on which page each of these questions was.
    """
    paces = list(_paces(visits))
    left = [one.left for one in visits if one.left is not None]
    traps = [one.traps for one in visits if one.traps is not None]
    pasted = _pasted(visits)
    return Behaviour(
        fastest=min(paces, default=None),
        left=sum(left) if left else None,
        away=sum(one.away_ms or 0 for one in visits) / 1000 if left else None,
        traps=tuple(sorted({name for one in traps for name in one})) if traps else None,
        pasted=None if pasted is None else sum(_is_pasted(pasted, *one) for one in texts.items()),
        signs=_signs(visits, texts, pages, pasted or {}),
        device=next((one.device for one in reversed(visits) if one.device), ""),
        work=next((one.work for one in visits if one.work), None),
    )


def _paces(visits: Iterable[Visit]) -> Iterable[float]:
    """Seconds an answer of each page's first sending; what is sent again was only looked over."""
    seen: set[int] = set()
    for one in visits:
        if one.page in seen or one.answers < FEWEST_ON_PAGE:
            continue
        seen.add(one.page)
        if one.elapsed_ms is not None:
            yield one.elapsed_ms / 1000 / one.answers


def _pasted(visits: Iterable[Visit]) -> dict[str, int] | None:
    """Characters pasted by question; None where no page recorded it."""
    found: dict[str, int] = {}
    recorded = False
    for visit in visits:
        for ref, touched in visit.touched.items():
            if touched.pasted is not None:
                recorded = True
                found[ref] = found.get(ref, 0) + touched.pasted
    return found if recorded else None


def _is_pasted(pasted: Mapping[str, int], ref: str, length: int) -> bool:
    characters = pasted.get(ref, 0)
    return characters >= FEWEST_PASTED and characters >= PASTED_SHARE * length


def _signs(
    visits: Sequence[Visit],
    texts: Mapping[str, int],
    pages: Mapping[str, int],
    pasted: Mapping[str, int],
) -> float | None:
    """Characters a second of the quickest page of texts that were typed, as far as is known."""
    rates = []
    for page in {pages[ref] for ref in texts if ref in pages}:
        typed = sum(
            length
            for ref, length in texts.items()
            if pages.get(ref) == page and not _is_pasted(pasted, ref, length)
        )
        spent = [one.elapsed_ms for one in visits if one.page == page]
        if typed >= SHORTEST_TYPED and spent and None not in spent:
            rates.append(typed / max(sum(ms or 0 for ms in spent) / 1000, 0.001))
    return max(rates, default=None)
