"""Replies become answers or reasons; nothing is guessed."""

import ast
import json
import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_respondents.conversation.arms import ELICITATIONS, OPTION_MARKS
from llm_respondents.conversation.parsing import (
    Answered,
    ContentFiltered,
    NoAnswer,
    OutOfRange,
    Refusal,
    SchemaViolation,
    Truncated,
    Unparsable,
    judge,
)
from llm_respondents.conversation.prompts import Arm, Turn
from llm_respondents.conversation.replies import reply_text
from surveys.presentation import Option, Question

EN = ("Strongly disagree", "Disagree", "Neither", "Agree", "Strongly agree")
DE = ("Stimme gar nicht zu", "Stimme nicht zu", "Teils, teils", "Stimme zu", "Stimme voll zu")


def question(position=1, labels=EN):
    options = tuple(Option(code, code, label) for code, label in enumerate(labels, start=1))
    return Question(f"b.q{position}", "I plan ahead.", options, position, "item", "b")


def read(
    text, *, elicitation="number", labels=EN, questions=None, marks="number", seed=0, **envelope
):
    questions = questions or (question(labels=labels),)
    turn = Turn(0, "b", questions, "…", seed)
    arm = Arm(elicitation=elicitation, option_marks=marks)
    return judge(text=text, turn=turn, arm=arm, **envelope)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("4", 4),
        (" 4\n", 4),
        ("4.", 4),
        ("**4**", 4),
        ("`4`", 4),
        ("(4)", 4),
        ("4 = Agree", 4),
        ("4 - agree", 4),
        ("4 (Agree)", 4),
        ("4: Agree.", 4),
        ("4 Agree", 4),
        ("Answer: 4", 4),
        ("My answer is 4.", 4),
        ("Option 4", 4),
        ("4.0", 4),
        ("4,0", 4),
        ("4, Agree", 4),
        ("**Answer:** 4", 4),
        ("‘4’", 4),
        ("\ufeff4", 4),
        ("\u200b4", 4),
        ("４", 4),
        ("4。", 4),
        ("答案：4", 4),
        ("我的答案是4。", 4),
        ("4：Agree", 4),
        ("Réponse : 4", 4),
        ("<think>1? No: 2.</think>4", 4),
        ("<think time=3>1</think>4", 4),
        ("<seed:think>1</seed:think>4", 4),
        ("[THINK]1? No: 2.[/THINK]4", 4),
        ("◁think▷1◁/think▷4", 4),
        ("<|START_THINKING|>1<|END_THINKING|><|START_RESPONSE|>4<|END_RESPONSE|>", 4),
        ("<|channel|>analysis<|message|>1<|end|><|start|>assistant<|channel|>final<|message|>4", 4),
        ("<think>1</think><answer>4</answer>", 4),
        ("\\boxed{4}", 4),
        ("٤", 4),
        ("④", 4),
        ("- Agree", 4),
        ("• Agree", 4),
        ("Option: Agree", 4),
        ("Agree", 4),
        ("strongly agree", 5),
        ("“Strongly agree”", 5),
    ],
)
def test_an_english_reply_that_is_nothing_but_an_answer_is_read(text, code):
    assert read(text) == (Answered(code),)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("4", 4),
        ("Antwort: 4", 4),
        ("Meine Antwort lautet 4.", 4),
        ("Option 4", 4),
        ("4 = Stimme zu", 4),
        ("Stimme gar nicht zu", 1),
        ("stimme gar nicht zu.", 1),
        ("Teils, teils", 3),
    ],
)
def test_a_german_reply_that_is_nothing_but_an_answer_is_read(text, code):
    assert read(text, labels=DE) == (Answered(code),)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("five", 5), ("Five.", 5), ("**fünf**", 5), ("cinq", 5), ("cinco", 5), ("cinque", 5),
        ("vijf", 5), ("pięć", 5), ("beş", 5), ("五", 5), ("خمسة", 5), ("Answer: three", 3),
        ("Antwort: drei", 3), ("quatre", 4), ("Two", 2), ("1: one", None), ("five or six", None),
        ("not five", None), ("four five", None), ("四五", None), ("fifty-five", None),
        ("on", None), ("due", 2), ("null", None), ("seven", None), ("five (four)", None),
        ("half", None),
    ],
)  # fmt: skip
def test_a_number_in_words_is_an_answer_where_it_is_all_that_is_said(text, code):
    (outcome,) = read(text)
    assert (outcome.given if isinstance(outcome, Answered) else None) == code
    (outcome,) = read(text, elicitation="label")
    assert not isinstance(outcome, Answered)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4 or 5",
        "4, 5",
        "4 5",
        "4/5",
        "I would say 4.",
        "Between 3 and 4",
        "Error 429: rate limit reached. Try again in 5 seconds.",
        "5 = Strongly disagree",
        "4 = Disagree",
        "2. I would rather not share my health data with companies.",
        "4 - I won't share my data",
        "5, because I cannot answer otherwise",
        "I disagree, I won't share: 2",
        "agree disagree",
        "Question 1",
        "~~4~~",
        "4<think>No, rather 2.",
        "4[THINK]No, rather 2.",
        "<|channel|>analysis<|message|>4<|end|>",
        "<answer>4</answer> or <answer>5</answer>",
        "<answer>4",
        "not \\boxed{4}",
        "```not 4```",
        ".4",
        "4、0",
        "I'm sorry, but I disagree.",
        "Sorry for that; my answer is 4",
        "As an AI, I agree",
        "4" + " " * 3000 + "x",
        "4\n" * 3000,
    ],
)
def test_a_reply_that_leaves_room_for_doubt_is_unparsable(text):
    assert isinstance(read(text)[0], Unparsable)


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("maybe", "number"),
        ("I would rather not share my health data.", "number"),
        ("Privacy matters to me.", "number"),
        ("Definitely", "letter"),
        ("Dé", "letter"),
    ],
)
def test_words_that_name_no_option_are_no_answer(text, marks):
    assert isinstance(read(text, marks=marks)[0], NoAnswer)


