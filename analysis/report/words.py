"""Printed words for the coded values of a comparison."""

from __future__ import annotations

from analysis.compare.codes import Equivalence
from analysis.compare.results import Decision, Invariance, Reason, Rung, SignSource

REASONS = {
    Reason.CONSTANT_ITEM: "constant item",
    Reason.CONSTANT_COMPOSITE: "constant composite",
    Reason.NON_CONVERGENCE: "did not converge",
    Reason.INADMISSIBLE: "inadmissible solution",
    Reason.NOT_POSITIVE_DEFINITE: "not positive definite",
    Reason.REFUSALS: "too many refusals",
    Reason.TOO_FEW_CLUSTERS: "too few clusters",
}

RUNGS = {
    Rung.FULL: "full model",
    Rung.ITEMS_DROPPED: "constant items dropped",
    Rung.COMPOSITE: "composite scores",
    Rung.SINGLE_INDICATOR: "single indicator, fixed reliability",
    Rung.NONE: "not estimable",
}

DECISIONS = {
    Decision.AGREE: "agrees",
    Decision.CONTRADICT: "contradicts",
    Decision.UNDETERMINED: "undetermined",
    Decision.NOT_ESTIMABLE: "not estimable",
}

EQUIVALENCE = {
    Equivalence.EQUIVALENT: "yes",
    Equivalence.NOT_EQUIVALENT: "no",
    Equivalence.CANNOT_TELL: "cannot tell",
}

INVARIANCE = {
    Invariance.NOT_TESTED: "not tested",
    Invariance.NONE: "none",
    Invariance.CONFIGURAL: "configural",
    Invariance.PARTIAL_METRIC: "partial metric",
    Invariance.METRIC: "metric",
    Invariance.PARTIAL_SCALAR: "partial scalar",
    Invariance.SCALAR: "scalar",
}

SIGN_SOURCES = {
    SignSource.THEORY: "theory or meta-analysis (T)",
    SignSource.HUMAN: "the people of this study (H)",
}

VAAR_IS_OURS = (
    "VAAR was described in words by Chen, Yu and Hu (Findings of ACL 2026); its formula was not "
    "available. The definition used here is this project's own, consistent with those words."
)
