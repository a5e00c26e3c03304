"""A person's way from the first page to the completion code."""

import re

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape
from factories import (
    TESTER,
    answer_everything,
    filled_in,
    make_link,
    make_person,
    make_user,
    page_of,
    personal,
)
from small_study import open_small_study

from surveys import services
from surveys.models import Administration, Answer, AnswerRevision, Kind, MissingReason
from surveys.selectors import presentation_of
from surveys.services import begin_administration
from surveys.services.rehearsal import read_form

PAGES = 6


def read(response) -> str:
    return response.content.decode()


def checked(html: str) -> dict[str, int]:
    """Which radio buttons are on."""
    found = re.findall(r'<input type="radio" name="([^"]+)" value="(\d+)" checked>', html)
    return {name: int(value) for name, value in found}


def post_page(client, person: Administration, number: int, code: int = 2, **extra):
    data = {**filled_in(client, person, number, code), **extra}
    return client.post(personal("page", person, number=number), data)


@pytest.fixture
def at_the_end(client, person) -> Administration:
    """Everything answered; demographics and submit are still to come."""
    answer_everything(person)
    return person


def test_a_page_shows_the_words_and_labels_of_the_presentation(client, person):
    html = read(client.get(personal("page", person, number=1)))
    for question in page_of(person, 1).questions:
        assert f"<legend>{escape(question.text)}" in html
        for option in question.options:
            assert f'name="{question.ref}" value="{option.code}"><span>{option.label}<' in html
    assert "Page 1 of 8" in html


def test_answers_are_stored_with_value_position_and_time(client, person):
    assert post_page(client, person, 1).url == personal("page", person, number=2)
    questions = page_of(person, 1).questions
    answers = list(person.answers.all())
    assert [a.position for a in answers] == [q.position for q in questions]
    assert [a.value for a in answers] == [q.value_of(2) for q in questions]
    assert all(0 <= answer.elapsed_ms < 60_000 for answer in answers)


def test_a_second_identical_post_stores_nothing_and_leads_to_the_same_page(client, person):
    data = filled_in(client, person, 1)
    first, second = (client.post(personal("page", person, number=1), data) for _ in range(2))
    assert first.url == second.url
    assert Answer.objects.count() == len(page_of(person, 1).questions)
    assert not AnswerRevision.objects.exists()
    assert person.submissions.count() == 1


def test_a_form_that_was_changed_and_sent_again_is_a_change_not_a_repetition(client, person):
    data = filled_in(client, person, 1)
    ref = page_of(person, 1).questions[0].ref
    client.post(personal("page", person, number=1), data)
    client.post(personal("page", person, number=1), {**data, ref: 5})
    assert person.answers.get(position=1).value == 5
    assert AnswerRevision.objects.get().value == 2


def test_the_last_answer_counts_and_the_earlier_ones_are_kept(client, person):
    for code in (1, 3, 7):
        post_page(client, person, 1, code)
    answer = person.answers.get(position=1)
    assert (answer.value, answer.revision) == (7, 3)
    assert [revision.value for revision in answer.revisions.all()] == [1, 3]


def test_going_back_shows_what_is_stored_and_says_so(client, person):
    post_page(client, person, 1, 4)
    html = read(client.get(personal("page", person, number=1)))
    assert "Your answers on this page are stored" in html
    assert set(checked(html).values()) == {4}


def test_resuming_leads_to_the_first_unanswered_page(client, person):
    post_page(client, person, 1)
    post_page(client, person, 2)
    assert client.get(personal("resume", person)).url == personal("page", person, number=3)


def test_nobody_can_jump_over_unanswered_pages(client, person):
    response = client.get(personal("page", person, number=4), follow=True)
    assert response.request["PATH_INFO"] == personal("page", person, number=1)


