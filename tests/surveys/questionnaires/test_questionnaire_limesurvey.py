"""LimeSurvey's files: both forms of the tables, and tab-separated structures."""

import io
import zipfile

import pytest
from questionnaire_samples import ITEMS, lime_text, lime_xml, new_lime, old_lime

from surveys.questionnaire_files.errors import QuestionnaireFileError
from surveys.questionnaire_files.made.instruments import make_instruments
from surveys.questionnaire_files.questionnaire import Kind, Required, Tool
from surveys.questionnaire_files.reading import read_questionnaire


def codes(read, place=""):
    return [one.code.value for one in read.losses if place in one.where]


def test_a_new_file_is_read_in_its_own_order_with_all_its_languages():
    read = read_questionnaire(new_lime(), "gardens.lss")

    assert read.tool is Tool.LIMESURVEY
    assert read.languages == ("en", "de")
    assert read.title == {"en": "Gardens", "de": "Gärten"}
    assert [one.name for one in read.questions] == ["own", "weed_a", "weed_b"]
    row = read.questions[2]
    assert row.text == {"en": ITEMS[1], "de": "Unkraut darf stehen bleiben."}
    assert row.stem["de"] == "Wie sehr stimmen Sie zu?"
    assert [(one.code, one.label["en"]) for one in row.options] == [
        ("1", "Disagree"),
        ("2", "Neither"),
        ("3", "Agree"),
    ]


def test_equal_assessment_values_are_no_scores():
    read = read_questionnaire(new_lime(), "gardens.lss")

    assert {option.score for one in read.questions for option in one.options} == {None}


def test_flags_conditions_and_what_is_not_kept_stand_with_their_question():
    read = read_questionnaire(new_lime(), "gardens.lss")
    own, row, _ = read.questions

    assert own.text["en"] == "Do you have a garden?"
    assert (own.required, row.required) == (Required.SOFT, Required.YES)
    assert (own.condition, row.condition) == ("weed_b > 1", "")
    assert codes(read, "own") == ["markup", "condition", "other_option"]


def test_an_old_file_holds_its_words_in_its_rows():
    read = read_questionnaire(old_lime(), "old.lss")
    (row,) = read.questions

    assert read.languages == ("en", "de")
    assert read.groups[0].title == {"en": "Gardens", "de": "Gärten"}
    assert row.text == {"en": ITEMS[0], "de": "Ich jäte gern."}
    assert [(one.code, one.score, one.label["de"]) for one in row.options] == [
        ("A3", 1, "Agree de"),
        ("A1", 2, "Disagree de"),
    ]
    assert "weed == Y" in [one.arguments.get("condition") for one in read.losses]


def test_a_tabbed_structure_joins_the_languages_by_group_and_name():
    read = read_questionnaire(lime_text(), "gardens.txt")

    assert read.languages == ("en", "de")
    assert [one.text for one in read.questions] == [
        {"en": ITEMS[0], "de": "Ich jäte gern."},
        {"en": ITEMS[1], "de": "Es darf stehen."},
    ]
    assert read.questions[0].stem == {"en": "How far do you agree?", "de": "Wie sehr?"}
    assert [one.label["de"] for one in read.questions[0].options] == ["Nein", "–", "Ja"]
    assert all(one.required is Required.YES and one.shuffled for one in read.questions)
    assert read.questions[0].place.startswith("line 8")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("5", (Kind.CHOICE, ["1", "2", "3", "4", "5"])),
        ("Y", (Kind.CHOICE, ["Y", "N"])),
        ("G", (Kind.CHOICE, ["F", "M"])),
        ("N", (Kind.NUMBER, [])),
        ("D", (Kind.DATE, [])),
        ("T", (Kind.TEXT, [])),
        ("X", (Kind.INFORMATION, [])),
        ("|", (Kind.OTHER, [])),
        ("*", (Kind.OTHER, [])),
    ],
)
def test_a_type_without_answer_rows_has_those_that_it_implies(kind, expected):
    question = {"qid": 1, "parent_qid": 0, "gid": 1, "type": kind, "title": "q"}
    words = {"qid": 1, "question": "Well?", "language": "en"}
    read = read_questionnaire(
        lime_xml({"questions": [question], "question_l10ns": [words]}, version=500), "one.lss"
    )
    (one,) = read.questions

    assert (one.kind, [option.code for option in one.options]) == expected


