"""Multi-group structural equation models in NumPy and SciPy, with lavaan's language and numbers.

>>> from analysis import sem
>>> result = sem.fit(
...     "Privacy =~ p1 + p2 + p3", data, group=labels, group_equal=["loadings"], estimator="MLR"
... )  # doctest: +SKIP
>>> result.fit["cfi.robust"], result.parameter("Privacy", "=~", "p2").est  # doctest: +SKIP
"""

from analysis.sem.comparison import Comparison, compare
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
from analysis.sem.ladder import (
    LadderStep,
    PartialSearch,
    equal_regressions,
    invariance_ladder,
    search_partial,
)
from analysis.sem.modification import (
    ModificationIndex,
    ReleasedEquality,
    modification_indices,
    score_tests,
)
from analysis.sem.results import Parameter, SemFit
from analysis.sem.wald import TestResult, wald_test

__all__ = [
    "Comparison",
    "ComparisonError",
    "DataError",
    "LadderStep",
    "ModelSpecificationError",
    "ModelSyntaxError",
    "ModificationIndex",
    "NotIdentifiedError",
    "NotPositiveDefiniteError",
    "Notice",
    "Parameter",
    "PartialSearch",
    "ReleasedEquality",
    "SemError",
    "SemFit",
    "TestResult",
    "UnknownVariableError",
    "ZeroVarianceError",
    "compare",
    "equal_regressions",
    "fit",
    "invariance_ladder",
    "modification_indices",
    "score_tests",
    "search_partial",
    "wald_test",
]
