"""What is done with people who are recruited: their way out, their payment, their erasure."""
