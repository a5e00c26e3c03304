import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.instrument_files import (
    InstrumentFileError,
    UnknownLanguage,
    check_ref,
    instruments_by_block,
    item_ref,
    load_instrument,
    load_study,
    parse_instrument,
    parse_study,
    questionnaire_of,
    study_problems,
)
from surveys.presentation import present

INSTRUMENT = """\
slug = "tea-liking"
version = "1.0"
construct = "tea"
languages = ["en", "de"]
licence = "CC0-1.0"
citation = "None; written for a test."
wording_note = "Our own words."
reverse_keyed = ["taste_2"]
title = { en = "Tea", de = "Tee" }
instruction = { en = "How far do you agree?", de = "Wie sehr stimmen Sie zu?" }
orientation = { en = "High: likes tea.", de = "Hoch: mag Tee." }

[[response_scales]]
key = "agreement"
options = [
  { value = 1, label = { en = "Disagree", de = "Stimme nicht zu" } },
  { value = 2, label = { en = "Neither", de = "Teils, teils" } },
  { value = 3, label = { en = "Agree", de = "Stimme zu" } },
]

[[facets]]
key = "taste"
label = { en = "Taste", de = "Geschmack" }

[[items]]
key = "taste_1"
facet = "taste"
response_scale = "agreement"
text.en = "Tea tastes good."
text.de = "Tee schmeckt gut."

[[items]]
key = "taste_2"
facet = "taste"
response_scale = "agreement"
text.en = "Tea is too bitter."
text.de = "Tee ist zu bitter."
"""

STUDY = """\
slug = "tea-study"
version = "1.0"
languages = ["en", "de"]
title = { en = "A study of tea", de = "Eine Studie über Tee" }

[consent]
version = "1.0"
contact = "tea@example.org"
information = { en = "We ask about tea.", de = "Wir fragen nach Tee." }
statement = { en = "I take part.", de = "Ich nehme teil." }

[[blocks]]
key = "tea"
instrument = "tea-liking"
version = "1.0"
items_per_page = 5

[[demographics]]
key = "age"
kind = "integer"
minimum = 18
maximum = 99
label = { en = "Age", de = "Alter" }

[[demographics]]
key = "cups"
kind = "choice"
required = true
label = { en = "Cups", de = "Tassen" }
options = [
  { value = "few", label = { en = "Few", de = "Wenige" } },
  { value = "many", label = { en = "Many", de = "Viele" } },
]

[[attention_checks]]
key = "pick"
kind = "instructed"
block = "tea"
after = 1
expected = [3]
response_scale = "agreement"
text = { en = "Please choose Agree.", de = "Bitte wählen Sie „Stimme zu“." }

[settings]
minutes = 2
"""


def refused(parse, text, **given):
    with pytest.raises(InstrumentFileError) as refusal:
        parse(text, file="tea.toml", **given)
    return refusal.value


def edited(text, old, new):
    assert old in text, "the edit must change something"
    return text.replace(old, new, 1)


def test_a_valid_instrument_is_read_with_its_scoring_key():
    instrument = parse_instrument(INSTRUMENT)

    assert (instrument.slug, instrument.version, instrument.construct) == (
        "tea-liking",
        "1.0",
        "tea",
    )
    assert [(item.key, item.reverse_keyed) for item in instrument.items] == [
        ("taste_1", False),
        ("taste_2", True),
    ]
    assert instrument.response_scale("agreement").values == (1, 2, 3)
    assert instrument.items[1].text == {"en": "Tea is too bitter.", "de": "Tee ist zu bitter."}


def test_an_instrument_without_facets_or_reverse_keys_is_valid():
    text = edited(INSTRUMENT, 'reverse_keyed = ["taste_2"]\n', "").replace('facet = "taste"\n', "")
    facets = text[text.index("[[facets]]") : text.index("[[items]]")]
    instrument = parse_instrument(edited(text, facets, ""))

    assert instrument.facets == ()
    assert {item.facet for item in instrument.items} == {None}
    assert not any(item.reverse_keyed for item in instrument.items)


