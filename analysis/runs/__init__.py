"""Carrying out a frozen plan: frames of scores, fits, progress, what is read of a run."""
