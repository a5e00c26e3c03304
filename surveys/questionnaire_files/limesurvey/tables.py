"""LimeSurvey's XML (.lss, .lsg, .lsq): dumps of tables, in two forms. Pure.

Up to database version 399 a row repeats for every language and holds its texts; from 400 on the
texts stand in tables of their own, called ``…_l10ns``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from xml.etree.ElementTree import Element

from surveys.questionnaire_files.content import Refusal
from surveys.questionnaire_files.errors import Unreadable
from surveys.questionnaire_files.limesurvey.structure import (
    PAGE_TEXTS,
    LimeAnswer,
    LimeGroup,
    LimeQuestion,
    LimeSurvey,
    number,
)

Row = dict[str, str]
Tables = dict[str, list[Row]]
KNOWN = ("Survey", "Group", "Question")


def read_tables(root: Element) -> LimeSurvey:
    """The questionnaire of a dump. Raises `Refusal` for one that holds none."""
    kind = (root.findtext("LimeSurveyDocType") or "").strip()
    if root.tag != "document" or kind not in KNOWN:
        participants = kind in ("Tokens", "Responses", "Timings")
        raise Refusal(Unreadable.PARTICIPANTS if participants else Unreadable.UNKNOWN_FORM)
    tables: Tables = {table.tag: _rows(table) for table in root}
    survey = next(iter(tables.get("surveys", ())), {})
    listed = [(one.text or "").strip() for one in root.iterfind("languages/language")]
    base = survey.get("language", "")
    more = survey.get("additional_languages", "").split()
    return LimeSurvey(
        title=_texts(tables.get("surveys_languagesettings", ()), "surveyls_title", _settings),
        base=base,
        languages=tuple(dict.fromkeys(one for one in (base, *listed, *more) if one)),
        groups=_groups(tables),
        questions=_questions(tables),
        quotas=[one.get("name", "") for one in tables.get("quota", ())],
        assessments=list(
            dict.fromkeys(one.get("name", "") for one in tables.get("assessments", ()))
        ),
        page_texts=_page_texts(tables, base),
    )


def _rows(table: Element) -> list[Row]:
    return [
        {cell.tag: (cell.text or "").strip() for cell in row} for row in table.iterfind("rows/row")
    ]


def _page_texts(tables: Tables, base: str) -> dict[str, str]:
    """What stands before and after the questions, in the language that comes first."""
    rows = tables.get("surveys_languagesettings", ())
    row = next((one for one in rows if _settings(one) in ("", base)), next(iter(rows), {}))
    return {column: row[column] for column in PAGE_TEXTS if row.get(column)}


def _settings(row: Row) -> str:
    return row.get("surveyls_language", "")


def _language(row: Row) -> str:
    return row.get("language", "")


def _texts(
    rows: Iterable[Row], column: str, language: Callable[[Row], str] = _language
) -> dict[str, str]:
    return {language(row): row[column] for row in rows if row.get(column) and language(row)}


def _by(rows: Iterable[Row], column: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.get(column, "")].append(row)
    return found


def _localised(tables: Tables, table: str, column: str) -> dict[str, list[Row]]:
    """Rows with texts by the key of what they belong to, in either form of the file."""
    rows = tables.get(f"{table}_l10ns")
    return _by(rows, column) if rows else {}


def _groups(tables: Tables) -> list[LimeGroup]:
    words = _localised(tables, "group", "gid")
    groups = []
    for key, rows in _by(tables.get("groups", ()), "gid").items():
        first = rows[0]
        groups.append(
            LimeGroup(
                key=key,
                order=number(first.get("group_order", "")),
                name=_texts(words.get(key, rows), "group_name"),
                relevance=first.get("grelevance", ""),
                random=first.get("randomization_group", ""),
            )
        )
    return sorted(groups, key=lambda group: group.order)


def _questions(tables: Tables) -> list[LimeQuestion]:
    words = _localised(tables, "question", "qid")
    found: dict[str, LimeQuestion] = {}
    parents: dict[str, str] = {}
    rows = [*tables.get("questions", ()), *tables.get("subquestions", ())]
    for key, same in _by(rows, "qid").items():
        found[key] = _question(key, same, words.get(key, same))
        parents[key] = same[0].get("parent_qid", "0") or "0"
    _give_answers(tables, found)
    _give_attributes(tables, found)
    _give_conditions(tables, found)
    _give_defaults(tables, found)
    for key, parent in parents.items():
        if parent in found and parent != key:
            found[parent].rows.append(found[key])
    questions = [found[key] for key, parent in parents.items() if parent == "0"]
    for one in questions:
        one.rows.sort(key=lambda row: (row.scale, row.order))
    return sorted(questions, key=lambda one: one.order)


def _question(key: str, rows: list[Row], words: list[Row]) -> LimeQuestion:
    first = rows[0]
    return LimeQuestion(
        key=key,
        group=first.get("gid", ""),
        type=first.get("type", ""),
        code=first.get("title", ""),
        order=number(first.get("question_order", "")),
        scale=number(first.get("scale_id", "")),
        mandatory=first.get("mandatory", ""),
        other=first.get("other", ""),
        relevance=first.get("relevance", ""),
        rule=first.get("preg", ""),
        text=_texts(words, "question"),
        help=_texts(words, "help"),
        scripts=any(one.get("script") for one in words),
    )


def _give_answers(tables: Tables, questions: dict[str, LimeQuestion]) -> None:
    words = _localised(tables, "answer", "aid")
    grouped: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in tables.get("answers", ()):
        grouped[row.get("qid", ""), row.get("scale_id", "0"), row.get("code", "")].append(row)
    for (qid, scale, code), rows in grouped.items():
        if qid not in questions:
            continue
        first = rows[0]
        answer = LimeAnswer(
            code=code,
            order=number(first.get("sortorder", "")),
            scale=number(scale),
            score=first.get("assessment_value", ""),
            text=_texts(words.get(first.get("aid", ""), rows), "answer"),
        )
        questions[qid].answers.append(answer)
    for one in questions.values():
        one.answers.sort(key=lambda answer: (answer.scale, answer.order))


def _give_attributes(tables: Tables, questions: dict[str, LimeQuestion]) -> None:
    for row in tables.get("question_attributes", ()):
        question = questions.get(row.get("qid", ""))
        if question is not None and row.get("value"):
            name = row.get("attribute", "")
            question.attributes.setdefault(name, row["value"])
            if row.get("language"):
                question.attribute_words.setdefault(name, {})[row["language"]] = row["value"]


def _give_conditions(tables: Tables, questions: dict[str, LimeQuestion]) -> None:
    for row in tables.get("conditions", ()):
        question = questions.get(row.get("qid", ""))
        if question is None:
            continue
        on = questions.get(row.get("cqid", ""))
        name = on.code if on else row.get("cfieldname", "")
        question.conditions.append(f"{name} {row.get('method', '')} {row.get('value', '')}")


def _give_defaults(tables: Tables, questions: dict[str, LimeQuestion]) -> None:
    words = _localised(tables, "defaultvalue", "dvid")
    for row in tables.get("defaultvalues", ()):
        texts = [row, *words.get(row.get("dvid", ""), ())]
        value = next((one["defaultvalue"] for one in texts if one.get("defaultvalue")), "")
        question = questions.get(row.get("qid", ""))
        if question is not None and value:
            question.default = value