@pytest.mark.parametrize(
    "text", ["0", "6", "-1", "4.5", "3,5", "99", "9" * 5000 + "", "1000000000000"]
)
def test_a_number_off_the_scale_is_out_of_range_or_unparsable_and_never_an_answer(text):
    outcome = read(text)[0]
    assert isinstance(outcome, Unparsable if len(text) > 2000 else OutOfRange)


@pytest.mark.parametrize(
    "text",
    [
        "As an AI, I do not have personal opinions.",
        "I can't answer that.",
        "I’m unable to answer questions about attitudes.",
        "I don't have feelings, so no number applies.",
        "I cannot choose, but a typical person might say 4.",
        "I'd rather not say.",
        "Als KI habe ich keine eigene Meinung.",
        "Ich kann diese Frage leider nicht beantworten.",
        "Dazu möchte ich keine Angabe machen.",
        "Tut mir leid, dazu sage ich nichts.",
        "Als Sprachmodell habe ich keine persönlichen Ansichten.",
        "I must respectfully decline.",
        "I'm not comfortable with this question.",
        "No comment.",
        "Ich bin nur ein Computerprogramm.",
        "Je préfère ne pas répondre.",
        "En tant qu'IA, je n'ai pas d'opinions.",
        "Prefiero no contestar.",
        "Como modelo de lenguaje, no tengo opiniones.",
        "Preferisco non rispondere.",
        "Prefiro não responder.",
        "Ik wil deze vraag liever niet beantwoorden.",
        "Wolę nie odpowiadać.",
        "Bu soruya cevap vermek istemiyorum.",
        "我不想回答这个问题。",
        "作为一个人工智能，我没有个人意见。",
        "申し訳ありませんが、お答えできません。",
        "أفضل عدم الإجابة.",
    ],
)
@pytest.mark.parametrize("elicitation", ["number", "label", "schema"])
def test_a_refusal_in_words_is_a_refusal_in_every_form_of_asking(text, elicitation):
    assert isinstance(read(text, elicitation=elicitation)[0], Refusal)


ABOUT_THE_TOPIC = [
    "I won't give my data to companies.", "I don't want to participate in data sharing.",
    "I can't help worrying about privacy.", "I am not willing to provide my health data.",
    "I won't help strangers.", "I refuse to share data.", "I cannot choose a favourite app.",
    "I'm sorry, but companies should not have my data.", "I have no belief in God.",
    "I don't have any personal information to hide.", "I lack experience with apps.",
    "Ich möchte meine Daten nicht angeben.", "Ich weigere mich, Daten zu teilen.",
    "Ich lehne Tracking ab.", "Ich kann anderen nicht helfen.",
    "Es tut mir leid, aber Firmen sollen das nicht wissen.",
    "Je ne veux pas donner mes données.", "Je refuse de partager mes données.",
    "Prefiero no compartir mis datos.", "Me niego a compartir mis datos.",
    "Preferisco non condividere i miei dati.", "Mi rifiuto di condividere i dati.",
    "Prefiro não compartilhar meus dados.", "Recuso compartilhar dados.",
    "Ik wil mijn gegevens niet geven.", "Ik deel mijn gegevens liever niet.",
    "Wolę nie udostępniać danych.", "Odmawiam udostępnienia danych.",
    "Verilerimi paylaşmayı reddediyorum.", "我不愿透露我的健康数据",
    "抱歉，我不想让公司拿到我的数据。",
    "データの提供は遠慮します。", "データのことは考えない", "أرفض مشاركة بياناتي",
    "أفضل عدم مشاركة بياناتي",
    # People have trades.
    "I am an AI researcher and love sharing data.", "I'm a machine operator, so no.",
    "I'm a program manager.", "Ich bin Programmiererin.", "Als KI-Forscher teile ich Daten.",
    "Je suis une assistante sociale.", "Soy una modelo de pasarela.", "Sono un assistente sociale.",
    "Ik ben assistent bij een bank.", "Jestem programistą.", "我是程序员。", "私はAI研究者です。",
]  # fmt: skip


