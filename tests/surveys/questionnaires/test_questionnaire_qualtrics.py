"""Qualtrics' .qsf: values, order, flow, and what is not kept."""

import json

import pytest
from questionnaire_samples import ITEMS, LABELS, qsf, qsf_of

from surveys.questionnaire_files.questionnaire import Kind, Required
from surveys.questionnaire_files.reading import read_questionnaire


def question(**payload):
    return {"QuestionID": "QID1", "DataExportTag": "q", "QuestionText": "Well?", **payload}


def test_the_value_of_an_option_is_what_it_is_recoded_to_and_never_its_id():
    read = read_questionnaire(qsf(), "gardens.qsf")

    assert [(one.code, one.label["en"]) for one in read.questions[0].options] == list(
        zip("123", LABELS, strict=True)
    )


def test_rows_come_in_the_order_of_the_file_with_the_question_above_them():
    read = read_questionnaire(qsf(), "gardens.qsf")

    assert [(one.name, one.text["en"]) for one in read.questions] == [
        ("weed_4", ITEMS[1]),
        ("weed_1", ITEMS[0]),
    ]
    assert read.questions[0].stem == {"en": "How far do you agree?\nReally.", "de": "Wie sehr?"}
    assert read.questions[1].text["de"] == "Jäten"
    assert read.languages == ("en", "de")


@pytest.mark.parametrize(
    ("settings", "required"),
    [
        ({"ForceResponse": "ON", "ForceResponseType": "ON"}, Required.YES),
        ({"ForceResponse": "OFF", "ForceResponseType": "ON"}, Required.NO),
        ({"ForceResponse": "RequestResponse", "ForceResponseType": "ON"}, Required.SOFT),
        ({"ForceResponse": "ON", "ForceResponseType": "RequestResponse"}, Required.SOFT),
        ({}, Required.NO),
    ],
)
def test_only_what_is_forced_is_mandatory(settings, required):
    read = read_questionnaire(qsf(Validation={"Settings": settings}), "gardens.qsf")

    assert read.questions[0].required is required


def test_an_option_that_is_not_analysed_is_no_point_of_the_scale():
    read = read_questionnaire(qsf(AnalyzeChoices={"24": "No"}), "gardens.qsf")

    assert [one.scored for one in read.questions[0].options] == [True, True, False]


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        ({"QuestionType": "MC", "Selector": "SAVR"}, Kind.CHOICE),
        ({"QuestionType": "MC", "Selector": "MAVR"}, Kind.SEVERAL),
        ({"QuestionType": "MC", "Selector": "NPS"}, Kind.CHOICE),
        ({"QuestionType": "TE", "Selector": "SL"}, Kind.TEXT),
        ({"QuestionType": "RO", "Selector": "DND"}, Kind.RANKING),
        ({"QuestionType": "DB", "Selector": "TB"}, Kind.INFORMATION),
        ({"QuestionType": "Captcha"}, Kind.OTHER),
    ],
)
def test_every_type_has_its_kind(payload, kind):
    choices = {"1": {"Display": "A"}, "2": {"Display": "B"}}
    read = read_questionnaire(qsf_of(question(Choices=choices, **payload)), "one.qsf")

    assert [one.kind for one in read.questions] == [kind]


def test_a_number_is_told_from_a_text_by_its_validation():
    settings = {"ContentType": "ValidNumber", "ValidNumber": {"Min": 18, "Max": "99"}}
    asked = question(QuestionType="TE", Selector="SL", Validation={"Settings": settings})
    (one,) = read_questionnaire(qsf_of(asked), "one.qsf").questions

    assert (one.kind, one.minimum, one.maximum) == (Kind.NUMBER, "18", "99")


def test_what_leads_to_a_block_and_what_is_in_the_trash_is_named():
    logic = {"0": {"0": {"Description": "<span>If</span> <span>Age</span> <span>Is 18</span>"}}}
    flow = [{"Type": "Branch", "BranchLogic": logic, "Flow": [{"Type": "Block", "ID": "BL_1"}]}]
    flow.append({"Type": "EndSurvey"})
    asked = question(QuestionType="TE", DisplayLogic=logic, QuestionJS="x()")
    read = read_questionnaire(qsf_of(asked, flow=flow), "one.qsf")

    assert read.questions[0].condition == "Age Is 18"
    assert read.groups[0].condition == "Age Is 18"
    found = {(one.where, one.code.value) for one in read.losses}
    assert {("QID99: gone", "unused"), ("QID1: q", "script"), ("flow", "flow")} <= found


