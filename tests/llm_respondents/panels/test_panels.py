"""Panels in the database: recruited, conducted, stopped, continued."""

import itertools
import threading
from collections import Counter

import pytest
from django.utils import timezone
from factories import TESTER
from workers import options

from llm_respondents.errors import PanelSpecError, PanelStateError
from llm_respondents.models import Attempt, Panel
from llm_respondents.readout.progress import panel_cost, panel_progress
from llm_respondents.readout.transcripts import transcript
from llm_respondents.rehearsal import Behaviour, Endpoint
from llm_respondents.runner.session import Session
from llm_respondents.runner.types import AttemptRecord, Outcome, TurnAnswer
from llm_respondents.services import (
    cancel_panel,
    pause_panel,
    reclaim_leases,
    resume_panel,
    run_panel,
)
from llm_respondents.store.leases import claim_work
from llm_respondents.store.outcomes import Lease, Sessions, save_outcomes
from surveys.models import Administration, Answer
from surveys.selectors import presentation_of
from surveys.services import withdraw

QUESTIONS = 40


def administrations(panel):
    return panel.sessions.order_by("pk")


def test_a_scripted_panel_answers_everything_and_is_labelled_as_simulated(scripted):
    panel = scripted(sessions=5)
    run = run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    assert run.status == "complete"
    progress = panel_progress(panel)
    assert (progress.completed, progress.answered, progress.missing) == (5, 5 * QUESTIONS, {})
    respondent = panel.members.first().respondent
    assert (respondent.kind, respondent.simulated) == ("llm", True)
    assert panel.group.provenance == "model-generated, simulated"


def test_attention_checks_are_asked_too(scripted):
    panel = scripted(sessions=2)
    run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    assert Answer.objects.filter(attention_check__isnull=False).count() == 2 * 2


def test_the_same_seed_gives_the_same_answers_and_another_seed_gives_others(scripted):
    panels = [scripted(sessions=3, seed=seed) for seed in (1, 1, 2)]
    values = []
    for panel in panels:
        run_panel(panel_id=panel.pk, options=options(), by=TESTER)
        rows = Answer.objects.filter(administration__in=administrations(panel))
        rows = rows.order_by("administration", "item", "attention_check")
        values.append(list(rows.values_list("item_id", "value")))
    assert values[0] == values[1] != values[2]


def test_a_reversed_scale_is_recoded_by_itself(scripted):
    panel = scripted(sessions=1, scale_directions="reversed")
    run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    administration = administrations(panel).get()
    presentation = presentation_of(administration)
    first = presentation.questions[0]
    assert first.options[0].value > first.options[-1].value
    attempt = Attempt.objects.filter(administration=administration).first()
    answer = administration.answers.get(position=1)
    assert attempt.reply == f'{{"answer": {first.code_of(answer.value)}}}'


def test_sessions_are_dealt_evenly_to_a_balanced_direction(scripted):
    panel = scripted(sessions=10, scale_directions="balanced")
    directions = Counter(administrations(panel).values_list("scale_direction", flat=True))
    assert directions == {"forward": 5, "reversed": 5}


def test_a_german_panel_reads_german(scripted):
    panel = scripted(sessions=1, language="de")
    run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    said = Attempt.objects.filter(turn=0).get().new_messages
    assert said[0]["content"].startswith("Sie beantworten einen Fragebogen.")


def test_a_language_the_study_does_not_have_is_refused(scripted):
    with pytest.raises(PanelSpecError) as refusal:
        scripted(language="fr")
    assert refusal.value.code == "language_not_offered"
    assert not Panel.objects.exists()


def test_a_taken_key_is_refused_and_a_free_one_is_found(scripted):
    assert scripted(key="gpt").group.key == "gpt"
    with pytest.raises(PanelSpecError):
        scripted(key="gpt")
    keys = [scripted(label="My model").group.key for _ in range(3)]
    assert keys == ["my-model", "my-model-2", "my-model-3"]


