"""What the report itself says, in the order in which it is read."""
