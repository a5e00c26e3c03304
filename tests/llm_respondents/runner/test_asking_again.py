"""Asking again shows the reply and names what was wrong with it; later turns see neither."""

from dataclasses import replace

import pytest
from test_engine import NUMBER, Script, Store, always, conduct, work

from llm_respondents.conversation.prompts import Arm
from llm_respondents.providers.base import Failure, Reply
from llm_respondents.providers.endpoint import endpoint_provider

FORM = "Reply with the number of one option."


def replying(*texts, then="3"):
    """The first replies of a session, and what it says from then on."""
    return lambda _request, nth: Reply(text=texts[nth - 1] if nth <= len(texts) else then)


def contents(messages):
    return [message["content"] for message in messages]


@pytest.mark.parametrize(
    ("reply", "wrong"),
    [
        (Reply(text="perhaps"), "Your reply names none of the options."),
        (Reply(text="2 or 3"), "Your reply says more than an answer"),
        (Reply(text="9"), "Your reply names an option that there is not."),
        (Reply(text="Well", finish_reason="length"), "Your reply was too long"),
    ],
)
def test_what_was_wrong_is_named_beneath_the_reply(reply, wrong):
    provider = Script(lambda _request, nth: reply if nth == 1 else Reply(text="3"))
    conduct(Store([work(1, arm=NUMBER)]), provider)
    first, again, later = provider.asked[1][:3]
    assert again[: len(first)] == first
    assert contents(again[len(first) :])[0] == reply.text
    assert again[-1]["content"].startswith(wrong)
    assert again[-1]["content"].endswith(FORM)
    assert not any(wrong in content or content == reply.text for content in contents(later))


def test_the_third_call_shows_both_replies_so_that_no_call_repeats_another():
    provider = Script(replying("perhaps", "perhaps"))
    conduct(Store([work(1, arm=NUMBER)]), provider)
    first, second, third = provider.asked[1][:3]
    assert second[: len(first)] == first
    assert third[: len(second)] == second
    assert len(third) == len(first) + 4


def test_what_is_said_is_said_in_the_language_of_the_session():
    provider = Script(replying("vielleicht"))
    conduct(Store([work(1, arm=NUMBER, language="de-AT")]), provider)
    assert provider.asked[1][1][-1]["content"].startswith("Ihre Antwort nennt keine der")


def test_an_empty_reply_is_no_message_of_its_own():
    provider = Script(replying(""))
    conduct(Store([work(1, arm=NUMBER)]), provider)
    first, again = provider.asked[1][:2]
    assert [message["role"] for message in again] == ["system", "user"]
    assert again[-1]["content"].startswith(first[-1]["content"])
    assert again != first


def test_a_very_long_reply_is_shown_in_part():
    provider = Script(replying("perhaps " * 10_000))
    conduct(Store([work(1, arm=NUMBER)]), provider)
    assert len(provider.asked[1][1][-2]["content"]) < 2100


def test_asking_again_takes_another_seed_and_repeating_a_failed_call_does_not():
    seeds = []

    def reply(request, nth):
        seeds.append(provider_of_the_endpoint.parameters(request)["seed"])
        if nth == 2:
            return Failure("server", "down")
        return Reply(text="perhaps" if nth < 4 else "3")

    provider_of_the_endpoint = endpoint_provider(model="m", base_url="http://127.0.0.1:1/v1")
    conduct(Store([work(7, arm=NUMBER)]), Script(reply))
    assert seeds[:5] == [7, 8, 8, 9, 7]


def test_the_instruction_comes_again_where_the_turn_that_said_it_was_not_answered():
    provider = Script(replying("no", "no", "no"))
    conduct(Store([work(1, arm=NUMBER)]), provider)
    lost, opening, later = (provider.asked[1][n] for n in (0, 3, 4))
    assert "How far?" in lost[-1]["content"]
    assert "How far?" in opening[-1]["content"]
    assert "How far?" not in later[-1]["content"]
    assert opening[-1] in later


def test_a_swapped_history_opens_its_blocks_by_what_the_donor_answered():
    provider = Script(replying("no", "no", "no"))
    conduct(Store([work(1, arm=Arm(elicitation="number", history="swapped"))]), provider)
    assert "How far?" not in provider.asked[1][3][-1]["content"]


@pytest.mark.parametrize("version", ["1", "1.1"])
@pytest.mark.parametrize("items_per_turn", ["one", "block"])
def test_a_resumed_session_goes_on_in_the_words_of_its_version(version, items_per_turn):
    arm = replace(NUMBER, items_per_turn=items_per_turn)
    texts = {2: "perhaps", 3: "9", 6: "no", 7: "no", 8: "no"}

    def reply_of(offset):
        def reply(_request, nth):
            answer = "3" if items_per_turn == "one" else "1: 3\n2: 3\n3: 3\n4: 3\n5: 3"
            return Reply(text=texts.get(nth + offset, answer))

        return reply

    whole = Store([work(1, arm=arm, version=version)])
    conduct(whole, Script(reply_of(0)))
    hashes = [outcome.attempt.request_hash for outcome in whole.saved]
    for done in range(1, len(hashes)):
        begun = Store([])
        begun.saved = whole.saved[:done]
        resumed = Store([work(1, arm=arm, version=version, past=begun.past_of(1))])
        conduct(resumed, Script(reply_of(done)))
        assert [outcome.attempt.request_hash for outcome in resumed.saved] == hashes[done:]


def test_a_session_of_version_1_is_asked_again_as_it_was():
    provider = Script(replying("perhaps", "perhaps"))
    conduct(Store([work(1, arm=NUMBER, version="1")]), provider)
    first, second, third = provider.asked[1][:3]
    reminder = "Your last reply did not have the form asked for. Please answer again."
    assert second == third
    assert second[-1]["content"] == f"{first[-1]['content']}\n\n{reminder}"
    refused = Script(always("I cannot answer."))
    conduct(Store([work(1, arm=NUMBER, version="1")]), refused)
    assert len(refused.asked[1][-1]) == 2 + 2 * 4
