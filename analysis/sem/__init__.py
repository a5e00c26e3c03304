"""Multi-group structural equation models in NumPy and SciPy, with lavaan's language and numbers.

>>> from analysis import sem
>>> result = sem.fit(
...     "Privacy =~ p1 + p2 + p3", data, group=labels, group_equal=["loadings"], estimator="MLR"
... )  # doctest: +SKIP
>>> result.fit["cfi.robust"], result.parameter("Privacy", "=~", "p2").est  # doctest: +SKIP
"""

from analysis.sem.data.screens import Finding, screen
from analysis.sem.engine import fit
from analysis.sem.errors import (
    ComparisonError,
    DataError,
    FitNotice,
    ModelSpecificationError,
    ModelSyntaxError,
    NotIdentifiedError,
    NotPositiveDefiniteError,
    SemError,
    UnknownVariableError,
    UnsupportedSyntaxError,
    ZeroVarianceError,
)
from analysis.sem.model.builder import ModelBuilder
from analysis.sem.model_tests.comparison import ModelComparison, compare
from analysis.sem.model_tests.ladder import (
    LadderStep,
    PartialSearch,
    equal_regressions,
    invariance_ladder,
    search_partial,
)
from analysis.sem.model_tests.modification import (
    ModificationIndex,
    ReleasedEquality,
    modification_indices,
    score_tests,
)
from analysis.sem.model_tests.residuals import ResidualCorrelation, residual_correlations
from analysis.sem.model_tests.wald import TestResult, wald_test
from analysis.sem.resampling.bootstrapping import (
    Bootstrap,
    BootstrapInterval,
    bootstrap,
    bootstrap_rows,
)
from analysis.sem.results import Bound, Parameter, SemFit
from analysis.sem.simulation import Simulated, simulate

__all__ = [
    "Bootstrap",
    "BootstrapInterval",
    "Bound",
    "ComparisonError",
    "DataError",
    "Finding",
    "FitNotice",
    "LadderStep",
    "ModelBuilder",
    "ModelComparison",
    "ModelSpecificationError",
    "ModelSyntaxError",
    "ModificationIndex",
    "NotIdentifiedError",
    "NotPositiveDefiniteError",
    "Parameter",
    "PartialSearch",
    "ReleasedEquality",
    "ResidualCorrelation",
    "SemError",
    "SemFit",
    "Simulated",
    "TestResult",
    "UnknownVariableError",
    "UnsupportedSyntaxError",
    "ZeroVarianceError",
    "bootstrap",
    "bootstrap_rows",
    "compare",
    "equal_regressions",
    "fit",
    "invariance_ladder",
    "modification_indices",
    "residual_correlations",
    "score_tests",
    "screen",
    "search_partial",
    "simulate",
    "wald_test",
]
