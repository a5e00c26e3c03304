"""Who the people of a run are: how they were sampled, what they told, their waves as one row."""
