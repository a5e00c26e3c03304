"""For the same seed a person sees and a model reads the same words, item by item."""

from html.parser import HTMLParser

import pytest
from factories import TESTER, answer_everything, make_link, make_person, personal
from workers import options

from llm_respondents.models import Attempt
from llm_respondents.services import run_panel
from surveys.models import Administration
from surveys.selectors import presentation_of
from surveys.services import Start, begin_administrations, complete_administration


class Questions(HTMLParser):
    """What a reader of the page sees: for each question its words, and the options in order."""

    def __init__(self):
        super().__init__()
        self.found = []
        self.text = []
        self._in = ""

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "fieldset" and "item" in (attributes.get("class") or ""):
            self.found.append({"text": "", "options": []})
        elif tag == "legend":
            self._in = "legend"
        elif tag == "input" and attributes.get("type") == "radio":
            self.found[-1]["options"].append([attributes["value"], ""])
            self._in = "option"

    def handle_endtag(self, tag):
        if tag in ("legend", "label"):
            self._in = ""

    def handle_data(self, data):
        self.text.append(data)
        if self._in == "legend" and not self.found[-1]["text"]:
            self.found[-1]["text"] = data.strip()
        elif self._in == "option" and data.strip():
            self.found[-1]["options"][-1][1] += data.strip()


def seen_by_person(client, administration):
    """Question by question over all pages, as rendered."""
    seen = []
    for page in presentation_of(administration).pages:
        reader = Questions()
        html = client.get(personal("page", administration, number=page.number)).content.decode()
        reader.feed(html)
        assert page.instruction in " ".join(" ".join(reader.text).split())
        seen += [
            (question["text"], [tuple(option) for option in question["options"]])
            for question in reader.found
        ]
    return seen


def read_by_model(administration):
    """Question by question, from the messages as they were sent."""
    read = []
    for attempt in Attempt.objects.filter(administration=administration).order_by("pk"):
        *_, form = attempt.new_messages[-1]["content"].split("\n\n")
        question = attempt.new_messages[-1]["content"].split("\n\n")[-2]
        _, text, *options_shown = question.split("\n")
        assert form
        read.append((text, [tuple(option.split(" = ", 1)) for option in options_shown]))
    return read


@pytest.mark.parametrize("direction", ["forward", "reversed"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_a_matched_session_reads_what_its_person_saw(
    client, open_study, scripted, language, direction
):
    someone = make_person(make_link(open_study), language).respondent
    Administration.objects.all().delete()
    start = Start(someone, seed=4711, language=language, scale_direction=direction)
    (theirs,) = begin_administrations(study=open_study, starts=[start])
    answer_everything(theirs)
    seen = seen_by_person(client, theirs)
    complete_administration(administration=theirs)

    panel = scripted(personas="matched", sessions=0)
    run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    session = Administration.objects.get(respondent__matched_to=someone)

    assert read_by_model(session) == seen
    assert len(seen) == 40
    assert session.presentation_checksum == theirs.presentation_checksum


def test_a_matched_session_has_its_persons_demographics_order_and_direction(open_study, scripted):
    for number in range(6):
        person = make_person(make_link(open_study), "de" if number % 2 else "en")
        person.respondent.demographics = {"age": 30 + number, "gender": "female"}
        person.respondent.save()
        answer_everything(person)
        complete_administration(administration=person)
    make_person(make_link(open_study))  # began and did not finish: is matched by nobody

    panel = scripted(personas="matched", sessions=0)

    pairs = [
        (member.respondent, member.respondent.matched_to)
        for member in panel.members.select_related("respondent__matched_to")
    ]
    assert len(pairs) == 6
    for model, person in pairs:
        assert model.demographics == person.demographics
        ours, theirs = model.administration, person.administration
        for name in ("language", "seed", "scale_direction", "realised_order"):
            assert getattr(ours, name) == getattr(theirs, name)


def test_a_persona_is_told_in_the_words_of_the_questions(open_study, scripted):
    person = make_person(make_link(open_study), "de")
    person.respondent.demographics = {"age": 34, "gender": "female"}
    person.respondent.save()
    answer_everything(person)
    complete_administration(administration=person)
    panel = scripted(personas="matched", sessions=0)
    run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    system = Attempt.objects.get(turn=0).new_messages[0]["content"]
    fields = {field["key"]: field for field in open_study.demographics}
    gender = {option["value"]: option["label"]["de"] for option in fields["gender"]["options"]}
    assert f"- {fields['age']['label']['de']}: 34" in system
    assert f"- {fields['gender']['label']['de']}: {gender['female']}" in system
