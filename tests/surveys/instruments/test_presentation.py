from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.presentation import (
    BlockContent,
    CheckContent,
    MalformedQuestionnaire,
    OptionNotShown,
    OrderMismatch,
    Presentation,
    PresentationError,
    QuestionContent,
    Questionnaire,
    UnknownReference,
    present,
)

AGREEMENT = ((1, "Disagree"), (2, "Neither"), (3, "Agree"))
FREQUENCY = ((0, "Never"), (1, "Sometimes"), (2, "Often"), (3, "Always"))


def block(key, count, *, checks=(), options=AGREEMENT, **settings):
    questions = tuple(
        QuestionContent(f"{key}.q{n}", f"Statement {n} of {key}", options)
        for n in range(1, count + 1)
    )
    return BlockContent(key, key.title(), f"About {key}.", questions, checks, **settings)


CHECK = CheckContent("check.pick", "Please choose Agree.", AGREEMENT, after=2)
QUESTIONNAIRE = Questionnaire(
    "A study",
    "en",
    (
        block("first", 7, checks=(CHECK,), items_per_page=3),
        block("second", 5, options=FREQUENCY, items_per_page=8),
    ),
)
ALL_REFS = {f"first.q{n}" for n in range(1, 8)} | {f"second.q{n}" for n in range(1, 6)}
ALL_REFS.add("check.pick")

seeds = st.integers(min_value=0, max_value=2**63 - 1)
directions = st.sampled_from(["forward", "reversed"])


@given(seeds, directions)
def test_every_question_is_shown_exactly_once(seed, direction):
    shown = present(QUESTIONNAIRE, seed=seed, scale_direction=direction)

    assert len(shown.order) == len(ALL_REFS)
    assert set(shown.order) == ALL_REFS


@given(seeds)
def test_the_same_seed_shows_the_same_thing(seed):
    first, second = (present(QUESTIONNAIRE, seed=seed) for _ in range(2))

    assert first == second
    assert first.checksum == second.checksum


@given(seeds)
def test_positions_count_from_one_over_all_pages(seed):
    shown = present(QUESTIONNAIRE, seed=seed)

    assert [question.position for question in shown.questions] == list(range(1, 14))
    assert [page.number for page in shown.pages] == list(range(1, len(shown.pages) + 1))


@given(seeds)
def test_blocks_are_never_mixed_and_keep_the_order_of_the_study(seed):
    blocks = [question.block for question in present(QUESTIONNAIRE, seed=seed).questions]

    assert blocks == ["first"] * 8 + ["second"] * 5


@given(seeds)
def test_reversing_the_scale_round_trips_values(seed):
    forward = present(QUESTIONNAIRE, seed=seed)
    reverse = present(QUESTIONNAIRE, seed=seed, scale_direction="reversed")

    assert forward.order == reverse.order
    for question in forward.questions:
        mirrored = reverse.question(question.ref)
        k = len(question.options)
        for option in question.options:
            assert mirrored.value_of(k + 1 - option.code) == option.value
            assert mirrored.value_of(mirrored.code_of(option.value)) == option.value


def test_a_reversed_scale_shows_the_highest_option_first_as_code_one():
    shown = present(QUESTIONNAIRE, seed=4, scale_direction="reversed").question("second.q1")

    assert [(o.code, o.value, o.label) for o in shown.options] == [
        (1, 3, "Always"),
        (2, 2, "Often"),
        (3, 1, "Sometimes"),
        (4, 0, "Never"),
    ]


def test_codes_count_from_one_even_when_values_start_at_zero():
    shown = present(QUESTIONNAIRE, seed=4).question("second.q1")

    assert [(o.code, o.value) for o in shown.options] == [(1, 0), (2, 1), (3, 2), (4, 3)]


def test_the_order_for_a_seed_never_changes():
    """These orders are in the records of finished studies: if this fails, the rule was broken."""
    first = [f"first.{q}" for q in ("q6", "q2", "q7", "q4", "q3", "q5", "q1")]
    second = [f"second.{q}" for q in ("q3", "q4", "q2", "q5", "q1")]
    first.insert(2, "check.pick")

    assert present(QUESTIONNAIRE, seed=20240229).order == (*first, *second)


def test_different_seeds_show_different_orders():
    assert len({present(QUESTIONNAIRE, seed=seed).order for seed in range(50)}) > 45


def test_a_block_that_does_not_shuffle_keeps_the_order_of_its_instrument():
    fixed = Questionnaire("A study", "en", (block("fixed", 6, shuffle=False),))

    for seed in range(5):
        assert present(fixed, seed=seed).order == tuple(f"fixed.q{n}" for n in range(1, 7))


@given(seeds, st.integers(min_value=0, max_value=7))
def test_a_check_stands_after_the_number_of_items_it_asks_for(seed, after):
    check = replace(CHECK, after=after)
    shown = present(
        Questionnaire("A study", "en", (block("first", 7, checks=(check,)),)), seed=seed
    )

    assert shown.order.index("check.pick") == after
    assert shown.question("check.pick").kind == "attention"


def test_pages_hold_their_number_of_items_and_a_check_joins_the_item_before_it():
    shown = present(QUESTIONNAIRE, seed=1)
    kinds = [[question.kind for question in page.questions] for page in shown.pages]

    assert kinds == [
        ["item", "item", "attention", "item"],
        ["item"] * 3,
        ["item"],
        ["item"] * 5,
    ]
    at_page_end = replace(CHECK, after=3)
    shown = present(
        Questionnaire("A", "en", (block("first", 6, checks=(at_page_end,), items_per_page=3),)),
        seed=1,
    )
    assert [page.questions[-1].kind for page in shown.pages] == ["attention", "item"]


