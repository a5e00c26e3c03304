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
from analysis.sem.measurement.alignment import Alignment, align
from analysis.sem.measurement.delta_method import DerivedQuantity
from analysis.sem.measurement.dmacs import Dmacs, dmacs
from analysis.sem.measurement.htmt import HtmtRatio, htmt
from analysis.sem.measurement.latent_means import LatentMean, LatentMeans, latent_means
from analysis.sem.measurement.reliability import FactorReliability, reliability
from analysis.sem.model.language.builder import ModelBuilder
from analysis.sem.model_tests.comparison import ModelComparison, compare
from analysis.sem.model_tests.equivalence import EquivalenceTest, equivalence_test
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
from analysis.sem.model_tests.tsize import TSize, t_size
from analysis.sem.model_tests.wald import TestResult, wald_test
from analysis.sem.resampling.bootstrapping import (
    Bootstrap,
    BootstrapInterval,
    bootstrap,
    bootstrap_rows,
)
from analysis.sem.resampling.jackknife import Jackknife, jackknife
from analysis.sem.results import Bound, Parameter, SemFit
from analysis.sem.simulation import Simulated, simulate

__all__ = [
    "Alignment",
    "Bootstrap",
    "BootstrapInterval",
    "Bound",
    "ComparisonError",
    "DataError",
    "DerivedQuantity",
    "Dmacs",
    "EquivalenceTest",
    "FactorReliability",
    "Finding",
    "FitNotice",
    "HtmtRatio",
    "Jackknife",
    "LadderStep",
    "LatentMean",
    "LatentMeans",
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
    "TSize",
    "TestResult",
    "UnknownVariableError",
    "UnsupportedSyntaxError",
    "ZeroVarianceError",
    "align",
    "bootstrap",
    "bootstrap_rows",
    "compare",
    "dmacs",
    "equal_regressions",
    "equivalence_test",
    "fit",
    "htmt",
    "invariance_ladder",
    "jackknife",
    "latent_means",
    "modification_indices",
    "reliability",
    "residual_correlations",
    "score_tests",
    "screen",
    "search_partial",
    "simulate",
    "t_size",
    "wald_test",
]
