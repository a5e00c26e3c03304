"""Resamples, refits, and the intervals, nulls and ranks made of them."""
