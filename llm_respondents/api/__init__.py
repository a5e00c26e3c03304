"""Panels over REST."""
