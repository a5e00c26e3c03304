"""What can be seen of a study's answers before any path is estimated, and without a plan."""
