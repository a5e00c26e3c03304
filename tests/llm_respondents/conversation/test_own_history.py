"""A matched session is told its person's answers to some blocks, and asked the others."""

import json

import pytest
from factories import TESTER, make_link, make_person
from workers import options

from llm_respondents.conversation.prompts import Arm
from llm_respondents.design.spec import PanelSpec
from llm_respondents.errors import PanelSpecError, SpecError
from llm_respondents.models import Attempt
from llm_respondents.readout.progress import panel_progress
from llm_respondents.rehearsal import Endpoint
from llm_respondents.services import run_panel
from surveys.models import Answer
from surveys.selectors import presentation_of, stored_values
from surveys.services import GivenAnswer, complete_administration, record_answers, withdraw

OWN = {"arms": (Arm(history="own"),), "personas": "matched", "sessions": 0}


def person(study, code, *, left_out=()):
    someone = make_person(make_link(study))
    answers = [
        GivenAnswer(ref, None, "skipped") if ref in left_out else GivenAnswer(ref, code)
        for ref in presentation_of(someone).order
    ]
    record_answers(administration=someone, answers=answers, idempotency_key="everything")
    complete_administration(administration=someone)
    return someone


def blocks_of(administration):
    """Key -> refs, in the order in which the session reads them."""
    found = {}
    for page in presentation_of(administration).pages:
        found.setdefault(page.block, []).extend(question.ref for question in page.questions)
    return found


@pytest.fixture
def endpoint():
    with Endpoint() as made:
        yield made


def test_the_persons_answers_are_told_and_the_rest_is_asked(open_study, recruit, endpoint):
    first = person(open_study, 2)
    blocks = blocks_of(first)
    *before, asked = blocks
    skipped = blocks[before[0]][0]
    second = person(open_study, 3, left_out=(skipped,))
    panel = recruit(base_url=endpoint.base_url, asked_blocks=[asked], **OWN)
    assert run_panel(panel_id=panel.pk, options=options(), by=TESTER).status == "complete"

    told = [ref for key in before for ref in blocks[key]]
    assert len(endpoint.requests) == 2 * len(blocks[asked])
    for theirs, code in ((first, 2), (second, 3)):
        member = panel.members.get(respondent__matched_to=theirs.respondent)
        session = member.respondent.administration
        assert set(member.donor_values) == set(told) - ({skipped} if code == 3 else set())
        values = stored_values(session)
        assert {ref for ref, value in values.items() if value is not None} == set(blocks[asked])
        answers = Answer.objects.filter(administration=session)
        assert set(answers.values_list("missing_reason", flat=True)) == {"", "not_shown"}

        calls = list(Attempt.objects.filter(administration=session).order_by("pk"))
        opening, *rest = calls
        history = opening.new_messages[1:-1]
        assert [m["role"] for m in history] == ["user", "assistant"] * (len(history) // 2)
        assert len(history) // 2 == len(member.donor_values)
        assert {m["content"] for m in history[1::2]} == {json.dumps({"answer": code})}
        # What it says itself follows, word for word, and nothing is told again.
        assert rest[0].new_messages[0] == {"role": "assistant", "content": opening.reply}
        assert len(rest[0].new_messages) == 2
        assert not [call for call in calls if call.flags]
    progress = panel_progress(panel)
    assert (progress.answered, progress.missing) == (
        2 * len(blocks[asked]),
        {"not_shown": 2 * len(told)},
    )
    panel.group.refresh_from_db()
    assert f"asked are the blocks {asked} alone" in panel.group.method["history"]

    withdraw(administration=first, by=TESTER)
    member = panel.members.get(respondent__matched_to=first.respondent)
    assert member.donor_values == {}
    calls = Attempt.objects.filter(administration=member.respondent.administration)
    said = [m["content"] for call in calls for m in call.new_messages if m["role"] == "assistant"]
    assert set(said) == {"[erased: the person withdrew]"}


def test_only_what_came_earlier_is_told(open_study, recruit, endpoint):
    theirs = person(open_study, 2)
    blocks = blocks_of(theirs)
    first, *_, last = blocks
    panel = recruit(base_url=endpoint.base_url, asked_blocks=[first, last], max_turns=4, **OWN)
    assert run_panel(panel_id=panel.pk, options=options(), by=TESTER).status == "complete"
    calls = Attempt.objects.of(panel).order_by("pk")
    # Its own bound counts the turns that are asked.
    assert len(calls) == 4
    assert [m["role"] for m in calls[0].new_messages] == ["system", "user"]


@pytest.mark.parametrize(
    ("values", "where", "code"),
    [
        ({"arms": [{"history": "own"}], "asked_blocks": ["a"]}, "personas", "own_needs_matched"),
        ({"arms": [{"history": "own"}], "personas": "matched"}, "asked_blocks",
         "asked_blocks_needed"),
        ({"asked_blocks": ["a"]}, "asked_blocks", "asked_blocks_needed"),
        ({"arms": [{"history": ["own", "full"]}], "personas": "matched", "asked_blocks": ["a"]},
         "arms[1].history", "own_alone"),
        ({"arms": [{"history": "own", "elicitation": "reason"}], "personas": "matched",
          "asked_blocks": ["a"]}, "arms[1].history", "no_reasons_to_swap"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_its_place(values, where, code):
    with pytest.raises(SpecError) as refused:
        PanelSpec.from_json({"model": "small", **values})
    assert [(one.path, one.code.value) for one in refused.value.mistakes] == [(where, code)]


def test_blocks_that_the_study_has_not_are_refused(open_study, recruit):
    blocks = blocks_of(person(open_study, 2))
    for asked, code in ((["nowhere"], "block_unknown"), (list(blocks), "nothing_to_tell")):
        with pytest.raises(PanelSpecError) as refused:
            recruit(asked_blocks=asked, **OWN)
        assert refused.value.code == code


def test_a_specification_without_it_keeps_its_form():
    assert "asked_blocks" not in PanelSpec.from_json({"model": "small"}).as_json()
