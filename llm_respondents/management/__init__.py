"""Commands of the panels."""
