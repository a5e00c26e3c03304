"""Factors and items across groups, as far as a plan asks for it."""
