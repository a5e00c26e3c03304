"""What becomes of a questionnaire: instruments, the draft of a study, and the list of losses."""

import tomllib

import pytest
from questionnaire_samples import (
    every_form,
    formr_book,
    new_lime,
    old_lime,
    qsf,
    redcap,
    surveyjs,
    table,
)

from surveys.instrument_files import parse_instrument, read_draft, to_toml
from surveys.questionnaire_files.made.instruments import instrument_file, make_instruments
from surveys.questionnaire_files.reading import read_questionnaire


def made_of(content, name="gardens"):
    return make_instruments(read_questionnaire(content, name), name=name)


def losses(made, place=""):
    return [one.code.value for one in made.losses if place in one.where]


def scale_of(instrument, key=None):
    scale = instrument.response_scales[0] if key is None else instrument.response_scale(key)
    return [(option.value, dict(option.label)) for option in scale.options]


def one_question(labels, codes=None, header="text"):
    """An item table of one item with these options."""
    codes = codes or range(1, len(labels) + 1)
    pairs = "|".join(f"{code}={label}" for code, label in zip(codes, labels, strict=True))
    return table(f"key,{header},options\nq,Well?,{pairs}\n")


@pytest.mark.parametrize("name", list(every_form()))
def test_every_form_becomes_files_that_read_back_and_a_draft_that_loads(name):
    made = made_of(every_form()[name])

    assert made.instruments
    for one in made.instruments:
        assert parse_instrument(instrument_file(one, None)) == one.definition
    draft = read_draft(
        tomllib.loads(to_toml(made.study)), instruments=[one.definition for one in made.instruments]
    )
    assert len(draft.definition.blocks) == len(made.instruments)
    items = [item for one in made.instruments for item in one.items]
    left = {one.where for one in made.losses if type(one.code).__name__ == "LeftOut"}
    read = {one.place for one in made.questionnaire.questions}
    assert {item.question.place for item in items} | (left & read) == read


def test_a_matrix_is_an_instrument_with_its_question_above_it():
    made = made_of(new_lime())
    single, matrix = (one.definition for one in made.instruments)

    assert [item.key for item in single.items] == ["own"]
    assert [item.key for item in matrix.items] == ["weed_a", "weed_b"]
    assert matrix.instruction == {
        "en": "How far do you agree?",
        "de": "Wie sehr stimmen Sie zu?",
    }
    assert matrix.title == {"en": "Gardens", "de": "Gärten"}
    assert scale_of(matrix) == [
        (1, {"en": "Disagree", "de": "Nein"}),
        (2, {"en": "Neither", "de": "Weder noch"}),
        (3, {"en": "Agree", "de": "Ja"}),
    ]


def test_values_are_the_codes_of_the_file_and_rise():
    made = made_of(qsf(RecodeValues={"22": "3", "23": 2, "24": "1"}))

    assert [value for value, _ in scale_of(made.instruments[0].definition)] == [1, 2, 3]
    assert scale_of(made.instruments[0].definition)[0][1]["en"] == "Agree"
    assert losses(made).count("falling") == 2


def test_codes_that_are_words_are_numbered_in_their_order_and_said_so():
    made = made_of(one_question(("Never", "Often"), ("never", "often")))

    assert [value for value, _ in scale_of(made.instruments[0].definition)] == [1, 2]
    assert "numbered_by_order" in losses(made)


def test_numbers_at_the_end_of_codes_are_values_where_the_file_scores_otherwise_not():
    made = made_of(one_question(("Never", "Often"), ("A2", "A1")))
    assert [label["en"] for _, label in scale_of(made.instruments[0].definition)] == [
        "Often",
        "Never",
    ]
    assert "numbered_by_code" in losses(made)

    scored = made_of(old_lime())
    assert [value for value, _ in scale_of(scored.instruments[0].definition)] == [1, 2]
    assert "numbered_by_score" in losses(scored)
    assert any("no numbers; their values are 1, 2" in one.message for one in scored.losses)


@pytest.mark.parametrize(
    ("labels", "codes", "left"),
    [
        (("No", "Yes", "Don't know"), (0, 1, 9), [0, 1]),
        (("No", "Yes", "Prefer not to say"), (1, 2, 3), [1, 2]),
        (("No", "Yes", "Else"), (1, 2, 99), [1, 2]),
        (("Like", "Mixed", "Dislike", "Never tried"), (1, 2, 3, -1), [1, 2, 3]),
        (("Bad", "Poor", "Good", "Fine"), (-2, -1, 1, 2), [-2, -1, 1, 2]),
        (("Did not apply to me", "Applied", "Applied a lot"), (0, 1, 2), [0, 1, 2]),
        (("Nie", "Oft", "Weiß nicht"), (1, 2, 3), [1, 2]),
    ],
)
def test_what_is_no_point_of_the_scale_is_listed_and_not_scored(labels, codes, left):
    made = made_of(one_question(labels, codes))

    assert [value for value, _ in scale_of(made.instruments[0].definition)] == left
    apart = losses(made).count("missing_code") + losses(made).count("beside")
    assert apart == len(labels) - len(left)


