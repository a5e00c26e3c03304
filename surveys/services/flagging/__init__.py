"""Flags of people: worked out of what is stored, looked at by members."""