def test_no_page_is_stored_before_those_in_front_of_it(client, person):
    data = {question.ref: 2 for question in page_of(person, 4).questions}
    response = client.post(personal("page", person, number=4), {**data, "key": "k"})
    assert response.url == personal("resume", person)
    assert not Answer.objects.exists()


def test_what_is_changed_from_the_last_look_leads_back_to_it(client, at_the_end):
    address = personal("page", at_the_end, number=2)
    review = personal("review", at_the_end)
    assert f'href="{address}?return=review"' in read(client.get(review))
    page = client.get(f"{address}?return=review")
    assert "Save and return to the final submit" in read(page)
    refs = [question.ref for question in page_of(at_the_end, 2).questions]
    hidden = read_form(read(page)).hidden
    assert client.post(address, {**hidden, **dict.fromkeys(refs, 5)}).url == review
    # Also by way of a gap that was filled in afterwards.
    for ref in refs[:1]:
        gap = {**hidden, **dict.fromkeys(refs, 6), ref: ""}
        assert client.post(address, gap).url == review


def test_missing_answers_bring_the_page_back_with_links_to_them(client, person):
    data = filled_in(client, person, 1)
    first, second, *_ = page_of(person, 1).questions
    del data[first.ref]
    response = client.post(personal("page", person, number=1), data)
    html = read(response)
    assert response.status_code == 422
    assert "One question is not answered yet" in html
    assert f'<a href="#q{first.position}">{escape(first.text)}</a>' in html
    assert f'aria-describedby="q{first.position}-error"' in html
    assert f'id="q{second.position}-error"' not in html
    assert html.count("<title>Please check: ") == 1


def test_what_was_answered_beside_a_missing_answer_is_stored_and_shown(client, person):
    data = filled_in(client, person, 1, 6)
    ref = page_of(person, 1).questions[0].ref
    del data[ref]
    html = read(client.post(personal("page", person, number=1), data))
    shown = checked(html)
    assert ref not in shown
    assert set(shown.values()) == {6}
    # The tab may be closed now: nothing of the page is lost.
    assert checked(read(client.get(personal("page", person, number=1)))) == shown
    assert not person.answers.filter(position=1).exists()


def test_preferring_not_to_answer_is_stored_as_skipped(client, person):
    data = filled_in(client, person, 1)
    ref = page_of(person, 1).questions[0].ref
    del data[ref]
    response = client.post(personal("page", person, number=1), {**data, "prefers_not": "1"})
    assert response.url == personal("page", person, number=2)
    skipped = person.answers.get(position=1)
    assert (skipped.value, skipped.missing_reason) == (None, MissingReason.SKIPPED)
    assert person.answers.filter(missing_reason="").count() == len(page_of(person, 1).questions) - 1


def test_what_was_skipped_stays_skipped_and_can_be_answered_later(client, person):
    ref = page_of(person, 1).questions[0].ref
    address = personal("page", person, number=1)
    data = filled_in(client, person, 1)
    del data[ref]
    client.post(address, {**data, "prefers_not": "1"})
    assert "You preferred not to answer" in read(client.get(address))
    again = {
        **read_form(read(client.get(address))).hidden,
        **{k: v for k, v in data.items() if "." in k},
    }
    assert client.post(address, again).status_code == 302
    assert person.answers.get(position=1).missing_reason == MissingReason.SKIPPED
    post_page(client, person, 1)
    assert person.answers.get(position=1).value == 2


@pytest.mark.parametrize("code", ["0", "8", "99", "-1", "two", "²", "1.0", ""])
def test_a_code_outside_the_scale_counts_as_no_answer(client, person, code):
    ref = page_of(person, 1).questions[0].ref
    data = {**filled_in(client, person, 1), ref: code}
    assert client.post(personal("page", person, number=1), data).status_code == 422
    assert not person.answers.filter(position=1).exists()


