"""What of SurveyJS's JSON has no place in a question: rules, conditions, words around it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from surveys.questionnaire_files.errors import NotKept
from surveys.questionnaire_files.json_values import listed, table, text, true
from surveys.questionnaire_files.wording import Wording, shown

_RULES = (
    "validators",
    "maxLength",
    "minLength",
    "maxSelectedChoices",
    "minSelectedChoices",
    "maskType",
)
_CONDITIONS = ("enableIf", "requiredIf", "setValueIf", "resetValueIf")
_FILTERS = ("choicesVisibleIf", "choicesEnableIf", "rowsVisibleIf", "columnsVisibleIf")
# What people see or are led by beside the questions.
_SETTINGS = (
    "completedHtmlOnCondition",
    "maxTimeToFinish",
    "timeLimit",
    "quizMode",
)
_PAGE_TEXTS = ("description", "completedHtml", "completedBeforeHtml", "navigateToUrl")
# Of one question: it cannot be answered, cells have words of their own, an answer is right.
_OF_QUESTIONS = ("readOnly", "cells", "correctAnswer")
# Inputs that are a kind of their own here, or no other than text.
_PLAIN_INPUTS = frozenset(
    ("", "text", "number", "range", "date", "datetime", "datetime-local", "month", "week")
)


def note_survey(wording: Wording, top: Mapping[str, Any]) -> None:
    """What stands beside the questions of a survey."""
    for what in ("triggers", "calculatedValues", "navigateToUrlOnCondition"):
        for one in listed(top.get(what)):
            detail = text(table(one).get("expression")) or text(table(one).get("name"))
            wording.note(what, NotKept.FLOW, what=shown(f"{what}: {detail}"))
    for what in _SETTINGS:
        if top.get(what):
            wording.note("survey", NotKept.SETTING, what=what)
    for what in _PAGE_TEXTS:
        given = top.get(what)
        for words in given.values() if isinstance(given, dict) else (given,):
            wording.page_text(what, words)


def note_question(wording: Wording, one: Mapping[str, Any], where: str) -> None:
    """What belongs to a question and is not in it."""
    note = wording.note
    description = one.get("description")
    wording.help(table(description) or {"": text(description)}, where)
    for name in _RULES:
        if one.get(name) not in (None, "", "none", [], -1, 0):
            detail = [text(table(part).get("type")) for part in listed(one[name])]
            note(where, NotKept.RULE, rule=shown(" ".join([name, *detail])))
    for name in _CONDITIONS:
        if one.get(name):
            note(where, NotKept.RULE, rule=shown(f"{name} {text(one[name])}"))
    for name in _FILTERS:
        if one.get(name):
            note(where, NotKept.FILTER, source=shown(text(one[name])))
    if one.get("defaultValue") not in (None, ""):
        note(where, NotKept.DEFAULT, value=shown(str(one["defaultValue"])))
    if true(one.get("showCommentArea")) or true(one.get("hasComment")):
        note(where, NotKept.COMMENT)
    if (kind := text(one.get("inputType"))) not in _PLAIN_INPUTS:
        note(where, NotKept.RULE, rule=shown(f"inputType {kind}"))
    for name in _OF_QUESTIONS:
        if one.get(name) not in (None, False, "", {}, []):
            note(where, NotKept.SETTING, what=name)
    note_picture(wording, one, where)


def note_option(wording: Wording, one: Mapping[str, Any], where: str) -> None:
    """What belongs to one option: when it is shown, its picture, that it stands alone."""
    if condition := text(one.get("visibleIf")):
        wording.note(where, NotKept.CONDITION, condition=shown(condition))
    if true(one.get("isExclusive")):
        wording.note(where, NotKept.RULE, rule="isExclusive")
    note_picture(wording, one, where)


def note_picture(wording: Wording, one: Mapping[str, Any], where: str) -> None:
    """The picture of a question or an option, which may be one for each language."""
    link = one.get("imageLink")
    first = next(iter(link.values()), "") if isinstance(link, dict) else link
    if source := text(first):
        wording.note(where, NotKept.PICTURE, source=shown(source))
