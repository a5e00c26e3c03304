"""Qualtrics: .qsf, for which there is no published description. Pure."""

from surveys.questionnaire_files.qualtrics.questions import read_survey

__all__ = ["read_survey"]
