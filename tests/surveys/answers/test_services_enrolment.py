"""Beginning, ending and leaving: one administration from start to end."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction
from factories import TESTER, answer_everything, make_draft, make_link, make_person, make_user

from surveys import services
from surveys.errors import AnswerError, CounterpartError, EnrolmentError, StudyError
from surveys.models import Administration, Kind, RecruitingLink, Respondent
from surveys.selectors import consent_text, presentation_of
from surveys.services import GivenAnswer


def test_the_realised_order_and_its_checksum_are_kept(person):
    shown = presentation_of(person)
    assert person.realised_order == list(shown.order)
    assert person.presentation_checksum == shown.checksum


def test_another_administration_can_be_replayed_word_for_word(person, open_study):
    group = open_study.groups.create(key="panel", label="Panel", kind=Kind.LLM)
    model = open_study.respondents.create(group=group, kind=Kind.LLM, matched_to=person.respondent)
    matched = services.begin_administration(
        respondent=model,
        study=open_study,
        seed=999,
        language=person.language,
        order=person.realised_order,
    )
    assert matched.presentation_checksum == person.presentation_checksum


def test_a_study_with_balanced_directions_turns_some_scales_round(owner):
    study = make_draft(owner)
    study.settings = {**study.settings, "scale_direction": "balanced"}
    study.save()
    link = make_link(services.open_study(study=study, by=TESTER))
    directions = {make_person(link).scale_direction for _ in range(30)}
    assert directions == {"forward", "reversed"}


def test_a_seeded_study_gives_a_recruiter_id_the_same_order_in_every_run(owner):
    study = make_draft(owner)
    study.settings = {**study.settings, "seed": 1}
    study.save()
    link = make_link(services.open_study(study=study, by=TESTER))
    seeds = {name: make_person(link, recruiter_id=name).seed for name in ("ann", "bob")}
    Respondent.objects.all().delete()
    assert {name: make_person(link, recruiter_id=name).seed for name in seeds} == seeds


def test_an_address_that_is_given_is_used_and_found_again(link):
    text = consent_text(link.study, "en")
    begun = [services.enrol_person(link=link, consent_text=text, token="a-token") for _ in range(2)]
    assert begun[0] == begun[1]
    assert begun[0].token == "a-token"


def test_one_row_per_study_recruiter_and_id_is_kept_by_the_database(link):
    person = make_person(link, recruiter_id="ann")
    double = person.respondent
    double.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        double.save(force_insert=True)


def test_nobody_begins_in_a_language_that_the_study_does_not_have(open_study, person):
    with pytest.raises(StudyError) as refused:
        services.begin_administration(
            respondent=person.respondent, study=open_study, seed=1, language="fr"
        )
    assert refused.value.code == "language_not_offered"


def test_completing_needs_an_answer_or_a_reason_for_every_question(person):
    refs = presentation_of(person).order
    services.record_answers(
        administration=person,
        answers=[GivenAnswer(ref, 1) for ref in refs[1:]],
        idempotency_key="most",
    )
    with pytest.raises(AnswerError) as refused:
        services.complete_administration(administration=person)
    assert refused.value.code == "questions_unanswered"
    services.record_answers(
        administration=person,
        answers=[GivenAnswer(refs[0], None, "skipped")],
        idempotency_key="last",
    )
    assert services.complete_administration(administration=person).status == "completed"


def test_completing_twice_keeps_the_code(person):
    answer_everything(person)
    codes = {
        services.complete_administration(administration=person).completion_code for _ in range(2)
    }
    assert len(codes) == 1


def test_a_completion_code_cannot_be_misread(person):
    answer_everything(person)
    code = services.complete_administration(administration=person).completion_code
    assert len(code) == 8
    assert not set(code) & set("01OIL")


def test_a_code_belongs_to_every_completed_administration_in_the_database(person):
    rows = Administration.objects.filter(pk=person.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(status="completed", ended_at=person.started_at, completion_code="")


def test_withdrawing_leaves_only_that_somebody_took_part(person):
    answer_everything(person)
    services.record_demographics(administration=person, values={"age": 40})
    services.withdraw(administration=person, by=TESTER)
    person.refresh_from_db()
    assert person.status == "withdrawn"
    assert not person.answers.exists()
    assert not person.submissions.exists()
    person.respondent.refresh_from_db()
    assert person.respondent.demographics == {}


def test_a_stopped_session_stays_as_it_ended(person):
    answer_everything(person)
    services.complete_administration(administration=person)
    assert services.stop_administration(administration=person).status == "completed"


def test_demographics_cannot_be_changed_after_the_end(person):
    answer_everything(person)
    services.complete_administration(administration=person)
    with pytest.raises(AnswerError):
        services.record_demographics(administration=person, values={"age": 40})


def at_once(task, times: int) -> list:
    """Run `task` in threads that start together; each result or coded error."""
    barrier = Barrier(times)

    def run(number: int):
        barrier.wait()
        try:
            return task(number)
        except CounterpartError as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


@pytest.fixture
def committed_link(transactional_db) -> RecruitingLink:
    study = services.open_study(study=make_draft(make_user("owner")), by=TESTER)
    return make_link(study, kind=RecruitingLink.Kind.SINGLE_USE)


def test_a_single_use_link_lets_only_one_of_many_in(committed_link):
    text = consent_text(committed_link.study, "en")

    def enrol(_number: int) -> str:
        services.enrol_person(link=committed_link, consent_text=text)
        return "in"

    outcomes = at_once(enrol, 8)
    assert sorted(outcomes) == ["in", *["link_inactive"] * 7]
    assert Respondent.objects.count() == 1


def test_one_form_sent_many_times_at_once_begins_once(committed_link):
    text = consent_text(committed_link.study, "en")

    def enrol(_number: int) -> str:
        return services.enrol_person(link=committed_link, consent_text=text, token="one").token

    assert at_once(enrol, 8) == ["one"] * 8
    assert Respondent.objects.count() == 1


def test_one_recruiter_id_at_many_doors_at_once_begins_once_and_leads_nobody_else_in(
    committed_link,
):
    link = make_link(committed_link.study)
    text = consent_text(link.study, "en")

    def enrol(_number: int) -> int:
        return services.enrol_person(link=link, consent_text=text, recruiter_id="ann").pk

    others = [outcome for outcome in at_once(enrol, 8) if outcome == "recruiter_id_known"]
    assert len(others) == 7
    assert Respondent.objects.count() == 1


def test_one_page_sent_many_times_at_once_is_stored_once(committed_link):
    person = make_person(committed_link)
    ref = presentation_of(person).order[0]

    def record(_number: int) -> bool:
        return services.record_answers(
            administration=person, answers=[GivenAnswer(ref, 1)], idempotency_key="one"
        ).repeated

    assert sorted(at_once(record, 8)) == [False, *[True] * 7]
    assert person.answers.get().revision == 1


def test_an_inactive_link_lets_nobody_in(link):
    services.set_link_active(link=link, active=False, by=TESTER)
    with pytest.raises(EnrolmentError) as refused:
        make_person(link)
    assert refused.value.code == "link_inactive"
