"""VAAR: the human-referenced rate at which a model's paths point the expected way."""
