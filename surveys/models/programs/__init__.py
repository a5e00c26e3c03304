"""Programs that act in somebody's name, and programs that are told what happens."""
