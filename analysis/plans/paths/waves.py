"""Constructs in a wave: ``PRI@2`` in a plan is PRI as people answered it the second time. Pure.

In data and models a wave is a suffix, ``PRI.w2``: names of items hold no dot, so that nothing else
can be called like it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated

from analysis.compare.plan import WAVE, Construct, ItemSpec
from analysis.plans.mistakes import PlanMistake
from surveys.codes import Problem
from surveys.instrument_files.errors import Shape
from surveys.instrument_files.strict import VARIABLE, Text, shaped

_IN_WAVE = re.compile(rf"(?:{VARIABLE.pattern})(?:@[1-9][0-9]?)?")
# A construct by its key, and perhaps the wave in which it was measured.
End = Annotated[Text, shaped(Shape.VARIABLE, _IN_WAVE)]


def of_wave(end: str) -> tuple[str, int]:
    """The key of a construct, and its wave; 0 where none is named."""
    key, _, wave = end.partition("@")
    return key, int(wave or 0)


def in_wave(name: str, wave: int) -> str:
    """What an item, an indicator or a construct is called in a wave; itself in none."""
    return f"{name}.w{wave}" if wave else name


def without_wave(name: str) -> str:
    """An item of a wave, as the study asks it: ``days_q1.w2`` is ``days_q1``."""
    return WAVE.sub("", name)


def called(end: str) -> str:
    """An end of a path as models name it: ``PRI@2`` as ``PRI.w2``."""
    return in_wave(*of_wave(end))


def waves_named(ends: Sequence[str]) -> tuple[int, ...]:
    """The waves that paths name, in order; none of a plan of one occasion."""
    return tuple(sorted({wave for _, wave in map(of_wave, ends) if wave}))


def constructs_in_waves(
    constructs: Sequence[Construct], ends: Sequence[str]
) -> tuple[Construct, ...]:
    """Each construct once for every wave in which a path names it; wave by wave."""
    wanted = {of_wave(end) for end in ends}
    return tuple(
        _in_wave(one, wave)
        for wave in waves_named(ends)
        for one in constructs
        if (one.key, wave) in wanted
    )


def items_in_waves(
    items: Sequence[ItemSpec], constructs: Sequence[Construct], waves: Sequence[int]
) -> tuple[ItemSpec, ...]:
    """Each item once for every wave in which a construct rests on it."""
    used = {name for one in constructs for name in one.items}
    rows = (replace(one, name=in_wave(one.name, wave)) for wave in waves for one in items)
    return tuple(one for one in rows if one.name in used)


def _in_wave(construct: Construct, wave: int) -> Construct:
    return replace(
        construct,
        key=in_wave(construct.key, wave),
        label=f"{construct.label}, wave {wave}",
        indicators=tuple(
            replace(
                one,
                name=in_wave(one.name, wave),
                items=tuple(in_wave(item, wave) for item in one.items),
            )
            for one in construct.indicators
        ),
    )


def wrong_waves(ends: Mapping[str, tuple[str, str]]) -> Iterator[Problem]:
    """Paths without a wave among those that have one, and paths that lead back in time.

    ``ends`` maps the place of a path to its predictor and outcome.
    """
    if not waves_named([end for both in ends.values() for end in both]):
        return
    for where, both in ends.items():
        before, after = (of_wave(end)[1] for end in both)
        for name, wave, end in zip(("predictor", "outcome"), (before, after), both, strict=True):
            if not wave:
                yield Problem(f"{where}.{name}", PlanMistake.WAVE_MISSING, {"given": end})
        if 0 < after < before:
            about = {"predictor": both[0], "outcome": both[1]}
            yield Problem(f"{where}.outcome", PlanMistake.BACK_IN_TIME, about)