def test_who_speaks_about_the_topic_declines_nothing_whatever_they_think_of_it():
    # A refusal is not asked again: those who are against sharing would be lost, and they alone.
    taken_for_refusals = [
        text
        for text in ABOUT_THE_TOPIC
        for elicitation in ("number", "schema")
        if isinstance(read(text, elicitation=elicitation)[0], Refusal)
    ]
    assert taken_for_refusals == []


DECLINED = [
    "This isn't something I can answer.", "I don't feel it's right to answer this.",
    "I do not participate in surveys.", "I'd rather leave that unanswered.", "Not applicable.",
    "I'm unable to fulfil this request.", "I apologize, but I cannot take a position on this.",
    "I'll refrain from answering.", "I am designed to be neutral.", "Sorry, no.", "I'm sorry.",
    "Ich kann keine Zahl nennen.", "k. A.", "Hierzu nehme ich keine Stellung.",
    "Ich überspringe diese Frage.", "Ich gebe dazu keine Auskunft.", "Ich weigere mich.",
    "Je préfère m'abstenir.", "Je ne répondrai pas.", "Je préfère garder cela pour moi.",
    "No contesto.", "Carezco de opiniones personales.", "Non risponderò.",
    "Non me la sento di rispondere.", "Não respondo.", "Recuso-me a responder.",
    "Dat houd ik liever voor mezelf.", "Daar kan ik niet mee helpen.", "Nie udzielę odpowiedzi.",
    "Wolę nie mówić.", "Bu konuda yardımcı olamam.", "Söylemek istemiyorum.", "不回答",
    "我帮不了你。", "恕我不能回答。", "ご遠慮します。", "意見はありません。",
    "أعتذر عن الإجابة", "لن أجيب.", "I'd prefer to not answer this.", "No answer from me.",
    "That would not be appropriate for me.", "This isn't one I can answer.",
    "Ich darf dazu keine Aussage machen.", "Ich lehne die Beantwortung ab.",
    "Ich bin nicht in der Lage, das zu bewerten.", "Je préfère ne rien dire.",
    "Il m'est impossible de donner une réponse.", "Me reservo mi opinión.",
    "Não estou em condições de responder.", "Ik zeg liever niets.", "Wolę tego nie mówić.",
    "Bu konuda görüş bildiremem.", "我弃权。",
]  # fmt: skip


def test_other_words_for_the_same_refusal_are_known_too():
    assert [text for text in DECLINED if not isinstance(read(text)[0], Refusal)] == []


def test_an_option_whose_label_sounds_like_a_refusal_is_still_an_answer():
    labels = ("I can't say", "I can say")
    assert read("I can't say", labels=labels, elicitation="label") == (Answered(1),)


@pytest.mark.parametrize(
    ("envelope", "kind"),
    [
        ({"finish_reason": "content_filter"}, ContentFiltered),
        ({"finish_reason": "length"}, Truncated),
        ({"refusal": "I cannot help with that."}, Refusal),
        ({"refusal": "no", "finish_reason": "length"}, Refusal),
        ({"finish_reason": "SAFETY"}, ContentFiltered),
        ({"finish_reason": "MAX_TOKENS"}, Truncated),
        ({"finish_reason": "refusal"}, Refusal),
        ({"finish_reason": "error"}, NoAnswer),
        ({"finish_reason": "abort"}, NoAnswer),
        ({"finish_reason": "a_word_of_tomorrow"}, NoAnswer),
    ],
)
def test_the_envelope_outranks_the_text(envelope, kind):
    assert isinstance(read("4", **envelope)[0], kind)


def test_an_unknown_end_of_a_reply_is_named():
    assert "a_word_of_tomorrow" in read("4", finish_reason="a_word_of_tomorrow")[0].detail


@pytest.mark.parametrize("finish_reason", ["stop", "STOP", "end_turn", "eos", "", "null"])
def test_a_normal_end_is_known_in_every_dialect(finish_reason):
    assert read("4", finish_reason=finish_reason) == (Answered(4),)


