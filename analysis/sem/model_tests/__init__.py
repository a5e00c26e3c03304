"""Tests of fitted models: Wald, scaled differences, modification indices, residuals, the ladder."""
