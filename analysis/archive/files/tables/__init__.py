"""Tables of what only some plans ask for."""