def test_going_back_keeps_what_is_on_the_page_even_if_it_is_incomplete(client, person):
    post_page(client, person, 1)
    data = filled_in(client, person, 2, 3)
    first, *others = [key for key in data if "." in key]
    for key in others:
        del data[key]
    response = client.post(personal("page", person, number=2), {**data, "go": "back"})
    assert response.url == personal("page", person, number=1)
    assert checked(read(client.get(personal("page", person, number=2)))) == {first: 3}


def test_the_time_of_a_page_is_by_our_clock_and_of_that_form_alone(client, person):
    first = filled_in(client, person, 1)
    moment = first["started"].split(".")[0]
    earlier = f"{int(moment) - 60_000}.{first['started'].split('.')[1]}"
    for forged in (earlier, moment, filled_in(client, person, 1)["started"]):
        client.post(personal("page", person, number=1), {**first, "started": forged})
        assert set(person.answers.values_list("elapsed_ms", flat=True)) == {None}
        person.answers.all().delete()
        person.submissions.all().delete()
    client.post(personal("page", person, number=1), first)
    assert all(0 <= ms < 60_000 for ms in person.answers.values_list("elapsed_ms", flat=True))


@pytest.mark.parametrize("started", ["", "soon", "0", "99999999999999"])
def test_a_start_time_that_cannot_be_is_no_time(client, person, started):
    post_page(client, person, 1, started=started)
    assert set(person.answers.values_list("elapsed_ms", flat=True)) == {None}


def test_an_unknown_token_is_not_found(client, db):
    for path in ("", "1/", "about-you/", "review/", "end/", "withdraw/"):
        response = client.get(f"/r/nothing/{path}")
        assert response.status_code == 404
        assert "There is nothing at this address" in read(response)


def test_a_page_that_does_not_exist_is_not_found(client, person):
    for number in (0, PAGES + 1):
        assert client.get(personal("page", person, number=number)).status_code == 404


def test_a_models_session_has_no_pages(client, open_study):
    group = open_study.groups.create(key="panel", label="Panel", kind=Kind.LLM)
    model = open_study.respondents.create(group=group, kind=Kind.LLM)
    session = begin_administration(respondent=model, study=open_study, seed=1, language="en")
    assert client.get(personal("page", session, number=1)).status_code == 404
    assert client.post(personal("withdraw", session)).status_code == 404


def test_whoever_has_begun_may_finish_after_the_study_is_closed(client, person):
    services.close_study(study=person.study, by=TESTER)
    assert post_page(client, person, 1).url == personal("page", person, number=2)