def test_matching_needs_somebody_to_match(scripted):
    with pytest.raises(PanelSpecError) as refusal:
        scripted(personas="matched", sessions=0)
    assert refusal.value.code == "nobody_to_match"


def test_every_call_is_stored_with_its_chain(scripted):
    panel = scripted(sessions=1)
    run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    attempts = list(Attempt.objects.order_by("pk"))
    assert len(attempts) == QUESTIONS
    assert [attempt.turn for attempt in attempts] == list(range(QUESTIONS))
    for before, after in itertools.pairwise(attempts):
        assert after.prefix_hash == before.request_hash
        assert after.new_messages[0] == {"role": "assistant", "content": before.reply}


def test_running_a_complete_panel_again_asks_nothing(scripted):
    panel = scripted(sessions=2)
    run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    again = run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    assert (again.status, again.progress.calls) == ("complete", 0)
    assert Attempt.objects.count() == 2 * QUESTIONS


@pytest.mark.django_db(transaction=True)
def test_a_stop_leaves_the_panel_ready_and_a_second_run_finishes_it(recruit):
    stop = threading.Event()
    panel = recruit(sessions=4)
    with Endpoint(Behaviour(latency_seconds=0.02)) as endpoint:
        Panel.objects.filter(pk=panel.pk).update(spec={**panel.spec, "base_url": endpoint.base_url})
        first = run_panel(
            panel_id=panel.pk,
            stop=stop,
            options=options(),
            on_progress=lambda progress: progress.turns >= 30 and stop.set(),
            by=TESTER,
        )
        assert (first.status, first.stopped, first.unfinished) == ("ready", True, 4)
        assert not administrations(panel).exclude(lease_owner="").exists()
        second = run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    assert second.status == "complete"
    assert first.progress.turns + second.progress.turns == 4 * QUESTIONS
    assert len(endpoint.requests) == 4 * QUESTIONS


def test_a_paused_panel_can_be_resumed_and_a_cancelled_one_cannot(scripted):
    panel = scripted(sessions=2)
    assert pause_panel(panel=panel, by=TESTER).status == "paused"
    assert resume_panel(panel=panel, by=TESTER).status == "ready"
    cancel_panel(panel=panel, by=TESTER)
    progress = panel_progress(Panel.objects.get())
    assert progress.missing == {"cancelled": 2 * QUESTIONS}
    assert progress.stopped == 2
    for refused in (pause_panel, resume_panel, cancel_panel):
        with pytest.raises(PanelStateError):
            refused(panel=panel, by=TESTER)
    with pytest.raises(PanelStateError) as refusal:
        run_panel(panel_id=panel.pk, by=TESTER)
    assert refusal.value.code == "panel_cancelled"


def test_a_session_stops_at_its_bound_and_says_why_the_rest_is_missing(scripted, recruit):
    panel = scripted(sessions=2, max_turns=10)
    assert run_panel(panel_id=panel.pk, options=options(), by=TESTER).status == "complete"
    progress = panel_progress(panel)
    assert (progress.answered, progress.missing) == (20, {"budget_stop": 60})
    assert progress.stopped == 2
    with Endpoint() as endpoint:
        costly = recruit(base_url=endpoint.base_url, sessions=1, max_session_tokens=2000)
        run_panel(panel_id=costly.pk, options=options(), by=TESTER)
    cost = panel_cost(costly)
    assert 2000 <= cost.prompt_tokens + cost.completion_tokens < 3000
    assert panel_progress(costly).missing["budget_stop"] > 0


# Leases


def claimed(panel, worker, limit=10, seconds=60.0):
    lease = Lease(panel.pk, worker, seconds)
    return lease, claim_work(lease, limit)


def answered(item, turn=0, number=1):
    planned = item.turns[turn]
    chained = Session(item).next_request(planned)
    record = AttemptRecord(
        turn=turn,
        number=number,
        refs=planned.refs,
        prefix_hash=chained.prefix_hash,
        request_hash=chained.request_hash,
        new_messages=chained.new,
        parameters={},
        started_at=timezone.now(),
        latency_ms=5,
        outcome="answered",
        reply='{"answer": 1}',
        closes_turn=True,
    )
    answers = tuple(TurnAnswer(ref, 1, "", 5) for ref in planned.refs)
    return Outcome(item.administration, record, answers)


