"""People divided by what they said of themselves: fits, agreement with models, moderation."""
