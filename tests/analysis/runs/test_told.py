"""What sessions were told is read back as answers to the study's demographic questions."""

import numpy as np

from analysis.runs.people.told import told_by_person, told_columns, told_to_session
from surveys.models import Respondent
from tests.analysis.respondents import answer_as, frame_of, make_group

AGE = {"key": "age", "kind": "integer", "label": {"en": "Age", "de": "Alter"}, "options": []}
SEX = {
    "key": "sex",
    "kind": "choice",
    "label": {"en": "Gender", "de": "Geschlecht"},
    "options": [
        {"value": "f", "label": {"en": "woman", "de": "Frau"}},
        {"value": "m", "label": {"en": "man", "de": "Mann"}},
    ],
}
FIELDS = [AGE, SEX]


def test_a_person_told_what_they_did_not_leave_open():
    assert told_by_person(FIELDS, {"age": 34, "sex": "", "shoe": 9}) == {"age": 34.0}


def test_a_persona_in_words_of_any_language_is_the_option_that_it_names():
    design = {"persona": [["Alter", "34"], ["gender", " Frau "], ["Job", "baker"]]}
    assert told_to_session(FIELDS, {}, design) == {"age": 34.0, "sex": "f", "Job": "baker"}


def test_a_matched_session_was_told_its_persons_demographics():
    design = {"persona": [["Age", "34"]]}
    assert told_to_session(FIELDS, {"age": 34, "sex": "m"}, design) == {"age": 34.0, "sex": "m"}


def test_nothing_told_is_another_thing_than_nothing_known():
    assert told_to_session(FIELDS, {}, {"persona": []}) == {}
    assert told_to_session(FIELDS, {}, {}) is None
    assert told_to_session(FIELDS, {}, {"persona": "teacher"}) is None


def test_columns_are_numbers_or_words_and_open_where_unknown():
    columns = told_columns(FIELDS, [{"age": 34.0, "sex": "f"}, {}, None, {"Job": "baker"}])
    assert np.isnan(columns["age"]).tolist() == [False, True, True, True]
    assert columns["sex"].tolist() == ["f", "", "", ""]
    assert columns["Job"].tolist() == ["", "", "", "baker"]


def test_the_frame_knows_what_each_group_was_told(open_study):
    people = make_group(open_study, "people", "human")
    panels = [make_group(open_study, key, "llm") for key in ("told", "bare", "unknown")]
    for group in (people, *panels):
        answer_as(open_study, group, profile="people", n=2)
    field = open_study.demographics[0]
    value = field["options"][0] if field["options"] else {"value": "30", "label": {"en": "30"}}
    Respondent.objects.filter(group=people).update(demographics={field["key"]: value["value"]})
    persona = [[field["label"]["en"], value["label"]["en"]], ["Hobby", "chess"]]
    lent = {"persona": [], "arm": {"history": "own"}}
    for group, design in zip(panels, ({"persona": persona}, lent, {}), strict=True):
        Respondent.objects.filter(group=group).update(design=design)
    frame = frame_of(open_study)
    assert frame.told_to["told"] == (field["key"], "Hobby")
    assert (frame.told_to["bare"], frame.told_to["unknown"]) == ((), None)
    assert [frame.told_answers(key) for key in ("told", "bare")] == [False, True]
    of_people, of_sessions = (
        frame.told[field["key"]][frame.group == key] for key in ("people", "told")
    )
    assert of_people.tolist() == of_sessions.tolist()
    assert set(frame.told["Hobby"][frame.group == "people"].tolist()) == {""}
