"""Which file it is, and what it asks: the one door into this room. Pure.

questionnaire = read_questionnaire(content, "survey.lss")
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from surveys.codes import Problem
from surveys.questionnaire_files import limesurvey, qualtrics, surveyjs
from surveys.questionnaire_files.content import (
    OLE,
    ZIP,
    Refusal,
    Sheet,
    decoded,
    member,
    open_zip,
    parse_json,
    parse_table,
    parse_xlsx,
    parse_xml,
    require_size,
)
from surveys.questionnaire_files.errors import (
    Changed,
    NotKept,
    QuestionnaireFileError,
    Unreadable,
)
from surveys.questionnaire_files.languages import ASSUMED
from surveys.questionnaire_files.questionnaire import Questionnaire, Tool
from surveys.questionnaire_files.tables import formr, item_tables, psychtestr, redcap

MOST_QUESTIONS = 10_000
MOST_OPTIONS = 200_000
_WORKBOOK = "xl/workbook.xml"


def read_questionnaire(content: bytes, name: str, *, language: str = "") -> Questionnaire:
    """Read the questionnaire of a file, whatever program it comes from.

    `language` is that of the texts where the file does not say it; English is assumed without.

    Raises `QuestionnaireFileError`.
    """
    try:
        require_size(content)
        read = with_stems_as_texts(_read(content, language or ASSUMED))
        _require_bearable(read)
    except Refusal as refusal:
        raise QuestionnaireFileError(name, refusal.problem) from None
    if read.language_said or language:
        return replace(read, language_said=True)
    assumed = Problem("languages", Changed.LANGUAGE_ASSUMED, {"language": read.languages[0]})
    return replace(read, losses=(assumed, *read.losses))


def with_stems_as_texts(read: Questionnaire) -> Questionnaire:
    """A matrix of a single row without words asks what stands above it."""
    rows = Counter((one.group, one.matrix) for one in read.questions if one.matrix)
    questions = tuple(
        replace(one, text=one.stem, stem={})
        if not one.text and one.stem and rows[one.group, one.matrix] == 1
        else one
        for one in read.questions
    )
    return replace(read, questions=questions)


def _require_bearable(read: Questionnaire) -> None:
    if not read.questions:
        raise Refusal(Unreadable.NO_QUESTION)
    if len(read.questions) > MOST_QUESTIONS:
        raise Refusal(Unreadable.TOO_MUCH, what="questions", most=MOST_QUESTIONS)
    if sum(len(one.options) for one in read.questions) > MOST_OPTIONS:
        raise Refusal(Unreadable.TOO_MUCH, what="options", most=MOST_OPTIONS)


def _read(content: bytes, language: str) -> Questionnaire:
    if content.startswith(ZIP):
        return _packed(content, language)
    if content.startswith(OLE):
        raise Refusal(Unreadable.OLD_EXCEL)
    text = decoded(content)
    start = text.text.lstrip()[:200]
    if start.startswith("<"):
        return limesurvey.questionnaire_of(limesurvey.read_tables(parse_xml(content)))
    read = _json(text.text) if start.startswith(("{", "[")) else _lines(text.text, language)
    if not text.encoding:
        return read
    said = Problem("file", Changed.ENCODING, {"encoding": text.encoding})
    return replace(read, losses=(said, *read.losses))


def _packed(content: bytes, language: str) -> Questionnaire:
    """A workbook, or LimeSurvey's archive, of which only the questionnaire is read."""
    with open_zip(content) as archive:
        names = archive.namelist()
        if _WORKBOOK not in names:
            survey = next((name for name in names if name.endswith(".lss")), "")
            if not survey:
                raise Refusal(Unreadable.UNKNOWN_FORM)
            tree = parse_xml(member(archive, survey))
            return limesurvey.questionnaire_of(limesurvey.read_tables(tree))
    sheets = [sheet for sheet in parse_xlsx(content) if sheet.rows]
    if not sheets:
        raise Refusal(Unreadable.NO_QUESTION)
    return _sheets(sheets, language)


def _json(text: str) -> Questionnaire:
    values = parse_json(text)
    readers: Sequence[tuple[Callable[[Any], bool], Callable[[Any], Questionnaire]]] = (
        (lambda one: isinstance(one, dict) and "SurveyElements" in one, qualtrics.read_survey),
        (surveyjs.is_survey, surveyjs.read_survey),
    )
    for fits, read in readers:
        if fits(values):
            return read(values)
    raise Refusal(Unreadable.UNKNOWN_FORM)


def _lines(text: str, language: str) -> Questionnaire:
    start = text.lstrip("\ufeff \n\t")[:400]
    if start.startswith(("# LimeSurvey", '"# LimeSurvey')):
        raise Refusal(Unreadable.OLD_LIMESURVEY)
    if start.startswith(("export ", "const ", "var ", "let ", "import ", "module.exports", "//")):
        return _module(text)
    return _sheets([parse_table(text)], language)


def _module(text: str) -> Questionnaire:
    """A JavaScript module that holds nothing but a questionnaire's JSON."""
    try:
        return _json(text[text.find("{") : text.rfind("}") + 1])
    except Refusal:
        raise Refusal(Unreadable.JAVASCRIPT) from None


def _sheets(sheets: list[Sheet], language: str) -> Questionnaire:
    """The questionnaire of the first sheet that holds one; lists of options may stand in others."""
    known = [one for one in sheets if _is_known(one)]
    worded = [one for one in sheets if item_tables.has_items(one, language)]
    first = next(iter((*known, *worded, *sheets)))
    rest = [one for one in sheets if one is not first]
    lists = [one for one in rest if item_tables.is_list(one)]
    read = _sheet(first, lists, language)
    used = lists if read.tool in (Tool.FORMR, Tool.ITEM_TABLE) else []
    losses = (Problem(f"sheet {one.name}", NotKept.SHEET) for one in rest if one not in used)
    return replace(read, losses=(*read.losses, *losses))


def _is_known(sheet: Sheet) -> bool:
    return (
        limesurvey.is_structure(sheet.headers)
        or redcap.is_dictionary(sheet)
        or formr.is_sheet(sheet)
        or psychtestr.is_dictionary(sheet)
    )


def _sheet(first: Sheet, lists: list[Sheet], language: str) -> Questionnaire:
    if limesurvey.is_structure(first.headers):
        return limesurvey.questionnaire_of(limesurvey.read_structure(first))
    if redcap.is_dictionary(first):
        return redcap.read_dictionary(first, language)
    if formr.is_sheet(first):
        return formr.read_sheets([first, *lists], language)
    psychtestr.require_words(first)
    if psychtestr.is_dictionary(first):
        return psychtestr.read_dictionary(first)
    return item_tables.read_table([first, *lists], language)
