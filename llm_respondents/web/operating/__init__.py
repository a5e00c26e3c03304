"""The doors of whoever operates the server: the list of endpoints."""
