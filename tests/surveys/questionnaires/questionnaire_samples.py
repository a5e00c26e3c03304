"""Small questionnaires about gardens, written for the tests in the file form of each program."""

import io
import json
from typing import Any
from xml.sax.saxutils import escape

import openpyxl

LABELS = ("Disagree", "Neither", "Agree")
ITEMS = ("I like weeding.", "Weeds may stay where they are.")


def lime_xml(
    tables: dict[str, list[dict[str, Any]]], *, version: int, kind: str = "Survey"
) -> bytes:
    """A LimeSurvey dump of these tables; a value of None is absent from its row."""
    parts = []
    for table, rows in tables.items():
        cells = (
            "".join(
                f"<{name}><![CDATA[{value}]]></{name}>" if value != "" else f"<{name}/>"
                for name, value in row.items()
                if value is not None
            )
            for row in rows
        )
        parts.append(
            f"<{table}><rows>{''.join(f'<row>{one}</row>' for one in cells)}</rows></{table}>"
        )
    languages = "<languages><language>de</language><language>en</language></languages>"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><document><LimeSurveyDocType>{escape(kind)}'
        f"</LimeSurveyDocType><DBVersion>{version}</DBVersion>{languages}"
        f"{''.join(parts)}</document>"
    ).encode()


def new_lime(**more: list[dict[str, Any]]) -> bytes:
    """Database version 400 and later: texts in tables of their own, rows in any order."""
    questions = [
        {"qid": 11, "parent_qid": 0, "gid": 2, "type": "F", "title": "weed", "mandatory": "Y"}
        | {"question_order": 2, "relevance": "1", "other": "N"},
        {"qid": 10, "parent_qid": 0, "gid": 2, "type": "L", "title": "own", "mandatory": "S"}
        | {"question_order": 1, "relevance": "weed_b > 1", "other": "Y"},
    ]
    rows = [
        {"qid": 13, "parent_qid": 11, "gid": 2, "title": "b", "question_order": 2, "scale_id": 0},
        {"qid": 12, "parent_qid": 11, "gid": 2, "title": "a", "question_order": 1, "scale_id": 0},
    ]
    words = {
        10: ("Do you have a <b>garden</b>?", "Haben Sie einen Garten?"),
        11: ("How far do you agree?", "Wie sehr stimmen Sie zu?"),
        12: (ITEMS[0], "Ich jäte gern."),
        13: (ITEMS[1], "Unkraut darf stehen bleiben."),
    }
    answers = [
        {"aid": 3, "qid": 11, "code": "3", "sortorder": 3, "assessment_value": 1, "scale_id": 0},
        {"aid": 1, "qid": 11, "code": "1", "sortorder": 1, "assessment_value": 1, "scale_id": 0},
        {"aid": 2, "qid": 11, "code": "2", "sortorder": 2, "assessment_value": 1, "scale_id": 0},
        {"aid": 4, "qid": 10, "code": "A1", "sortorder": 1, "assessment_value": 0, "scale_id": 0},
        {"aid": 5, "qid": 10, "code": "A2", "sortorder": 2, "assessment_value": 0, "scale_id": 0},
    ]
    labels = {
        1: ("Disagree", "Nein"),
        2: ("Neither", "Weder noch"),
        3: ("Agree", "Ja"),
        4: ("A garden", "Einen Garten"),
        5: ("A balcony", "Einen Balkon"),
    }
    tables = {
        "groups": [{"gid": 2, "group_order": 1, "grelevance": "", "randomization_group": ""}],
        "group_l10ns": _both("gid", {2: ("Gardens", "Gärten")}, "group_name"),
        "questions": questions,
        "subquestions": rows,
        "question_l10ns": _both("qid", words, "question"),
        "answers": answers,
        "answer_l10ns": _both("aid", labels, "answer"),
        "surveys": [{"sid": 1, "language": "en", "additional_languages": "de"}],
        "surveys_languagesettings": [
            {"surveyls_language": "en", "surveyls_title": "Gardens"},
            {"surveyls_language": "de", "surveyls_title": "Gärten"},
            {"surveyls_language": "fr", "surveyls_title": "Jardins"},
        ],
    }
    return lime_xml({**tables, **more}, version=620)


