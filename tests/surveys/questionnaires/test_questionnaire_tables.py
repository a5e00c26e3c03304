"""REDCap's dictionaries, SurveyJS's JSON, and the tables in which researchers keep items."""

import io
import json

import openpyxl
import pytest
from questionnaire_samples import (
    ITEM_TABLE,
    ITEMS,
    formr_book,
    redcap,
    surveyjs,
    table,
    workbook,
)

from surveys.questionnaire_files.content import MOST_COLUMNS
from surveys.questionnaire_files.errors import QuestionnaireFileError
from surveys.questionnaire_files.questionnaire import Kind, Required, Tool
from surveys.questionnaire_files.reading import read_questionnaire


def options(question):
    return [(one.code, next(iter(one.label.values()), "")) for one in question.options]


def test_a_dictionary_is_read_with_its_matrix_and_its_logic():
    read = read_questionnaire(redcap(), "dictionary.csv")
    first, second = read.questions

    assert [one.name for one in read.questions] == ["weed_1", "weed_2"]
    assert options(first) == [("1", "Disagree"), ("2", "Neither, really"), ("3", "Agree")]
    assert first.stem == second.stem == {"en": "How far do you agree?"}
    assert (first.required, second.required) == (Required.YES, Required.NO)
    assert second.condition == "[own]='1'"
    assert (first.reversed_in_file, second.reversed_in_file) == (False, True)
    assert [one.code.value for one in read.losses] == [
        "language_assumed",
        "record_id",
        "condition",
        "annotation",
    ]


def test_a_dictionary_whose_first_header_is_blank_is_read_as_the_whole_one():
    whole, blank = redcap(), redcap().replace(b"Variable / Field Name,", b",")
    numbered = blank.replace(b"record_id,", b"1,")

    assert read_questionnaire(blank, "dictionary.csv") == read_questionnaire(
        whole, "dictionary.csv"
    )
    with pytest.raises(QuestionnaireFileError):
        read_questionnaire(numbered, "dictionary.csv")
    # R writes the numbers of rows before everything.
    lines = whole.decode("utf-8-sig").split("\r\n")
    rows = ["," + lines[0], *(f"{number},{line}" for number, line in enumerate(lines[1:], 1))]
    of_r = read_questionnaire("\r\n".join(rows).encode(), "dictionary.csv")
    assert [one.name for one in of_r.questions] == ["weed_1", "weed_2"]


def test_every_field_type_has_its_kind_and_implied_choices_are_said():
    rows = [
        f"{name},garden,,{kind},Well?,{choices},,{validation},,,,,,,,,,"
        for name, kind, choices, validation in (
            ("a", "yesno", "", ""),
            ("b", "checkbox", '"x, X | y, Y"', ""),
            ("c", "text", "", "integer"),
            ("d", "text", "", "date_ymd"),
            ("e", "notes", "", ""),
            ("f", "slider", "No | Yes", ""),
            ("g", "calc", "[a]+1", ""),
            ("h", "descriptive", "", ""),
        )
    ]
    read = read_questionnaire(redcap(*rows), "dictionary.csv")

    assert [one.kind.value for one in read.questions[2:]] == [
        "choice",
        "several",
        "number",
        "date",
        "text",
        "slider",
        "other",
        "information",
    ]
    assert options(read.questions[2]) == [("1", "Yes"), ("0", "No")]
    assert (read.questions[7].minimum, read.questions[7].maximum) == ("0", "100")


def test_headers_of_the_interface_and_cells_that_r_left_empty_are_understood():
    content = (
        b"field_name,field_type,field_label,select_choices_or_calculations,branching_logic\n"
        b'id,text,Id,NA,NA\nq,radio,"Well?","NA, Namibia | DE, Germany",NA\n'
    )
    (one,) = read_questionnaire(content, "metadata.csv").questions

    assert one.condition == ""
    assert options(one) == [("NA", "Namibia"), ("DE", "Germany")]


def test_surveyjs_is_read_under_old_and_new_names():
    read = read_questionnaire(surveyjs(), "survey.json")
    first, second = read.questions

    assert read.languages == ("en", "de")
    assert (first.name, second.name) == ("weed_a", "weed_b c")
    assert first.text == {"en": ITEMS[0], "de": "Ich jäte gern."}
    assert options(first) == [("1", "1"), ("2", "Neither"), ("3", "Agree")]
    assert first.required is Required.YES


