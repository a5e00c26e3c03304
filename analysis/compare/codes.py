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


class Decision(StrEnum):
    """What the 95 % interval of a model path says about the expected side."""

    AGREE = "agree"
    CONTRADICT = "contradict"
    UNDETERMINED = "undetermined"
    NOT_ESTIMABLE = "not_estimable"


class Invariance(StrEnum):
    """The strictest level that holds."""

    NONE = "none"
    CONFIGURAL = "configural"
    PARTIAL_METRIC = "partial_metric"
    METRIC = "metric"
    PARTIAL_SCALAR = "partial_scalar"
    SCALAR = "scalar"