@pytest.mark.parametrize(
    ("kind", "made"),
    [
        ("M", [("q", Kind.SEVERAL)]),
        ("K", [("q_a", Kind.NUMBER), ("q_b", Kind.NUMBER)]),
        ("Q", [("q_a", Kind.TEXT), ("q_b", Kind.TEXT)]),
        ("B", [("q_a", Kind.CHOICE), ("q_b", Kind.CHOICE)]),
        (
            "1",
            [
                ("q_a_1", Kind.CHOICE),
                ("q_b_1", Kind.CHOICE),
                ("q_a_2", Kind.CHOICE),
                ("q_b_2", Kind.CHOICE),
            ],
        ),
    ],
)
def test_rows_become_options_or_questions_of_their_own(kind, made):
    questions = [
        {"qid": 1, "parent_qid": 0, "gid": 1, "type": kind, "title": "q"},
        {"qid": 2, "parent_qid": 1, "gid": 1, "title": "a", "question_order": 1},
        {"qid": 3, "parent_qid": 1, "gid": 1, "title": "b", "question_order": 2},
    ]
    words = [{"qid": n, "question": f"Text {n}", "language": "en"} for n in (1, 2, 3)]
    read = read_questionnaire(
        lime_xml({"questions": questions, "question_l10ns": words}, version=500), "one.lss"
    )

    assert [(one.name, one.kind) for one in read.questions] == made


def test_tokens_scripts_quotas_filters_and_closing_words_are_named():
    words = {"qid": 1, "question": "Dear {TOKEN:FIRSTNAME}, well?", "language": "en", "script": "x"}
    read = read_questionnaire(
        lime_xml(
            {
                "questions": [{"qid": 1, "parent_qid": 0, "gid": 1, "type": "L", "title": "q"}],
                "question_l10ns": [words],
                "question_attributes": [{"qid": 1, "attribute": "array_filter", "value": "p"}],
                "quota": [{"name": "Women"}],
                "surveys_languagesettings": [
                    {"surveyls_language": "en", "surveyls_endtext": "<p>Thank &amp; you</p>"}
                ],
            },
            version=500,
        ),
        "one.lss",
    )

    assert read.questions[0].text["en"] == "Dear [TOKEN:FIRSTNAME], well?"
    assert {"token", "script", "filter", "quota"} <= set(codes(read))
    assert {"what": "surveyls_endtext", "text": "Thank & you"} in [
        loss.arguments for loss in read.losses
    ]


def test_an_archive_gives_its_questionnaire_and_never_its_participants():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("survey_1_tokens.lst", lime_xml({}, version=500, kind="Tokens"))
        archive.writestr("survey_1.lss", new_lime())

    assert len(read_questionnaire(content.getvalue(), "all.lsa").questions) == 3
    with pytest.raises(QuestionnaireFileError) as refused:
        read_questionnaire(lime_xml({}, version=500, kind="Tokens"), "people.lst")
    assert refused.value.code == "participants_or_answers"


def test_a_group_file_of_one_language_says_it_and_of_several_not_which_is_first():
    tables = {
        "questions": [{"qid": 1, "parent_qid": 0, "gid": 1, "type": "T", "title": "q"}],
        "question_l10ns": [{"qid": 1, "question": "Nun?", "language": "de"}],
    }
    several = lime_xml(tables, version=612, kind="Group")
    one = several.replace(b"<language>en</language></languages>", b"</languages>")
    for content, noted in ((several, ["language_assumed"]), (one, [])):
        read = read_questionnaire(content, "one.lsg")
        assert read.languages == ("de",)
        assert codes(read) == noted


