"""Samples and what is known of them before a model is fitted."""
