"""Replies built round a known answer, and round none: never another value than the one meant."""

import json

from hypothesis import given
from hypothesis import strategies as st
from test_parsing import DE, EN, THREE, question, read

from llm_respondents.conversation.parsing import Answered, Refusal

CODES = st.integers(1, 5)
# What may stand before and behind an answer; «o» is a number that was not meant.
BEFORE = [
    "", "<think>Perhaps «o», perhaps less.</think>\n", "<thinking>\n«o»\n</thinking>\n\n",
    "Not «o»: ",
    "I first thought «o». ", "1 = Strongly disagree, 5 = Strongly agree\n", "[THINK]«o»[/THINK]",
    "<|channel|>analysis<|message|>«o»<|end|>", "Question «o»: ", "«o»? No. ",
    "In «o» of 5 cases: ",
    "The scale runs from 1 to 5. ", "Let me think: «o» is too low. ", "> «o»\n\n", "Sure! ",
    "Answer: ",
    "«o» = Agree\n", "«o»\n", "«o», ", "«o» ", "<answer>", "**Question:** «o» of 40\n**Answer:** ",
]  # fmt: skip
BEHIND = [
    "", ".", "\n", "**", "<|im_end|>", "</s>", " because I care.", " – «o» of my friends do, too.",
    " (out of 5)", "/5", "%", " = a label of my own", "</answer>", " I won't share my data.",
    "\n\nExplanation: question «o» was harder.", " on a scale from 1 to 5",
    "<think>«o»</think>", "?",
]  # fmt: skip
TAKEN_BACK = [
    " or «o»", ", «o»", "-«o»", "\n\nActually, «o».", " (I mean «o»)", ", no, «o»", "\n«o»",
    " → «o»",
    "; change it to «o»", " is not my answer", " would be a lie", "</think>", " and «o»",
]  # fmt: skip
REFUSALS = [
    "I'd rather not answer.", "I have no feelings about this.", "I decline to answer that.",
    "Ich möchte dazu nichts sagen.", "Das kann ich nicht beantworten.", "Keine Angabe.",
    "Je préfère ne pas répondre.", "Aucun commentaire.", "Prefiero no contestar.", "Me niego.",
    "Preferisco non rispondere.", "Non posso rispondere.", "Prefiro não responder.",
    "Sem comentários.", "Ik wil daar liever geen antwoord op geven.", "Geen commentaar.",
    "Wolę nie odpowiadać.", "Odmawiam odpowiedzi.", "Bu soruya cevap vermek istemiyorum.",
    "Yorum yok.", "我不想回答这个问题。", "不予置评。", "お答えできません。", "ノーコメント。",
    "أفضل عدم الإجابة.", "لا تعليق.",
    "I will keep that to myself.", "No answer.", "Das behalte ich lieber für mich: ich passe.",
    "Das möchte ich für mich behalten.", "Sans réponse.", "Il m'est impossible de répondre.",
    "Sin respuesta.", "No deseo compartir mi opinión.", "Nessuna risposta.",
    "Non mi è possibile rispondere.", "Sem resposta.", "Não gostaria de responder.",
    "Geen antwoord.", "Ik pas.", "Brak odpowiedzi.", "Nie odpowiem na to.", "Cevap yok.",
    "Bunu cevaplayamıyorum.", "我选择不回答。", "恕不奉告。", "無回答。", "選べません。",
    "لا إجابة.", "بدون تعليق.",
]  # fmt: skip
BESIDE_A_REFUSAL = [
    "{}", "{} «o»", "«o» {}", "«o». {}", "{} (question «o» of 40)", "{}\n1: «o»",
    "{} – «o» or «o»?",
    "<think>«o»</think>{}", "{}\n\n1 = Strongly disagree\n5 = Strongly agree", "Error «o»: {}",
]  # fmt: skip
LINES = [
    "{}: {}",
    "{}. {}",
    "{}) {}",
    "{} = {}",
    "- {}: {}",
    "Q{}: {}",
    "**{}:** {}",
    "Question {}: {}",
]
NOISE = [
    "Here is what I would NOT say:", "Question 4 should be 1.", "(These are examples.)", "6: 2",
    "Scale: 1 to 5", "3 = Neither", "I refuse.", "Actually, change 3 to 5.", "4: 1 or 2", "…",
]  # fmt: skip


def with_other(text, other):
    return text.replace("«o»", str(other))


def is_answered(outcome):
    return isinstance(outcome, Answered)


@given(code=CODES, other=CODES, before=st.sampled_from(BEFORE), behind=st.sampled_from(BEHIND))
def test_what_stands_round_an_answer_never_makes_it_another(code, other, before, behind):
    (outcome,) = read(with_other(before, other) + str(code) + with_other(behind, other))
    assert not is_answered(outcome) or outcome == Answered(code)


