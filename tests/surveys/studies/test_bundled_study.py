import pytest

from surveys.instrument_files import (
    UnknownBundle,
    bundled_instruments,
    bundled_study,
    instruments_by_block,
    questionnaire_of,
    study_problems,
)
from surveys.presentation import present

STUDY = bundled_study("privacy-prosocial")
each_language = pytest.mark.parametrize("language", ["en", "de"])


def test_the_bundled_study_fits_its_instruments():
    assert study_problems(STUDY, bundled_instruments()) == ()


def test_it_says_what_is_asked():
    assert STUDY.facts["question"].startswith("How do concern about privacy and prosocialness")


def test_an_unknown_study_is_refused_with_the_names_that_exist():
    with pytest.raises(UnknownBundle, match="privacy-prosocial"):
        bundled_study("privacy")


@each_language
def test_a_respondent_sees_38_items_and_two_checks_on_six_short_pages(language):
    shown = present(questionnaire_of(STUDY, bundled_instruments(), language), seed=7)

    assert sum(question.kind == "item" for question in shown.questions) == 38
    assert sum(question.kind == "attention" for question in shown.questions) == 2
    assert [page.block for page in shown.pages] == [
        block for block in ("privacy", "prosocial", "sharing") for _ in range(2)
    ]
    assert max(len(page.questions) for page in shown.pages) <= 9


@each_language
def test_the_instructed_check_names_exactly_one_option_and_it_is_the_expected_one(language):
    check = next(check for check in STUDY.attention_checks if check.kind == "instructed")
    instrument = instruments_by_block(STUDY, bundled_instruments())[check.block]
    named = [
        option.value
        for option in instrument.response_scale(check.response_scale).options
        if f"{option.label[language]}" in check.text[language]
    ]

    assert named == list(check.expected)


def test_there_is_one_check_of_each_kind_and_neither_is_next_to_the_outcome():
    assert sorted(check.kind for check in STUDY.attention_checks) == ["infrequency", "instructed"]
    assert {check.block for check in STUDY.attention_checks} == {"privacy", "prosocial"}


@each_language
def test_the_consent_tells_what_an_ethics_board_asks_for(language):
    text = STUDY.consent.information[language]
    wanted = {
        "en": ["about:", "8 minutes", "voluntary", "withdraw", "reason", "Risks", "language models",
               "ten years", "deleted", "contact"],
        "de": ["geht:", "8 Minuten", "freiwillig", "zurücktreten", "Grund", "Risiken",
               "Sprachmodelle", "zehn Jahre", "gelöscht", "Kontakt"],
    }  # fmt: skip
    assert [word for word in wanted[language] if word not in text] == []
    assert f"{STUDY.settings['minutes']} " in text
    assert "18" in STUDY.consent.statement[language]


def test_demographics_are_optional_and_a_choice_can_be_declined():
    assert [field.key for field in STUDY.demographics] == ["age", "gender", "education"]
    for field in STUDY.demographics:
        assert not field.required
        if field.kind == "choice":
            assert "undisclosed" in [value for value, _ in field.options]
