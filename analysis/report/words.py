"""Printed words for the coded values of a comparison."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from analysis.compare.codes import Equivalence
from analysis.compare.model_fit import ModelFit
from analysis.compare.notices.order import Forbids
from analysis.compare.results import (
    BenchmarkKind,
    CalibrationLine,
    Decision,
    Invariance,
    NoModel,
    Reason,
    Rung,
    SignSource,
    Untold,
)
from analysis.language import gettext, gettext_noop
from surveys.codes import marked as _

Value = TypeVar("Value")


class Coded(Mapping[Value, str]):
    """Words for coded values, in the language of the document being written."""

    def __init__(self, words: Mapping[Value, str]) -> None:
        self._words = words

    def __getitem__(self, value: Value) -> str:
        return gettext(self._words[value])

    def __iter__(self) -> Iterator[Value]:
        return iter(self._words)

    def __len__(self) -> int:
        return len(self._words)


# What only is to be known forbids nothing.
FORBIDDEN = {
    Forbids.TRUSTING_ANSWERS: gettext_noop("taking the answers for what they seem"),
    Forbids.COMPARING_SIZES: gettext_noop("comparing the sizes of paths"),
    Forbids.TESTING: gettext_noop("reading p-values"),
    Forbids.RANKING: gettext_noop("ranking the models"),
    Forbids.CALLING_ALIKE: gettext_noop("calling model and people alike"),
    Forbids.READING_AS_PLANNED: gettext_noop("reading this as the result of the planned model"),
    Forbids.COMPARING_MEANS: gettext_noop("comparing latent means"),
}

REASONS = Coded({reason: reason.sentence for reason in Reason})

UNTOLD = Coded({reason: reason.sentence for reason in Untold})

# Of T-size indices, by Yuan et al. (2016).
FIT_LABELS = {
    "excellent": _("excellent fit"),
    "close": _("close fit"),
    "fair": _("fair fit"),
    "mediocre": _("mediocre fit"),
    "poor": _("poor fit"),
}

RUNGS = Coded(
    {
        Rung.FULL: gettext_noop("full model"),
        Rung.FIT_NOT_SHOWN: gettext_noop("planned model, acceptable fit not shown"),
        Rung.ITEMS_DROPPED: gettext_noop("unusable items dropped"),
        Rung.COMPOSITE: gettext_noop("composite scores"),
        Rung.SINGLE_INDICATOR: gettext_noop("single indicator, fixed reliability"),
        Rung.NONE: gettext_noop("not estimable"),
    }
)

DECISIONS = Coded(
    {
        Decision.AGREE: gettext_noop("agrees"),
        Decision.CONTRADICT: gettext_noop("contradicts"),
        Decision.UNDETERMINED: gettext_noop("undetermined"),
        Decision.NOT_ESTIMABLE: gettext_noop("not estimable"),
    }
)

EQUIVALENCE = Coded(
    {
        Equivalence.EQUIVALENT: gettext_noop("yes"),
        Equivalence.NOT_EQUIVALENT: gettext_noop("no"),
        Equivalence.CANNOT_TELL: gettext_noop("cannot tell"),
    }
)

# What stands of a model after its name; {cfi} and {rmsea} are numbers, {local} is local misfit.
MODEL_FIT = Coded(
    {
        ModelFit.ACCEPTABLE: gettext_noop(
            "fits acceptably with CFI = {cfi}, RMSEA = {rmsea}; {local}."
        ),
        ModelFit.POOR: gettext_noop(
            "does not fit acceptably: CFI = {cfi}, RMSEA = {rmsea}; {local}."
        ),
        ModelFit.UNCLEAR: gettext_noop(
            "has CFI = {cfi}, RMSEA = {rmsea}; whether it fits cannot be told at this n; {local}."
        ),
        ModelFit.NOT_TESTABLE: gettext_noop("has no degrees of freedom: fit cannot be tested."),
        ModelFit.NOT_COMPUTED: gettext_noop("has no fit indices: whether it fits is not known."),
    }
)

INVARIANCE = Coded(
    {
        Invariance.NOT_TESTED: gettext_noop("not tested"),
        Invariance.NONE: gettext_noop("none"),
        Invariance.CONFIGURAL: gettext_noop("configural"),
        Invariance.PARTIAL_METRIC: gettext_noop("partial metric"),
        Invariance.METRIC: gettext_noop("metric"),
        Invariance.PARTIAL_SCALAR: gettext_noop("partial scalar"),
        Invariance.SCALAR: gettext_noop("scalar"),
    }
)

SIGN_SOURCES = Coded(
    {
        SignSource.THEORY: gettext_noop("theory or meta-analysis (T)"),
        SignSource.HUMAN: gettext_noop("the people of this study (H)"),
    }
)

VAAR_IS_OURS = gettext_noop(
    "VAAR was described in words by Chen, Yu and Hu (Findings of ACL 2026); its formula was not "
    "available. The definition used here is this project's own, consistent with those words."
)

BENCHMARKS = {
    BenchmarkKind.PEOPLE: _("People against themselves"),
    BenchmarkKind.NO_EFFECT: _("Answers without any effect"),
    BenchmarkKind.NO_MODEL: _("No model: a regression on what was told"),
}

# Why there is no row of a regression on what the sessions were told.
NO_MODEL: Mapping[NoModel | None, str] = {
    NoModel.NOTHING_TOLD: _("Nothing was told: the no-model row is the floor."),
    NoModel.NOT_RECORDED: _("What was told is not recorded, of the sessions or of the people."),
    NoModel.ANSWERS_TOLD: _(
        "Sessions were told a person's answers, which this regression does not take in."
    ),
    NoModel.TOO_FEW_PEOPLE: _("Too few people for a regression on what was told."),
}
NOT_DRAWN = _("Not drawn.")

SIZE_OF_SLOPES = _("Slopes, mean ratio to the people's")
SIZE_OF_SLOPE = _("Slope of %(path)s, ratio")
SIZE_OF_R2 = _("R² of %(outcome)s, ratio")
NO_LINE = _("No calibration line: it needs 3 paths that are estimable in both; here: %(paths)s.")
NO_SPREAD = _("No calibration line: the model's slopes do not differ.")
LINE = _(
    "Over %(paths)s paths the people's slope is %(intercept)s [%(intercept_lower)s, "
    "%(intercept_upper)s] + %(slope)s [%(slope_lower)s, %(slope_upper)s] × the model's."
)
LINE_BARE = _(
    "Over %(paths)s paths the people's slope is %(intercept)s + %(slope)s × the model's; no "
    "interval can be told."
)
# What the line says of sizes, by where its slope's interval lies.
LINE_SHALLOW = _("The model's paths lie further apart than the people's.")
LINE_STEEP = _("The model's paths lie closer together than the people's.")
LINE_OPEN = _("Whether its paths lie further apart or closer together cannot be told.")


def line_sentence(line: CalibrationLine) -> str:
    """What is said of a calibration line, with places for its numbers."""
    if line.slope is None:
        return NO_LINE if line.paths < 3 else NO_SPREAD
    return LINE if line.slope_ci and line.intercept_ci else LINE_BARE


def line_verdict(line: CalibrationLine) -> str:
    """What the interval of its slope says; nothing without one."""
    if line.slope_ci is None:
        return ""
    if line.slope_ci.upper < 1.0:
        return LINE_SHALLOW
    return LINE_STEEP if line.slope_ci.lower > 1.0 else LINE_OPEN


_MISSING = {
    "skipped": _("skipped"),
    "not_shown": _("not shown"),
    "refused": _("refused"),
    "no_answer": _("no answer"),
    "content_filter": _("content filter"),
    "truncated": _("truncated"),
    "schema_violation": _("schema violation"),
    "unparsable": _("unparsable"),
    "out_of_range": _("out of range"),
    "transport_error": _("transport error"),
    "context_length": _("context length"),
    "budget_stop": _("budget stop"),
    "cancelled": _("cancelled"),
}


def missing_reason(code: str) -> str:
    """Why an answer is missing, in the language of the document; an unknown code as it is."""
    return gettext(_MISSING.get(code, code.replace("_", " ")))