def test_two_workers_never_hold_the_same_session(scripted):
    panel = scripted(sessions=5)
    _, first = claimed(panel, "a", limit=3)
    _, second = claimed(panel, "b")
    held = [{item.administration for item in claim.items} for claim in (first, second)]
    assert (len(held[0]), len(held[1])) == (3, 2)
    assert not held[0] & held[1]


def test_a_worker_with_nothing_to_claim_learns_how_many_others_hold(scripted):
    panel = scripted(sessions=3)
    claimed(panel, "a")
    _, nothing = claimed(panel, "b")
    assert (list(nothing.items), nothing.held_elsewhere) == ([], 3)


def test_a_lease_that_ran_out_can_be_claimed_by_anyone(scripted):
    panel = scripted(sessions=1)
    claimed(panel, "a", seconds=-1)
    _, claim = claimed(panel, "b")
    assert len(claim.items) == 1


def test_a_reply_that_comes_after_the_lease_was_lost_is_kept_but_answers_nothing(scripted):
    panel = scripted(sessions=1)
    slow, claim = claimed(panel, "a", seconds=-1)
    quick, again = claimed(panel, "b")
    assert save_outcomes(quick, [answered(again.items[0])]) == [""]
    assert save_outcomes(slow, [answered(claim.items[0])]) == ["lease_lost"]
    assert Answer.objects.count() == 1
    assert list(Attempt.objects.order_by("pk").values_list("worker", "used")) == [
        ("b", True),
        ("a", False),
    ]


def test_a_session_read_before_is_held_by_its_lease_all_the_same(scripted):
    panel = scripted(sessions=1)
    slow, claim = claimed(panel, "a")
    sessions = Sessions()
    assert save_outcomes(slow, [answered(claim.items[0])], sessions) == [""]
    administrations(panel).update(lease_owner="b")
    second = answered(claim.items[0], turn=1)
    assert save_outcomes(slow, [second], sessions) == ["lease_lost"]
    assert Answer.objects.count() == 1


def test_a_session_whose_answers_are_refused_does_not_spoil_the_others(scripted):
    panel = scripted(sessions=3)
    lease, claim = claimed(panel, "a")
    outcomes = [answered(item) for item in claim.items]
    wrong = TurnAnswer("no.such", 1, "", 5)
    outcomes[1] = Outcome(outcomes[1].administration, outcomes[1].attempt, (wrong,))
    assert save_outcomes(lease, outcomes) == ["", "unknown_question", ""]
    assert Attempt.objects.count() == 3
    assert Answer.objects.count() == 2
    stopped = Administration.objects.get(pk=outcomes[1].administration)
    assert stopped.status == "stopped"


def test_a_session_that_ended_meanwhile_takes_no_more_answers(scripted):
    panel = scripted(sessions=1)
    lease, claim = claimed(panel, "a")
    withdraw(administration=administrations(panel).get(), by=TESTER)
    assert save_outcomes(lease, [answered(claim.items[0])]) == ["lease_lost"]
    assert not Answer.objects.exists()


def test_leases_of_a_dead_process_of_this_host_are_reclaimed_at_once(scripted):
    import socket

    panel = scripted(sessions=2)
    claimed(panel, f"{socket.gethostname()[:50]}:999999999:x", limit=1)
    claimed(panel, "elsewhere:1:x", limit=1)
    assert reclaim_leases(panel_id=panel.pk) == 1


# Against an endpoint


def run_at(recruit, behaviour, *, run=None, **values):
    with Endpoint(behaviour) as endpoint:
        panel = recruit(base_url=endpoint.base_url, **values)
        result = run_panel(panel_id=panel.pk, options=run or options(), by=TESTER)
    return panel, result, endpoint


