"""Every kind of question on the pages of people who take part, and over REST."""

import pytest
from every_kind import open_day_study
from factories import make_link, make_person, personal

from surveys.models import Answer
from surveys.selectors import stored_answers, stored_values
from surveys.services.rehearsal import read_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def someone(owner):
    return make_person(make_link(open_day_study(owner)))


@pytest.fixture
def send(client, someone):
    """Send the one page off with these fields."""
    address = personal("page", someone, number=1)

    def post(**fields):
        hidden = read_form(client.get(address).content.decode()).hidden
        named = {f"day.{name.replace('__', '.')}": value for name, value in fields.items()}
        extra = {"prefers_not": named.pop("day.prefers_not")} if "day.prefers_not" in named else {}
        return client.post(address, {**hidden, **named, **extra})

    return post


def test_what_cannot_be_is_said_beside_its_field_and_kept_there(send, someone):
    page = send(sleep="99", drank=["1", "4"], best__1="1", best__2="1", said="A walk.")
    html = page.content.decode()

    assert page.status_code == 422
    assert "Please enter a number from 0 to 24, with at most 1 digits behind the point." in html
    assert 'value="99"' in html
    assert "Please choose among the options shown." in html
    assert "Please give every option a rank, each rank once." in html
    assert stored_values(someone) == {"day.said": "A walk."}


def test_what_is_required_cannot_be_declined_and_what_is_free_needs_no_word(send, someone):
    refused = send(prefers_not="1")

    assert refused.status_code == 422
    stored = stored_answers(someone)
    assert {one.reason for one in stored.values()} == {"skipped"}
    assert "day.sleep" not in stored
    assert "day.said" in stored  # free: let go of with the rest of the page
    assert "prefers_not" not in refused.content.decode()  # nothing is left that could be declined
    assert send(sleep="7").status_code == 302


def test_an_answer_that_is_not_scored_is_a_reason_and_is_shown_again(send, client, someone):
    send(like_anna="12", sleep__unscored="not_applicable")
    reasons = {ref: one.reason for ref, one in stored_answers(someone).items()}
    html = client.get(personal("page", someone, number=1)).content.decode()

    assert reasons["day.like_anna"] == "dont_know"
    assert reasons["day.sleep"] == "not_applicable"
    assert 'name="day.like_anna" value="12" checked' in html
    assert 'name="day.sleep.unscored" value="not_applicable" checked' in html


def test_an_answer_and_a_statement_at_once_are_asked_again(send, someone):
    page = send(sleep="7", sleep__unscored="not_applicable")

    assert (
        "Please give either an answer or one of the statements below it." in page.content.decode()
    )
    assert "day.sleep" not in stored_values(someone)


def test_none_of_these_is_an_answer_and_an_untouched_list_or_line_is_none(send, someone):
    send(drank="4")
    stored = stored_values(someone)

    assert [stored[f"day.drank_{one}"] for one in ("tea", "coffee", "water")] == [0, 0, 0]
    assert "day.feeling" not in stored


def test_a_field_that_is_emptied_is_open_again_and_its_answer_kept_as_a_revision(send, someone):
    send(sleep="7", feeling="50")
    page = send(feeling="")
    assert 'id="q3-error"' in page.content.decode()
    send(feeling="", prefers_not="1")

    answer = Answer.objects.get(administration=someone, item__key="feeling")
    assert (answer.number, answer.missing_reason) == (None, "skipped")
    assert list(answer.revisions.values_list("number", flat=True)) == [50.0]


def hand_in(client, someone, *answers, key="one"):
    return client.post(
        "/api/participation/",
        {"idempotency_key": key, "answers": list(answers)},
        content_type="application/json",
        headers={"Authorization": f"Participant {someone.token}"},
    )


def test_every_kind_is_handed_in_over_rest(client, someone):
    sent = hand_in(
        client,
        someone,
        {"ref": "day.like_anna", "code": 8},
        {"ref": "day.sleep", "unscored": "not_applicable"},
        {"ref": "day.feeling", "given": 64},
        {"ref": "day.drank", "given": [1, 3]},
        {"ref": "day.best", "given": [3, 1, 2]},
        {"ref": "day.said", "given": "A walk."},
        {"ref": "day.holiday", "given": "2026-03-29"},
    )

    assert sent.status_code == 201
    stored = stored_values(someone)
    assert stored["day.like_anna"] == 7
    assert stored["day.best_dinner"] == 1
    assert stored["day.sleep"] is None


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"ref": "day.sleep", "given": 25}, "no_such_answer"),
        ({"ref": "day.sleep", "given": "7"}, "no_such_answer"),
        ({"ref": "day.sleep", "given": 7, "unscored": "not_applicable"}, "no_such_answer"),
        ({"ref": "day.feeling", "unscored": "dont_know"}, "no_such_answer"),
        ({"ref": "day.drank", "given": [[1]]}, "no_such_answer"),
        ({"ref": "day.drank_tea", "given": 1}, "unknown_question"),
        ({"ref": "day.like_anna", "given": 7.5}, "unknown_option"),
        ({"ref": "day.sleep", "missing_reason": "skipped"}, "answer_required"),
    ],
)
def test_what_is_no_answer_is_refused_over_rest(client, someone, answer, code):
    sent = hand_in(client, someone, answer)

    assert sent.status_code == 409
    assert sent.json()["code"] == code
    assert stored_values(someone) == {}


def test_what_is_stored_is_shown_in_words_whatever_was_asked(send, client, someone):
    send(sleep="7.5", drank=["1", "3"], said="A walk.", like_anna="3")
    answers = client.get(personal("stored_file", someone)).json()["answers"]
    said = [one["answer"] for one in answers if one["answer"] is not None]

    assert "7.5" in said
    assert "A walk." in said
    assert "Tea, Water" in said