@pytest.mark.parametrize(
    ("labels", "codes", "reason"),
    [
        (("5 hours", "7 hours"), (1, 2), "number_in_label"),
        (("Yes", "Yes"), (1, 2), "same_labels"),
        (("No", "Yes"), (1, 1), "same_codes"),
        (("No", "Yes"), (70000, 70000), "same_codes"),
    ],
)
def test_what_cannot_be_told_apart_is_left_out_with_its_reason(labels, codes, reason):
    made = made_of(one_question(labels, codes))

    assert made.instruments == ()
    assert reason in losses(made, "q")


def test_options_whose_codes_are_too_large_are_numbered_as_their_codes_rise():
    made = made_of(one_question(("Nurse", "Baker", "Pilot"), (51110, 50119, 32767)))

    words = [(value, label["en"]) for value, label in scale_of(made.instruments[0].definition)]
    assert words == [(1, "Pilot"), (2, "Baker"), (3, "Nurse")]
    (said,) = [one for one in made.losses if one.code.value == "numbered_large"]
    assert "32767, 50119, 51110" in said.message


def test_a_reason_in_the_words_is_offered_behind_the_scale_and_never_scored():
    made = made_of(one_question(("No", "Yes", "Don't know", "Never tried"), (0, 1, 98, 99)))
    (scale,) = made.instruments[0].definition.response_scales

    assert [(one.reason, one.code) for one in scale.format.unscored] == [("dont_know", 98)]
    assert (losses(made).count("beside"), losses(made).count("missing_code")) == (1, 1)


def test_a_scale_with_words_at_its_ends_shows_its_numbers():
    made = made_of(formr_book())
    (joy,) = [
        one.definition.response_scale(item.response_scale)
        for one in made.instruments
        for item in one.definition.items
        if item.key == "joy"
    ]

    assert joy.format.kind == "numbered"
    assert [(one.value, one.label["en"]) for one in joy.options][::4] == [
        (1, "1 – none"),
        (5, "5 – a lot"),
    ]


def test_every_kind_that_is_asked_here_is_kept_as_what_it_is():
    rows = [
        f"{name},garden,,{kind},Well {name}?,{choices},,{validation},{least},{most},,,{need},,,,,"
        for name, kind, choices, validation, least, most, need in (
            ("a", "descriptive", "", "", "", "", ""),
            ("b", "checkbox", '"x, X | y, Y | 99, Don\'t know"', "", "", "", "y"),
            ("c", "text", "", "integer", "0", "99", "y"),
            ("d", "text", "", "date_ymd", "", "", ""),
            ("e", "notes", "", "", "", "", ""),
            ("f", "slider", "No | Some | Yes", "", "", "", ""),
            ("g", "calc", "[a]+1", "", "", "", ""),
            ("h", "descriptive", "", "", "", "", ""),
        )
    ]
    made = made_of(redcap(*rows))
    items = {item.key: item for one in made.instruments for item in one.definition.items}
    formats = {
        item.key: one.definition.response_scale(item.response_scale).format
        for one in made.instruments
        for item in one.definition.items
    }

    assert {key: one.kind for key, one in formats.items() if not key.startswith("weed")} == {
        "a": "information",
        "b": "several",
        "c": "number",
        "d": "date",
        "e": "text",
        "f": "slider",
    }
    assert [one.key for one in formats["b"].options] == ["x", "y"]
    assert [one.reason for one in formats["b"].unscored] == ["dont_know"]
    assert (formats["c"].minimum, formats["c"].maximum, formats["c"].decimals) == (0, 99, 0)
    assert (formats["f"].low, formats["f"].high) == ({"en": "No"}, {"en": "Yes"})
    assert (items["b"].need, items["d"].need) == ("required", "free")
    assert losses(made, ": g") == ["kind_not_kept"]
    assert losses(made, ": h") == ["nothing_after"]
    assert losses(made, ": d") == ["range_assumed"]


def test_a_language_with_a_gap_is_left_out_of_that_instrument_and_every_gap_listed():
    made = made_of(surveyjs())
    (instrument,) = made.instruments

    assert instrument.definition.languages == ("en",)
    assert losses(made).count("language_incomplete") == 2


def test_a_mark_of_a_reverse_key_is_listed_with_its_item():
    made = made_of(redcap())

    assert "reversed_in_file" in losses(made, "weed_2")


def test_reverse_keys_are_asked_and_never_taken_from_the_file():
    (instrument,) = made_of(redcap()).instruments

    assert instrument.claimed == ("weed_2",)
    assert not any(item.reverse_keyed for item in instrument.definition.items)
    asked = instrument_file(instrument, None)
    assert '# reverse_keyed = ["weed_2"]' in asked
    said = parse_instrument(instrument_file(instrument, {"weed_2"}))
    assert [item.key for item in said.items if item.reverse_keyed] == ["weed_2"]
    confirmed = parse_instrument(asked.replace("# reverse_keyed", "reverse_keyed"))
    assert confirmed == said
    assert "reverse_keyed" not in instrument_file(instrument, set())


def test_the_same_words_twice_begin_another_instrument():
    content = table("key,text,options\na,Well?,1-3\nb,Well?,1-3\nA,Else?,1-3\n")
    made = made_of(content)

    assert [[item.key for item in one.items] for one in made.instruments] == [["a"], ["b", "a"]]


def test_items_that_would_have_one_key_get_their_own():
    made = made_of(table("key,text,options\nx y,Well?,1-3\nX_Y,Else?,1-3\n1,One?,1-3\n"))

    assert [item.key for item in made.instruments[0].items] == ["x_y", "x_y_2", "q_1"]
    assert losses(made).count("renamed") == 3
