"""The REST door of the analysis."""
