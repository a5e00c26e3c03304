"""The pages on which members of a study follow runs, download reports and plan power."""
