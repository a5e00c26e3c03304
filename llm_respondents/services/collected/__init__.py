"""Answers of models that were collected elsewhere: brought in, described, read again."""