def old_lime() -> bytes:
    """Up to database version 399: a row for each language, with its words in it."""
    questions = [
        {"qid": 7, "parent_qid": 0, "gid": 1, "type": "F", "title": "weed", "question": question}
        | {"mandatory": "N", "question_order": 0, "language": language, "other": "N", "help": ""}
        for language, question in (("en", "How far do you agree?"), ("de", "Wie sehr?"))
    ]
    rows = [
        {"qid": 8, "parent_qid": 7, "gid": 1, "title": "a", "question": text, "language": language}
        | {"question_order": 1}
        for language, text in (("en", ITEMS[0]), ("de", "Ich jäte gern."))
    ]
    answers = [
        {"qid": 7, "code": code, "answer": f"{label} {language}", "language": language}
        | {"sortorder": order, "assessment_value": order}
        for language in ("en", "de")
        for order, (code, label) in enumerate((("A3", "Agree"), ("A1", "Disagree")), start=1)
    ]
    return lime_xml(
        {
            "groups": [
                {"gid": 1, "group_name": "Gardens", "group_order": 0, "language": "en"},
                {"gid": 1, "group_name": "Gärten", "group_order": 0, "language": "de"},
            ],
            "questions": questions,
            "subquestions": rows,
            "answers": answers,
            "conditions": [
                {"cid": 1, "qid": 7, "cqid": 7, "cfieldname": "1X1X7", "method": "==", "value": "Y"}
            ],
            "surveys": [{"sid": 1, "language": "en"}],
        },
        version=155,
    )


def _both(key: str, words: dict[int, tuple[str, str]], column: str) -> list[dict[str, Any]]:
    return [
        {key: one, column: text, "language": language}
        for one, texts in words.items()
        for language, text in zip(("en", "de"), texts, strict=True)
    ]


def lime_text() -> bytes:
    """Tab-separated, two languages one after the other."""
    lines = ["class\ttype/scale\tname\trelevance\ttext\tlanguage\tmandatory\trandom_order"]
    lines += ["S\t\tlanguage\t\ten\t\t\t", "S\t\tadditional_languages\t\tde\t\t\t"]
    lines += ["SL\t\tsurveyls_title\t\tGardens\ten\t\t", "SL\t\tsurveyls_title\t\tGärten\tde\t\t"]
    for language, group, question, rows, labels in (
        ("en", "Weeds", "How far do you agree?", ITEMS, LABELS),
        ("de", "Unkraut", "Wie sehr?", ("Ich jäte gern.", "Es darf stehen."), ("Nein", "–", "Ja")),
    ):
        lines.append(f"G\tG1\t{group}\t1\t\t{language}\t\t")
        lines.append(f"Q\tF\tweed\t1\t{question}\t{language}\tY\t1")
        lines += [f"SQ\t0\tr{n}\t1\t{row}\t{language}\t\t" for n, row in enumerate(rows, 1)]
        lines += [f"A\t0\t{n}\t\t{label}\t{language}\t\t" for n, label in enumerate(labels, 1)]
    return "\n".join(lines).encode()


def qsf(**payload: Any) -> bytes:
    """Qualtrics: a matrix of two rows whose option ids are not their values."""
    matrix = {
        "QuestionID": "QID1",
        "QuestionType": "Matrix",
        "Selector": "Likert",
        "SubSelector": "SingleAnswer",
        "DataExportTag": "weed",
        "QuestionText": "How far do you agree?<br>Really.",
        "Choices": {"1": {"Display": ITEMS[0]}, "4": {"Display": ITEMS[1]}},
        "ChoiceOrder": [4, "1"],
        "Answers": {str(n): {"Display": label} for n, label in enumerate(LABELS, start=22)},
        "AnswerOrder": ["22", 23, "24"],
        "RecodeValues": {"22": "1", "23": 2, "24": "3"},
        "Validation": {"Settings": {"ForceResponse": "ON", "ForceResponseType": "ON"}},
        "Language": {"DE": {"QuestionText": "Wie sehr?", "Choices": {"1": {"Display": "Jäten"}}}},
        **payload,
    }
    return qsf_of(matrix)


