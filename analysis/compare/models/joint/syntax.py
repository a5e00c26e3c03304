"""The model text of a joint fit: one ``group:`` block per group, ties written out as labels.

Written out, because a group may lack an item that is constant in it: what is left stays tied to
the other groups. Where no group lacks anything this is the model of lavaan's ``group.equal``.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from analysis.compare.data.measurement import (
    ModelSpec,
    latent_covariances,
    regressions,
    variable,
)
from analysis.compare.plan import Construct, PathSpec

LOADING_LABEL = "l_"
INTERCEPT_LABEL = "i_"


@dataclass(frozen=True, slots=True)
class Ties:
    """What is equal across groups: loadings, intercepts but for those freed, chosen slopes.

    ``free_loadings`` and ``free_intercepts`` name indicators; ``paths`` are keys of equal slopes.
    """

    loadings: bool = False
    intercepts: bool = False
    free_loadings: frozenset[str] = field(default_factory=frozenset)
    free_intercepts: frozenset[str] = field(default_factory=frozenset)
    paths: frozenset[str] = field(default_factory=frozenset)


def joint_syntax(
    spec: ModelSpec, absent: Sequence[Collection[str]], ties: Ties, *, differences: bool = False
) -> str:
    """The joint model of several groups.

    ``absent`` holds the indicators each group lacks, in the order of the groups in the data. With
    ``differences`` every slope of every later group minus the first one's is a defined parameter.
    """
    blocks = [_block(spec, missing, ties, number) for number, missing in enumerate(absent, start=1)]
    if differences:
        blocks.append("\n".join(_differences(spec, ties, len(absent))))
    return "\n\n".join(block for block in blocks if block)


def difference_name(path: PathSpec, group: int) -> str:
    """Defined parameter: slope in a group (counted from 1) minus the slope in the first."""
    return f"d{group}_{path.predictor}_{path.outcome}"


def slope_label(path: PathSpec, group: int, ties: Ties) -> str:
    """Label of a slope in a group (counted from 1); equal slopes share one."""
    where = "" if path.key in ties.paths else str(group)
    return f"b{where}_{path.predictor}_{path.outcome}"


def _differences(spec: ModelSpec, ties: Ties, groups: int) -> list[str]:
    return [
        f"{difference_name(path, group)} := "
        f"{slope_label(path, group, ties)} - {slope_label(path, 1, ties)}"
        for group in range(2, groups + 1)
        for path in spec.paths
        if path.key not in ties.paths
    ]


def _block(spec: ModelSpec, missing: Collection[str], ties: Ties, number: int) -> str:
    latent = [construct for construct in spec.constructs if construct.is_latent]
    names = {one.key: variable(one) for one in spec.constructs}
    labels = {path.key: slope_label(path, number, ties) for path in spec.paths}
    lines = [f"group: {number}"]
    lines += [_loadings(construct, missing, ties, number) for construct in latent]
    lines += [*regressions(spec, names, labels), *latent_covariances(spec)]
    if ties.intercepts:
        lines += _intercepts(spec, missing, ties)
        lines += [f"{one.key} ~ {'0' if number == 1 else 'NA'}*1" for one in latent]
    return "\n".join(lines)


def _loadings(construct: Construct, missing: Collection[str], ties: Ties, number: int) -> str:
    """The marker stays at one where it is present; elsewhere tied loadings set the metric.

    A marker that is freed keeps its one in the first group only.
    """
    kept = [one.name for one in construct.indicators if one.name not in missing]
    if construct.equal_loadings:
        terms = [f"1*{name}" for name in kept]
    elif not ties.loadings:
        terms = kept
    else:
        marker = construct.indicators[0].name
        terms = [_tied_term(name, name == marker, ties, number) for name in kept]
    return f"{construct.key} =~ " + " + ".join(terms)


def _tied_term(name: str, marker: bool, ties: Ties, number: int) -> str:
    """NA* keeps a first term from being taken for a marker."""
    freed = name in ties.free_loadings
    if marker:
        return f"NA*{name}" if freed and number > 1 else f"1*{name}"
    return f"NA*{name}" if freed else f"NA*{LOADING_LABEL}{name}*{name}"


def _intercepts(spec: ModelSpec, missing: Collection[str], ties: Ties) -> list[str]:
    """A loading that is free in each group takes its intercept's equality with it."""
    free = ties.free_intercepts | ties.free_loadings
    return [
        f"{one.name} ~ {INTERCEPT_LABEL}{one.name}*1"
        for construct in spec.constructs
        if construct.is_latent
        for one in construct.indicators
        if one.name not in missing and one.name not in free
    ]
