"""Errors of the comparison.

ValueError
└── CompareError             .code, and a sentence that says what to do
    ├── PlanError            the plan cannot be carried out as written
    ├── ComparisonDataError  the data do not fit the plan
    └── ComparisonCancelled  the caller asked to stop
"""


class CompareError(ValueError):
    """Base of everything this package raises on purpose."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class PlanError(CompareError):
    """The plan cannot be carried out as written."""


class ComparisonDataError(CompareError):
    """The data do not fit the plan."""


class ComparisonCancelled(CompareError):
    """The caller asked to stop; nothing half-done is returned."""
