"""The short way in which a page is stored first is the general way, only shorter."""

from unittest.mock import patch

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from every_kind import OPINION, open_day_study
from factories import make_link, personal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_study import open_small_study

from surveys import selectors, services
from surveys.errors import CounterpartError
from surveys.models import AnswerRevision, Consent, MissingReason, Respondent
from surveys.services import GivenAnswer
from surveys.services.recording.beginning import Start, begin_administrations

ROWS = ("position", "item", "value", "number", "text", "missing_reason", "revision", "elapsed_ms")


def begun(link):
    """Somebody who sees the questions as everybody here does."""
    group = services.people_group(study=link.study, simulated=False)
    one = Respondent.objects.create(study=link.study, group=group, kind="human", link=link)
    text = selectors.consent_text(link.study, "en")
    Consent.objects.create(respondent=one, text=text, given=True)
    (made,) = begin_administrations(study=link.study, starts=[Start(one, 1, "en")])
    return made


@st.composite
def handed_in(draw, questions, pages):
    """What somebody sends: mostly a page as it is meant, sometimes anything."""
    page = draw(st.integers(0, pages - 1))
    asked = draw(st.lists(st.sampled_from(questions[page]), unique=True, min_size=1))
    if draw(st.integers(0, 9)) == 0:
        asked.append(draw(st.sampled_from([one for of in questions for one in of])))
    answers = [
        draw(
            st.sampled_from(
                [
                    GivenAnswer(ref, given, elapsed_ms=5),
                    GivenAnswer(ref, given, elapsed_ms=5),
                    GivenAnswer(ref, None, missing_reason=MissingReason.SKIPPED),
                    GivenAnswer(ref, 99),
                ]
            )
        )
        for ref, given in asked
    ]
    return answers, draw(st.sampled_from("abcdefgh")), draw(st.booleans())


def outcome(person, answers, key, only_open):
    """The receipt, or the code of what was refused; one statement's failure is nobody else's."""
    try:
        receipt = services.record_participant_answers(
            administration=person,
            answers=answers,
            idempotency_key=key,
            door="page",
            only_open=only_open,
        )
    except CounterpartError as error:
        return error.code
    return (receipt.created, receipt.changed, receipt.repeated, receipt.ends)


def stored(person):
    rows = list(person.answers.order_by("position", "item").values_list(*ROWS))
    of = AnswerRevision.objects.filter(answer__administration=person)
    kept = sorted(of.values_list("answer__item", "revision", "value", "text", "missing_reason"))
    submitted = sorted(person.submissions.values_list("idempotency_key", "door"))
    return rows, kept, submitted


@pytest.mark.django_db
@pytest.mark.parametrize("kinds", ["every", "choice"])
def test_both_ways_store_the_same_rows_and_answer_the_same(owner, kinds):
    study = open_day_study(owner, items_per_page=3) if kinds == "every" else open_small_study(owner)
    link = make_link(study)
    presentation = selectors.presentation_of(begun(link))
    questions = [[(one.ref, _meant(one)) for one in page.questions] for page in presentation.pages]
    in_order = [
        ([GivenAnswer(*one) for one in of], f"page{n}", False) for n, of in enumerate(questions)
    ]
    anything = st.lists(handed_in(questions, len(questions)), max_size=6)

    @settings(max_examples=12, suppress_health_check=list(HealthCheck), database=None)
    @given(first=st.integers(0, len(questions)), then=anything)
    def same(first, then):
        short, general = begun(link), begun(link)
        for sent in (*in_order[:first], *then):
            one = outcome(short, *sent)
            with patch("surveys.services.enrolment.record_first_time", lambda **_: None):
                other = outcome(general, *sent)
            assert one == other
            assert stored(short) == stored(general)

    same()


def _meant(question):
    if question.open is None:
        return 1
    values = [OPINION[ref] for ref in question.refs if ref in OPINION]
    return question.given(values) if len(values) == len(question.refs) else 99


def count(call):
    """How many statements a call takes, those of its transaction left out, and what it returns."""
    asked = []

    def counted(execute, sql, *args):
        asked.append(sql)
        return execute(sql, *args)

    with connection.execute_wrapper(counted):
        answer = call()
    return len([sql for sql in asked if "SAVEPOINT" not in sql]), answer


@pytest.mark.django_db
def test_no_page_takes_more_than_four_statements_to_be_shown_or_stored(owner):
    link = make_link(open_small_study(owner))
    client = Client()
    # What is kept in memory is read with the first person.
    _walk(client, link)
    taken = _walk(client, link)
    assert taken["begin"] <= 7
    assert taken.pop("begin") > 4
    assert all(number <= 4 for number in taken.values()), taken


def _walk(client, link):
    taken = {}
    address = reverse("surveys:information", kwargs={"token": link.token})
    taken["information"], _ = count(lambda: client.get(address))
    sent = {"decision": "agree", "start": make_start()}
    begin = reverse("surveys:begin", kwargs={"token": link.token})
    taken["begin"], answer = count(lambda: client.post(begin, sent))
    person = selectors.person_administration(answer.url.split("/")[2])
    for page in selectors.presentation_of(person).pages:
        at = personal("page", person, number=page.number)
        taken[f"show {page.number}"], _ = count(lambda at=at: client.get(at))
        fields = {"key": "k" * 20, **{one.ref: 1 for one in page.questions}}
        number, answer = count(lambda at=at, fields=fields: client.post(at, fields))
        assert answer.status_code == 302
        taken[f"store {page.number}"] = number
    review = personal("review", person)
    taken["review"], _ = count(lambda: client.get(review))
    taken["hand in"], _ = count(lambda: client.post(review))
    taken["end"], _ = count(lambda: client.get(personal("end", person)))
    return taken


_starts = iter(range(1000))


def make_start():
    return f"start-{next(_starts):020d}"
