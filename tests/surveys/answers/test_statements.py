"""Queries that are put together once return what Django's own would."""

import threading

import pytest
from django.db import connection, transaction
from django.db.models import BigIntegerField, CharField
from factories import answer_everything, make_person

from surveys.models import Administration, Answer
from surveys.selectors import person_administration
from surveys.statements import Slot, Statement

pytestmark = pytest.mark.django_db


def people():
    return Administration.objects.select_related("study", "respondent__link").order_by()


AT = Statement(lambda: people().filter(token=Slot(0, CharField())))
LOCKED = Statement(
    lambda: (
        people()
        .only("status", "study__flow", "respondent__link__token")
        .filter(status=Slot(1, CharField()), pk=Slot(0, BigIntegerField()))
        .select_for_update(of=("self",))
    )
)
CODES = Statement(
    lambda: (
        Answer.objects.filter(administration_id=Slot(0, BigIntegerField()))
        .order_by("position")
        .values_list("position", "value", "answered_at")
    )
)


def columns(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_joined_rows_are_those_of_the_query_with_every_value_in_its_type(link):
    person, other = make_person(link, recruiter_id="one"), make_person(link, recruiter_id="two")
    for one in (person, other):
        found, wanted = AT.first(one.token), people().get(pk=one.pk)
        assert columns(found) == columns(wanted)
        assert columns(found.study) == columns(wanted.study)
        assert columns(found.respondent.link) == columns(wanted.respondent.link)
    assert AT.first("no such token") is None


def test_slots_are_filled_by_their_number_and_columns_that_were_left_out_are_read_later(link):
    person = make_person(link)
    with transaction.atomic():
        (found,) = LOCKED.rows(person.pk, "in_progress")
        assert LOCKED.rows(person.pk, "completed") == []
    assert "language" in found.get_deferred_fields()
    assert found.language == "en"
    assert found.study.flow == person.study.flow


def test_tuples_are_converted_as_the_query_does_it(link):
    person = make_person(link)
    answer_everything(person)
    answers = Answer.objects.filter(administration=person).order_by("position")
    assert CODES.rows(person.pk) == list(answers.values_list("position", "value", "answered_at"))


def test_one_statement_is_sent_and_what_changed_meanwhile_is_seen(link, django_assert_num_queries):
    person = make_person(link)
    assert person_administration(person.token).language == "en"
    Administration.objects.update(language="de")
    with django_assert_num_queries(1):
        found = person_administration(person.token)
    assert (found.language, found.study.slug) == ("de", person.study.slug)


@pytest.mark.django_db(transaction=True)
def test_every_thread_asks_on_its_own_connection(link):
    token, seen = make_person(link).token, []

    def ask():
        try:
            seen.append(AT.first(token).token)
        finally:
            connection.close()

    AT.first(token)
    for _ in range(2):
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    assert seen == [token, token]
