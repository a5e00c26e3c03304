"""Replies as models write them, in twelve languages: an answer only where nothing else is said."""

import pytest
from test_parsing import question, read

from llm_respondents.conversation.parsing import Answered

SEVEN = (
    "Strongly disagree",
    "Disagree",
    "Somewhat disagree",
    "Neither agree nor disagree",
    "Somewhat agree",
    "Agree",
    "Strongly agree",
)
FIVE = [
    "5", "5.", "**5**", "`5`", "```\n5\n```", "```text\n5\n```", "５", "٥", "۵", "5️⃣",
    "Answer: 5", "**Answer:** 5", "Answer: **5**", "(5)", "[5]", '"5"', "5,0", "5.0",
    "5 (Somewhat agree)", "5 = Somewhat agree", "5 - Somewhat agree", "5: Somewhat agree",
    "Somewhat agree (5)", "5 – Somewhat agree.", "  5\n", "\ufeff5", "\u200b5", "_5_", "# 5",
    "- 5", "* 5", "Antwort: 5", "Réponse : 5", "Respuesta: 5", "Risposta: 5", "Resposta: 5",
    "Antwoord: 5", "Odpowiedź: 5", "Cevap: 5", "答案：5", "回答：5", "答え：5", "الإجابة: ٥",
    "<answer>5</answer>", "\\boxed{5}", "My answer is 5.", "My answer: 5", "I choose 5.", "five",
    "Five.", "fünf", "cinq", "cinco", "五",
]  # fmt: skip
# Ranges, doubts, sums, parts of numbers, marks with another option's words, thoughts, refusals.
NO_ANSWER = [
    "4-5", "4–5", "4 to 5", "between 4 and 5", "Between 4 and 5, so 4.5", "4.5", "4,5", "4/5",
    "4 or 5", "4 oder 5", "4 ou 5", "4 o 5", "4 of 5", "4 lub 5", "4 veya 5", "4或5", "4か5",
    "٤ أو ٥", "4, 5", "4 5", "45", "5!?? no 4", "5 5 4", "5\n4", "5\n\nActually 4",
    "5... or maybe 3", "I'd say 5, perhaps 6", "5 → 4", "~~5~~ 4", "5 (no, 4)", "5-7",
    "zwischen 4 und 5", "entre 4 et 5", "entre 4 y 5", "tra 4 e 5", "entre 4 e 5",
    "tussen 4 en 5", "między 4 a 5", "4 ile 5 arasında", "4到5之间", "4と5の間", "بين ٤ و ٥",
    "0", "8",
    "-5", "100", "5%", "50%", "five or six", "four point five", "vier bis fünf", "vierundfünfzig",
    "quatre ou cinq", "cinco o seis", "四五", "四、五", "十五", "五分の四", "½", "5½", "5e0",
    "0x5", "V",
    "IV", "2+3", "10/2", "√25", "Not 5", "not five", "anything but 5", "Nicht 5", "pas 5", "no 5",
    "5 is too high", "5 is not my answer", "Less than 5", "at least 5", "mindestens 5", "≥5",
    ">5", "<5", "~5", "about 5", "circa 5", "±5", "5±1", "5+", "5?", "5 (unsure)", "N/A", "n/a 5",
    "null", "None", "nan", "{}", "[]", "5️⃣4️⃣", "4️⃣ or 5️⃣", "④⑤", "5 stars out of 10",
    "5 out of 10", "5/10", "3 (on a 5-point scale)", "5 (Disagree)", "5 = Agree", "Agree (5)",
    "Disagree, 5", "6: Somewhat agree", "1 Strongly agree", "Somewhat agree or agree",
    "Somewhat agree/Agree", "Somewhat agree - Agree", "neither Agree nor Disagree... 5",
    "1 2 3 4 5 6 7", "1 = Strongly disagree … 7 = Strongly agree",
    "Options: 1,2,3,4,5,6,7. Choice: none", "Question 5", "Q5", "Item 5:", "Step 5",
    "5 reasons: ...", "As of 2025, 5", "I am an AI language model.",
    "I can't pick 5 or any number.", "Ich kann nicht 5 wählen.", "<think>5</think>", "<think>5",
    "<think>4</think> <think>5</think>", "Error 5", "HTTP 500", "5 tokens left", '{"answer": 5',
    '{"answer": 5, "alt": 4}', '{"a":4,"b":5}', "4. 5", "4) 5", "4: 5", "1: 5",
]  # fmt: skip
# What says more than an answer may be lost, and is never another one.
AT_MOST = [
    ("5/7", 5), ("5 / 7", 5), ("5 out of 7", 5), ("5 von 7", 5), ("5 sur 7", 5), ("5 de 7", 5),
    ("5 su 7", 5), ("5 van 7", 5), ("5 na 7", 5), ("7 üzerinden 5", 5), ("7分中5", 5),
    ("٥ من ٧", 5), ("5 on a scale of 1 to 7", 5), ("On a scale of 1 to 7: 5", 5),
    ("On a scale from 1 to 7, I choose 5", 5), ("5 5", 5), ("5\n5", 5), ("5\n\n5", 5),
    ("**5**\n\n5", 5), ("Answer: 5\nAnswer: 5", 5), ("5 - because I care about my 3 children", 5),
    ("5, da ich 2 Kinder habe", 5), ("I'd go with 5", 5), ("I would rate this a 5.", 5), ("⑤", 5),
    ("Ⅴ", 5), ("5th", 5), ("5点", 5), ("5번", 5), ("5分", 5), ("Rating: 5 stars", 5),
    ('{"answer": 5}', 5), ('```json\n{"answer": 5}\n```', 5),
    ('{"answer": 5, "confidence": 0.9}', 5), ("[5]", 5), ("answer=5", 5), ("5 🙂", 5), ("👍 5", 5),
    ("<think>3 or 4?</think>5", 5), ("<think>\n1: 2\n</think>\n\n**5**", 5),
    ("Final answer: 5", 5), ("Thus, 5.", 5), ("five (5)", 5), ("5 (five)", 5), ("fünf (5)", 5),
    ("cinq (5)", 5), ("五（5）", 5), ("Agree: 6", 6), ("Option 6", 6), ("6\n\nAgree", 6),
    ("6 Agree", 6), ("6. Agree", 6), ("6) Agree", 6), ("- [x] 6. Agree", 6), ("☑ Agree", 6),
    ("Agree ✅", 6), ("“Agree”", 6), ("‘Agree’", 6), ("AGREE", 6), ("agree.", 6), ("I agree", 6),
    ("I somewhat agree", 5), ("Somewhat agree, I think", 5), ("five (6)", None),
    ("6 (five)", None), ("six (5)", None), ("seven (6)", None), ("5 (5)", 5), ("5 = 5", 5),
    ("1\n\n(Strongly disagree)", 1), ("1 (Strongly agree)", None),
    ("7 (Strongly disagree)", None), ("7 = Strongly disagree", None),
    ("Ich würde 5 sagen, vielleicht auch 6.", None), ("Je dirais 5, peut-être 6.", None),
    ("Yo diría 5, tal vez 6.", None), ("Direi 5, forse 6.", None),
    ("Eu diria 5, talvez 6.", None), ("Ik zou 5 zeggen, misschien 6.", None),
    ("Powiedziałbym 5, może 6.", None), ("5 derdim, belki 6.", None), ("我会选5，也可能是6。",
    None),
    ("5か、もしかしたら6です。", None), ("سأقول ٥ وربما ٦.", None),
    ("Skala: 1 = stimme gar nicht zu, 7 = stimme voll zu. Antwort: 5", 5),
    ("Sur une échelle de 1 à 7 : 5", 5), ("En una escala de 1 a 7: 5", 5),
    ("Su una scala da 1 a 7: 5", 5), ("Numa escala de 1 a 7: 5", 5),
    ("Op een schaal van 1 tot 7: 5", 5), ("W skali od 1 do 7: 5", 5), ("1'den 7'ye kadar: 5", 5),
    ("在1到7的量表上：5", 5), ("1から7の尺度で：5", 5), ("على مقياس من ١ إلى ٧: ٥", 5),
    ("Ich bin eine KI und habe 0 Meinungen.", None),
    ("En tant qu'IA je ne réponds pas (1 à 7).", None),
    ("No puedo elegir un número del 1 al 7.", None), ("Non posso scegliere tra 1 e 7.", None),
    ("Não posso escolher entre 1 e 7.", None), ("Ik kan geen getal van 1 tot 7 kiezen.", None),
    ("Nie mogę wybrać od 1 do 7.", None), ("1 ile 7 arasında seçim yapamam.", None),
    ("我不能在1到7之间选择。", None), ("1から7の中から選ぶことはできません。", None),
    ("لا أستطيع الاختيار بين ١ و ٧.", None),
]  # fmt: skip
THREE_AT_ONCE = [
    ("1: 4\n2: 5\n3: 6", (4, 5, 6)), ("4\n5\n6", (4, 5, 6)), ("1. 4\n2. 5\n3. 6", (4, 5, 6)),
    ("4, 5, 6", (4, 5, 6)), ("```\n1: 4\n2: 5\n3: 6\n```", (4, 5, 6)),
    ("**1:** 4\n**2:** 5\n**3:** 6", (4, 5, 6)), ("1️⃣ 4\n2️⃣ 5\n3️⃣ 6", (4, 5, 6)),
    ("١: ٤\n٢: ٥\n٣: ٦", (4, 5, 6)), ("１：４\n２：５\n３：６", (4, 5, 6)),
    ("1) 4; 2) 5; 3) 6", (4, 5, 6)), ("Q1 4 Q2 5 Q3 6", (4, 5, 6)),
    ("3: 6\n1: 4\n2: 5", (4, 5, 6)),
    ("| Q | A |\n|---|---|\n| 1 | 4 |\n| 2 | 5 |\n| 3 | 6 |", (4, 5, 6)),
    ("1: 4\n2: 5\n3: 6\n1: 4\n2: 5\n3: 6", (4, 5, 6)),
    ("1: 4\n2: 5\n3: 6\n\n1: 5\n2: 5\n3: 6", None), ("1: 4-5\n2: 5\n3: 6", (None, 5, 6)),
    ("1: 4 or 5\n2: 5\n3: 6", (None, 5, 6)), ("4 5", None), ("4, 5", None), ("4 5 6 7", None),
    ("456", None), ("1-3: 5", None), ("1, 2, 3: 5", None), ("All: 5", None),
    ("1: 5\n2-3: 4", None), ("2: 4\n3: 5\n4: 6", None), ("1: 4/7\n2: 5/7\n3: 6/7", (4, 5, 6)),
    ("1: Agree\n2: Disagree\n3: Agree", (6, 2, 6)), ("1: 6 (Disagree)\n2: 5\n3: 6", (None, 5, 6)),
    ("1. Strongly disagree\n2. Disagree\n3. Somewhat disagree", None),
    ("1 = Strongly disagree\n2 = Disagree\n3 = Somewhat disagree", None),
    ("1: 4\n2: refuse\n3: 6", (4, None, 6)), ("1: N/A\n2: 5\n3: 6", (None, 5, 6)),
    ('{"1":4,"2":5,"3":6}', (4, 5, 6)), ("[4,5,6]", (4, 5, 6)), ("[4,5]", None),
    ("<think>1: 1\n2: 1\n3: 1</think>1: 4\n2: 5\n3: 6", (4, 5, 6)), ("4,5\n5,5\n6,5", None),
    ("1: 4,0\n2: 5,0\n3: 6,0", (4, 5, 6)), ("1: four\n2: five\n3: six", (4, 5, 6)),
    ("1: 4 because of 2 things\n2: 5\n3: 6", (4, 5, 6)),
    ("Frage 1: 4\nFrage 2: 5\nFrage 3: 6", (4, 5, 6)), ("问题1：4\n问题2：5\n问题3：6", (4, 5, 6)),
    ("السؤال ١: ٤\nالسؤال ٢: ٥\nالسؤال ٣: ٦", (4, 5, 6)),
    ("1: 4\n2: 5\n3: 6\n\n(Scale: 1-7)", (4, 5, 6)), ("For question 2 I say 5.", None),
    ("4 (Q1), 5 (Q2), 6 (Q3)", (4, 5, 6)),
    ("1: 6\n2: 5\n3: 4\n\nWait, 1 and 3 are swapped.", None),
    ("1: 4\n1: 5\n2: 5\n3: 6", (None, 5, 6)), ("1: 4\n2: 5", (4, 5, None)),
]  # fmt: skip
JSON = [
    ('{"answer": 5}', 5), ('{"answer": "5"}', 5), ('{"answer": 5.0}', 5),
    ('{"answer": 4.5}', None), ('{"answer": "4-5"}', None), ('{"answer": "4/7"}', 4),
    ('{"answer": [5]}', 5), ('{"answer": [4,5]}', None), ('{"answer": 5, "reason": "x"}', 5),
    ('{"answer": 5, "answer": 4}', None), ('{"answer": 5}{"answer": 4}', None),
    ('{"answer": 5}\n{"answer": 5}', 5), ('```json\n{"answer": 5}\n```', 5), ('{"ANSWER": 5}', 5),
    ('{"response": 5}', 5), ('{"answer": null}', None), ('{"answer": true}', None),
    ('{"answer": "five"}', 5), ('{"answer": "Somewhat agree"}', 5),
    ('{"answer": "Agree", "value": 5}', None), ('{"answer": "５"}', 5), ('{"answer": "٥"}', 5),
    ('{"answer": "5️⃣"}', 5), ('{"answer": 5, "scale": {"1": "a"}}', 5), ('{"answer": 50}', None),
    ('{"answer": -5}', None), ('{"answer": "not 5"}', None), ('{"answer": {"value": 5}}', 5),
    ('Here: {"answer": 5}', 5), ('{"answer": 5} because', 5), ("{'answer': 5}", 5),
    ('{"answer": 5,}', 5), ('{"answer": 5', None), ("5", 5), ('{"answer": "I refuse"}', None),
    ('{"answer": "5,0"}', 5), ('{"answer": "4,5"}', None),
    ('<think>{"answer": 1}</think>{"answer": 5}', 5), ('{"answer": 5, "alternatives": [4]}', 5),
]  # fmt: skip


