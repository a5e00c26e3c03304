"""Who gets in: tokens of programs."""
