"""Whether a reply is read, and why it is not, does not depend on which of the options it names."""

import pytest
from test_parsing import question

from llm_respondents.conversation.arms import Arm
from llm_respondents.conversation.parsing import Answered, Refusal, judge
from llm_respondents.conversation.turns import Turn
from surveys.presentation import Option, Question

BELOW_ZERO = [(value, f"{value:+d}" if value else "0") for value in range(-3, 4)]
ENDS_IN_WORDS = [(0, "0 = never"), *((n, str(n)) for n in range(1, 10)), (10, "10 = always")]
YES_AND_NO = [
    ("Yes", "No", "As an AI I have no opinions, but {}."),
    ("Yes", "No", "{}. I have no feelings about this."),
    ("Sí", "No", "Como IA no tengo opiniones, pero {}."),
    ("Sim", "Não", "Não tenho opinião, mas {}."),
    ("Tak", "Nie", "Nie mam zdania, ale {}."),
    ("Var", "Yok", "Görüşüm yok, ama {}."),
    ("有", "没有", "我没有意见: {}."),
    ("是", "否", "作为AI，我没有意见，但是{}。"),
]
BRACKETED = ("Agree (strongly)", "Agree (a bit)", "Neither", "[None of these]")


def asked(values, position=1):
    options = tuple(Option(code, value, label) for code, (value, label) in enumerate(values, 1))
    return Question(f"b.q{position}", "I plan ahead.", options, position, "item", "b")


def outcomes(text, *questions, elicitation="number", marks="number"):
    arm = Arm(elicitation=elicitation, option_marks=marks)
    return judge(text=text, turn=Turn(0, "b", questions, "…", 0), arm=arm)


@pytest.mark.parametrize("values", [BELOW_ZERO, ENDS_IN_WORDS])
@pytest.mark.parametrize("form", ["{}", "**{}**", "Answer: {}.", "<think>5</think>{}"])
def test_a_number_of_the_scale_is_read_where_words_are_asked_for_that_are_numbers(values, form):
    one = asked(values)
    for code, (value, _) in enumerate(values, start=1):
        assert outcomes(form.format(value), one, elicitation="label") == (Answered(code),)


@pytest.mark.parametrize("marks", ["number", "letter"])
@pytest.mark.parametrize(
    "form", ["{m} = {l}", "{m}: {l}", "({m}) {l}", "{m} ({l})", "{m} {l}", "**{m}** – {l}"]
)
def test_brackets_of_a_label_are_its_own(form, marks):
    for code, label in enumerate(BRACKETED, start=1):
        mark = "ABCD"[code - 1] if marks == "letter" else str(code)
        said = form.format(m=mark, l=label)
        assert outcomes(said, question(labels=BRACKETED), marks=marks) == (Answered(code),)
        other = form.format(m=mark, l=BRACKETED[code % 4])
        assert not isinstance(outcomes(other, question(labels=BRACKETED), marks=marks)[0], Answered)


@pytest.mark.parametrize(("yes", "no", "form"), YES_AND_NO)
@pytest.mark.parametrize("elicitation", ["number", "label", "schema"])
def test_the_no_of_an_excuse_is_not_the_answer_no(yes, no, form, elicitation):
    one = question(labels=(yes, no))
    reasons = [
        outcomes(form.format(word), one, elicitation=elicitation)[0].reason for word in (yes, no)
    ]
    assert reasons[0] == reasons[1] != "refused"


def test_who_has_no_opinion_declines_also_where_no_is_an_option():
    one = question(labels=("Yes", "No"))
    assert isinstance(outcomes("As an AI, I have no opinions.", one)[0], Refusal)
    with_opinion = question(labels=("Yes", "No", "No opinion"))
    assert outcomes("I have no opinion.", with_opinion)[0].reason == "unparsable"


@pytest.mark.parametrize("form", ["{} 🙂", "{}, because I care.", "[x] {}", "{}?"])
def test_the_words_of_an_option_that_declines_choose_it(form):
    labels = ("Yes", "No", "Prefer not to say", "No comment")
    reasons = {outcomes(form.format(one), question(labels=labels))[0].reason for one in labels}
    assert reasons == {"unparsable"}
    assert isinstance(outcomes("I'd rather not answer.", question(labels=labels))[0], Refusal)


NUMBERS = {
    "en": "zero one two three four five six seven eight nine ten",
    "it": "zero uno due tre quattro cinque sei sette otto nove dieci",
    "de": "null eins zwei drei vier fünf sechs sieben acht neun zehn",
    "nl": "nul een twee drie vier vijf zes zeven acht negen tien",
    "tr": "sıfır bir iki üç dört beş altı yedi sekiz dokuz on",
}


@pytest.mark.parametrize("language", NUMBERS)
@pytest.mark.parametrize(("first", "last"), [(1, 7), (0, 10)])
def test_all_numbers_of_a_scale_are_read_in_words_or_none(language, first, last):
    scale = asked([(number, str(number)) for number in range(first, last + 1)])
    words = NUMBERS[language].split()[first : last + 1]
    read = [outcomes(word, scale) for word in words]
    codes = [(Answered(code),) for code in range(1, len(words) + 1)]
    if last == 7 or language in ("en", "it"):
        assert read == codes
    else:
        assert not any(isinstance(one, Answered) for (one,) in read)


def test_where_numbers_go_below_zero_none_is_read_in_words():
    for word in ("two", "minus two", "zero", "drei"):
        assert not isinstance(outcomes(word, asked(BELOW_ZERO))[0], Answered)


def test_turkish_words_are_known_in_capitals_with_and_without_a_dot():
    labels = ("Evet", "Hayır", "Kısmen", "Değil")
    for code, said in enumerate(("EVET", "HAYIR", "KISMEN", "DEĞİL"), start=1):
        assert outcomes(said, question(labels=labels)) == (Answered(code),)


@pytest.mark.parametrize(
    "form",
    [
        "Pregunta {}: {}", "Domanda {}: {}", "Pergunta {}: {}", "Vraag {}: {}", "Pytanie {}: {}",
        "Soru {}: {}", "问题{}：{}", "第{}题：{}", "質問{}：{}", "السؤال {}: {}",
        "({}) {}", "[{}] {}",
        "N° {}: {}",
    ],
)  # fmt: skip
def test_a_question_is_named_in_the_language_of_the_reply(form):
    said = "\n".join(form.format(position, 5 - position) for position in (1, 2, 3))
    three = [question(position) for position in (1, 2, 3)]
    assert outcomes(said, *three) == (Answered(4), Answered(3), Answered(2))
