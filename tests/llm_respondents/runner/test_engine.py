"""The loop on its own: a store in memory, a provider that follows a script."""

import asyncio
import threading
from collections import defaultdict
from dataclasses import replace

import pytest

from llm_respondents.conversation.prompts import Arm, plan_turns
from llm_respondents.providers.base import Failure, Reply, Usage
from llm_respondents.runner.engine import Engine, Settings
from llm_respondents.runner.limits import Limits
from llm_respondents.runner.retry import RetryPolicy
from llm_respondents.runner.types import Claim, PastAttempt, WorkItem
from surveys.presentation import BlockContent, QuestionContent, Questionnaire, present

OPTIONS = ((1, "Disagree"), (2, "Neither"), (3, "Agree"))
ITEMS = tuple(QuestionContent(f"b.i{n}", f"Statement {n}.", OPTIONS) for n in range(1, 6))
QUESTIONNAIRE = Questionnaire("Q", "en", (BlockContent("b", "B", "How far?", ITEMS),))


def work(administration, *, arm=None, past=(), language="en", **more):
    arm = arm or Arm()
    turns = plan_turns(present(QUESTIONNAIRE, seed=administration), arm)
    return WorkItem(
        administration, administration, "Reply.", language, arm, turns, tuple(past), **more
    )


class Store:
    """Keeps outcomes as committed; leases are not its business."""

    def __init__(self, items):
        self.waiting = list(items)
        self.saved = []
        self.released = []
        self.batches = []
        self.standing = "run"
        self.refuse = {}

    async def claim(self, limit):
        taken, self.waiting = self.waiting[:limit], self.waiting[limit:]
        return Claim(taken)

    async def save(self, outcomes):
        await asyncio.sleep(0)
        self.batches.append(len(outcomes))
        self.saved.extend(outcomes)
        return [self.refuse.get(outcome.administration, "") for outcome in outcomes]

    async def renew(self, _administrations):
        return self.standing

    async def release(self, administrations):
        self.released.extend(administrations)

    def past_of(self, administration):
        return [
            PastAttempt(o.attempt.turn, o.attempt.outcome, o.attempt.reply, o.attempt.closes_turn)
            for o in self.saved
            if o.administration == administration
        ]

    def answers(self, administration):
        return {
            answer.ref: answer.given or answer.missing_reason
            for outcome in self.saved
            if outcome.administration == administration
            for answer in outcome.answers
        }


class Script:
    """Replies by a function of (request, how often this session was asked)."""

    name = "script"

    def __init__(self, reply):
        self._reply = reply
        self.asked = defaultdict(list)
        self.at_once = 0
        self.most_at_once = 0

    def parameters(self, _request):
        return {}

    async def ask(self, request, _parameters):
        sent = self.asked[request.session_seed]
        sent.append(list(request.messages))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        return self._reply(request, len(sent))

    async def aclose(self):
        pass


def always(text="2", **fields):
    return lambda _request, _nth: Reply(text=text, **fields)


def conduct(store, provider, *, stop=None, concurrency=10, **policy):
    settings = Settings(
        limits=Limits(concurrency=concurrency),
        retry=RetryPolicy(**{"first_wait": 0.001, **policy}),
        lease_seconds=0.03,
    )
    engine = Engine(
        gateway=store, provider=provider, settings=settings, stop=stop or threading.Event()
    )
    return asyncio.run(engine.run())


NUMBER = Arm(elicitation="number")


def test_every_question_of_every_session_is_answered_once():
    store = Store([work(n, arm=NUMBER) for n in range(1, 31)])
    summary = conduct(store, Script(always()))
    assert summary.progress.sessions == 30
    assert summary.progress.answered == 150
    assert all(len(store.answers(n)) == 5 for n in range(1, 31))
    assert sum(outcome.ends_session for outcome in store.saved) == 30


def test_a_few_sessions_are_committed_together_and_never_all():
    store = Store([work(n, arm=NUMBER) for n in range(1, 31)])
    conduct(store, Script(always()), concurrency=30)
    assert 1 < max(store.batches) <= 30 / 7


