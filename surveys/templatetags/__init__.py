"""Template tags and filters of the survey pages."""
