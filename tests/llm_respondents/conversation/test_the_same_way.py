"""People and models with the same answers and condition see the same questions, word for word."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from llm_respondents.conversation.arms import ITEMS_PER_TURN, Arm
from llm_respondents.conversation.prompts import TurnPlan
from surveys.flow import Exit, Factor, Flow, parse
from surveys.presentation import (
    BlockContent,
    InformationContent,
    QuestionContent,
    Questionnaire,
    StoredAnswer,
    Walk,
    present,
)

OPTIONS = ((1, "low"), (2, "middle"), (3, "high"))
FACTORS = (Factor("to", {"x": "an office", "y": "a firm"}),)


@st.composite
def expressions(draw, refs):
    """A rule over what certainly comes before, and over the condition."""
    atoms = ["to == 'x'", "to in ['y']"]
    for ref in refs:
        atoms += [f"{ref} >= 2", f"{ref} == 1", f"not {ref} in [2, 3]"]
    first, second = draw(st.sampled_from(atoms)), draw(st.sampled_from(atoms))
    return draw(st.sampled_from([first, f"{first} and {second}", f"{first} or not ({second})"]))


@st.composite
def questionnaires(draw):
    blocks, rules, before, exits = [], {}, [], []
    for number in range(draw(st.integers(1, 3))):
        key, shuffle = f"b{number}", draw(st.booleans())
        questions, own = [], []
        if before and draw(st.booleans()):
            rules[key] = parse(draw(expressions(before)))
        for at in range(draw(st.integers(1, 5))):
            ref = f"{key}.q{at}"
            known = before if shuffle else before + own
            if draw(st.integers(0, 2)) == 0:
                rules[ref] = parse(draw(expressions(known)))
            said = (
                f" {{answer:{draw(st.sampled_from(known))}}}"
                if known and draw(st.booleans())
                else ""
            )
            questions.append(QuestionContent(ref, f"{ref} of {{condition:to}}{said}?", OPTIONS))
            own.append(ref)
        information = ()
        if draw(st.booleans()):
            information = (InformationContent(f"{key}.story", "Of {condition:to}.", 0),)
            if before:
                rules[f"{key}.story"] = parse(draw(expressions(before)))
        size = draw(st.integers(1, 4))
        blocks.append(
            BlockContent(
                key,
                key,
                "About {condition:to}.",
                tuple(questions),
                items_per_page=size,
                shuffle=shuffle,
                information=information,
            )
        )
        before += own
    if draw(st.booleans()):
        exits = [Exit("end", parse(draw(expressions(before))))]
    flow = Flow(FACTORS, rules, tuple(exits))
    return Questionnaire("Q", "en", tuple(blocks), flow=flow)


def as_read(question):
    return question.ref, question.text, question.preface, question.position


def persons_way(shown, answers):
    """What a person reads, page by page."""
    told, read = {}, []
    while not Walk(shown, told).screened_by:
        walk = Walk(shown, told)
        if walk.open_page > len(shown.pages):
            break
        page = walk.page(walk.open_page)
        assert page.questions, "an open page shows nothing"
        read += [as_read(one) for one in page.questions]
        told |= {one.ref: answers[one.ref] for one in page.questions}
    return read, Walk(shown, told).hidden


def models_way(shown, answers, arm):
    """What a model reads, turn by turn."""
    plan, told, read = TurnPlan(shown, arm), {}, []
    for index in range(len(plan.everything)):
        turn = plan.turn(index, told)
        for question in turn.questions:
            assert question.text in turn.text
        read += [as_read(one) for one in turn.questions]
        told |= {one.ref: answers[one.ref] for one in turn.questions}
    return read, Walk(shown, told).hidden


@settings(max_examples=150)
@given(st.data())
def test_people_and_models_go_the_same_way(data):
    asked = data.draw(questionnaires())
    condition = {"to": data.draw(st.sampled_from(["x", "y"]))}
    shown = present(asked, seed=data.draw(st.integers(0, 99)), condition=condition)
    said = st.sampled_from([*(StoredAnswer((n,)) for n in (1, 2, 3)), StoredAnswer((), "skipped")])
    answers = {one.ref: data.draw(said) for one in shown.questions}

    person = persons_way(shown, answers)
    for together in ITEMS_PER_TURN:
        assert models_way(shown, answers, Arm(items_per_turn=together)) == person


@settings(max_examples=60)
@given(questionnaires(), st.integers(0, 99))
def test_without_rules_a_walk_shows_everything_as_it_is(asked, seed):
    plain = present(replace(asked, flow=Flow(FACTORS)), seed=seed, condition={"to": "x"})
    walk = Walk(plain, {ref: StoredAnswer((2,)) for ref in plain.order})
    assert walk.open_page == len(plain.pages) + 1
    assert walk.hidden == frozenset()
    assert all("{" not in walk.worded(one).text for one in plain.questions)
