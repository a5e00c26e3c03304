"""Coded values of a comparison: why, how decided, how far."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a path (or a rung) could not be estimated."""

    CONSTANT_ITEM = "constant_item"
    CONSTANT_COMPOSITE = "constant_composite"
    NON_CONVERGENCE = "non_convergence"
    INADMISSIBLE = "inadmissible"
    NOT_POSITIVE_DEFINITE = "not_positive_definite"
    REFUSALS = "refusals"
    TOO_FEW_CLUSTERS = "too_few_clusters"


class Decision(StrEnum):
    """What the interval of a model path says about the expected side, or the expected null."""

    AGREE = "agree"
    CONTRADICT = "contradict"
    UNDETERMINED = "undetermined"
    NOT_ESTIMABLE = "not_estimable"


class BenchmarkKind(StrEnum):
    """What a model's VAAR is read beside."""

    PEOPLE = "people"
    NO_EFFECT = "no_effect"
    NO_MODEL = "no_model"


class NoModel(StrEnum):
    """Whether a plain regression on what the sessions were told has a score, and why not.

    ``nothing_told``: the sessions got no persona, so that the floor is the no-model row.
    ``not_recorded``: what they were told, or the same of the people, is not in the data.
    ``too_few_people``: fewer people with these answers than the regression needs.
    """

    SCORED = "scored"
    NOTHING_TOLD = "nothing_told"
    NOT_RECORDED = "not_recorded"
    TOO_FEW_PEOPLE = "too_few_people"


class Invariance(StrEnum):
    """The strictest level that nothing speaks against."""

    NOT_TESTED = "not_tested"
    NONE = "none"
    CONFIGURAL = "configural"
    PARTIAL_METRIC = "partial_metric"
    METRIC = "metric"
    PARTIAL_SCALAR = "partial_scalar"
    SCALAR = "scalar"


class Equivalence(StrEnum):
    """Whether a difference lies within the bounds of equivalence."""

    EQUIVALENT = "equivalent"
    NOT_EQUIVALENT = "not_equivalent"
    CANNOT_TELL = "cannot_tell"


# What the rows of a cluster have in common.
SHARED = {
    "person": "sessions of one person",
    "persona": "sessions of one persona",
    "donor": "sessions that were shown the answers of one respondent",
    "wording": "sessions of one wording",
    "prompt": "the same prompt at temperature 0",
}