def test_columns_side_by_side_are_matrices_of_the_same_rows():
    columns = {
        n: {"QuestionText": f"Column {n}", "QuestionType": "Matrix", "Selector": "Likert"}
        | {"SubSelector": "SingleAnswer", "Answers": {"1": {"Display": "No"}, "2": {"Display": n}}}
        for n in ("1", "2")
    }
    asked = question(
        QuestionType="SBS",
        Selector="SBSMatrix",
        Choices={"1": {"Display": "Row"}},
        AdditionalQuestions=columns,
    )
    read = read_questionnaire(qsf_of(asked), "one.qsf")

    assert [(one.name, one.kind, one.stem["en"]) for one in read.questions] == [
        ("q_1_1", Kind.CHOICE, "Well? – Column 1"),
        ("q_2_1", Kind.CHOICE, "Well? – Column 2"),
    ]


def test_choices_as_an_empty_list_are_carried_forward():
    asked = question(QuestionType="MC", Selector="SAVR", Choices=[])
    read = read_questionnaire(qsf_of(asked), "one.qsf")

    assert "carried_forward" in [one.code.value for one in read.losses]


def test_another_json_file_is_no_questionnaire():
    with pytest.raises(ValueError, match="no questionnaire") as refused:
        read_questionnaire(json.dumps({"a": 1}).encode(), "some.json")
    assert refused.value.code == "form_unknown"


def test_words_around_the_questions_are_named():
    read = read_questionnaire(
        qsf_of(question(), EOSMessage="<p>Thanks</p>", Header=""), "survey.qsf"
    )

    said = [one.arguments for one in read.losses if one.code.value == "page_text"]
    assert said == [{"what": "EOSMessage", "text": "Thanks"}]


LOGIC = {"0": {"0": {"Description": "<span>If</span> <span>own</span> <span>Is Yes</span>"}}}


def test_conditions_of_single_rows_options_and_answers_are_named_each():
    """They stand inside a choice, where a question's own condition does not."""
    matrix = question(
        QuestionType="Matrix",
        Selector="Likert",
        SubSelector="SingleAnswer",
        Choices={"1": {"Display": "Weeds"}, "2": {"Display": "Moss", "DisplayLogic": LOGIC}},
        Answers={"1": {"Display": "No", "DisplayLogic": LOGIC}, "2": {"Display": "Yes"}},
    )
    choice = question(
        QuestionID="QID2",
        QuestionType="MC",
        Selector="MAVR",
        Choices={
            "1": {"Display": "Rose"},
            "2": {"Display": "None", "DisplayLogic": LOGIC, "ExclusiveAnswer": True},
            "3": {"Display": "", "Image": {"ImageLocation": "tulip.png"}},
        },
    )
    read = read_questionnaire(qsf_of(matrix, choice), "one.qsf")

    assert [one.condition for one in read.questions] == ["", "own Is Yes", ""]
    found = [(one.where.partition(", ")[2], one.code.value) for one in read.losses]
    assert [one for one in found if one[0]] == [
        ("answer 1", "condition"),
        ("row 2", "condition"),
        ("option 2", "condition"),
        ("option 2", "rule"),
        ("option 3", "picture"),
    ]


def test_a_slider_says_that_not_applicable_is_not_offered():
    slider = question(
        QuestionType="Slider",
        Selector="HSLIDER",
        Choices={"1": {"Display": "Mood"}},
        Configuration={"NotApplicable": True, "NotApplicableText": "Does not fit"},
    )
    read = read_questionnaire(qsf_of(slider), "one.qsf")

    assert ("missing_code", "Does not fit") in [
        (one.code.value, one.arguments.get("label")) for one in read.losses
    ]


def test_every_loss_says_where_it_is():
    entry = {"1": {"Display": "Other <b>one</b>", "TextEntry": "true"}, "2": {"Display": "No"}}
    asked = question(QuestionType="MC", Selector="SAVR", Choices=entry)
    read = read_questionnaire(qsf_of(asked), "one.qsf")

    assert "option_text" in [one.code.value for one in read.losses]
    assert all(one.where for one in read.losses)