def test_questions_in_panels_keep_their_place_and_their_conditions():
    panel = {
        "type": "panel",
        "name": "p",
        "visibleIf": "{own} = 1",
        "elements": [{"type": "rating", "name": "joy", "minRateDescription": "none"}],
    }
    pages = [{"name": "one", "elements": [{"type": "text", "name": "age"}, panel]}]
    read = read_questionnaire(surveyjs(pages=pages), "survey.json")
    age, joy = read.questions

    assert (age.kind, age.text) == (Kind.TEXT, {"en": "age"})
    assert joy.condition == "{own} = 1"
    assert options(joy) == [("1", "none"), ("2", ""), ("3", ""), ("4", ""), ("5", "")]


def test_what_stands_beside_the_questions_is_named():
    read = read_questionnaire(
        surveyjs(completedHtml={"default": "<b>Thanks</b>"}, timeLimit=9), "survey.json"
    )

    named = [(one.where, one.code.value, one.arguments) for one in read.losses]
    assert ("survey", "setting", {"what": "timeLimit"}) in named
    assert ("survey", "page_text", {"what": "completedHtml", "text": "Thanks"}) in named


def test_answers_beside_the_scale_are_marked_and_other_is_named():
    element = {"type": "radiogroup", "name": "q", "choices": [1, 2], "hasOther": True}
    element |= {"hasNone": True, "visible": False}
    read = read_questionnaire(surveyjs(pages=[{"elements": [element]}]), "survey.json")
    (one,) = read.questions

    assert [(option.code, option.scored) for option in one.options][-1] == ("none", False)
    assert one.hidden
    assert "other_option" in [loss.code.value for loss in read.losses]


def test_an_item_table_has_languages_facets_and_a_scale_by_its_name():
    read = read_questionnaire(table(ITEM_TABLE), "items.csv")
    first, second = read.questions

    assert read.tool is Tool.ITEM_TABLE
    assert read.languages == ("en", "de")
    assert second.text == {"en": "Weeds may stay.", "de": "Unkraut darf bleiben."}
    assert [one.facet for one in read.questions] == ["joy", "joy"]
    assert (first.reversed_in_file, second.reversed_in_file) == (False, True)
    assert options(first)[0] == ("1", "Strongly disagree")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("item,options\nWell?,1=No|2=Yes\n", [("1", "No"), ("2", "Yes")]),
        ('item,options\nWell?,"0, No | 1, Yes"\n', [("0", "No"), ("1", "Yes")]),
        ("item,options\nWell?,No; Yes\n", [("1", "No"), ("2", "Yes")]),
        ("item,response_scale\nWell?,0-3\n", [("0", ""), ("1", ""), ("2", ""), ("3", "")]),
        ("item\tchoice1\tchoice3\nWell?\tNo\tYes\n", [("1", "No"), ("3", "Yes")]),
        ("item,choice1\nWell?,\n", []),
    ],
)
def test_options_can_be_written_in_several_ways(content, expected):
    (one,) = read_questionnaire(table(content), "items.csv").questions

    assert options(one) == expected


@pytest.mark.parametrize(
    ("mark", "marked"),
    [("R", True), ("-", True), ("−1", True), ("+", False), ("1", True), ("0", False), ("", False)],
)
def test_a_mark_of_a_reverse_key_is_noticed(mark, marked):
    header = "keyed" if mark in ("-", "+", "−1") else "reverse"
    content = f"text,{header},options\nWell?,{mark},1-5\n"

    assert read_questionnaire(table(content), "i.csv").questions[0].reversed_in_file is marked


def test_a_column_of_signs_called_key_is_a_direction_and_items_of_a_scale_stand_together():
    content = (
        "instrument,alpha,key,text,label\n"
        "Mini,.8,1,I weed.,Weeding\nMaxi,.7,-1,I never weed.,Weeding\nMini,.8,-1,I rest.,Rest\n"
    )
    read = read_questionnaire(table(content), "items.csv")

    assert [(one.group, one.text["en"]) for one in read.questions] == [
        ("Mini", "I weed."),
        ("Mini", "I rest."),
        ("Maxi", "I never weed."),
    ]
    assert [one.reversed_in_file for one in read.questions] == [False, True, True]
    assert [one.where for one in read.losses][1:] == ["column alpha", "column label"]


def test_a_module_with_nothing_but_json_is_read():
    content = b"export default " + surveyjs() + b";"

    assert len(read_questionnaire(content, "survey.js").questions) == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_a_table_may_come_in_any_usual_encoding(encoding):
    read = read_questionnaire(table(ITEM_TABLE, encoding), "items.csv")

    assert read.questions[0].text["de"] == "Ich jäte gern."
    assert ("encoding" in [one.code.value for one in read.losses]) is (encoding == "cp1252")


