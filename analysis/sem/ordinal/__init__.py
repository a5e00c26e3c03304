"""Ordinal variables: thresholds, polychoric correlations, weighted least squares."""
