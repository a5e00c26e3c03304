"""Questionnaires of other programs: LimeSurvey, Qualtrics, REDCap, SurveyJS, item tables. Pure.

Every file is read into one form (`questionnaire.Questionnaire`), of which instruments are made:

    questionnaire = read_questionnaire(content, "survey.lss")

Nothing of a file is trusted, and nothing is dropped without a word: what is not kept is listed with
its place (`errors.LeftOut`, `NotKept`, `Changed`).
"""
