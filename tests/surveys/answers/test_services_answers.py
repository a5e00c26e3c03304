"""Recording answers: once, in one transaction, with every earlier answer kept."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from factories import TESTER, answer_everything, make_person

from surveys import services
from surveys.errors import AnswerError
from surveys.models import Administration, Answer, AnswerRevision, Submission
from surveys.selectors import presentation_of, stored_values
from surveys.services import AnswerSubmission, GivenAnswer


@pytest.fixture
def refs(person) -> tuple[str, ...]:
    return presentation_of(person).order


def record(person: Administration, *answers: GivenAnswer, key: str = "one") -> services.Receipt:
    return services.record_answers(administration=person, answers=answers, idempotency_key=key)


def test_the_value_behind_the_displayed_code_is_stored_in_either_direction(open_study, person):
    group = person.respondent.group
    for direction, value in (("forward", 1), ("reversed", 7)):
        respondent = open_study.respondents.create(group=group, kind="human")
        administration = services.begin_administration(
            respondent=respondent,
            study=open_study,
            seed=3,
            language="en",
            scale_direction=direction,
        )
        ref = presentation_of(administration).order[0]
        record(administration, GivenAnswer(ref, 1))
        assert stored_values(administration) == {ref: value}


def test_attention_checks_are_stored_beside_items_and_apart_from_them(person, refs):
    check = next(ref for ref in refs if ref.startswith("check."))
    record(person, GivenAnswer(check, 1))
    answer = Answer.objects.get()
    assert answer.item is None
    assert answer.attention_check.key == check.removeprefix("check.")


def test_the_same_key_stores_nothing_again_whatever_it_says(person, refs):
    record(person, GivenAnswer(refs[0], 1))
    receipt = record(person, GivenAnswer(refs[0], 5), GivenAnswer(refs[1], 5))
    assert receipt.repeated
    assert stored_values(person) == {refs[0]: 1}


def test_the_same_answer_again_is_no_revision(person, refs):
    record(person, GivenAnswer(refs[0], 1, elapsed_ms=10))
    receipt = record(person, GivenAnswer(refs[0], 1, elapsed_ms=99), key="two")
    assert (receipt.created, receipt.changed) == (0, 0)
    assert not AnswerRevision.objects.exists()


def test_a_value_may_become_a_reason_and_back(person, refs):
    record(person, GivenAnswer(refs[0], 1, elapsed_ms=10), key="a")
    record(person, GivenAnswer(refs[0], None, "skipped"), key="b")
    record(person, GivenAnswer(refs[0], 2), key="c")
    answer = Answer.objects.get()
    assert (answer.value, answer.missing_reason, answer.revision) == (2, "", 3)
    kept = answer.revisions.values_list("revision", "value", "missing_reason", "elapsed_ms")
    assert list(kept) == [(1, 1, "", 10), (2, None, "skipped", None)]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (GivenAnswer("privacy.nothing", 1), "unknown_question"),
        (GivenAnswer("privacy.control_1", 8), "unknown_option"),
        (GivenAnswer("privacy.control_1", 0), "unknown_option"),
        (GivenAnswer("privacy.control_1", None), "value_and_reason"),
        (GivenAnswer("privacy.control_1", 1, "skipped"), "value_and_reason"),
        (GivenAnswer("privacy.control_1", None, "tired"), "unknown_missing_reason"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_and_nothing_is_stored(person, given, code):
    with pytest.raises(AnswerError) as refused:
        record(person, GivenAnswer("privacy.control_2", 1), given)
    assert refused.value.code == code
    assert list(refused.value.details) == [given.ref]
    assert not Answer.objects.exists()
    assert not Submission.objects.exists()


def test_one_question_is_answered_once_per_submission(person, refs):
    with pytest.raises(AnswerError) as refused:
        record(person, GivenAnswer(refs[0], 1), GivenAnswer(refs[0], 2))
    assert refused.value.code == "question_repeated"


def test_an_ended_administration_takes_no_more_answers(person, refs):
    services.withdraw(administration=person, by=TESTER)
    with pytest.raises(AnswerError) as refused:
        record(person, GivenAnswer(refs[0], 1))
    assert refused.value.code == "administration_ended"


def test_a_refused_key_can_be_used_again(person, refs):
    with pytest.raises(AnswerError):
        record(person, GivenAnswer(refs[0], 99))
    assert record(person, GivenAnswer(refs[0], 1)).created == 1


def test_a_batch_stores_the_turns_of_many_in_their_order(link):
    first, second = make_person(link), make_person(link)
    ref = presentation_of(first).order[0]
    receipts = services.record_answer_batch(
        submissions=[
            AnswerSubmission(first.pk, [GivenAnswer(ref, 1)], "a"),
            AnswerSubmission(second.pk, [GivenAnswer(ref, 2)], "a"),
            AnswerSubmission(first.pk, [GivenAnswer(ref, 3)], "b"),
            AnswerSubmission(first.pk, [GivenAnswer(ref, 4)], "b"),
        ]
    )
    assert [(r.created, r.changed, r.repeated) for r in receipts] == [
        (1, 0, False),
        (1, 0, False),
        (0, 1, False),
        (0, 0, True),
    ]
    assert stored_values(first) == {ref: 3}
    assert stored_values(second) == {ref: 2}


def test_a_batch_with_one_bad_answer_stores_none(link):
    first, second = make_person(link), make_person(link)
    ref = presentation_of(first).order[0]
    with pytest.raises(AnswerError):
        services.record_answer_batch(
            submissions=[
                AnswerSubmission(first.pk, [GivenAnswer(ref, 1)], "a"),
                AnswerSubmission(second.pk, [GivenAnswer(ref, 99)], "a"),
            ]
        )
    assert not Answer.objects.exists()


def test_a_batch_names_an_administration_that_is_not_there(db):
    with pytest.raises(AnswerError) as refused:
        services.record_answer_batch(submissions=[AnswerSubmission(0, [], "a")])
    assert refused.value.code == "administration_unknown"


def test_a_batch_of_many_takes_no_more_queries_than_a_batch_of_two(link):
    counts = []
    for size in (2, 12):
        people = [make_person(link) for _ in range(size)]
        refs = [presentation_of(person).order[0] for person in people]
        submissions = [
            AnswerSubmission(person.pk, [GivenAnswer(ref, 1)], "a")
            for person, ref in zip(people, refs, strict=True)
        ]
        with CaptureQueriesContext(connection) as queries:
            services.record_answer_batch(submissions=submissions)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_database_itself_keeps_one_answer_per_question(person, refs):
    answer_everything(person)
    double = Answer.objects.select_related("item").exclude(item=None).first()
    double.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        double.save(force_insert=True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": None, "missing_reason": ""},
        {"value": 1, "missing_reason": "skipped"},
        {"value": None, "missing_reason": "tired"},
        {"item": None},
    ],
)
def test_the_database_itself_refuses_an_answer_without_either_value_or_reason(person, wrong):
    answer_everything(person)
    answer = person.answers.exclude(item=None).first()
    with pytest.raises(IntegrityError), transaction.atomic():
        Answer.objects.filter(pk=answer.pk).update(**wrong)
