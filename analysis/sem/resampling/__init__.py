"""Resampling rows and refitting a model to them."""
