"""Errors of the analysis app.

surveys.errors.CounterpartError
└── AnalysisError
    ├── PlanFrozenError      a plan that is stored already, with other content
    ├── NothingToCompare     no people, or no model, has finished
    ├── RunNotDone           a report of a run without a result
    └── DataChanged          an archive of a run whose data are not the same any more
"""

from surveys.errors import CounterpartError


class AnalysisError(CounterpartError):
    """An analysis that cannot be carried out."""


class PlanFrozenError(AnalysisError):
    """A plan of that name is frozen with other content."""


class NothingToCompare(AnalysisError):
    """There are no finished people, or no finished model sessions."""


class RunNotDone(AnalysisError):
    """The run has no result that a report could print."""


class DataChanged(AnalysisError):
    """The answers that the run was made of are not all there any more, or not the same."""
