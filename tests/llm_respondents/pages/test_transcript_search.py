"""Searching transcripts: what was asked and replied, where the hit is, and nothing executed."""

import json

import pytest
from django.urls import reverse
from factories import TESTER
from workers import options

from llm_respondents.models import Attempt, Panel
from llm_respondents.readout.search import CallQuery, excerpts, search_calls
from llm_respondents.services import run_panel


@pytest.fixture
def panel(scripted):
    made = scripted(sessions=2, label="Rehearsed model")
    run_panel(panel_id=made.pk, options=options(), by=TESTER)
    return Panel.objects.get(pk=made.pk)


def calls_of(panel):
    return list(Attempt.objects.filter(administration__respondent__group=panel.group))


def change(attempt, **values):
    Attempt.objects.filter(pk=attempt.pk).update(**values)
    return attempt.pk


def found(panel, **query):
    return [attempt.pk for attempt in search_calls(panel, CallQuery(**query))]


def shown(client, panel, **query):
    return client.get(reverse("llm_respondents:search", args=[panel.pk]), query)


def test_replies_refusals_and_remarks_are_found_in_any_case(panel):
    first, second, third, *_ = calls_of(panel)
    ids = [
        change(first, reply="I feel QUITE uneasy"),
        change(second, refusal="I am quite unable"),
        change(third, detail="not quite JSON"),
    ]
    assert found(panel, text="Quite") == ids


def test_umlauts_quotes_and_percent_signs_are_found_as_they_are(panel):
    first, *_ = calls_of(panel)
    said = [{"role": "user", "content": 'Überall "100 %" \\ Ärger_los\nund mehr'}]
    pk = change(first, new_messages=said)
    for text in ("überall", 'l "100 %"', " %", "\\ Ärger", "Ärger_los", "los\nund"):
        assert pk in found(panel, text=text), text
    assert found(panel, text='"100 %" ärger') == []


def test_a_question_is_found_where_it_was_asked_and_nowhere_else(panel):
    first, second, *_ = calls_of(panel)
    question = second.new_messages[-1]["content"]
    hits = [a.refs for a in search_calls(panel, CallQuery(text=question))]
    assert hits == [second.refs]
    # Keys, roles and replies that are sent again are the wrapping, not what was asked.
    for text in ("role", "assistant", '"content"'):
        assert found(panel, text=text) == [], text
    assert first.pk in found(panel, text="You are answering a questionnaire")


def test_outcome_flag_and_question_narrow(panel):
    first, second, *rest = calls_of(panel)
    change(first, outcome="refused", closes_turn=False)
    change(second, flags=["history_lost"])
    assert found(panel, outcome="refused") == [first.pk]
    assert found(panel, flag="history_lost") == [second.pk]
    ref = rest[0].refs[0]
    assert len(found(panel, question=ref)) == 2
    assert found(panel, question=ref, outcome="refused") == []


def test_another_panels_calls_are_not_found(panel, scripted):
    other = scripted(sessions=1)
    assert found(other) == []
    assert len(found(panel)) == 80


def test_an_excerpt_says_where_the_hit_is_and_what_stands_around_it():
    attempt = Attempt(new_messages=[], reply="a" * 200 + " Needle " + "b" * 200)
    (excerpt,) = excerpts(attempt, "needle")
    assert excerpt.where == "reply"
    assert excerpt.hit == "Needle"
    assert excerpt.before.startswith("…a")
    assert excerpt.after.endswith("b…")


def test_the_page_marks_the_hit_escapes_the_rest_and_leads_to_the_turn(client, panel, owner):
    first, *_ = calls_of(panel)
    change(first, reply="<script>alert('needle')</script>")
    client.force_login(owner)
    page = shown(client, panel, q="needle").content.decode()
    assert "<mark>needle</mark>" in page
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    transcript = reverse("llm_respondents:transcript", args=[panel.pk, 1])
    there = f"{transcript}?call={first.pk}"
    assert f'href="{there}#call-{first.pk}"' in page
    assert f'id="call-{first.pk}"' in client.get(there).content.decode()


def test_markup_that_is_searched_for_is_text(client, panel, owner):
    client.force_login(owner)
    page = shown(client, panel, q='"><script>alert(1)</script>').content.decode()
    assert "<script>alert(1)" not in page
    assert "Nothing was found" in page


def test_pages_keep_what_was_searched_for(client, panel, owner):
    client.force_login(owner)
    page = shown(client, panel, q="of 40", page=2)
    assert page.context["page"].number == 2
    assert "?q=of+40&amp;page=3" in page.content.decode()
    assert shown(client, panel, q="of 40", page="x").status_code == 200


def test_strangers_neither_search_nor_take_away(client, panel, stranger):
    client.force_login(stranger)
    for name in ("search", "export"):
        assert client.get(reverse(f"llm_respondents:{name}", args=[panel.pk])).status_code == 404
    assert client.get(f"/api/panels/{panel.pk}/calls/").status_code == 404


def test_rest_searches_too(client, panel, collaborator):
    first, *_ = calls_of(panel)
    change(first, reply="a needle")
    client.force_login(collaborator)
    body = client.get(f"/api/panels/{panel.pk}/calls/", {"search": "needle"}).json()
    assert (len(body["results"]), body["next"]) == (1, None)
    assert (body["results"][0]["session"], body["results"][0]["reply"]) == (1, "a needle")


def test_members_take_the_transcripts_away_without_anything_secret(client, panel, collaborator):
    first, *_ = calls_of(panel)
    change(
        first,
        headers={"authorization": "Bearer secret"},
        detail="connection: ('10.1.2.3', 54321) at https://llm.example.org/v1 with sk-abc***",
    )
    client.force_login(collaborator)
    answer = client.get(reverse("llm_respondents:export", args=[panel.pk]))
    text = b"".join(answer.streaming_content).decode()
    assert len([json.loads(line) for line in text.splitlines()]) == 80
    assert "attachment" in answer["Content-Disposition"]
    for secret in ("authorization", "Bearer", "10.1.2.3", ", 54321", "example.org", "sk-abc"):
        assert secret not in text, secret


def test_a_flag_and_an_unused_reply_are_said_in_words(client, panel, owner):
    first, second, *_ = calls_of(panel)
    change(first, flags=["history_lost"])
    change(second, used=False)
    client.force_login(owner)
    page = client.get(reverse("llm_respondents:transcript", args=[panel.pk, 1])).content.decode()
    assert "The endpoint had dropped earlier turns" in page
    assert "Not used: another worker held the session" in page
    assert "history_lost" not in page
