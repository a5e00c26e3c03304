"""How differently the indicators of a construct measure it in a model and in people: dMACS.

Nye & Drasgow (2011). Of every construct one indicator has to be taken for unbiased, which puts both
groups on one metric: the first that the invariance ladder left equal. All others are free.
"""

from collections.abc import Iterator, Mapping

from analysis.compare.codes import Untold
from analysis.compare.factors.reasons import untested
from analysis.compare.models.differences import Tested
from analysis.compare.models.fits import finite
from analysis.compare.models.groups import GroupAnalysis
from analysis.compare.models.joint.fit import Joint
from analysis.compare.models.joint.syntax import Ties
from analysis.compare.plan import Construct
from analysis.compare.results import Invariance, ItemBias
from analysis.sem import Dmacs, SemError, dmacs


def item_bias(
    model: GroupAnalysis, people: GroupAnalysis, tested: Mapping[str, Tested]
) -> Iterator[ItemBias]:
    """One row per model of the plan, latent construct and indicator that both groups have."""
    for name, fitted in model.models.items():
        joint = tested.get(name)
        if joint is None:
            found: Mapping[str, Dmacs] | Untold = untested(model, people)
        elif joint.ladder.verdict.reached is Invariance.NONE:
            found = Untold.CONFIGURAL_INVARIANCE
        else:
            found = _found(joint, model.spec.key)
        anchors = {} if joint is None else _anchors(joint)
        for construct in fitted.spec.constructs:
            if construct.is_latent:
                anchor = anchors.get(construct.key, "")
                yield from _rows(name, model.spec.key, construct, anchor, found)


def _rows(
    name: str, group: str, construct: Construct, anchor: str, found: Mapping[str, Dmacs] | Untold
) -> Iterator[ItemBias]:
    for one in construct.indicators:
        if isinstance(found, Untold):
            yield ItemBias(name, group, construct.key, one.name, anchor, reason=found)
        elif one.name in found and one.name != anchor:
            of = found[one.name]
            # The index takes people less model; what is told is what the model adds.
            shift = finite(-of.mean_difference)
            yield ItemBias(name, group, construct.key, one.name, anchor, finite(of.size), shift)


def _found(tested: Tested, group: str) -> Mapping[str, Dmacs] | Untold:
    anchors = frozenset(_anchors(tested).values())
    free = frozenset(tested.joint.shared) - anchors
    ties = Ties(loadings=True, intercepts=True, free_loadings=free, free_intercepts=free)
    attempt = tested.joint.fit(ties).attempt
    if attempt.fit is None or attempt.reason is not None:
        return Untold.NOT_ESTIMABLE
    try:
        return {row.item: row for row in dmacs(attempt.fit) if row.focal == group}
    except SemError:
        return Untold.NOT_ESTIMABLE


def _anchors(tested: Tested) -> dict[str, str]:
    """The indicator of each construct that both groups are held to measure alike with."""
    held = tested.ladder.held
    ties = Ties() if held is None else held.ties
    freed = ties.free_loadings | ties.free_intercepts
    found = {}
    for construct in tested.joint.spec.constructs:
        shared = _shared(construct, tested.joint)
        equal = [name for name in shared if name not in freed] or shared
        if construct.is_latent and equal:
            found[construct.key] = equal[0]
    return found


def _shared(construct: Construct, joint: Joint) -> list[str]:
    return [one.name for one in construct.indicators if one.name in joint.shared]