@pytest.mark.parametrize(
    "text",
    [
        '{"answer": 4}',
        '\ufeff{"answer": 4}',
        ' {"answer":4}\n',
        '```json\n{"answer": 4}\n```',
        '```\n{"answer": 4}```',
    ],
)
def test_json_of_the_asked_shape_is_read(text):
    assert read(text, elicitation="schema") == (Answered(4),)


@pytest.mark.parametrize(
    "text",
    [
        "4",
        "",
        "null",
        "[4]",
        '{"answer": "4"}',
        '{"answer": 4.0}',
        '{"answer": true}',
        '{"answer": null}',
        '{"answer": [4]}',
        '{"answer": 3, "answer": 5}',
        '{"answer": 4, "note": "sure"}',
        '{"response": 4}',
        '{"answer": 4',
        '{"answer": "I cannot answer that."}',
        '{"reason": "I would rather not say", "answers": 1}',
        "[" * 100_000,
        '{"answer": ' + "9" * 5000 + "}",
    ],
)
def test_json_of_any_other_shape_is_a_schema_violation(text):
    assert isinstance(read(text, elicitation="schema")[0], SchemaViolation)


def test_json_with_a_code_that_is_not_on_display_is_out_of_range():
    assert isinstance(read('{"answer": 6}', elicitation="schema")[0], OutOfRange)


def test_a_reason_may_come_before_the_answer_where_it_was_asked_for():
    text = '{"reason": "I cannot plan much, as an AI.", "answer": 2}'
    assert read(text, elicitation="reason") == (Answered(2),)
    assert isinstance(read('{"answer": 2}', elicitation="reason")[0], SchemaViolation)


def test_a_number_is_no_answer_where_the_words_were_asked_for():
    assert isinstance(read("4", elicitation="label")[0], Unparsable)


def test_several_questions_are_read_one_by_one():
    questions = (question(3), question(4), question(5))
    text = '{"answers": {"3": 1, "4": 9}}'
    outcomes = read(text, elicitation="schema", questions=questions)
    assert outcomes[0] == Answered(1)
    assert isinstance(outcomes[1], OutOfRange)
    assert isinstance(outcomes[2], SchemaViolation)


THREE = (question(3), question(4), question(5))


@pytest.mark.parametrize(
    "text",
    [
        "3: 1\n4: 2\n5: 3",
        "- 3: 1\n- 4: 2\n- 5: 3",
        "Q3: 1\nQ4: 2\nQ5: 3",
        "**3:** 1\n**4:** 2\n**5:** 3",
        "3. 1\n4. Disagree\n\n5) 3 = Neither",
        "```\n3: 1\n4: 2\n5: 3\n```",
        "<think>4: 5</think>\n3: 1\n4: 2\n5: 3",
    ],
)
def test_a_reply_to_several_questions_that_is_nothing_but_answers_is_read(text):
    assert read(text, questions=THREE) == (Answered(1), Answered(2), Answered(3))


@pytest.mark.parametrize(
    "text",
    [
        "I will NOT answer like this:\n3: 5\n4: 5\n5: 5",
        "3: 1\n4: 2\n5: 3\n\nActually, change question 4 to 1.",
        "3: 1\n4: 2\n5: 3 (and 4 should be 1)",
        "The scale:\n3: Neither\n4: Agree\n5: Strongly agree",
        "1: Strongly disagree\n2: Disagree\n3: Neither\n4: Agree\n5: Strongly agree",
        "<think>\n3: 2\n4: 2\n5: 2\n</think>\n4\n5\n5",
        "<think>\n3: 2\n4: 2\n5: 2",
        "4, 4, 4",
        "",
    ],
)
def test_a_reply_to_several_questions_that_says_anything_else_answers_none(text):
    assert not any(isinstance(one, Answered) for one in read(text, questions=THREE))


def test_the_options_under_their_marks_are_no_answers_to_as_many_questions():
    questions = tuple(question(position) for position in range(1, 6))
    text = "\n".join(f"{mark}: {label}" for mark, label in enumerate(EN, start=1))
    assert not any(isinstance(one, Answered) for one in read(text, questions=questions))


def test_one_of_several_questions_can_be_refused():
    outcomes = read("3: 1\n4: I'd rather not say.\n5: 3", questions=THREE)
    assert (outcomes[0], outcomes[2]) == (Answered(1), Answered(3))
    assert isinstance(outcomes[1], Refusal)


