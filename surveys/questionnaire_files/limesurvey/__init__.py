"""LimeSurvey: .lss, .lsg and .lsq in both forms of their tables, and .txt. Pure."""

from surveys.questionnaire_files.limesurvey.questions import questionnaire_of
from surveys.questionnaire_files.limesurvey.tabbed import is_structure, read_structure
from surveys.questionnaire_files.limesurvey.tables import read_tables

__all__ = ["is_structure", "questionnaire_of", "read_structure", "read_tables"]
