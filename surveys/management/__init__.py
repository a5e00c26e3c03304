"""Management commands of the survey app, and what those of every app share."""