def test_lines_are_matched_by_the_number_of_the_question():
    questions = (question(3), question(4), question(5))
    outcomes = read("4: 2\n3: 1\nQuestion 5: 1\n5: 2", questions=questions)
    assert outcomes[:2] == (Answered(1), Answered(2))
    assert isinstance(outcomes[2], Unparsable)


@pytest.mark.parametrize(
    "text",
    [
        "D",
        "d",
        "D.",
        "**D**",
        "(D)",
        "D = Agree",
        "D: Agree.",
        "Answer: D",
        "My answer is D",
        "Agree",
    ],
)
def test_a_letter_is_read_where_letters_were_shown(text):
    assert read(text, marks="letter") == (Answered(4),)


@pytest.mark.parametrize(
    "text",
    ["D or E", "A bit", "D = Disagree", "I would say D", "D, E", "4", ""],
)
def test_words_and_other_letters_are_not_taken_for_one(text):
    assert isinstance(read(text, marks="letter")[0], Unparsable)


def test_a_letter_off_the_scale_is_out_of_range():
    assert isinstance(read("F", marks="letter")[0], OutOfRange)
    assert isinstance(read('{"answer": "F"}', marks="letter", elicitation="schema")[0], OutOfRange)
    assert read('{"answer": "D"}', marks="letter", elicitation="schema") == (Answered(4),)


@pytest.mark.parametrize("text", ['{"answer": 4}', '{"answer": ["D"]}', '{"answer": null}'])
def test_json_with_no_letter_where_letters_were_shown_is_a_schema_violation(text):
    assert isinstance(read(text, marks="letter", elicitation="schema")[0], SchemaViolation)


@pytest.mark.parametrize("marks", ["number", "letter"])
@pytest.mark.parametrize("elicitation", ["schema", "number", "label", "reason", "distribution"])
@pytest.mark.parametrize("together", [1, 3])
@pytest.mark.parametrize("seed", range(5))
def test_shuffled_options_are_read_back_as_the_codes_of_the_scale(
    marks, elicitation, together, seed
):
    questions = tuple(question(position) for position in range(3, 3 + together))
    turn = Turn(0, "b", questions, "…", seed)
    arm = Arm(elicitation=elicitation, option_marks=marks, option_order="shuffled")
    for code in range(1, 6):
        text = reply_text({asked.ref: code for asked in questions}, turn, arm)
        outcomes = judge(text=text, turn=turn, arm=arm)
        assert [outcome.given for outcome in outcomes] == [code] * together


def test_several_reasons_are_read_one_by_one():
    questions = (question(3), question(4), question(5))
    text = """{"answers": {"3": {"reason": "So.", "answer": 1}, "4": {"answer": 2},
        "5": {"reason": "I cannot say.", "answer": 9}}}"""
    outcomes = read(text, elicitation="reason", questions=questions)
    assert outcomes[0] == Answered(1)
    assert isinstance(outcomes[1], SchemaViolation)
    assert isinstance(outcomes[2], OutOfRange)


def stated(*percentages):
    return json.dumps({"answer": {str(n): p for n, p in enumerate(percentages, start=1)}})


def test_an_answer_is_drawn_from_the_distribution_as_often_as_it_says():
    drawn = Counter(
        read(stated(10, 0, 20, 70, 0), elicitation="distribution", seed=seed)[0].given
        for seed in range(4000)
    )
    assert set(drawn) == {1, 3, 4}
    # Four standard errors of a share in 4000 draws are at most 0.032.
    for code, share in ((1, 0.1), (3, 0.2), (4, 0.7)):
        assert drawn[code] / 4000 == pytest.approx(share, abs=0.032)


def test_the_same_session_draws_the_same_answer_and_keeps_the_whole_distribution():
    first, again = (read(stated(50, 50, 0, 0, 0), elicitation="distribution") for _ in range(2))
    assert first == again
    assert first[0].stated == ((1, 0.5), (2, 0.5), (3, 0), (4, 0), (5, 0))


@pytest.mark.parametrize("percentages", [(19, 19, 19, 19, 19), (21, 21, 21, 21, 21)])
def test_percentages_that_were_rounded_one_by_one_are_divided_by_their_sum(percentages):
    (outcome,) = read(stated(*percentages), elicitation="distribution")
    assert [share for _, share in outcome.stated] == [0.2] * 5


@pytest.mark.parametrize(
    "text",
    [
        stated(94, 0, 0, 0, 0),
        stated(53, 53, 0, 0, 0),
        stated(0, 0, 0, 0, 0),
        stated(100, 0, 0, 0),
        stated(100, 0, 0, 0, 0, 0),
        stated(110, -10, 0, 0, 0),
        stated(50.0, 50.0, 0, 0, 0),
        stated("100", 0, 0, 0, 0),
        stated(True, 99, 0, 0, 0),
        stated(None, 100, 0, 0, 0),
        '{"answer": 4}',
        '{"answer": [20, 20, 20, 20, 20]}',
        '{"answer": {"1": 50, "1": 50, "2": 50, "3": 0, "4": 0, "5": 0}}',
    ],
)
def test_anything_but_a_whole_distribution_is_a_schema_violation(text):
    assert isinstance(read(text, elicitation="distribution")[0], SchemaViolation)


