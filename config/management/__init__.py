"""Commands of the whole program: the demo, its servers and workers, its catalogue."""