def test_no_more_calls_at_once_than_allowed():
    provider = Script(always())
    conduct(Store([work(n, arm=NUMBER) for n in range(1, 31)]), provider, concurrency=4)
    assert provider.most_at_once == 4


def test_a_turn_is_committed_before_the_next_is_asked():
    store = Store([work(1, arm=NUMBER)])
    seen = []

    def reply(request, nth):
        seen.append(len(store.saved))
        return Reply(text="1")

    conduct(store, Script(reply))
    assert seen == [0, 1, 2, 3, 4]


def test_a_session_continued_from_any_point_sends_what_an_unbroken_one_sends():
    whole = Script(lambda request, _nth: Reply(text=str(1 + len(request.messages) % 3)))
    store = Store([work(1, arm=NUMBER)])
    conduct(store, whole)
    for done in range(1, 5):
        rest = Script(lambda request, _nth: Reply(text=str(1 + len(request.messages) % 3)))
        resumed = Store([work(1, arm=NUMBER, past=store.past_of(1)[:done])])
        conduct(resumed, rest)
        assert rest.asked[1] == whole.asked[1][done:]
        hashes = [outcome.attempt.request_hash for outcome in store.saved]
        assert [outcome.attempt.request_hash for outcome in resumed.saved] == hashes[done:]
        assert resumed.saved[0].attempt.prefix_hash == store.saved[done].attempt.prefix_hash
        assert resumed.saved[0].attempt.new_messages == store.saved[done].attempt.new_messages


def test_a_form_error_is_asked_again_with_the_same_history_and_a_note():
    provider = Script(lambda _request, nth: Reply(text="perhaps" if nth == 2 else "3"))
    store = Store([work(1, arm=NUMBER)])
    conduct(store, provider)
    first, again, later = provider.asked[1][1], provider.asked[1][2], provider.asked[1][3]
    assert again[: len(first)] == first
    assert [message["role"] for message in again[len(first) :]] == ["assistant", "user"]
    assert again[len(first)]["content"] == "perhaps"
    assert later[-3] == first[-1]
    assert store.answers(1)[store.saved[1].attempt.refs[0]] == 3
    assert [outcome.attempt.number for outcome in store.saved[:3]] == [1, 1, 2]


@pytest.mark.parametrize(
    ("reply", "reason", "calls"),
    [
        (Reply(text="hm"), "no_answer", 3),
        (Reply(text="9"), "out_of_range", 3),
        (Reply(text="4", finish_reason="length"), "truncated", 3),
        (Reply(text="I cannot answer."), "refused", 1),
        (Reply(text="", refusal="No."), "refused", 1),
        (Reply(text="", finish_reason="content_filter"), "content_filter", 1),
    ],
)
def test_what_is_never_answered_becomes_missing_with_its_reason(reply, reason, calls):
    store = Store([work(1, arm=NUMBER)])
    conduct(store, Script(lambda _request, _nth: reply), max_reasks=2)
    assert set(store.answers(1).values()) == {reason}
    assert len(store.saved) == 5 * calls


def test_no_kind_of_refusal_stays_in_the_conversation_nor_does_a_lost_reply():
    spoken = Script(always("I cannot answer."))
    conduct(Store([work(1, arm=NUMBER)]), spoken)
    in_a_field = Script(always("", refusal="I cannot answer."))
    conduct(Store([work(1, arm=NUMBER)]), in_a_field)
    assert spoken.asked == in_a_field.asked
    assert len(spoken.asked[1][-1]) == 2
    lost = Script(always("", finish_reason="content_filter"))
    conduct(Store([work(1, arm=NUMBER)]), lost)
    assert len(lost.asked[1][-1]) == 2


def test_a_failed_call_is_stored_and_repeated_word_for_word():
    def reply(request, nth):
        return Failure("server", "down", status=500) if nth % 2 else Reply(text="1")

    provider, store = Script(reply), Store([work(1, arm=NUMBER)])
    summary = conduct(store, provider)
    assert summary.progress.calls == 10
    assert provider.asked[1][0] == provider.asked[1][1]
    assert [o.attempt.outcome for o in store.saved[:2]] == ["transport_error", "answered"]
    assert store.saved[1].attempt.new_messages == ()


