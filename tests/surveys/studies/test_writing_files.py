"""What is read of a file can be written as one; what a draft lacks is told from a mistake."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from own_studies import INSTRUMENTS, STUDY, draft

from surveys.instrument_files import (
    InstrumentFileError,
    bundled_instruments,
    bundled_studies,
    instrument_values,
    parse_instrument,
    parse_study,
    people_problems,
    study_values,
    to_toml,
)

TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=30)


def test_every_bundled_file_reads_back_to_the_same_content():
    for study in bundled_studies():
        assert parse_study(to_toml(study_values(study))) == study
    for instrument in bundled_instruments():
        assert parse_instrument(to_toml(instrument_values(instrument))) == instrument


@given(TEXT, TEXT, st.dictionaries(TEXT, TEXT, max_size=3))
def test_any_text_is_written_so_that_it_is_read_back(one, other, texts):
    values = {
        "one": one,
        "both": f"{one}\n{other}",
        "table": texts,
        "rows": [{"text": texts, "options": [{"label": texts}], "n": 1, "yes": True}],
    }
    assert tomllib.loads(to_toml(values)) == values


@pytest.mark.parametrize(
    ("gone", "place", "code"),
    [
        (STUDY[STUDY.index("[consent]") : STUDY.index("[[blocks]]")], "consent", "no_consent"),
        ('contact = "Laboratory of Walks, walks@example.org"\n', "consent.contact", "no_contact"),
        (STUDY[STUDY.index("[[blocks]]") : STUDY.index("[[demog")], "blocks", "no_block"),
        (', de = "Eine Studie über das Gehen"', "title.de", "missing_language"),
        ('text.de = "Bitte wählen Sie hier Stufe 4."', "attention_checks[pick].text.de", None),
        (', de = "Wie alt sind Sie?"', "demographics[age].label.de", "missing_language"),
    ],
)
def test_what_is_not_written_yet_may_wait(gone, place, code):
    assert gone in STUDY
    read = draft(STUDY.replace(gone, ""))
    (problem,) = read.lacking
    assert (problem.where, problem.code.value) == (place, code or "missing_language")


def test_a_check_outside_its_block_may_wait():
    (problem,) = draft(STUDY.replace("after = 3", "after = 30")).lacking
    assert problem.code == "check_outside_block"


def test_a_mistake_is_refused_together_with_what_is_missing():
    text = STUDY.replace(', de = "Wie alt sind Sie?"', "").replace("minutes = 2", "minute = 2")
    with pytest.raises(InstrumentFileError) as refused:
        draft(text)
    assert {one.where for one in refused.value.problems} == {
        "demographics[age].label.de",
        "settings.minute",
    }


def test_a_place_in_square_brackets_is_told_and_a_number_in_them_is_not():
    text = STUDY.replace("walks@example.org", "[e-mail]").replace("voluntary.", "voluntary [1].")
    (problem,) = people_problems(draft(text).definition)
    assert (problem.where, problem.code.value) == ("consent.contact", "placeholder_left")
    assert "[e-mail] still stands" in problem.message
    assert people_problems(draft().definition) == ()


def test_what_no_column_could_hold_is_refused():
    text = INSTRUMENTS["on-foot"]
    for long, code in (
        (text.replace('"On foot"', f'"{"o" * 201}"'), "too_long"),
        (text.replace('"Step 1"', f'"{"o" * 301}"'), "too_long"),
        (text.replace("value = 5", "value = 40000"), "too_large"),
        (text.replace('"1.0"', f'"{"1." * 20}1"'), "malformed_name"),
    ):
        with pytest.raises(InstrumentFileError) as refused:
            parse_instrument(long)
        assert refused.value.code == code
