"""What goes over the wire of each interface: bodies written, replies and errors read. Pure."""
