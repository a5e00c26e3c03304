"""Instruments as they are being written: pasted tables, drafts as grids, what differs. Pure.

A draft of an instrument is the tables of its file, as far as they are written (`draft_tables`). The
page shows them as a grid (`sheet`) and takes a form back (`grid`); a file and REST bring the same
tables. What is wrong with them is what the reader of instrument files says, at once and with its
place; `places` says at which field of the grid that is.
"""
