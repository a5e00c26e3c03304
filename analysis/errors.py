"""Errors of the analysis app, and every reason for a "no" of it.

surveys.errors.CounterpartError
└── AnalysisError            .code is a `Refusal`, .arguments fill its sentence
    ├── DraftError           a draft of a plan that is not there, there twice, or newer
    ├── PlanFrozenError      a plan that is stored already, with other content
    ├── NothingToCompare     no people, or no model, has finished
    ├── RunNotDone           a report of a run without a result
    └── DataChanged          an archive of a run whose data are not the same any more

The pure packages stand on their own, and have errors of their own, each with a code:

ValueError
├── analysis.sem.errors.SemError
├── analysis.compare.errors.CompareError     PlanError, DataError, ComparisonCancelled
├── analysis.report.errors.ReportError
└── analysis.archive.errors.ArchiveError
"""

from typing import Any

from surveys.codes import SentenceCode, said
from surveys.codes import marked as _
from surveys.errors import CounterpartError


class Refusal(SentenceCode):
    """Why a plan, run, report or archive is refused; arguments by name."""

    PLAN_UNKNOWN = (
        "plan_unknown",
        _(
            "Study %(study)s has no frozen plan '%(plan)s' (frozen: %(known)s); "
            "freeze it with `manage.py freeze_plan`."
        ),
    )
    PLAN_IS_FROZEN = (
        "plan_is_frozen",
        _(
            "Plan %(plan)s of study %(study)s is frozen with other content; "
            "give the new plan a new name."
        ),
    )
    DRAFT_UNKNOWN = (
        "plan_draft_unknown",
        _("Study %(study)s has no draft of a plan '%(plan)s' (drafts: %(known)s)."),
    )
    DRAFT_EXISTS = (
        "plan_draft_exists",
        _(
            "Study %(study)s has a draft of a plan '%(plan)s' already; change that one, or give "
            "this one another name."
        ),
    )
    DRAFT_CHANGED = (
        "plan_draft_changed",
        _(
            "Draft '%(plan)s' was changed by %(who)s since you read it; nothing of yours is "
            "stored. Read it again, and make your changes there."
        ),
    )
    NO_POWER_YET = (
        "plan_has_mistakes",
        _("Power is planned for a plan without mistakes; draft '%(plan)s' still has some."),
    )
    NO_REFERENCE_GROUP = (
        "no_reference_group",
        _(
            "Study %(study)s has several groups of people (%(groups)s); "
            "say which one the models are compared with (reference group)."
        ),
    )
    NO_PEOPLE = (
        "no_people",
        _("Study %(study)s has no group of people '%(group)s'; collect or import answers first."),
    )
    NO_PANEL = (
        "no_panel",
        _("Study %(study)s has no panel of a model; collect or import answers first."),
    )
    ALL_SET_ASIDE = (
        "all_set_aside",
        _("Every panel of study %(study)s is set aside; take one back on its quality page."),
    )
    NOBODY_FINISHED = (
        "nobody_finished",
        _("Nobody in %(group)s has finished, or all were excluded; wait for answers."),
    )
    NOBODY_PLACED = (
        "nobody_placed",
        _(
            "Nobody in %(group)s has the weight, cluster or stratum that the plan asks for; map "
            "their columns at import (`sampling`), or freeze a plan without them."
        ),
    )
    RUN_UNKNOWN = (
        "run_unknown",
        _("Plan %(plan)s of study %(study)s has no finished run; use `manage.py fit_models`."),
    )
    RUN_NOT_DONE = (
        "run_not_done",
        _("Run %(run)s is %(status)s, not done%(why)s; fit the models again."),
    )
    RUN_UNDER_WAY = (
        "run_under_way",
        _("Run %(run)s is under way; stop it, or archive it when it is over."),
    )
    DATA_CHANGED = (
        "data_changed",
        _(
            "The answers that run %(run)s was made of have changed since, for example because "
            "somebody withdrew, or are counted by other clusters now; fit the models again and "
            "archive the new run."
        ),
    )


class AnalysisError(CounterpartError):
    """An analysis that cannot be carried out."""

    def __init__(self, refusal: Refusal, **arguments: Any) -> None:
        super().__init__(said(refusal, arguments), code=refusal.value)
        self.arguments = arguments


class DraftError(AnalysisError):
    """A draft of a plan is not there, there twice, newer than what was read, or not ready."""


class PlanFrozenError(AnalysisError):
    """A plan of that name is frozen with other content."""


class NothingToCompare(AnalysisError):
    """There are no finished people, or no finished model sessions."""


class RunNotDone(AnalysisError):
    """The run has no result that a report could print."""


class DataChanged(AnalysisError):
    """The answers that the run was made of are not all there any more, or not the same."""
