"""A kind of question that the program does not have, added as one class and one row."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import pytest
from every_kind import every_kind
from factories import TESTER, asked_by_somebody, make_link, make_person, personal

from llm_respondents.conversation.arms import Arm
from llm_respondents.conversation.parsing import Answered, judge
from llm_respondents.conversation.prompts import plan_turns, response_format
from surveys import services
from surveys.errors import ImportFileError
from surveys.imports import parse_data, parse_mapping
from surveys.instrument_files import (
    BlockDefinition,
    bundled_study,
    instrument_values,
    parse_instrument,
    to_toml,
)
from surveys.models import Answer
from surveys.questions import KINDS, EntryMistake, Mistaken, OpenFormat
from surveys.selectors import codebook, presentation_of, stored_values
from surveys.services.data.imports import import_responses
from surveys.services.definitions import published_instruments
from surveys.services.rehearsal import answer_keys, read_form
from surveys.simulation import SimulatedRespondent, bundled_profile


@dataclass(frozen=True, kw_only=True)
class YesNo(OpenFormat):
    """Yes or no, typed as a word."""

    kind: ClassVar[str] = "yes_no"
    control: ClassVar[str] = "field"
    column: ClassVar[str] = "value"

    @property
    def span(self):
        return 0, 1

    def stored(self, given):
        return (given,) if given in (0, 1) else Mistaken(EntryMistake.OPTION)

    def given(self, stored: Sequence[int]):
        return stored[0]

    def entered(self, texts):
        return self.of_text(texts[0]) if texts[0] else None

    def fields_of(self, given):
        return (self.as_text(given),)

    def wanted(self, language):  # noqa: ARG002
        return "yes or no"

    def schema(self):
        return {"type": "string", "enum": ["yes", "no"]}

    def of_json(self, value):
        return self.of_text(str(value))

    def of_text(self, text):
        words = {"yes": 1, "no": 0}
        return words.get(text.strip().casefold(), Mistaken(EntryMistake.OPTION))

    def as_json(self, given):
        return self.as_text(given)

    def as_text(self, given):
        return "yes" if given else "no"

    def simulated(self, response, draws):  # noqa: ARG002
        return int(response > 0)


FILE = """slug = "ask"
version = "1.0"
construct = "asking"
languages = ["en", "de"]
licence = "CC0"
citation = "A test."
wording_note = "Own wording."
title = { en = "Asking", de = "Fragen" }
instruction = { en = "Please answer.", de = "Bitte antworten Sie." }
orientation = { en = "High: yes.", de = "Hoch: ja." }

[[response_scales]]
key = "yes"
kind = "yes_no"

[[items]]
key = "walk"
response_scale = "yes"
text = { en = "Do you walk?", de = "Gehen Sie?" }
"""


@pytest.fixture
def study(owner, monkeypatch):
    monkeypatch.setitem(KINDS, "yes_no", YesNo)
    services.publish_instrument(definition=parse_instrument(FILE), by=TESTER)
    bundled = asked_by_somebody(bundled_study("privacy-prosocial"))
    definition = replace(
        bundled,
        slug="asks",
        blocks=(BlockDefinition("ask", "ask", "1.0"),),
        attention_checks=(),
        demographics=(),
        settings={},
    )
    draft = services.create_study(definition=definition, owner=owner, by=TESTER)
    return services.open_study(study=draft, by=TESTER)


@pytest.mark.django_db
def test_a_new_kind_is_asked_stored_and_exported_without_another_line(client, study):
    person = make_person(make_link(study))
    address = personal("page", person, number=1)
    hidden = read_form(client.get(address).content.decode()).hidden
    refused = client.post(address, {**hidden, "ask.walk": "perhaps"})
    assert refused.status_code == 422
    assert "Please choose among the options shown." in refused.content.decode()
    assert client.post(address, {**hidden, "ask.walk": "Yes"}).status_code == 302
    assert stored_values(person) == {"ask.walk": 1}

    (turn,) = plan_turns(presentation_of(person), Arm())
    assert turn.text.endswith('Reply with JSON: {"answer": yes or no}.')
    schema = response_format(turn, Arm())["json_schema"]["schema"]
    assert schema["properties"]["answer"] == {"type": "string", "enum": ["yes", "no"]}
    assert judge(text='{"answer": "yes"}', turn=turn, arm=Arm()) == (Answered(1),)

    (row,) = codebook(study)
    assert (row["kind"], row["minimum"], row["maximum"]) == ("yes_no", 0, 1)
    someone = SimulatedRespondent(bundled_profile("people"), 1)
    assert someone.answer(turn.questions[0], answer_keys(study)["ask.walk"]) in (0, 1)


MAPPING = """[source]
citation = "Nobody."
licence = "CC0"
[data]
respondents = "people"
study = "asks"
id_column = "id"
[[columns]]
name = "walk"
item = "ask.walk"
"""


@pytest.mark.django_db
def test_answers_to_a_new_kind_are_imported_without_another_line(study, owner):
    mapping = parse_mapping(MAPPING)
    data = parse_data(b"id,walk\na,Yes\nb,no\nc,\n", mapping.layout)
    report = import_responses(mapping=mapping, data=data, owner=owner, by=TESTER)

    assert (report.imported, report.values["ask.walk"]) == (2, {0: 1, 1: 1})
    answers = Answer.objects.filter(administration__study=study)
    assert sorted(answers.values_list("value", flat=True)) == [0, 1]
    strange = parse_data(b"id,walk\nd,perhaps\n", mapping.layout)
    with pytest.raises(ImportFileError, match="'perhaps' is no answer to this question"):
        import_responses(mapping=mapping, data=strange, owner=owner, by=TESTER)


@pytest.mark.django_db
def test_what_is_published_is_the_same_file_again(study, owner):
    services.publish_instrument(definition=every_kind(), by=TESTER)
    (read,) = published_instruments({"a-day"})

    assert read == every_kind()
    assert parse_instrument(to_toml(instrument_values(read))) == every_kind()
    (own,) = published_instruments({"ask"})
    assert instrument_values(own) == instrument_values(parse_instrument(FILE))