@pytest.mark.parametrize(
    ("old", "new", "where", "code"),
    [
        ('slug = "tea-liking"', 'slug = "Tea liking"', "slug", "malformed_name"),
        ('slug = "tea-liking"\n', "", "slug", "missing_key"),
        ('version = "1.0"', "version = 1.0", "version", "wrong_type"),
        ('citation = "None', 'citation = "" # "None', "citation", "empty_text"),
        ('languages = ["en", "de"]', "languages = []", "languages", "empty_list"),
        ('["en", "de"]', '["en", "de", "en"]', "languages", "duplicate_value"),
        ('["en", "de"]', '["en", "German"]', "languages", "malformed_name"),
        ("licence", "license", "licence", "missing_key"),
        (', de = "Tee" }', " }", "title.de", "missing_language"),
        ('de = "Tee" }', 'de = "Tee", fr = "Thé" }', "title.fr", "undeclared_language"),
        ('{ en = "Tea", de = "Tee" }', '"Tea"', "title", "wrong_type"),
        ('["taste_2"]', '["taste_3"]', "reverse_keyed", "unknown_item"),
        ('["taste_2"]', '"taste_2"', "reverse_keyed", "wrong_type"),
        ('text.de = "Tee schmeckt gut."\n', "", "items[taste_1].text.de", "missing_language"),
        ('"Tee schmeckt gut."', '"  "', "items[taste_1].text.de", "empty_text"),
        ('key = "taste_2"', 'key = "taste_1"', "reverse_keyed", "unknown_item"),
        ('facet = "taste"\n', "", "items[taste_1].facet", "missing_key"),
        ('facet = "taste"', 'facet = "colour"', "items[taste_1].facet", "unknown_facet"),
        (
            'response_scale = "agreement"',
            'response_scale = "likert"',
            "items[taste_1].response_scale",
            "unknown_response_scale",
        ),
        ("Tea is too bitter.", "tea  tastes good.", "items[taste_2].text.en", "duplicate_text"),
        ("value = 3", "value = 2", "response_scales[agreement].options", "values_not_ascending"),
        (
            "value = 3",
            "value = true",
            "response_scales[agreement].options[True].value",
            "wrong_type",
        ),
        ('"Stimme zu"', '"Teils, teils"', "response_scales[agreement].options", "duplicate_label"),
        ('"Stimme zu"', '"7"', "response_scales[agreement].options", "label_number"),
        ('"Stimme zu"', '"2.0"', "response_scales[agreement].options", "label_number"),
        ('"Stimme zu"', '"1,000 Euro"', "response_scales[agreement].options", "label_number"),
        ('"Stimme zu"', '"−3 – gar nicht"', "response_scales[agreement].options", "label_number"),
        ('"Stimme zu"', '"–3"', "response_scales[agreement].options", "label_number"),
        ('"Stimme zu"', '"(7) stimme zu"', "response_scales[agreement].options", "label_number"),
        ('"Stimme zu"', '"stimme zu (7)"', "response_scales[agreement].options", "label_number"),
        ('"Stimme zu"', '"７：zu"', "response_scales[agreement].options", "label_number"),
        (
            'key = "agreement"',
            'key = "agreement"\nkind = "likert"',
            "response_scales[agreement].kind",
            "unknown_choice",
        ),
    ],
)
def test_a_mistake_is_named_by_its_place_and_a_code(old, new, where, code):
    error = refused(parse_instrument, edited(INSTRUMENT, old, new))

    assert (where, code) in [(problem.where, problem.code) for problem in error.problems]
    assert str(error).startswith("tea.toml: ")


def test_repeated_keys_and_unused_parts_are_found():
    second_scale = """
[[response_scales]]
key = "other"
options = [
  { value = 1, label = { en = "No", de = "Nein" } },
]

[[facets]]
key = "smell"
label = { en = "Smell", de = "Geruch" }

[[items]]
key = "taste_1"
facet = "taste"
response_scale = "agreement"
text.en = "Tea warms."
text.de = "Tee wärmt."
"""
    error = refused(parse_instrument, INSTRUMENT + second_scale)

    assert {(problem.where, problem.code) for problem in error.problems} == {
        ("items[taste_1]", "duplicate_key"),
        ("response_scales[other].options", "too_few_options"),
        ("response_scales[other]", "unused_response_scale"),
        ("facets[smell]", "unused_facet"),
    }


def test_all_mistakes_of_form_are_told_at_once():
    text = edited(INSTRUMENT, "licence =", "license =")
    text = edited(text, ', de = "Tee" }', " }")
    error = refused(parse_instrument, text + '\nweight = 2\ntext.fr = "Trop amer"\n')

    assert [(problem.where, problem.code) for problem in error.problems] == [
        ("title.de", "missing_language"),
        ("licence", "missing_key"),
        ("items[taste_2].text.fr", "undeclared_language"),
        ("items[taste_2].weight", "unknown_key"),
        ("license", "unknown_key"),
    ]
    assert (error.where, error.code) == ("title.de", "missing_language")
    assert "did you mean 'licence'?" in str(error)


def test_a_mistake_of_syntax_is_named_by_its_line():
    error = refused(parse_instrument, edited(INSTRUMENT, 'licence = "CC0-1.0"', "licence = CC0"))

    assert (error.where.split(",")[0], error.code) == ("line 5", "not_toml")


