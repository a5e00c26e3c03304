"""The language in which a model is written: tokens, expressions, statements; the typed builder."""