@given(
    text=st.text(max_size=300),
    elicitation=st.sampled_from(ELICITATIONS),
    marks=st.sampled_from(OPTION_MARKS),
    finish_reason=st.text(max_size=10),
)
def test_no_text_makes_the_parser_fail(text, elicitation, marks, finish_reason):
    (outcome,) = read(text, elicitation=elicitation, marks=marks, finish_reason=finish_reason)
    assert not isinstance(outcome, Answered) or 1 <= outcome.given <= 5


@given(before=st.text(max_size=40), after=st.text(max_size=40), code=st.integers(1, 5))
def test_text_around_a_number_never_changes_it(before, after, code):
    outcome = read(f"{before}{code}{after}")[0]
    shown = {str(c) for c in range(1, 6) if str(c) in f"{before}{code}{after}"}
    assert not isinstance(outcome, Answered) or str(outcome.given) in shown


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers(-10, 110) | st.floats() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from("12345A"), inner, max_size=6)
        ),
        max_leaves=8,
    )
)
def test_no_json_makes_the_parser_fail_where_a_distribution_was_asked_for(value):
    (outcome,) = read(json.dumps({"answer": value}), elicitation="distribution")
    assert not isinstance(outcome, Answered) or 95 <= sum(value.values()) <= 105


SCALES = {
    "1 to 7": [(value, str(value)) for value in range(1, 8)],
    "0 to 10": [(value, str(value)) for value in range(11)],
    "-3 to +3": [(value, f"{value:+d}" if value else "0") for value in range(-3, 4)],
    "with the sign of print": [(value, str(value).replace("-", "−")) for value in range(-3, 4)],
    "with words": [(1, "1 – never"), (2, "2"), (3, "3 – sometimes"), (4, "4"), (5, "5 – always")],
    "with numbers at its ends": [(0, "0 – never"), (1, "sometimes"), (2, "2 – always")],
    "with decimals": [(1, "1.0"), (2, "2.0"), (3, "3.0")],
    "in brackets": [(0, "(0) never"), (1, "(1) sometimes"), (2, "[2] always")],
    "behind words": [(0, "never (0)"), (1, "sometimes (1)"), (2, "always (2)")],
    "full-width": [(1, "１：全くない"), (2, "２"), (3, "３：いつも")],
    "in circles": [(1, "① never"), (2, "② sometimes"), (3, "③ always")],
    "Arabic": [(1, "١ أبدا"), (2, "٢ أحيانا"), (3, "٣ دائما")],
    "with a dash for a minus": [(-1, "–1"), (0, "0"), (1, "+1")],
}


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("reversed_", [False, True])
@pytest.mark.parametrize("order", ["scale", "shuffled"])
@pytest.mark.parametrize("elicitation", ["schema", "number", "label", "reason"])
def test_a_number_on_a_scale_of_numbers_is_the_value_that_people_see(
    scale, reversed_, order, elicitation
):
    values = SCALES[scale][::-1] if reversed_ else SCALES[scale]
    options = tuple(Option(code, value, label) for code, (value, label) in enumerate(values, 1))
    asked = Question("b.q1", "I plan ahead.", options, 1, "item", "b")
    turn = Turn(0, "b", (asked,), "…", 7)
    arm = Arm(elicitation=elicitation, option_order=order)
    for option in options:
        said = {
            "schema": json.dumps({"answer": option.value}),
            "reason": json.dumps({"reason": "So.", "answer": option.value}),
            "number": str(option.value),
            "label": option.label,
        }[elicitation]
        (outcome,) = judge(text=said, turn=turn, arm=arm)
        assert asked.option(outcome.given).value == option.value
        assert judge(text=reply_text({"b.q1": option.code}, turn, arm), turn=turn, arm=arm) == (
            outcome,
        )


LETTERED = {
    "letters": ["A", "B", "C"],
    "letters and words": ["a) never", "b) sometimes", "c) always"],
    "letters at its ends": ["B", "neither", "A"],
}