def test_a_panel_survives_every_fault_and_loses_and_doubles_nothing(recruit):
    behaviour = Behaviour(
        rate_limited=0.10,
        server_error=0.05,
        malformed_envelope=0.02,
        malformed_answer=0.02,
        dropped_connection=0.02,
        truncated=0.02,
        out_of_range=0.02,
        hang=0.01,
        hang_seconds=6,
        retry_after_seconds=0.02,
    )
    panel, result, endpoint = run_at(
        recruit, behaviour, sessions=10, run=options(timeout_seconds=2.0, max_reasks=8)
    )
    assert result.status == "complete"
    progress = panel_progress(panel)
    assert progress.answered == 10 * QUESTIONS
    assert progress.calls == len(endpoint.requests)
    assert progress.failed_calls == sum(
        endpoint.outcomes.count(fault)
        for fault in (
            "rate_limited",
            "server_error",
            "malformed_envelope",
            "dropped_connection",
            "hang",
        )
    )
    # Every reply that was an answer was used once: nothing was paid for twice.
    assert endpoint.outcomes.count("answered") == 10 * QUESTIONS


def test_each_kind_of_missing_answer_keeps_its_reason(recruit):
    behaviour = Behaviour(
        refusal=0.05, spoken_refusal=0.05, content_filter=0.05, truncated=0.2, out_of_range=0.2
    )
    panel, result, _ = run_at(recruit, behaviour, sessions=6, run=options(max_reasks=0))
    missing = panel_progress(panel).missing
    assert result.status == "complete"
    assert set(missing) == {"refused", "content_filter", "truncated", "out_of_range"}
    assert missing["truncated"] > missing["content_filter"]


def test_replies_are_stored_word_for_word_even_if_they_are_no_answer(recruit):
    run_at(recruit, Behaviour(malformed_answer=1.0), sessions=1, run=options(max_reasks=0))
    attempt = Attempt.objects.first()
    assert attempt.reply == '{"answer": 3, I think'
    assert attempt.outcome == "schema_violation"
    assert '"system_fingerprint": "fp_local"' in attempt.raw
    assert attempt.model == "small-2026-01-01"


def test_a_wrong_key_halts_the_panel_with_a_sentence_and_no_answer_is_lost(recruit):
    panel, result, endpoint = run_at(recruit, Behaviour(always_status=401), sessions=5)
    assert (result.status, result.halt_code) == ("halted", "auth")
    assert len(endpoint.requests) <= 5
    assert not Answer.objects.exists()
    panel.refresh_from_db()
    assert panel.halt_code == "auth"
    assert "refused the key" in result.note


def test_an_endpoint_that_forgets_the_beginning_is_flagged(recruit):
    panel, _, _ = run_at(recruit, Behaviour(context_characters=4000), sessions=1)
    assert panel_progress(panel).flagged > 0


def test_tokens_are_counted_as_the_endpoint_counted_them(recruit):
    panel, _, _ = run_at(recruit, Behaviour(), sessions=1)
    cost = panel_cost(panel)
    assert cost.prompt_tokens > cost.completion_tokens > 0
    assert cost.calls_without_usage == 0


def test_no_key_is_stored_anywhere(recruit, monkeypatch):
    monkeypatch.setenv("SOME_KEY", "sk-never-store-this")
    run_at(recruit, Behaviour(rate_limited=0.1), sessions=1, api_key_env="SOME_KEY")
    from django.core.serializers import serialize

    stored = serialize("json", [*Panel.objects.all(), *Attempt.objects.all()])
    assert "never-store" not in stored


def test_a_transcript_reads_as_the_conversation_that_was_sent(recruit):
    panel, _, endpoint = run_at(recruit, Behaviour(malformed_answer=0.1), sessions=1)
    shown = transcript(panel.members.get())
    assert shown.system == endpoint.conversations[0][0]["content"]
    assert [turn.said for turn in shown.turns] == [
        conversation[-1]["content"] for conversation in endpoint.conversations
    ]