def given_in(outcomes):
    return tuple(one.given if isinstance(one, Answered) else None for one in outcomes)


@pytest.mark.parametrize("text", FIVE)
def test_typography_digits_and_words_for_five_are_five(text):
    assert given_in(read(text, labels=SEVEN)) == (5,)


@pytest.mark.parametrize("text", NO_ANSWER)
def test_what_is_not_an_answer_alone_is_none(text):
    assert given_in(read(text, labels=SEVEN)) == (None,)


@pytest.mark.parametrize(("text", "meant"), AT_MOST)
def test_what_stands_beside_an_answer_never_makes_it_another(text, meant):
    assert given_in(read(text, labels=SEVEN))[0] in (None, meant)


@pytest.mark.parametrize(("text", "meant"), THREE_AT_ONCE)
def test_of_three_questions_each_has_its_own_answer_or_none(text, meant):
    three = tuple(question(position, labels=SEVEN) for position in (1, 2, 3))
    found = given_in(read(text, questions=three))
    for given, wanted in zip(found, meant or (None,) * 3, strict=True):
        assert given in (None, wanted)


@pytest.mark.parametrize(("text", "meant"), JSON)
def test_json_says_what_it_says_or_nothing(text, meant):
    assert given_in(read(text, labels=SEVEN, elicitation="schema"))[0] in (None, meant)
