"""Answers of language models that were collected elsewhere: files become sessions with replies.

    rows = records_of(content, mapping)
    collected = collected_sessions(rows, mapping, questionnaire)

A mapping says where in a record each part of a reply stands; for the logs of some tools that comes
with the program, as data in ``tools/``. What a reply says is not read here: raw texts are handed on
as they are, beside values, missing reasons and distributions. No Django, no database.
"""
