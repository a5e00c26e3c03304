"""Studies, people, the log and jobs over REST."""