def qsf_of(
    *questions: dict[str, Any], flow: list[dict[str, Any]] | None = None, **options: str
) -> bytes:
    """A .qsf of these questions in one block, and one question in the trash."""
    shown = [{"Type": "Question", "QuestionID": one["QuestionID"]} for one in questions]
    trash = {"QuestionID": "QID99", "QuestionType": "TE", "DataExportTag": "gone"}
    elements = [
        {
            "Element": "BL",
            "Payload": {
                "0": {"Type": "Default", "ID": "BL_1", "Description": "B", "BlockElements": shown},
                "1": {
                    "Type": "Trash",
                    "ID": "BL_2",
                    "BlockElements": [{"Type": "Question", "QuestionID": "QID99"}],
                },
            },
        },
        {
            "Element": "FL",
            "Payload": {"Type": "Root", "Flow": flow or [{"Type": "Block", "ID": "BL_1"}]},
        },
        {"Element": "SO", "Payload": {"AvailableLanguages": {"EN": [], "DE": []}, **options}},
        *({"Element": "SQ", "Payload": one} for one in (*questions, trash)),
    ]
    entry = {"SurveyID": "SV_1", "SurveyName": "Gardens", "SurveyLanguage": "EN"}
    return json.dumps({"SurveyEntry": entry, "SurveyElements": elements}).encode()


REDCAP_HEADERS = (
    "Variable / Field Name,Form Name,Section Header,Field Type,Field Label,"
    '"Choices, Calculations, OR Slider Labels",Field Note,'
    "Text Validation Type OR Show Slider Number,Text Validation Min,Text Validation Max,"
    "Identifier?,Branching Logic (Show field only if...),Required Field?,Custom Alignment,"
    "Question Number (surveys only),Matrix Group Name,Matrix Ranking?,Field Annotation"
)


def redcap(*rows: str) -> bytes:
    """A data dictionary: the record id, a matrix of two rows, and whatever else is given."""
    choices = '"1, Disagree | 2, Neither, really | 3, Agree"'
    lines = [
        REDCAP_HEADERS,
        "record_id,garden,,text,Record,,,,,,,,,,,,,",
        f'weed_1,garden,"How far do you agree?",radio,{ITEMS[0]},{choices},,,,,,,y,,,weed,,',
        f'weed_2,garden,,radio,{ITEMS[1]},{choices},,,,,,"[own]=\'1\'",,,,weed,,"scale=W; key=-1"',
        *rows,
    ]
    return "\r\n".join(lines).encode("utf-8-sig")


def surveyjs(**more: Any) -> bytes:
    """SurveyJS: a matrix of two rows in two languages, under old names of properties."""
    matrix = {
        "type": "matrix",
        "name": "weed",
        "title": {"default": "How far do you agree?", "de": "Wie sehr?"},
        "isAllRowRequired": True,
        "columns": [1, {"value": 2, "text": "Neither"}, "3|Agree"],
        "rows": [
            {"value": "a", "text": {"default": ITEMS[0], "de": "Ich jäte gern."}},
            {"value": "b c", "text": ITEMS[1]},
        ],
    }
    return json.dumps({"title": "Gardens", "pages": [{"elements": [matrix]}], **more}).encode()


def table(text: str, encoding: str = "utf-8") -> bytes:
    return text.encode(encoding)


ITEM_TABLE = (
    "key;text;text_de;facet;R;scale\n"
    "w1;I like weeding.;Ich jäte gern.;joy;;agreement 5\n"
    "w2;Weeds may stay.;Unkraut darf bleiben.;joy;R;agreement 5\n"
)


def workbook(**sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def formr_book() -> bytes:
    return workbook(
        survey=[
            ["type", "name", "label", "optional", "showif", "choice1", "choice2", "choice5"],
            ["note", "hello", "# Gardens", None, None, None, None, None],
            ["mc_button agree", "weed_1", "I like weeding.", None, "own == 1", None, None, None],
            ["mc_button agree", "weed_2R", "Weeds may stay.", "*", None, None, None, None],
            ["submit", "next", "On", None, None, None, None, None],
            ["rating_button 1,5,1", "joy", "How much joy?", None, None, "none", "a lot", None],
            ["mc", "own", "Do you have one?", None, None, "Yes", "No", "Both"],
            ["number 18,99,1", "age", "Age", None, None, None, None, None],
        ],
        choices=[
            ["list_name", "name", "label"],
            ["agree", 1, "Disagree"],
            [None, 2, "Neither"],
            [None, 3, "Agree"],
        ],
    )


def every_form() -> dict[str, bytes]:
    """One file of each form, for whatever must hold for all."""
    return {
        "new.lss": new_lime(),
        "old.lss": old_lime(),
        "structure.txt": lime_text(),
        "survey.qsf": qsf(),
        "dictionary.csv": redcap(),
        "survey.json": surveyjs(),
        "items.csv": table(ITEM_TABLE),
        "formr.xlsx": formr_book(),
        "items.xlsx": workbook(items=[["text", "choice1", "choice2"], ["Is it?", "No", "Yes"]]),
    }
