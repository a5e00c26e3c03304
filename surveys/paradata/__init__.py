"""How people answered, beside what they answered: what may be recorded, and what it signals."""