def test_a_turn_that_never_gets_through_is_a_transport_error_and_the_session_goes_on():
    def reply(request, nth):
        first = request.turn.index == 0
        return Failure("timeout", "…") if first else Reply(text="1")

    store = Store([work(1, arm=NUMBER)])
    summary = conduct(store, Script(reply), max_calls=3)
    assert summary.progress.missing == 1
    assert summary.progress.answered == 4
    assert sorted(map(str, store.answers(1).values())) == ["1"] * 4 + ["transport_error"]


@pytest.mark.parametrize("kind", ["auth", "quota", "not_found", "bad_request"])
def test_a_misconfigured_endpoint_halts_the_run_and_costs_no_answer(kind):
    store = Store([work(n, arm=NUMBER) for n in range(1, 6)])
    summary = conduct(store, Script(lambda _request, _nth: Failure(kind, "no")), concurrency=2)
    assert summary.halt.code == kind
    assert not any(outcome.answers for outcome in store.saved)
    assert len(store.saved) <= 2


def test_an_endpoint_that_is_down_halts_the_run_before_answers_are_lost():
    store = Store([work(n, arm=NUMBER) for n in range(1, 11)])
    provider = Script(lambda _request, _nth: Failure("connection", "nobody there"))
    summary = conduct(store, provider, concurrency=2, max_calls=1000)
    assert summary.halt.code == "endpoint_down"
    assert not any(outcome.answers for outcome in store.saved)


def test_a_stop_finishes_the_calls_in_flight_and_gives_the_sessions_back():
    stop = threading.Event()
    store = Store([work(n, arm=NUMBER) for n in range(1, 6)])

    def reply(request, nth):
        stop.set()
        return Reply(text="1")

    class Slow(Script):
        async def ask(self, request, _parameters):
            found = await super().ask(request, _parameters)
            await asyncio.sleep(0.3)
            return found

    summary = conduct(store, Slow(reply), stop=stop)
    assert summary.stopped
    assert len(store.saved) == 5
    assert sorted(store.released) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("standing", ["pause", "cancel"])
def test_the_owner_can_stop_a_run_from_outside(standing):
    store = Store([work(1, arm=NUMBER)])

    def reply(request, nth):
        store.standing = standing
        return Failure("server", "…")

    assert conduct(store, Script(reply), first_wait=5.0).stopped


def test_a_session_whose_lease_was_lost_is_left_to_the_other_worker():
    store = Store([work(1, arm=NUMBER), work(2, arm=NUMBER)])
    store.refuse[1] = "lease_lost"
    provider = Script(always())
    summary = conduct(store, provider)
    assert (len(provider.asked[1]), len(provider.asked[2])) == (1, 5)
    assert summary.lost_leases == 1


def test_an_error_of_the_store_ends_the_run_as_itself():
    class Broken(Store):
        async def save(self, _outcomes):
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        conduct(Broken([work(1, arm=NUMBER)]), Script(always()))


def test_history_that_was_dropped_silently_is_flagged():
    def reply(request, nth):
        tokens = 100 * len(request.messages) if len(request.messages) < 6 else 50
        return Reply(text="1", usage=Usage(prompt_tokens=tokens))

    store = Store([work(1, arm=NUMBER)])
    conduct(store, Script(reply))
    flagged = [outcome.attempt.turn for outcome in store.saved if outcome.attempt.flags]
    assert flagged == [2, 3, 4]


def test_no_flag_where_history_is_not_sent():
    store = Store([work(1, arm=replace(NUMBER, history="none"))])
    conduct(store, Script(always("1", usage=Usage(prompt_tokens=50))))
    assert not any(outcome.attempt.flags for outcome in store.saved)


def test_text_that_no_database_stores_is_escaped_before_it_enters_the_conversation():
    provider = Script(always("odd \x00 \ud800 reply"))
    conduct(Store([work(1, arm=NUMBER)]), provider, max_reasks=1)
    assert provider.asked[1][1][2]["content"] == "odd \\u0000 \\ud800 reply"
