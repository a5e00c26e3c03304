"""What is brought in from other programs."""
