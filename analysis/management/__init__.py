"""Management commands of the analysis."""
