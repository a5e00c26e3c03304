"""An installation as one file, and back: every table and every stored file, for any database.

A backup is a zip file: ``tables/APP.MODEL.jsonl`` has one JSON list a row, ``files/NAME`` what is
kept beside the database, ``manifest.json`` says which migrations the tables are of, and how many
rows each has with their SHA-256 (hex). Rows are read and written a few thousand at a time.
"""
