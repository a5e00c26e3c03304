"""Calls handed to an endpoint in files, at half the price, and answered within a day."""
