"""What a panel is to be: its specification, personas, margins and donors. Pure."""
