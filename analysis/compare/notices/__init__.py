"""What a report must say beside its numbers, and what it must not print: rules by theme."""
