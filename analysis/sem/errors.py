"""What can go wrong in a structural equation model, each with a code and a sentence.

SemError (ValueError)                code
 ├─ ModelSyntaxError                 syntax                 line, column, token, expected
 ├─ ModelSpecificationError          specification          parses, but does not make a model
 │   └─ NotIdentifiedError           not_identified         parameters that cannot be told apart
 ├─ DataError                        data, empty_category, no_rows, perfect_association, …
 │   ├─ UnknownVariableError         unknown_variable       names absent from the data
 │   ├─ ZeroVarianceError            no_variance            groups: group -> constant variables
 │   └─ NotPositiveDefiniteError     not_positive_definite  group whose covariances are singular
 └─ ComparisonError                  comparison             two fits that cannot be compared

What leaves usable numbers is no exception but a :class:`FitNotice` on the result: a search that did
not converge, a negative variance, a covariance matrix that is not positive definite.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = [
    "ComparisonError",
    "DataError",
    "FitNotice",
    "ModelSpecificationError",
    "ModelSyntaxError",
    "NotIdentifiedError",
    "NotPositiveDefiniteError",
    "SemError",
    "UnknownVariableError",
    "ZeroVarianceError",
]


@dataclass(frozen=True, slots=True)
class FitNotice:
    """A remark on a fit whose numbers are still given: a stable `code` and a sentence."""

    code: str
    message: str

    def __str__(self) -> str:
        return self.message


class SemError(ValueError):
    """Base of every error of this package; `code` is stable, the message says what to do."""

    default_code = "sem"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        self.code = code or self.default_code
        super().__init__(message)


class ModelSyntaxError(SemError):
    """The model text cannot be read; says at which line and token, and what was expected."""

    default_code = "syntax"

    def __init__(self, *, line: int, column: int, token: str, expected: str) -> None:
        self.line = line
        self.column = column
        self.token = token
        self.expected = expected
        super().__init__(f"line {line}, column {column}: found {token}; expected {expected}")


class ModelSpecificationError(SemError):
    """The statements parse but contradict each other, the groups or the options."""

    default_code = "specification"


class NotIdentifiedError(ModelSpecificationError):
    """Several values of the named parameters fit equally well."""

    default_code = "not_identified"

    def __init__(self, parameters: Sequence[str], message: str) -> None:
        self.parameters = tuple(parameters)
        super().__init__(message)


class DataError(SemError):
    """The data cannot carry the model."""

    default_code = "data"


class UnknownVariableError(DataError):
    """The model names variables that the data do not hold."""

    default_code = "unknown_variable"

    def __init__(
        self, names: Sequence[str], available: Sequence[str], *, where: str = "the model uses"
    ) -> None:
        self.names = tuple(names)
        super().__init__(
            f"{where} {', '.join(names)}, which the data do not have; "
            f"the data have {', '.join(available) or 'no variables'}"
        )


class ZeroVarianceError(DataError):
    """Some variables are constant within a group."""

    default_code = "no_variance"

    def __init__(self, groups: Mapping[str, Sequence[str]]) -> None:
        self.groups = {group: tuple(names) for group, names in groups.items()}
        where = "; ".join(f"group {group}: {' '.join(names)}" for group, names in groups.items())
        super().__init__(
            f"some variables have no variance in {where}; "
            "leave them out of that group's model (a `group:` block) or drop the group"
        )


class NotPositiveDefiniteError(DataError):
    """A sample covariance matrix cannot be inverted."""

    default_code = "not_positive_definite"

    def __init__(self, group: str, reason: str) -> None:
        self.group = group
        super().__init__(
            f"sample covariance matrix is not positive-definite in group {group}: {reason}"
        )


class ComparisonError(SemError):
    """Two fits cannot be compared: other data, other estimator, or not nested."""

    default_code = "comparison"
