"""Measurement, structural models, comparison and reports."""
