"""What paths may be: circles that none may close, constructs in a wave. Pure."""
