"""The back office of people: how they are recruited, what became of each, who is paid."""
