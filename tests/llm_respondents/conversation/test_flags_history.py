"""A reply that was given without the session's beginning is flagged, and so are those after it."""

import threading

import pytest
from factories import TESTER
from workers import options

from llm_respondents.models import Attempt
from llm_respondents.providers.base import Usage
from llm_respondents.rehearsal import Behaviour, Endpoint
from llm_respondents.runner.remembering import Remembering
from llm_respondents.services import run_panel


def flagged(prompt, cached=None, step=300):
    """The turns that are flagged, for counts of requests that grow by `step` bytes."""
    watch, found = Remembering(), []
    for turn, tokens in enumerate(prompt):
        usage = Usage(tokens, 5, cached[turn] if cached else None)
        size = 500 + step * turn
        if watch.is_lost(turn, size, usage):
            found.append(turn)
        watch.note(turn, size, usage)
    return found


WHOLE = [150 + 75 * turn for turn in range(10)]


@pytest.mark.parametrize(
    ("counts", "lost"),
    [
        (WHOLE, []),
        # A context of 400 tokens that slides by whole messages, or cuts to the token.
        ([150, 225, 300, 375, 340, 390, 360, 395, 350], [4, 5, 6, 7, 8]),
        ([150, 225, 300, 375, 400, 400, 400], [5, 6]),
        # Only the newest message is left, from the second turn on.
        ([150, 90, 95, 100, 160], [1, 2, 3, 4]),
        # One replica with a short context among others.
        ([150, 225, 300, 200, 450, 525, 210, 675], [3, 6]),
        # No count: as the one before.
        ([150, 225, None, 375], []),
        ([150, 225, 200, None, 210], [2, 3, 4]),
    ],
)
@pytest.mark.parametrize("offset", [0, 1000])
def test_what_is_flagged(counts, lost, offset):
    shifted = [None if count is None else count + offset for count in counts]
    assert flagged(shifted) == lost


def test_cached_tokens_make_no_difference():
    assert flagged(WHOLE, [0, 128, 0, 256, 384, 0, 512, 0, 128, 640]) == []
    # Counted apart from the rest, which falls as soon as there is a cache.
    cached = [0, 128, 0, 256, 384, 0, 512, 0, 128, 640]
    rest = [whole - part for whole, part in zip(WHOLE, cached, strict=True)]
    assert flagged(rest, cached) == []


def test_a_turn_that_is_asked_again_is_no_loss():
    watch = Remembering()
    watch.note(0, 500, Usage(150, 5))
    watch.note(1, 1000, Usage(280, 5))
    # The reminder made the question before longer than this one.
    assert not watch.is_lost(2, 900, Usage(250, 5))


def test_turns_that_leave_no_trace_are_not_compared_with(recruit):
    """Such questions are asked behind the same history, each as long as it happens to be."""
    behaviour = Behaviour(malformed_answer=0.5, refusal=0.3, seed=3)
    with Endpoint(behaviour) as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=3)
        run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    assert Attempt.objects.of(panel).filter(outcome="refused").count() > 20
    assert flags_of(panel) == set()


@pytest.fixture
def forgetful():
    with Endpoint(Behaviour(context_characters=6000)) as endpoint:
        yield endpoint


def flags_of(panel):
    rows = Attempt.objects.of(panel)
    return {row.turn for row in rows if row.flags}


def test_all_replies_after_the_first_loss_are_flagged_also_across_runs(forgetful, recruit):
    through = recruit(base_url=forgetful.base_url, sessions=1, key="through")
    run_panel(panel_id=through.pk, options=options(), by=TESTER)
    cut = [forgetful.behaviour.forgets(messages) for messages in forgetful.conversations]
    lost = flags_of(through)
    # What is dropped first may be shorter than what is new.
    assert min(lost) - cut.index(True) in (0, 1)
    assert lost == set(range(min(lost), 40))
    assert 10 < len(lost) < 40

    # Each run rebuilds the session from its stored calls.
    resumed = recruit(base_url=forgetful.base_url, sessions=1, key="resumed")
    runs = 0
    while resumed.status != "complete":
        stop = threading.Event()
        run_panel(
            panel_id=resumed.pk,
            options=options(),
            stop=stop,
            on_progress=lambda progress, stop=stop: progress.turns >= 3 and stop.set(),
            by=TESTER,
        )
        resumed.refresh_from_db()
        runs += 1
    assert runs > 1
    assert flags_of(resumed) == lost