def one_lime(question, *, attributes=(), rows=(), answers=()):
    """One question with its attributes (name, value, language), rows and answers."""
    questions = [{"qid": 1, "parent_qid": 0, "gid": 1, "title": "q", **question}]
    questions += [
        {"qid": n, "parent_qid": 1, "gid": 1, "title": f"r{n}", "question_order": n}
        for n, _ in enumerate(rows, start=2)
    ]
    words = [{"qid": 1, "question": "Well?", "language": "en"}]
    words += [{"qid": n, "question": row, "language": "en"} for n, row in enumerate(rows, start=2)]
    given = [
        {"qid": 1, "attribute": name, "value": value, "language": language}
        for name, value, language in attributes
    ]
    options = [
        {"aid": n, "qid": 1, "code": str(n), "sortorder": n, "scale_id": scale}
        for n, scale in enumerate(answers, start=1)
    ]
    labels = [
        {"aid": n, "answer": f"Point {n}", "language": "en"} for n, _ in enumerate(answers, start=1)
    ]
    tables = {
        "surveys": [{"sid": 1, "language": "en"}],
        "questions": questions,
        "question_l10ns": words,
        "question_attributes": given,
    }
    content = lime_xml({**tables, "answers": options, "answer_l10ns": labels}, version=500)
    return read_questionnaire(content, "one.lss")


@pytest.mark.parametrize(
    ("written", "made", "lost"),
    [
        ("yyyy-mm-dd", ["date"], []),
        ("mm/dd/yyyy HH:MM", ["date"], ["time_of_day"]),
        ("HH:MM", [], ["kind_not_kept"]),
        ("yyyy", [], ["kind_not_kept"]),
    ],
)
def test_a_date_is_asked_only_where_the_format_asks_for_a_day(written, made, lost):
    read = one_lime({"type": "D"}, attributes=[("date_format", written, "")])
    became = make_instruments(read, name="one")

    kinds = [item.answered.kind for one in became.instruments for item in one.items]
    assert kinds == made
    assert [one.code.value for one in became.losses if one.code.value != "range_assumed"] == lost


def test_the_two_scales_of_a_question_are_told_apart_by_their_headings():
    headings = [("dualscale_headerA", "Wish", "en"), ("dualscale_headerB", "Reality", "en")]
    read = one_lime({"type": "1"}, attributes=headings, rows=["A"], answers=(0, 0, 1, 1))

    assert [one.stem["en"] for one in read.questions] == ["Well? – Wish", "Well? – Reality"]


def test_rows_with_words_at_both_ends_show_no_bar():
    read = one_lime({"type": "F"}, rows=["calm|restless"], answers=(0, 0))

    assert read.questions[0].text == {"en": "calm – restless"}
    assert codes(read) == ["two_ends"]


def test_a_slider_takes_the_words_at_its_ends_and_says_where_it_began():
    attributes = [("slider_layout", "1", ""), ("slider_default", "50", "")]
    attributes += [("slider_min", "0", ""), ("slider_max", "10", "")]
    read = one_lime({"type": "K"}, attributes=attributes, rows=["Mood|low|high", "|cold|warm"])
    mood, warmth = read.questions

    assert (mood.text["en"], mood.low["en"], mood.high["en"]) == ("Mood", "low", "high")
    assert (warmth.text["en"], warmth.minimum, warmth.maximum) == ("cold – warm", "0", "10")
    assert codes(read) == ["default"]


def test_units_are_named_and_what_is_never_shown_is_left_out():
    read = one_lime({"type": "N", "relevance": "0"}, attributes=[("suffix", "kg", "en")])
    became = make_instruments(read, name="one")

    assert {"what": "suffix “kg”"} in [one.arguments for one in read.losses]
    assert "hidden" in [one.code.value for one in became.losses]