@pytest.mark.parametrize("scale", LETTERED)
@pytest.mark.parametrize("order", ["scale", "shuffled"])
@pytest.mark.parametrize("reversed_", [False, True])
@pytest.mark.parametrize("elicitation", ["schema", "number"])
def test_a_letter_that_a_label_shows_is_its_mark(scale, order, reversed_, elicitation):
    values = list(enumerate(LETTERED[scale], start=1))[:: -1 if reversed_ else 1]
    options = tuple(Option(code, value, label) for code, (value, label) in enumerate(values, 1))
    asked = Question("b.q1", "I plan ahead.", options, 1, "item", "b")
    turn = Turn(0, "b", (asked,), "…", 7)
    arm = Arm(elicitation=elicitation, option_order=order, option_marks="letter")
    for option in options:
        letter = option.label[0].upper() if option.label != "neither" else "C"
        said = json.dumps({"answer": letter}) if elicitation == "schema" else letter
        assert judge(text=said, turn=turn, arm=arm) == (Answered(option.code),)


@pytest.mark.parametrize(
    "said", ["3", "3 – sometimes", "3: sometimes", "Sometimes", "3 (sometimes)"]
)
def test_a_label_may_be_said_without_the_number_that_it_begins_with(said):
    labels = ("1 – never", "2", "3 – sometimes", "4", "5 – always")
    assert read(said, labels=labels) == (Answered(3),)


@pytest.mark.parametrize(
    ("labels", "said", "code"),
    [
        (("0 (never)", "1 (always)"), "never", 1),
        (("never (0)", "always (1)"), "Always", 2),
        (("１：全くない", "２：いつも"), "いつも", 2),
        (("1–2 times", "3–4 times"), "3-4 times", 2),
        (("Rarely – or never", "Often"), "rarely - or never", 1),
    ],
)
def test_the_words_of_a_label_are_known_without_its_mark_and_with_any_dash(labels, said, code):
    values = [int(float(one[:1])) if one[0].isdecimal() else at for at, one in enumerate(labels)]
    options = tuple(Option(at + 1, values[at], one) for at, one in enumerate(labels))
    asked = Question("b.q1", "I plan ahead.", options, 1, "item", "b")
    (outcome,) = judge(text=said, turn=Turn(0, "b", (asked,), "…", 0), arm=Arm(elicitation="label"))
    assert outcome == Answered(code)


@pytest.mark.parametrize("said", ["–3", "‑3", "﹣3", "−3", "－3", "-3", "**–3**", "Answer: –3"])
def test_a_minus_is_one_whichever_sign_is_typed(said):
    values = range(-3, 4)
    options = tuple(Option(at, one, f"{one:+d}") for at, one in enumerate(values, 1))
    asked = Question("b.q1", "I plan ahead.", options, 1, "item", "b")
    (outcome,) = judge(
        text=said, turn=Turn(0, "b", (asked,), "…", 0), arm=Arm(elicitation="number")
    )
    assert outcome == Answered(1)


def test_two_answers_that_are_a_whole_short_scale_are_answers_where_words_were_asked_for():
    pair = tuple(question(position, ("Yes", "No")) for position in (1, 2))
    for said, codes in (("1: Yes\n2: No", (1, 2)), ("1: No\n2: No", (2, 2))):
        assert read(said, questions=pair, elicitation="label") == tuple(map(Answered, codes))
    assert read("1: Yes\n2: No", questions=pair)[0].reason


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("1*0", [str(number) for number in range(11)]),
        ("3.000", ["2,000", "3,000", "5,000"]),
        ("1,000", ["a few", "many"]),
        ("2-2", ["-2", "-1", "0", "1", "2"]),
        ("-2-2", ["-2", "-1", "0", "1", "2"]),
        ("(-1)-1", ["-2", "-1", "0", "1", "2"]),
        ("Option A-2", ["2", "1", "0", "-1", "-2"]),
    ],
)
@pytest.mark.parametrize("marks", OPTION_MARKS)
def test_signs_between_digits_are_no_typography(text, labels, marks):
    assert read(text, labels=labels, marks=marks)[0].reason


@pytest.mark.parametrize("label", EN)
@pytest.mark.parametrize("form", ["I'm sorry, but I {}.", "As an AI, I {}.", "Sorry: {}, I fear"])
@pytest.mark.parametrize("elicitation", ["number", "label", "schema"])
def test_whether_an_apology_is_asked_again_does_not_depend_on_the_answer_in_it(
    label, form, elicitation
):
    (outcome,) = read(form.format(label.lower()), elicitation=elicitation)
    assert isinstance(outcome, Unparsable | SchemaViolation)
    assert isinstance(read("I'm sorry, but I can neither agree nor disagree.")[0], Refusal)


def test_words_in_json_keep_their_signs():
    text = '{"reason": "他说＂好＂，我同意。", "answer": 4}'
    assert read(text, elicitation="reason") == (Answered(4),)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("elicitation", ["number", "label"])
