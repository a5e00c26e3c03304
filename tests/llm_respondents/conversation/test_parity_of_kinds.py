"""A person and a model who mean the same give the same value, for every kind and in every arm."""

import pytest
from every_kind import OPINION, every_kind, open_day_study
from factories import TESTER, make_link, make_person, personal
from workers import options

from llm_respondents.conversation.arms import ELICITATIONS, Arm
from llm_respondents.conversation.parsing import Answered, judge
from llm_respondents.conversation.prompts import plan_turns, response_format
from llm_respondents.conversation.replies import reply_text
from llm_respondents.design.spec import PanelSpec
from llm_respondents.models import Attempt
from llm_respondents.services import recruit_panel, run_panel
from surveys.models import Answer, MissingReason
from surveys.presentation import BlockContent, QuestionContent, Questionnaire, present
from surveys.questions import DECLARED_REASONS, Declared
from surveys.selectors import presentation_of, stored_values
from surveys.services.rehearsal import read_form, typed


def shown(direction="forward", language="en"):
    """The questions of the example as they are presented, without a database."""
    instrument = every_kind()
    scales = {scale.key: scale for scale in instrument.response_scales}
    questions = tuple(
        QuestionContent(
            f"day.{item.key}",
            item.text[language],
            tuple((one.value, one.label[language]) for one in scale.options),
            scale.format.in_language(language),
            item.need,
        )
        for item in instrument.asked()
        for scale in (scales[item.response_scale],)
    )
    block = BlockContent("day", "Your day", "Think.", questions, shuffle=False)
    return present(Questionnaire("Day", language, (block,)), seed=5, scale_direction=direction)


def meant(question):
    """What the opinion is, in the terms of the question as shown."""
    return question.given([OPINION[ref] for ref in question.refs])


@pytest.mark.parametrize("elicitation", ELICITATIONS)
@pytest.mark.parametrize("marks", ["number", "letter"])
@pytest.mark.parametrize("together", ["one", "page"])
@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("direction", ["forward", "reversed"])
def test_every_kind_is_read_back_as_the_same_value_in_every_arm(
    elicitation, marks, together, language, direction
):
    arm = Arm(items_per_turn=together, elicitation=elicitation, option_marks=marks)
    stored = {}
    for turn in plan_turns(shown(direction, language), arm):
        given = {question.ref: meant(question) for question in turn.questions}
        outcomes = judge(text=reply_text(given, turn, arm, reason="so"), turn=turn, arm=arm)
        for question, outcome in zip(turn.questions, outcomes, strict=True):
            assert isinstance(outcome, Answered), (question.ref, outcome)
            stored.update(zip(question.refs, question.stored(outcome.given), strict=True))

    assert stored == OPINION


@pytest.mark.parametrize("elicitation", ELICITATIONS)
def test_an_answer_that_is_not_scored_is_its_reason_in_every_arm(elicitation):
    arm = Arm(elicitation=elicitation)
    found = {}
    for turn in plan_turns(shown(), arm):
        (question,) = turn.questions
        for reason in question.declarable:
            given = {question.ref: question.given_for(reason)}
            (outcome,) = judge(text=reply_text(given, turn, arm, reason="so"), turn=turn, arm=arm)
            found[question.ref] = question.declared(outcome.given)

    assert found == {"day.like_anna": "dont_know", "day.sleep": "not_applicable"}


def test_the_schema_of_a_turn_admits_what_is_asked_for():
    turns = plan_turns(shown(), Arm())
    schemas = {
        turn.questions[0].ref: response_format(turn, Arm())["json_schema"]["schema"]["properties"]
        for turn in turns
    }

    assert schemas["day.feeling"]["answer"] == {"type": "integer"}
    assert schemas["day.like_anna"]["answer"]["enum"] == [*range(12)]
    assert schemas["day.drank"]["answer"] == {"type": "array", "items": {"type": "integer"}}
    assert schemas["day.said"]["answer"] == {"type": "string"}
    assert schemas["day.sleep"]["answer"]["anyOf"][1]["enum"] == ["I did not sleep"]


