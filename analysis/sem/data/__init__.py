"""What a fit needs of the data: moments, categories, screens."""
