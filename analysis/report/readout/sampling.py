"""How people were sampled, in words."""

from analysis.compare.companions import Sampling
from analysis.language import gettext as _
from analysis.report.typesetting.formatting import count, decimal


def weighting(sampling: Sampling | None) -> str:
    """What weights were used in this analysis, in words."""
    if sampling is None or not sampling.weighted:
        return _("None: every respondent counts once")
    return _(
        "Sampling weights in every model of the people (n = {n}, effective n {worth} by Kish, "
        "design effect {effect}); other statistics unweighted"
    ).format(
        n=count(sampling.n),
        worth=count(round(sampling.weights_effective_n)),
        effect=decimal(sampling.weights_design_effect),
    )