def test_a_dictionary_of_psychtestr_joins_prompts_and_choices():
    content = "key;de;en\nT_1_PROMPT;Gern?;Gladly?\nT_1_CHOICE2;Ja;Yes\nT_1_CHOICE1;Nein;No\n"
    (one,) = read_questionnaire(table(content), "dict.csv").questions

    assert (one.name, one.text) == ("T_1", {"de": "Gern?", "en": "Gladly?"})
    assert options(one) == [("1", "Nein"), ("2", "Ja")]


def test_formr_finds_lists_by_name_keeps_gaps_and_asks_for_reversed_names():
    read = read_questionnaire(formr_book(), "formr.xlsx")
    by_name = {one.name: one for one in read.questions}

    assert read.tool is Tool.FORMR
    assert options(by_name["weed_1"]) == [("1", "Disagree"), ("2", "Neither"), ("3", "Agree")]
    assert options(by_name["own"]) == [("1", "Yes"), ("2", "No"), ("5", "Both")]
    assert options(by_name["joy"])[0] == ("1", "none")
    assert options(by_name["joy"])[-1] == ("5", "a lot")
    assert by_name["weed_2R"].reversed_in_file
    assert not by_name["weed_1"].reversed_in_file
    assert by_name["weed_2R"].required is Required.NO
    assert (by_name["age"].kind, by_name["age"].maximum) == (Kind.NUMBER, "99")
    assert by_name["weed_1"].condition == "own == 1"
    assert by_name["hello"].text == {"en": "Gardens"}
    assert (by_name["weed_1"].group, by_name["joy"].group) == ("page1", "page2")


def test_a_sheet_of_lists_gives_items_their_options():
    content = workbook(
        items=[["item", "scale"], ["Well?", "yn"]],
        choices=[["list_name", "name", "label"], ["yn", 0, "No"], [None, 1, "Yes"]],
    )
    (one,) = read_questionnaire(content, "items.xlsx").questions

    assert options(one) == [("0", "No"), ("1", "Yes")]


def test_formulas_without_results_are_no_empty_texts():
    content = workbook(items=[["text", "choice1", "choice2"], ['="Is "&"it?"', "No", "Yes"]])
    with pytest.raises(QuestionnaireFileError, match=r"without their results \(A2\)"):
        read_questionnaire(content, "items.xlsx")


