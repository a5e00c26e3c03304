"""Coded values of a comparison: why, how decided, how far."""

from enum import StrEnum

from surveys.codes import SentenceCode
from surveys.codes import marked as _


class Reason(SentenceCode):
    """Why a path (or a rung) could not be estimated, or stands lower than was planned.

    The sentence is a part of one: it follows a colon.
    """

    NO_ROWS = "no_rows", _("no row is complete")
    TOO_FEW_ROWS = "too_few_rows", _("fewer complete rows than variables")
    NOT_ANSWERED = "not_answered", _("an item that nobody answered")
    NEVER_TOGETHER = "never_together", _("items that nobody answered both")
    CONSTANT_ITEM = "constant_item", _("constant item")
    CONSTANT_COMPOSITE = "constant_composite", _("constant composite")
    EMPTY_CATEGORY = "empty_category", _("a category that nobody chose")
    REFUSALS = "refusals", _("too many refusals")
    NOT_IDENTIFIED = "not_identified", _("model not identified")
    NOT_POSITIVE_DEFINITE = "not_positive_definite", _("not positive definite")
    POLYCHORIC = "polychoric", _("a polychoric correlation that cannot be estimated")
    TOO_FEW_CLUSTERS = "too_few_clusters", _("too few clusters")
    ONE_CLUSTER = "one_cluster", _("all rows are one cluster")
    NO_RELIABILITY = "no_reliability", _("no reliability is known")
    NON_CONVERGENCE = "non_convergence", _("did not converge")
    HEYWOOD = "heywood", _("negative variance (Heywood case)")
    INADMISSIBLE = "inadmissible", _("inadmissible solution")
    NO_STANDARD_ERRORS = "no_standard_errors", _("standard errors cannot be computed")
    ARITHMETIC = "arithmetic", _("the arithmetic broke down")
    NOT_FITTED = "not_fitted", _("the model cannot be fitted")
    FIT_NOT_SHOWN = "fit_not_shown", _("acceptable fit not shown")
    AS_THE_PEOPLE = "as_the_people", _("the people stand no higher")


class Untold(SentenceCode):
    """Why a number that the plan asks for of factors and items is not told.

    The sentence is a part of one: it follows a colon.
    """

    TOO_FEW_CLUSTERS = "too_few_clusters", _("too few clusters")
    NOT_ESTIMABLE = "not_estimable", _("the model cannot be fitted")
    SCALAR_INVARIANCE = "scalar_invariance", _("scalar invariance is not shown")
    CONFIGURAL_INVARIANCE = "configural_invariance", _("the same items do not go together")
    TOO_FEW_GROUPS = "too_few_groups", _("fewer than two groups bear the model")
    INDICATORS_DIFFER = "indicators_differ", _("a group lacks an indicator")
    NO_MINIMUM = "no_minimum", _("no alignment is better than all others")
    NO_DF = "no_df", _("no degrees of freedom")


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
    ``answers_told``: the sessions were told a person's answers, which are not regressed on.
    ``too_few_people``: fewer people with these answers than the regression needs.
    """

    SCORED = "scored"
    NOTHING_TOLD = "nothing_told"
    NOT_RECORDED = "not_recorded"
    ANSWERS_TOLD = "answers_told"
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
    "person": _("sessions of one person"),
    "persona": _("sessions of one persona"),
    "donor": _("sessions that were shown the answers of one respondent"),
    "wording": _("sessions of one wording"),
    "prompt": _("the same prompt at temperature 0"),
}