def test_every_page_carries_the_title_and_instruction_of_its_block():
    for page in present(QUESTIONNAIRE, seed=1).pages:
        assert (page.title, page.instruction) == (page.block.title(), f"About {page.block}.")


def test_blocks_can_be_shown_in_another_order():
    shown = present(QUESTIONNAIRE, seed=1, block_order=["second", "first"])

    assert [page.block for page in shown.pages] == ["second", "first", "first", "first"]
    assert shown.questions[0].position == 1


@given(seeds, seeds, directions)
def test_a_realised_order_can_be_replayed_under_any_seed(seed, other_seed, direction):
    realised = present(QUESTIONNAIRE, seed=seed, block_order=["second", "first"])
    replayed = present(
        QUESTIONNAIRE, seed=other_seed, scale_direction=direction, order=realised.order
    )

    assert replayed.order == realised.order
    assert [len(page.questions) for page in replayed.pages] == [
        len(page.questions) for page in realised.pages
    ]


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (lambda order: order[1:], "order_mismatch"),
        (lambda order: (*order[:-1], "second.q9"), "order_mismatch"),
        (lambda order: (*order, order[0]), "order_mismatch"),
        (lambda order: (order[-1], *order[:-1]), "block_interrupted"),
    ],
)
def test_it_refuses_to_replay_an_order_of_another_questionnaire(order, code):
    realised = present(QUESTIONNAIRE, seed=3).order

    with pytest.raises(OrderMismatch) as refusal:
        present(QUESTIONNAIRE, seed=3, order=order(realised))
    assert refusal.value.code == code


def test_it_refuses_two_orders_at_once_and_unknown_blocks():
    realised = present(QUESTIONNAIRE, seed=3).order

    with pytest.raises(OrderMismatch, match="not both"):
        present(QUESTIONNAIRE, seed=3, order=realised, block_order=["first", "second"])
    with pytest.raises(OrderMismatch, match="third"):
        present(QUESTIONNAIRE, seed=3, block_order=["first", "third"])


def test_it_refuses_a_direction_that_it_does_not_know():
    with pytest.raises(PresentationError, match="sideways") as refusal:
        present(QUESTIONNAIRE, seed=3, scale_direction="sideways")
    assert refusal.value.code == "unknown_scale_direction"


@pytest.mark.parametrize(
    ("blocks", "code"),
    [
        ((block("a", 2), block("a", 2)), "repeated_reference"),
        ((block("a", 2, options=()),), "no_options"),
        ((block("a", 2, checks=(replace(CHECK, after=3),)),), "check_outside_block"),
        ((block("a", 2, items_per_page=0),), "items_per_page"),
    ],
)
def test_it_refuses_a_questionnaire_that_contradicts_itself(blocks, code):
    with pytest.raises(MalformedQuestionnaire) as refusal:
        present(Questionnaire("A study", "en", blocks), seed=1)
    assert refusal.value.code == code


def test_an_answer_that_is_not_on_display_is_named_with_what_is():
    question = present(QUESTIONNAIRE, seed=1).question("first.q1")

    with pytest.raises(OptionNotShown, match=r"first\.q1: code 4 .* choose 1 to 3"):
        question.value_of(4)
    with pytest.raises(OptionNotShown, match="scored 0"):
        question.code_of(0)
    with pytest.raises(UnknownReference, match=r"first\.q8"):
        present(QUESTIONNAIRE, seed=1).question("first.q8")


def _shown(questionnaire=QUESTIONNAIRE, **how) -> Presentation:
    return present(questionnaire, **({"seed": 5} | how))


def test_the_checksum_changes_with_any_word_option_or_order_shown():
    first, second = QUESTIONNAIRE.blocks
    head, *rest = first.questions
    reworded = [
        replace(first, title="Other"),
        replace(first, instruction="Other."),
        replace(first, questions=(replace(head, text="Statement 1 of first."), *rest)),
        replace(first, questions=(replace(head, options=(*AGREEMENT[:2], (3, "Yes"))), *rest)),
        replace(first, checks=(replace(CHECK, text="Please choose Neither."),)),
        replace(first, items_per_page=4),
    ]
    checksums = [
        _shown().checksum,
        _shown(seed=6).checksum,
        _shown(scale_direction="reversed").checksum,
        _shown(block_order=("second", "first")).checksum,
        _shown(replace(QUESTIONNAIRE, language="de")).checksum,
        *(_shown(replace(QUESTIONNAIRE, blocks=(other, second))).checksum for other in reworded),
    ]

    assert len(set(checksums)) == len(checksums)


def test_blocks_are_shuffled_by_the_seed_where_the_study_says_so():
    plain = QUESTIONNAIRE
    shuffling = replace(plain, shuffle_blocks=True)
    orders = [
        tuple(dict.fromkeys(page.block for page in present(shuffling, seed=seed).pages))
        for seed in range(40)
    ]
    fixed = present(shuffling, seed=1, block_order=[block.key for block in plain.blocks])

    assert len(set(orders)) > 1
    assert {frozenset(order) for order in orders} == {frozenset(one.key for one in plain.blocks)}
    assert fixed.order == present(plain, seed=1).order
    assert present(shuffling, seed=3).order == present(shuffling, seed=3).order
    replayed = present(shuffling, seed=9, order=present(shuffling, seed=3).order)
    assert replayed.order == present(shuffling, seed=3).order
