"""Questionnaires in tables: REDCap's dictionaries, formr's and psychTestR's sheets, item tables."""