def test_personal_pages_are_kept_by_nobody_and_named_to_nobody(client, person):
    for response in (
        client.get(personal("page", person, number=1)),
        client.get(personal("resume", person)),
        client.get("/r/nothing/"),
    ):
        assert "no-store" in response.headers["Cache-Control"]
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in response.headers["X-Robots-Tag"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "script-src 'self'" in response.headers["Content-Security-Policy"]


def test_a_participant_page_carries_no_script(client, person, link):
    pages = (personal("page", person, number=1), f"/s/{link.token}/")
    assert all("<script" not in read(client.get(page)) for page in pages)


def test_demographics_follow_the_last_page_and_are_stored(client, at_the_end):
    assert client.get(personal("resume", at_the_end)).url == personal("demographics", at_the_end)
    data = {"age": "47", "gender": "female", "education": "undisclosed"}
    response = client.post(personal("demographics", at_the_end), data)
    assert response.url == personal("review", at_the_end)
    at_the_end.respondent.refresh_from_db()
    assert at_the_end.respondent.demographics == {**data, "age": 47}


def test_demographics_may_be_left_open(client, at_the_end):
    client.post(personal("demographics", at_the_end), {})
    at_the_end.respondent.refresh_from_db()
    assert set(at_the_end.respondent.demographics.values()) == {None}
    assert client.get(personal("resume", at_the_end)).url == personal("review", at_the_end)


@pytest.mark.parametrize("entries", [{"age": "7"}, {"age": "old"}, {"gender": "purple"}])
def test_demographics_that_cannot_be_are_shown_again_and_not_stored(client, at_the_end, entries):
    response = client.post(personal("demographics", at_the_end), entries)
    assert response.status_code == 422
    assert f'<a href="#field-{next(iter(entries))}">' in read(response)
    at_the_end.respondent.refresh_from_db()
    assert at_the_end.respondent.demographics == {}


def test_demographics_are_prefilled(client, at_the_end):
    client.post(personal("demographics", at_the_end), {"age": "47", "gender": "male"})
    html = read(client.get(personal("demographics", at_the_end)))
    assert 'value="47"' in html
    assert re.search(r'value="male"[^>]*checked', html)


def test_the_review_lists_the_pages_and_what_was_left_open(client, person):
    for number in range(1, PAGES + 1):
        data = filled_in(client, person, number)
        del data[page_of(person, number).questions[0].ref]
        client.post(personal("page", person, number=number), {**data, "prefers_not": "1"})
    html = read(client.get(personal("review", person)))
    assert html.count("one question left open") == PAGES
    assert personal("page", person, number=PAGES) in html


def test_nothing_can_be_submitted_before_every_page_was_seen(client, person):
    response = client.post(personal("review", person))
    assert response.url == personal("resume", person)
    person.refresh_from_db()
    assert person.status == "in_progress"


def test_the_final_submit_leads_to_a_code_that_every_address_shows_again(client, at_the_end):
    first = client.post(personal("review", at_the_end))
    second = client.post(personal("review", at_the_end))
    assert first.url == second.url == personal("end", at_the_end)
    at_the_end.refresh_from_db()
    for name in ("resume", "end", "review", "demographics"):
        assert at_the_end.completion_code in read(
            client.get(personal(name, at_the_end), follow=True)
        )


def test_after_the_final_submit_answers_can_no_longer_be_changed(client, at_the_end):
    data = filled_in(client, at_the_end, 1, 7)
    services.complete_administration(administration=at_the_end)
    response = client.post(personal("page", at_the_end, number=1), data)
    assert response.url == personal("end", at_the_end)
    assert set(at_the_end.answers.values_list("value", flat=True)) == {2}


def test_a_page_sent_while_another_window_submits_ends_calmly(client, at_the_end, monkeypatch):
    """The submit falls between reading the administration and storing the page."""
    data = filled_in(client, at_the_end, 1, 7)
    record = services.record_participant_answers

    def submit_first(**arguments):
        services.complete_administration(administration=at_the_end)
        return record(**arguments)

    monkeypatch.setattr(services, "record_participant_answers", submit_first)
    response = client.post(personal("page", at_the_end, number=1), data)
    assert response.url == personal("end", at_the_end)


def test_every_page_leads_to_withdrawal(client, at_the_end):
    way_out = personal("withdraw", at_the_end)
    names = ("demographics", "review")
    pages = [personal("page", at_the_end, number=1), *(personal(n, at_the_end) for n in names)]
    assert all(f'href="{way_out}"' in read(client.get(page)) for page in pages)
    services.complete_administration(administration=at_the_end)
    assert f'href="{way_out}"' in read(client.get(personal("end", at_the_end)))


def test_looking_at_the_withdrawal_page_withdraws_nothing(client, at_the_end):
    assert "deleted at once and for good" in read(client.get(personal("withdraw", at_the_end)))
    assert at_the_end.answers.exists()


def test_withdrawing_deletes_answers_and_demographics_and_ends(client, at_the_end):
    client.post(personal("demographics", at_the_end), {"age": "47"})
    response = client.post(personal("withdraw", at_the_end))
    assert "You have withdrawn" in read(client.get(response.url))
    at_the_end.refresh_from_db()
    assert at_the_end.status == "withdrawn"
    assert not at_the_end.answers.exists()
    at_the_end.respondent.refresh_from_db()
    assert at_the_end.respondent.demographics == {}
    assert client.get(personal("page", at_the_end, number=1)).url == personal("end", at_the_end)


def test_after_the_end_one_can_still_withdraw_and_keeps_the_code(client, at_the_end):
    code = services.complete_administration(administration=at_the_end).completion_code
    response = client.post(personal("withdraw", at_the_end), follow=True)
    assert code in read(response)
    assert not at_the_end.answers.exists()


def test_withdrawing_twice_changes_nothing_more(client, at_the_end):
    client.post(personal("withdraw", at_the_end))
    at_the_end.refresh_from_db()
    ended = at_the_end.ended_at
    client.post(personal("withdraw", at_the_end))
    at_the_end.refresh_from_db()
    assert at_the_end.ended_at == ended


def test_a_study_without_demographics_goes_straight_to_the_review(client, link):
    # The study is not frozen again: only the question whether there are any matters here.
    link.study.demographics = []
    link.study.save(update_fields=("demographics",))
    person = make_person(link)
    answer_everything(person)
    assert client.get(personal("resume", person)).url == personal("review", person)
    assert "Page 7 of 7" in read(client.get(personal("review", person)))


@pytest.mark.django_db(transaction=True)
def test_no_page_asks_the_database_for_more_than_four_things():
    """On the whole way, once the process knows the study; beginning, which is no page, takes seven.

    Where a transaction begins and ends is not counted.
    """
    link, client = make_link(open_small_study(make_user("owner"))), Client()
    found: dict[str, int] = {}

    def ask(address: str, sent: dict | None = None):
        with CaptureQueriesContext(connection) as asked:
            page = client.get(address) if sent is None else client.post(address, sent)
        bounds = ("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT")
        number = sum(not one["sql"].startswith(bounds) for one in asked.captured_queries)
        found[f"{'GET' if sent is None else 'POST'} {address.rstrip('/')}"] = number
        return page

    information = reverse("surveys:information", kwargs={"token": link.token})
    begin = reverse("surveys:begin", kwargs={"token": link.token})
    for _ in range(2):
        found.clear()
        form = read_form(ask(information).content.decode())
        led = ask(begin, {**form.hidden, "decision": "agree"})
        while "/end/" not in led.url:
            form = read_form(ask(led.url).content.decode())
            given = {name: 1 for name in form.names if name.startswith("small.")}
            led = ask(led.url, {**form.hidden, **given})
        ask(led.url)
    assert found.pop(f"POST {begin.rstrip('/')}") <= 7
    assert len(found) == 2 * 4 + 2
    assert max(found.values()) <= 4, found


def test_storing_a_page_takes_few_queries(client, person, django_assert_max_num_queries):
    data = filled_in(client, person, 1)
    presentation_of(person)
    # Two of them are the savepoint, which stands for the transaction within a test.
    with django_assert_max_num_queries(9):
        client.post(personal("page", person, number=1), data)


def test_showing_a_page_takes_two_queries(client, person, django_assert_num_queries):
    client.get(personal("page", person, number=1))
    with django_assert_num_queries(2):
        client.get(personal("page", person, number=1))


def test_pages_run_as_their_language_is_written_and_items_keep_their_words(client, person):
    for language, direction in (
        ("ar", ' dir="rtl"'),
        ("de", ""),
        ("pt-BR", ""),
    ):
        page = render_to_string("surveys/message.html", {"language": language, "title": "x"})
        assert f'<html lang="{language}"{direction}>' in page
    # The words of such a page are English where the program has no others.
    for language in ("he", "tlh", None):
        page = render_to_string("surveys/message.html", {"language": language, "title": "x"})
        assert '<html lang="en">' in page
    page = client.get(personal("page", person, number=1)).content.decode()
    assert '<html lang="en">' in page
    assert '<div translate="no"><div class="matrix' in page