@given(
    code=CODES,
    other=CODES,
    before=st.sampled_from(BEFORE),
    behind=st.sampled_from(BEHIND),
    back=st.sampled_from(TAKEN_BACK),
)
def test_an_answer_that_is_taken_back_is_none(code, other, before, behind, back):
    text = f"{with_other(before, other)}{code}{with_other(back, other)}{with_other(behind, other)}"
    assert not is_answered(read(text)[0])


@given(
    code=CODES,
    label=st.integers(1, 5),
    form=st.sampled_from(["{} = {}", "{}: {}", "{} ({})", "{} – {}", "{}, {}", "{}\n{}", "{} {}"]),
    is_behind=st.booleans(),
    labels=st.sampled_from([EN, DE]),
)
def test_a_number_beside_the_words_of_another_option_is_no_answer(
    code, label, form, is_behind, labels
):
    said = (labels[label - 1], str(code)) if is_behind else (str(code), labels[label - 1])
    (outcome,) = read(form.format(*said), labels=labels)
    assert not is_answered(outcome) or outcome == Answered(code) == Answered(label)


@given(said=st.sampled_from(REFUSALS), other=CODES, form=st.sampled_from(BESIDE_A_REFUSAL))
def test_no_number_in_or_beside_a_refusal_becomes_an_answer(said, other, form):
    text = with_other(form, other).format(said)
    assert not is_answered(read(text)[0])
    assert not any(map(is_answered, read(text, questions=THREE)))
    if form == "{}":
        assert isinstance(read(text)[0], Refusal)


@given(
    shown=st.lists(st.integers(1, 5), min_size=2, max_size=5, unique=True),
    form=st.sampled_from(LINES),
    before=st.sampled_from(["", "The scale:\n", "<think>4</think>\n"]),
    first=st.integers(1, 3),
)
def test_a_scale_that_is_told_again_answers_nothing(shown, form, before, first):
    text = before + "\n".join(form.format(mark, EN[mark - 1]) for mark in shown)
    assert not is_answered(read(text)[0])
    questions = tuple(question(position) for position in range(first, first + 3))
    assert not any(map(is_answered, read(text, questions=questions)))


@given(
    codes=st.tuples(CODES, CODES, CODES),
    order=st.permutations([0, 1, 2]),
    form=st.sampled_from(LINES),
    thought=st.sampled_from(["", "<think>3: 5\n4: 5\n5: 5</think>\n"]),
    noise=st.none() | st.sampled_from(NOISE),
    place=st.integers(0, 3),
)
def test_lines_answer_their_questions_and_only_where_nothing_stands_beside_them(
    codes, order, form, thought, noise, place
):
    lines = [form.format(3 + at, codes[at]) for at in order]
    if noise:
        lines.insert(place, noise)
    outcomes = read(thought + "\n".join(lines), questions=THREE)
    if not noise:
        assert outcomes == tuple(map(Answered, codes))
    elif noise != "3 = Neither":
        assert not any(map(is_answered, outcomes))
    else:
        assert not is_answered(outcomes[0]) or outcomes[0] == Answered(3) == Answered(codes[0])


@given(codes=st.tuples(CODES, CODES, CODES), first=st.integers(1, 6))
def test_answers_to_questions_numbered_anew_are_no_answers(codes, first):
    said = json.dumps({"answers": {str(first + at): code for at, code in enumerate(codes)}})
    outcomes = read(said, elicitation="schema", questions=THREE)
    if first == 3:
        assert outcomes == tuple(map(Answered, codes))
    else:
        assert not any(map(is_answered, outcomes))


JSON = [
    '{"answer": «c»}', '<think>{"answer": «o»}</think>{"answer": «c»}',
    '```json\n{"answer": «c»}\n```',
    '{"answer": «c»}<|im_end|>',
]  # fmt: skip
NOT_JUST_JSON = [
    '{"answer": «c»} {"answer": «o»}', '{"answer": «c», "answer": «o»}',
    '{"answer": «c»}\nI mean «o».',
    '{"answer": «c», "corrected": «o»}', '{"answer": [«c», «o»]}', '{"answer": «c».«o»}',
    'Not {"answer": «c»}', '<think>{"answer": «c»}</think>', '{"question": «o», "answer": «c»}',
    '{"answer": {"answer": «c»}}', '{"answer": "«c» or «o»"}', '{"answers": {"1": «c»}}',
]  # fmt: skip


@given(code=CODES, other=CODES, form=st.sampled_from(JSON + NOT_JUST_JSON))
def test_json_with_anything_beside_the_answer_is_none(code, other, form):
    (outcome,) = read(with_other(form, other).replace("«c»", str(code)), elicitation="schema")
    assert is_answered(outcome) == (form in JSON)
    assert not is_answered(outcome) or outcome == Answered(code)
