"""The description of REST (OpenAPI 3.1) that programs and people read.

A view says beside its actions what they take and answer (`told`); everything else is read from the
views themselves.
"""
