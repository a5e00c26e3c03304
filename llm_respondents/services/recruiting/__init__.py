"""Recruiting panels: who is to be asked, and as what; `recruitment` is the way in."""
