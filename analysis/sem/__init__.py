"""Multi-group structural equation models in NumPy and SciPy, with lavaan's language and numbers.

from analysis import sem

result = sem.fit(
    "Privacy =~ p1 + p2 + p3", data, group=labels, group_equal=["loadings"], estimator="MLR"
)
result.fit["cfi"], result.parameter("Privacy", "=~", "p2").est
"""

from analysis.sem.engine import fit
from analysis.sem.errors import (
    ComparisonError,
    DataError,
    ModelSpecificationError,
    ModelSyntaxError,
    Notice,
    NotIdentifiedError,
    NotPositiveDefiniteError,
    SemError,
    UnknownVariableError,
    ZeroVarianceError,
)
from analysis.sem.results import Parameter, SemFit

__all__ = [
    "ComparisonError",
    "DataError",
    "ModelSpecificationError",
    "ModelSyntaxError",
    "NotIdentifiedError",
    "NotPositiveDefiniteError",
    "Notice",
    "Parameter",
    "SemError",
    "SemFit",
    "UnknownVariableError",
    "ZeroVarianceError",
    "fit",
]
