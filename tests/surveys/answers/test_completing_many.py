"""Many passages can be completed at once: all of them, or none, and each with its own code."""

import pytest
from factories import answer_everything, make_person

from surveys.errors import AnswerError
from surveys.models import Administration
from surveys.services import decline
from surveys.services.enrolment import complete_administrations

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(link):
    people = [make_person(link) for _ in range(3)]
    for one in people:
        answer_everything(one)
    return people


def test_each_is_completed_in_the_order_given_with_a_code_of_its_own(people):
    given = people[::-1]

    done = complete_administrations(administrations=given)

    assert [one.pk for one in done] == [one.pk for one in given]
    stored = Administration.objects.filter(status="completed", ended_at__isnull=False)
    assert stored.count() == len(set(stored.values_list("completion_code", flat=True))) == 3


def test_nobody_is_completed_if_somebody_has_unanswered_questions(people, person):
    with pytest.raises(AnswerError) as no:
        complete_administrations(administrations=[*people, person])

    assert no.value.code == "questions_unanswered"
    assert not Administration.objects.filter(status="completed").exists()


def test_who_completed_before_keeps_time_and_code(people):
    (first,) = complete_administrations(administrations=people[:1])

    again = complete_administrations(administrations=people)[0]

    assert (again.ended_at, again.completion_code) == (first.ended_at, first.completion_code)


def test_who_declined_cannot_be_completed(people, link):
    text = people[0].respondent.consent.text
    declined = decline(link=link, consent_text=text)

    with pytest.raises(AnswerError) as no:
        complete_administrations(administrations=[declined])

    assert no.value.code == "administration_ended"