@pytest.mark.parametrize(
    ("ref", "text", "reason"),
    [
        ("day.sleep", "25", "out_of_range"),
        ("day.sleep", "7 or 8 hours", "unparsable"),
        ("day.sleep", "I can't answer that.", "refused"),
        ("day.sleep", "Well rested.", "no_answer"),
        ("day.drank", "1, 9", "out_of_range"),
        ("day.best", "1, 2", "out_of_range"),
        ("day.holiday", "29 March", "unparsable"),
        ("day.said", "x" * 501, "out_of_range"),
    ],
)
def test_a_reply_that_is_no_answer_to_its_kind_says_why(ref, text, reason):
    arm = Arm(elicitation="number")
    (turn,) = [one for one in plan_turns(shown(), arm) if one.refs == (ref,)]

    assert judge(text=text, turn=turn, arm=arm)[0].reason == reason


@pytest.mark.parametrize(
    ("ref", "text", "given"),
    [
        ("day.sleep", "Answer: 7,5 hours", 7.5),
        ("day.sleep", "**8**", 8),
        ("day.sleep", "I did not sleep.", Declared("not_applicable")),
        ("day.drank", "[3, 1]", (1, 3)),
        ("day.drank", "4", ()),
        ("day.best", "2 > 1 > 3", (2, 1, 3)),
        ("day.said", "Two lines.\nOf text.", "Two lines.\nOf text."),
    ],
)
def test_typography_and_words_around_an_answer_change_nothing(ref, text, given):
    arm = Arm(elicitation="number")
    (turn,) = [one for one in plan_turns(shown(), arm) if one.refs == (ref,)]

    assert judge(text=text, turn=turn, arm=arm) == (Answered(given),)


def answer_on_pages(client, administration):
    """Fill in every page as the opinion has it, and send it off."""
    for page in presentation_of(administration).pages:
        address = personal("page", administration, number=page.number)
        entries = dict(read_form(client.get(address).content.decode()).hidden)
        for question in page.questions:
            entries.update(typed(question, meant(question)))
        assert client.post(address, entries).status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "de"])
def test_a_person_on_the_pages_and_a_matched_session_store_the_same(client, owner, language):
    study = open_day_study(owner, shuffle=True, items_per_page=3)
    person = make_person(make_link(study), language)
    answer_on_pages(client, person)
    client.post(personal("review", person))
    assert stored_values(person) == OPINION

    session = conducted(study, sessions=0, personas="matched")
    assert session.presentation_checksum == person.presentation_checksum
    assert set(stored_values(session)) == set(OPINION)
    assert not Answer.objects.filter(administration=session).exclude(missing_reason="").exists()

    # What the person answered is shown to another session as if it were its own.
    told = conducted(
        study,
        sessions=1,
        language=language,
        history_from=person.respondent.group.key,
        arms=[Arm(history="swapped")],
    )
    said = [one["content"] for one in all_messages(told) if one["role"] == "assistant"]
    assert '{"answer": 7.5}' in said
    assert '{"answer": "A walk, with a friend."}' in said or told.realised_order[-1] == "day.said"


def conducted(study, **values):
    """The last session of a scripted panel that has run."""
    spec = PanelSpec(
        model="scripted:people-like", provider="scripted", profile="people-like", **values
    )
    panel = recruit_panel(study=study, spec=spec, key="", by=TESTER)
    run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    return panel.sessions.order_by("pk").last()


def all_messages(session):
    """Every message that was sent for a session."""
    rows = Attempt.objects.filter(administration=session).order_by("pk")
    return [message for row in rows for message in row.new_messages]


@pytest.mark.django_db
def test_what_is_read_before_a_question_is_read_by_both(client, owner):
    study = open_day_study(owner)
    person = make_person(make_link(study))
    page = client.get(personal("page", person, number=1)).content.decode()
    (turn, *_) = plan_turns(presentation_of(person), Arm())

    assert "Anna woke up at <strong>six</strong>.<br>She had slept well." in page
    assert "Anna woke up at **six**.\nShe had slept well.\n\nQuestion 1 of 7" in turn.text
    assert page.index("Anna woke up") < page.index("How far was your day")


def test_every_reason_that_can_be_declared_is_a_missing_reason():
    assert set(DECLARED_REASONS) <= set(MissingReason.values)
