"""Why something of factors and items is not told."""

from analysis.compare.codes import Untold
from analysis.compare.models.groups import GroupAnalysis


def untested(*groups: GroupAnalysis) -> Untold:
    """Why groups have no joint fit: too few clusters in one of them, or no latent model."""
    enough = all(one.summary.has_enough_clusters for one in groups)
    return Untold.NOT_ESTIMABLE if enough else Untold.TOO_FEW_CLUSTERS
