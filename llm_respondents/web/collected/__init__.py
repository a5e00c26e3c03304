"""Pages of answers that were collected elsewhere."""
