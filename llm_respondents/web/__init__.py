"""The pages on which members of a study work with panels."""