def test_a_formula_outside_of_what_is_read_refuses_nothing():
    content = workbook(items=[["text", "choice1", "choice2"], ["Is it?", "No", "Yes"]])
    book = openpyxl.load_workbook(io.BytesIO(content))
    book["items"].cell(2, MOST_COLUMNS + 1, "=1+1")
    saved = io.BytesIO()
    book.save(saved)
    (one,) = read_questionnaire(saved.getvalue(), "items.xlsx").questions
    assert list(one.text.values()) == ["Is it?"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "old_excel"),
        (b"# LimeSurvey Survey Dump\nx", "old_limesurvey"),
        (b"export const json = { pages: [] }", "javascript"),
        (b"a,b\n1,2\n", "no_text_column"),
        (b"<html></html>", "form_unknown"),
        (b"{", "file_broken"),
        (b"<document>", "file_broken"),
        (b"PK\x03\x04 no zip", "file_broken"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_reason(content, code):
    with pytest.raises(QuestionnaireFileError) as refused:
        read_questionnaire(content, "some.file")
    assert refused.value.code == code


def js(*elements, **more):
    return read_questionnaire(json.dumps({"elements": elements, **more}).encode(), "one.json")


def test_fields_of_one_question_have_their_own_kind_range_and_need():
    items = [
        {"name": "age", "title": "Age", "inputType": "number", "min": 18, "isRequired": True},
        {"name": "mail", "title": "Mail", "inputType": "email"},
    ]
    read = js({"type": "multipletext", "name": "you", "items": items})
    age, mail = read.questions

    assert (age.kind, age.minimum, age.required) == (Kind.NUMBER, "18", Required.YES)
    assert (mail.kind, mail.required) == (Kind.TEXT, Required.NO)
    assert {"rule": "inputType email"} in [one.arguments for one in read.losses]


def test_pictures_are_several_where_several_can_be_chosen_and_each_is_named():
    choices = [{"value": "rose", "imageLink": "rose.png"}, {"value": "moss", "imageLink": "m.png"}]
    picked = {"type": "imagepicker", "name": "best", "multiSelect": True, "choices": choices}
    read = js(picked, {"type": "image", "name": "image1", "imageLink": {"default": "a.png"}})
    best, image = read.questions

    assert best.kind is Kind.SEVERAL
    assert not image.text, "the name of a picture is not shown to anybody"
    sources = [one.arguments.get("source") for one in read.losses if one.code.value == "picture"]
    assert sources == ["rose.png", "m.png", "a.png"]


def test_a_slider_with_two_values_is_no_number():
    (one,) = js({"type": "slider", "name": "span", "sliderType": "range"}).questions

    assert one.kind is Kind.OTHER


def test_a_list_given_by_its_ends_has_their_numbers():
    (one,) = js({"type": "dropdown", "name": "n", "choicesMin": 1, "choicesMax": 3}).questions

    assert [option.code for option in one.options] == ["1", "2", "3"]


def test_what_is_never_shown_is_hidden_on_pages_and_panels_too():
    panel = {"type": "panel", "name": "p", "visible": False, "elements": [{"name": "a"}]}
    read = read_questionnaire(
        json.dumps(
            {"pages": [{"elements": [panel]}, {"visible": False, "elements": [{"name": "b"}]}]}
        ).encode(),
        "one.json",
    )

    assert [one.hidden for one in read.questions] == [True, True]


def test_a_workbook_is_read_wherever_its_items_stand_and_unread_sheets_are_named():
    lists = [["list_name", "name", "label"], ["yn", 1, "No"], [None, 2, "Yes"]]
    book = workbook(
        choices=lists,
        survey=[["type", "name", "label"], ["mc yn", "own", "Do you have a garden?"]],
        settings=[["item", "value"], ["paging", "1"]],
    )
    read = read_questionnaire(book, "formr.xlsx")

    assert read.tool is Tool.FORMR
    assert options(read.questions[0]) == [("1", "No"), ("2", "Yes")]
    assert [one.where for one in read.losses if one.code.value == "sheet"] == ["sheet settings"]


def test_items_that_stand_behind_a_sheet_of_notes_are_found():
    book = workbook(
        notes=[["about"], ["Collected in spring."]],
        items=[["text", "choice1", "choice2"], ["Is it green?", "No", "Yes"]],
        more=[["text", "choice1", "choice2"], ["Is it red?", "No", "Yes"]],
    )
    read = read_questionnaire(book, "items.xlsx")

    assert [one.text["en"] for one in read.questions] == ["Is it green?"]
    sheets = [one.where for one in read.losses if one.code.value == "sheet"]
    assert sheets == ["sheet notes", "sheet more"]


def test_formr_shows_links_as_words_and_leaves_out_what_is_never_shown():
    book = workbook(
        survey=[
            ["type", "name", "label", "showif"],
            ["text", "a", "See [the rules](https://example.org/r) ![map](map.png)", None],
            ["text", "b", "Never", "FALSE"],
            ["select_or_add_one yn", "c", "Own?", None],
        ],
        choices=[["list_name", "name", "label"], ["yn", 1, "No"], [None, 2, "Yes"]],
    )
    read = read_questionnaire(book, "formr.xlsx")

    assert read.questions[0].text == {"en": "See the rules"}
    assert [one.hidden for one in read.questions] == [False, True, False]
    assert {"picture", "markup", "other_option"} <= {one.code.value for one in read.losses}


def test_places_of_psychtestr_are_the_numbers_that_labels_show():
    """A scale from 0 to 3 whose ends are words: there 1 to 4 are no more than places."""
    labels = ("Not at all", "1", "2", "Completely")
    rows = "".join(f"T_1_CHOICE{n};{label}\n" for n, label in enumerate(labels, start=1))
    read = read_questionnaire(f"key;en\nT_1_PROMPT;How much?\n{rows}".encode(), "T_dict.csv")

    assert [one.code for one in read.questions[0].options] == ["0", "1", "2", "3"]
    assert [one.code.value for one in read.losses] == ["numbered_by_label"]
    odd = rows.replace(";2\n", ";7\n")
    read = read_questionnaire(f"key;en\nT_1_PROMPT;How much?\n{odd}".encode(), "T_dict.csv")
    assert [one.code for one in read.questions[0].options] == ["1", "2", "3", "4"]


def test_an_item_bank_of_psychtestr_says_where_the_words_are_and_what_it_turns():
    content = (
        "main_id;language;template;score_func;subscales;layout \n"
        "T_2;de;5-option;function(x) (6-(x+0))+0;A;\nT_2;en;5-option;function(x) 6-x;A;\n"
        "T_3;en;5-option;function(x) x-1;A;\n"
    )
    with pytest.raises(QuestionnaireFileError) as no:
        read_questionnaire(content.encode(), "T_item_bank.csv")
    assert (no.value.code, no.value.problem.arguments) == ("item_bank", {"reverse": "t_2"})