def test_files_are_named_and_must_exist_and_be_utf8(tmp_path: Path):
    path = tmp_path / "tee.toml"
    with pytest.raises(InstrumentFileError, match="no such file") as refusal:
        load_instrument(path)
    assert refusal.value.code == "file_missing"

    path.write_bytes(INSTRUMENT.replace("Tee ist", "Grüntee ist").encode("latin-1"))
    with pytest.raises(InstrumentFileError, match="save it as UTF-8") as refusal:
        load_instrument(path)
    assert refusal.value.code == "not_utf8"

    path.write_text(INSTRUMENT, encoding="utf-8")
    assert load_instrument(path) == parse_instrument(INSTRUMENT)

    with pytest.raises(InstrumentFileError, match="check what it is") as refusal:
        load_instrument(tmp_path)
    assert refusal.value.code == "file_unreadable"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_files_from_any_editor_are_the_same_instrument(tmp_path: Path, encoding, newline):
    path = tmp_path / "tee.toml"
    path.write_text(INSTRUMENT, encoding=encoding, newline=newline)

    assert load_instrument(path).checksum("de") == parse_instrument(INSTRUMENT).checksum("de")


@given(st.data())
def test_whatever_is_done_to_a_file_the_answer_is_a_definition_or_a_named_problem(data):
    parse, text = data.draw(st.sampled_from([(parse_instrument, INSTRUMENT), (parse_study, STUDY)]))
    lines = text.splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(lines) - 1))
        key = lines[place].partition("=")[0]
        others = ["[]", "{}", "7", "true", '""', "[[1]]", "2026-01-01", "{ en = 1 }", '["x", "x"]']
        lines[place : place + 1] = data.draw(
            st.sampled_from([[], [lines[place]] * 2, *([f"{key}= {other}"] for other in others)])
        )
    with suppress(InstrumentFileError):
        assert parse("\n".join(lines), file="tea.toml").languages


def test_any_changed_word_or_key_changes_the_checksum_of_its_language_alone():
    original = parse_instrument(INSTRUMENT)
    german = parse_instrument(edited(INSTRUMENT, "zu bitter", "sehr bitter"))
    assert german.checksum("de") != original.checksum("de")
    assert german.checksum("en") == original.checksum("en")

    edits = [
        ('["taste_2"]', "[]"),
        ('version = "1.0"', 'version = "1.1"'),
        ("High: likes tea.", "High: likes tea a lot."),
        ("How far", "How much"),
        ('"Agree"', '"I agree"'),
        ("value = 3", "value = 4"),
        ('"Taste"', '"The taste"'),
        ("Tea tastes good.", "Tea tastes good!"),
        ("CC0-1.0", "CC-BY-4.0"),
    ]
    checksums = {parse_instrument(edited(INSTRUMENT, *edit)).checksum("en") for edit in edits}
    assert len(checksums | {original.checksum("en")}) == len(edits) + 1


def test_a_translation_added_later_leaves_the_checksums_of_the_others():
    original = parse_instrument(INSTRUMENT)
    german_only = replace(original, languages=("de",))

    assert german_only.checksum("de") == original.checksum("de")
    with pytest.raises(UnknownLanguage, match="choose from de"):
        german_only.checksum("en")


def test_the_content_that_is_checksummed_is_plain_json():
    content = parse_instrument(INSTRUMENT).content("de")

    assert json.loads(json.dumps(content)) == content
    assert content["items"][1]["text"] == "Tee ist zu bitter."


def test_a_valid_study_is_read_and_fits_its_instrument():
    instrument = parse_instrument(INSTRUMENT)
    study = parse_study(STUDY, instruments=[instrument])

    assert study_problems(study, [instrument]) == ()
    assert study.blocks[0].shuffle
    assert study.settings == {"minutes": 2}
    age, cups = study.demographics
    assert (age.kind, age.minimum, age.maximum, age.required) == ("integer", 18, 99, False)
    assert [value for value, _ in cups.options] == ["few", "many"]
    assert study.checksum("en") != study.checksum("de")
    assert replace(study, settings={"minutes": 3}).checksum("en") != study.checksum("en")