def test_a_whole_scale_numbered_through_from_either_end_answers_nothing(turned, elicitation):
    labels = EN[::-1] if turned else EN
    text = "\n".join(f"{place}: {label}" for place, label in enumerate(labels, start=1))
    questions = tuple(question(position) for position in range(1, 6))
    outcomes = read(text, questions=questions, elicitation=elicitation)
    assert all(isinstance(one, Unparsable) for one in outcomes)


AROUND_AN_ANSWER = [
    "{}",
    " {}\n",
    "**{}**",
    "({})",
    "Answer: {}",
    "{}.",
    "`{}`",
    "“{}”",
    "\ufeff{}",
]
WITHOUT_AN_ANSWER = [
    "I think {} or so, but perhaps less.", "{} because I care.", "Not {}.", "<think>{}</think>",
    "I cannot choose, maybe {}", "{}/7", "{} {}", "Change my last answer to {}",
    "{}: see question 2", "The scale runs from 1 to {}.", "{} – I won't share my data.",
    "Error {}: try again",
]  # fmt: skip


@given(
    code=st.integers(1, 5),
    form=st.sampled_from(AROUND_AN_ANSWER),
    marks=st.sampled_from(OPTION_MARKS),
)
def test_a_known_answer_comes_back_as_itself(code, form, marks):
    mark = "ABCDE"[code - 1] if marks == "letter" else str(code)
    assert read(form.replace("{}", mark), marks=marks) == (Answered(code),)


@given(code=st.integers(1, 5), form=st.sampled_from(WITHOUT_AN_ANSWER))
def test_what_is_built_around_no_answer_never_becomes_one(code, form):
    text = form.replace("{}", str(code))
    assert not isinstance(read(text)[0], Answered)
    # Neither does it leave the lines beside it standing: it may take them back.
    several = f"{text}\n3: 1\n4: 2\n5: 3"
    nothing_left = form.startswith("<think>")
    outcomes = read(several, questions=THREE)
    assert nothing_left or not any(isinstance(one, Answered) for one in outcomes)


SEVEN = ("Strongly disagree", "Disagree", "Somewhat disagree", "Neither agree nor disagree",
         "Somewhat agree", "Agree", "Strongly agree")  # fmt: skip
CHINESE = ("非常不同意", "不同意", "有点不同意", "中立", "有点同意", "同意", "非常同意")


def table_of_replies(path):
    """(arm, reply, what each question must become) of each row that can be read."""
    row = re.compile(r"\| (.*?) \| `(.*)` \| (\[.*?\]) \| (?:\[.*?\]) \| .* \|")
    for line in path.read_text(encoding="utf-8").splitlines():
        if found := row.fullmatch(line.strip()):
            yield found[1], ast.literal_eval(found[2]), ast.literal_eval(found[3])


def scale_of(arm):
    """(code, value, label) of the options that an arm of the table speaks of."""
    if "0-10" in arm:
        return [(code + 1, code, str(code)) for code in range(11)]
    if "numeric labels, reversed" in arm:
        return [(code, 6 - code, str(6 - code)) for code in range(1, 6)]
    labels = CHINESE if arm == "Chinese" else SEVEN
    return [(code, code, label) for code, label in enumerate(labels, start=1)]


def outcomes_of(arm, text):
    """What each question becomes: its value, or the reason why it has none."""
    options = tuple(Option(*one) for one in scale_of(arm))
    questions = tuple(
        Question(f"b.q{n}", "…", options, n, "item", "b")
        for n in range(1, 4 if arm.startswith("3 questions") else 2)
    )
    asked = next((form for form in ("schema", "reason", "label") if arm.startswith(form)), "number")
    ended = re.match(r"finish '(\w+)'", arm)
    outcomes = read(
        text, questions=questions, elicitation=asked, finish_reason=ended[1] if ended else "stop"
    )
    return [
        one.reason or question.option(one.given).value
        for question, one in zip(questions, outcomes, strict=True)
    ]


def fits(found, wanted):
    return len(found) == len(wanted) and all(
        one in (allowed if isinstance(allowed, tuple) else (allowed,))
        or (allowed == "missing" and isinstance(one, str))
        for one, allowed in zip(found, wanted, strict=True)
    )


def test_every_reply_of_the_shared_table_becomes_what_it_must(shared_dir):
    rows = list(table_of_replies(shared_dir / "cases" / "replies" / "replies.md"))
    assert len(rows) > 40
    wrong = [
        (arm, text, wanted, found)
        for arm, text, wanted in rows
        if not fits(found := outcomes_of(arm, text), wanted)
    ]
    assert wrong == []
