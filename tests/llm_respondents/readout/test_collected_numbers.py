"""Numbers that models replied elsewhere: read by the product's parser, or as their source has."""

from pathlib import Path

import pytest
from collected import collected, lines, mapping_text, session
from django.conf import settings
from factories import TESTER

from llm_respondents.services.reparsing import reparse_collected
from surveys.errors import ImportFileError
from surveys.models import Answer, Respondent, RespondentGroup
from surveys.selectors import stored_answers

pytestmark = pytest.mark.django_db

EXAMPLE = Path(settings.BASE_DIR) / "docs" / "examples" / "marks-on-a-line"
PEOPLE = (EXAMPLE / "mapping.toml").read_text(encoding="utf-8")
STUDY = PEOPLE[PEOPLE.index("[study]") : PEOPLE.index("[[columns]]")]
HOURS = """\
[[columns]]
name = "h"
item = "online.hours"
values = { none = 0 }
missing = { X = "refused" }
"""


def said(key: str) -> dict[str, float | str]:
    """Question -> the number that is stored, or the reason why there is none."""
    respondent = Respondent.objects.get(design__session=key)
    answers = stored_answers(respondent.administration)
    return {ref: one.reason or one.values[0] for ref, one in answers.items()}


def refused(owner, content: bytes, text: str) -> list[tuple[str, str]]:
    with pytest.raises(ImportFileError) as no:
        collected(owner, content, text)
    assert not Answer.objects.exists()
    return [(one.code.value, one.where) for one in no.value.problems]


def test_raw_replies_become_the_numbers_that_a_panel_would_have_given(owner):
    raw = {
        "worry.trace": "**72**",
        "worry.profile": "Answer: 101",
        "worry.calm": "somewhere in the middle",
        "sharing.device": "7.5",
        "sharing.study": "7.25",
        "online.hours": "2.5 hours",
    }
    report = collected(owner, lines(*session("s", raw)), mapping_text(study=STUDY))

    assert said("s") == {
        "worry.trace": 72.0,
        "worry.profile": "out_of_range",
        "worry.calm": "no_answer",
        "sharing.device": 7.5,
        "sharing.study": "unparsable",
        "sharing.company": "not_shown",
        "online.hours": 2.5,
    }
    assert report.values["worry.trace"] == {72: 1}
    group = RespondentGroup.objects.get(imported=True)
    assert reparse_collected(group=group, by=TESTER) == []


def test_values_are_read_by_the_codes_of_their_column(owner):
    answers = {
        "worry.trace": {"value": 72},
        "worry.profile": {"value": "72.0"},
        "sharing.device": {"value": 0.5},
        "sharing.study": {"value": ".5"},
        "h": {"value": "none"},
    }
    text = mapping_text("", HOURS, study=STUDY)
    collected(owner, lines(*session("s", answers), *session("t", {"h": {"value": "X"}})), text)

    told = said("s")
    assert (told["worry.trace"], told["worry.profile"]) == (72.0, 72.0)
    assert (told["sharing.device"], told["sharing.study"]) == (0.5, 0.5)
    assert (told["online.hours"], said("t")["online.hours"]) == (0.0, "refused")


@pytest.mark.parametrize("value", [101, -1, 7.5, "7.5", True, "many"])
def test_a_value_that_is_no_number_of_the_question_is_refused_with_its_line(owner, value):
    content = lines(
        *session("s", {"worry.calm": {"value": 3}}),
        *session("t", {"worry.trace": {"value": value}}),
    )

    assert refused(owner, content, mapping_text(study=STUDY)) == [
        ("outside_range", "column worry.trace, line 2")
    ]


def test_it_is_missing_where_the_mapping_says_so_and_is_listed(owner):
    content = lines(*session("s", {"worry.trace": {"value": 101}, "worry.calm": {"value": 5}}))
    report = collected(owner, content, mapping_text('unknown_codes = "missing"', study=STUDY))

    assert said("s")["worry.trace"] == "out_of_range"
    assert [(one.column, one.code) for one in report.unknown] == [("worry.trace", "101")]


def test_a_table_with_a_decimal_comma_says_so(owner):
    layout = 'format = "csv"\nshape = "wide"\ncells = "value"\ndelimiter = ";"\n'
    columns = "".join(
        f'[[columns]]\nname = "{name}"\nitem = "sharing.{item}"\n'
        for name, item in (("a", "device"), ("b", "study"))
    )
    table = b"panel;session;model;a;b\ngpt;s;gpt-4o;7,5;10\n"

    assert refused(
        owner, table, mapping_text(f'{layout}unknown_codes = "missing"', columns, study=STUDY)
    ) == [("decimal_comma", "column sharing.device, line 2")]
    collected(owner, table, mapping_text(f'{layout}decimal = ","', columns, study=STUDY))
    assert (said("s")["sharing.device"], said("s")["sharing.study"]) == (7.5, 10.0)


def test_a_distribution_over_a_line_is_refused(owner):
    content = lines(*session("s", {"worry.trace": {"distribution": {"0": 0.5, "100": 0.5}}}))

    assert refused(owner, content, mapping_text(study=STUDY)) == [("bad_distribution", "line 1")]


def test_a_code_is_given_no_value_that_the_question_lacks(owner):
    text = mapping_text("", HOURS.replace("none = 0", "none = 25"), study=STUDY)

    assert refused(owner, lines(*session("s", {"h": {"value": "none"}})), text) == [
        ("outside_range", "columns[h].values.none")
    ]