@pytest.mark.parametrize(
    ("old", "new", "where", "code"),
    [
        ('instrument = "tea-liking"', 'instrument = "coffee"', "blocks[tea].instrument",
         "unknown_instrument"),
        ('block = "tea"', 'block = "coffee"', "attention_checks[pick].block", "unknown_block"),
        ("after = 1", "after = 3", "attention_checks[pick].after", "check_outside_block"),
        ("after = 1", "after = -1", "attention_checks[pick].after", "too_small"),
        ("expected = [3]", "expected = [4]", "attention_checks[pick].expected", "unknown_value"),
        ("expected = [3]", "expected = []", "attention_checks[pick].expected", "empty_list"),
        ("expected = [3]", 'expected = ["3"]', "attention_checks[pick].expected", "wrong_type"),
        ('response_scale = "agreement"', 'response_scale = "likert"',
         "attention_checks[pick].response_scale", "unknown_response_scale"),
        ('kind = "instructed"', 'kind = "trap"', "attention_checks[pick].kind",
         "unknown_choice"),
        ("items_per_page = 5", "items_per_page = 0", "blocks[tea].items_per_page", "too_small"),
        ("items_per_page = 5", 'shuffle = "no"', "blocks[tea].shuffle", "wrong_type"),
        ("minimum = 18", "minimum = 100", "demographics[age]", "empty_range"),
        ("minimum = 18\n", "", "demographics[age].minimum", "missing_key"),
        ('value = "many"', 'value = "few"', "demographics[cups].options[few]", "duplicate_key"),
        ('key = "cups"', 'key = "age"', "demographics[age]", "duplicate_key"),
        ('contact = "tea@example.org"\n', "", "consent.contact", "missing_key"),
        ("[consent]", "[agreement]", "consent", "missing_key"),
        ('statement = { en = "I take part.", ', "statement = { ", "consent.statement.en",
         "missing_language"),
        ("minutes = 2", "minutes = 2026-01-01", "settings.minutes", "wrong_type"),
        ("minutes = 2", 'minutes = "2"', "settings.minutes", "wrong_type"),
        ("minutes = 2", "minutes = 0", "settings.minutes", "too_small"),
        ("minutes = 2", "seed = 1.5", "settings.seed", "wrong_type"),
        ("minutes = 2", "quota = 3", "settings.quota", "unknown_key"),
        ("minutes = 2", 'completion_url = "https://example.org"', "settings.completion_url",
         "unknown_key"),
        ("minutes = 2", 'scale_direction = "balancd"', "settings.scale_direction",
         "unknown_choice"),
        ("minutes = 2", 'people.incentve = "None"', "settings.people.incentve", "unknown_key"),
        ("minutes = 2", "report = 5", "settings.report", "wrong_type"),
        ("[settings]\nminutes = 2", "[[settings]]\nminutes = 2", "settings", "wrong_type"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_study_is_named_by_its_place_and_a_code(old, new, where, code):
    text = edited(STUDY, old, new)
    error = refused(parse_study, text, instruments=[parse_instrument(INSTRUMENT)])

    assert (where, code) in [(problem.where, problem.code) for problem in error.problems]


def test_a_study_in_a_language_that_its_instrument_lacks_is_refused():
    english = edited(INSTRUMENT, '["en", "de"]', '["en"]')
    english = "\n".join(line for line in english.splitlines() if not line.startswith("text.de"))
    for german in (', de = "Tee"', ', de = "Wie sehr stimmen Sie zu?"', ', de = "Hoch: mag Tee."'):
        english = edited(english, german, "")
    for german in ("Stimme nicht zu", "Teils, teils", "Stimme zu", "Geschmack"):
        english = edited(english, f', de = "{german}"', "")

    error = refused(parse_study, STUDY, instruments=[parse_instrument(english)])
    assert (error.where, error.code) == ("blocks[tea].instrument", "missing_language")
    assert "no 'de' texts" in error.message


def test_a_study_can_be_read_before_its_instruments_are_at_hand(tmp_path: Path):
    path = tmp_path / "tea-study.toml"
    path.write_text(STUDY, encoding="utf-8")

    assert load_study(path).blocks[0].instrument == "tea-liking"
    with pytest.raises(InstrumentFileError, match=r"tea-study\.toml.*available: none"):
        load_study(path, instruments=[])


def test_a_study_and_its_instruments_become_a_questionnaire_that_can_be_presented():
    instrument = parse_instrument(INSTRUMENT)
    study = parse_study(STUDY, instruments=[instrument])
    shown = present(questionnaire_of(study, [instrument], "de"), seed=1)

    assert set(shown.order) == {
        item_ref("tea", "taste_1"),
        item_ref("tea", "taste_2"),
        check_ref("pick"),
    }
    assert shown.order[1] == "check.pick"
    assert shown.pages[0].title == "Tee"
    assert shown.question("tea.taste_2").text == "Tee ist zu bitter."
    assert [option.label for option in shown.question("check.pick").options] == [
        "Stimme nicht zu",
        "Teils, teils",
        "Stimme zu",
    ]
    assert instruments_by_block(study, [instrument]) == {"tea": instrument}
