"""Results to figures and PDF bytes."""
