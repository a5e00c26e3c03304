"""How pages were answered: only what the study says and people are told, and nothing trusted."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import trans_real
from factories import (
    TESTER,
    answer_everything,
    asked_by_somebody,
    filled_in,
    made_once,
    make_draft,
    make_link,
    make_person,
    personal,
)
from hypothesis import given
from hypothesis import strategies as st
from worldwide_study import SPOKEN, UNSPOKEN

from surveys import services
from surveys.errors import StudyNotReady
from surveys.instrument_files import bundled_study
from surveys.languages import has_sentences
from surveys.models import FlagCheck, Submission
from surveys.paradata.collected import BY_SCRIPT, RECORDED, Told
from surveys.paradata.visits import Visit, read_visit, stored_visit
from surveys.services.definitions import readiness
from surveys.services.flagging.signals import raise_flags
from surveys.services.people.erasure import keep_retention, set_retention, withdraw_person

REPORT = {
    "device": "phone",
    "left": 2,
    "away": 300,
    "questions": {"1": [10, 20, 1, 0], "2": [30, 99_999_999, 0, 41], "99": [1, 2, 3, 4]},
}


def recording(**settings):
    definition = asked_by_somebody(bundled_study("privacy-prosocial"))
    settings = {**definition.settings, **settings}
    return replace(definition, slug="recording", settings=settings)


@pytest.fixture
def recording_link(owner):
    def opened():
        draft = make_draft(owner, recording(paradata=list(RECORDED)))
        return services.open_study(study=draft, by=TESTER)

    return make_link(made_once("recording", opened))


def sent(client, person, number, report=REPORT, **extra):
    data = {**filled_in(client, person, number), "paradata": json.dumps(report), **extra}
    return client.post(personal("page", person, number=number), data)


def visits(person):
    rows = Submission.objects.filter(administration=person).order_by("pk")
    kept = ("page", "elapsed_ms", "answers", "paradata")
    return [stored_visit(*row) for row in rows.values_list(*kept)]


def test_a_study_that_does_not_say_so_records_the_servers_time_alone(client, person):
    page = client.get(personal("page", person, number=1)).content.decode()
    assert "paradata" not in page
    assert "aria-hidden" not in page.split("<form")[1].split('<div class="scale"')[0]
    sent(client, person, 1, further_remarks="me too")
    (visit,) = visits(person)
    assert (visit.page, visit.answers, visit.reported, visit.traps) == (1, 5, False, None)
    assert 0 <= visit.elapsed_ms < 60_000
    assert Submission.objects.get(administration=person).paradata is None


def test_what_a_page_reports_is_kept_with_it_and_held_against_the_servers_time(
    client, recording_link
):
    person = make_person(recording_link)
    html = client.get(personal("page", person, number=1)).content.decode()
    assert f'data-records="{" ".join(BY_SCRIPT)}"' in html
    assert sent(client, person, 1).status_code == 302
    (visit,) = visits(person)
    assert (visit.device, visit.left, visit.away_ms, visit.traps) == ("phone", 2, 300, ())
    # PostgreSQL keeps the keys of JSON in an order of its own.
    first, second = sorted(visit.touched.values(), key=lambda one: one.first_ms)
    assert (first.first_ms, first.last_ms, first.changes, first.pasted) == (10, 20, 1, 0)
    assert second.last_ms < 60_000
    assert visit.clipped


def test_a_report_without_a_time_that_was_signed_here_is_not_taken(client, recording_link):
    person = make_person(recording_link)
    data = filled_in(client, person, 1) | {"paradata": json.dumps(REPORT)}
    client.post(personal("page", person, number=1), data | {"started": "1.forged"})
    (visit,) = visits(person)
    assert (visit.reported, visit.device, visit.elapsed_ms) == (False, "", None)


def test_the_way_costs_no_statement_more(client, person, recording_link):
    counts = []
    for one in (person, make_person(recording_link)):
        data = filled_in(client, one, 1) | {"paradata": json.dumps(REPORT)}
        with CaptureQueriesContext(connection) as captured:
            client.post(personal("page", one, number=1), data)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_people_are_told_before_they_agree_what_is_recorded(client, recording_link, link):
    plain = client.get(reverse("surveys:information", args=[link.token]))
    assert "While you answer" not in plain.content.decode()
    for language, words in (("en", "pasted into a field"), ("de", "in ein Feld eingefügt")):
        address = reverse("surveys:information", args=[recording_link.token])
        page = client.get(f"{address}?language={language}").content.decode()
        assert words in page
        assert page.count("<li>") >= len(RECORDED)


def test_nobody_is_asked_in_a_language_in_which_it_cannot_be_told(owner, monkeypatch):
    draft = make_draft(owner, recording(paradata=["times", "focus"]))
    assert readiness(draft).people == ()
    # German without one of the sentences.
    said = trans_real.translation("de")._catalog
    monkeypatch.setitem(said, Told.FOCUS.sentence, Told.FOCUS.sentence)
    draft.settings["paradata"] = ["times"]
    assert readiness(draft).people == ()
    draft.settings["paradata"] = ["times", "focus"]
    (problem,) = readiness(draft).people
    assert (problem.code, problem.where) == ("paradata_untold", "settings.paradata_told.de")
    with pytest.raises(StudyNotReady, match="paradata_told"):
        services.open_study(study=draft, by=TESTER)
    draft.settings["paradata_told"] = {"de": "Wir zählen, wie oft Sie die Seite verlassen."}
    assert readiness(draft).people == ()


def test_it_can_be_told_in_every_language_that_has_the_words_around_questions():
    sentences = [one.sentence for one in Told]
    told = {one: has_sentences(one, sentences) for one in (*SPOKEN, "de-CH", "pt-BR", *UNSPOKEN)}
    assert told == {one: one not in UNSPOKEN for one in told}
    assert has_sentences(UNSPOKEN[0], [])


def test_the_hidden_fields_are_hidden_from_people_and_ask_nothing_of_them(client, recording_link):
    person = make_person(recording_link)
    for number in (1, 2):
        html = client.get(personal("page", person, number=number)).content.decode()
        sent(client, person, number, report={}, **{"reading_note": "22"} if number == 1 else {})
        hidden = html.split('aria-hidden="true"><label>')[1].split("</div>")[0]
        assert hidden.count("<input") == hidden.count('tabindex="-1"') == (2 if number == 1 else 1)
        assert "required" not in hidden
    assert [one.traps for one in visits(person)] == [("question",), ()]


def test_a_person_reads_and_takes_back_everything_that_was_recorded(client, recording_link):
    person = make_person(recording_link)
    sent(client, person, 1)
    answer_everything(person)
    services.complete_administrations(administrations=[person])
    raise_flags(study=person.study)
    assert "left 2 times" in client.get(personal("stored", person)).content.decode()
    copy = client.get(personal("stored_file", person)).json()
    assert copy["pages"][0]["times_left"] == 2
    assert copy["flags"]
    withdraw_person(administration=person, forget_id=True, by=TESTER)
    assert not Submission.objects.filter(administration=person).exists()
    assert not FlagCheck.objects.filter(administration=person).exists()


def test_the_end_of_a_retention_takes_the_exact_times_of_pages_and_answers(client, recording_link):
    person = make_person(recording_link, recruiter_id="somebody")
    sent(client, person, 1)
    answer_everything(person)
    services.complete_administrations(administrations=[person])
    set_retention(study=person.study, days=1, by=TESTER)
    assert keep_retention(by=TESTER, now=timezone.now() + timedelta(days=2)) == 1
    kept = [
        *person.submissions.values_list("recorded_at", flat=True),
        *person.answers.values_list("answered_at", flat=True),
    ]
    assert {(at.hour, at.minute, at.second, at.microsecond) for at in kept} == {(0, 0, 0, 0)}
    assert visits(person)[0].elapsed_ms is not None


@given(
    text=st.text(max_size=60)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=5)
            | st.dictionaries(
                st.sampled_from(["questions", "left", "away", "device", "1", "2"]),
                inner,
                max_size=4,
            )
        ),
    ).map(json.dumps),
    recorded=st.sets(st.sampled_from(RECORDED)),
    elapsed=st.none() | st.integers(0, 10**6),
)
def test_whatever_a_browser_sends_is_read_kept_within_bounds_and_read_again(
    text, recorded, elapsed
):
    visit = read_visit(
        page=3,
        elapsed_ms=elapsed,
        answers=2,
        recorded=recorded,
        fields={"paradata": text, "further_remarks": " x ", "reading_note": " "},
        refs={"1": "a.1", "2": "a.2"},
    )
    kept = json.loads(json.dumps(visit.as_json()))
    assert stored_visit(3, elapsed, 2, kept) == visit
    assert len(json.dumps(kept)) < 400
    assert visit.traps == (("field",) if "traps" in recorded else None)
    touched = visit.touched.values()
    times = [visit.away_ms, *(one.first_ms for one in touched), *(one.last_ms for one in touched)]
    assert all(one is None or one <= (elapsed or 0) + 2_000 for one in times)
    if not recorded & set(BY_SCRIPT):
        assert replace(visit, traps=None) == Visit(3, elapsed, 2)
