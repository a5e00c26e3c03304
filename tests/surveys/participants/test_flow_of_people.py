"""A study that varies, branches and screens, gone through by people on its pages."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.urls import reverse
from factories import make_link, make_person, make_user, personal
from request_study import AGE, FIRM, SHARE, WHY_NOT, open_request_study, request_files

from surveys import services
from surveys.errors import AnswerError
from surveys.instrument_files import study_values
from surveys.models import Administration, Answer, RespondentGroup, Study
from surveys.selectors import condition_of, presentation_of, walk_of
from surveys.services import GivenAnswer
from surveys.services.definitions import study_definition
from surveys.services.rehearsal import read_form, typed

# As displayed.
NO, YES = 1, 2


@pytest.fixture
def study(owner):
    return open_request_study(owner)


@pytest.fixture
def firm_person(study):
    """The first person whose condition has a firm in it."""
    link = make_link(study)
    return next(
        one for one in (make_person(link) for _ in range(4)) if one.condition["recipient"] == "firm"
    )


def send(client, person, number, go="", **given):
    """Fill in a page as a browser does; the response after the redirects."""
    address = personal("page", person, number=number)
    page = client.get(address)
    form = read_form(page.content.decode())
    questions = {one.ref: one for one in presentation_of(person).questions}
    fields = {}
    for key, value in given.items():
        fields |= typed(questions[f"request.{key}"], value)
    more = {"go": go} if go else {}
    return client.post(address, {**form.hidden, **fields, **more}, follow=True)


def reasons(person):
    rows = Answer.objects.filter(administration=person, item__isnull=False)
    return dict(rows.values_list("item__key", "missing_reason"))


def test_every_combination_is_dealt_before_any_comes_again(study):
    link, rehearsal = make_link(study), make_link(study, simulated=True)
    people = [make_person(link) for _ in range(8)]
    for block in (people[:4], people[4:]):
        assert len({tuple(sorted(one.condition.items())) for one in block}) == 4
    assert [one.assignment_number for one in people] == list(range(1, 9))
    # A rehearsal takes nothing from people, and what is kept says how it came about.
    assert make_person(rehearsal).assignment_number == 1
    study.refresh_from_db()
    assert people[6].condition == condition_of(study, "people", 7)


def test_a_person_walks_by_answers_and_condition(client, firm_person):
    page = send(client, firm_person, 1, age=31)
    assert "An insurance firm asks for your step counts" in page.content.decode()
    page = send(client, firm_person, 2, share=YES)
    text = page.content.decode()
    assert "What keeps you from it?" not in text
    assert "Would you, at 31, trust a firm with them?" in text
    page = send(client, firm_person, 3, firm=YES)
    assert page.resolver_match.view_name == "surveys:review"
    assert reasons(firm_person) == {"age": "", "share": "", "why_not": "not_shown", "firm": ""}
    done = services.complete_administration(administration=firm_person)
    assert done.status == Administration.Status.COMPLETED


def test_who_goes_back_leaves_answers_behind_and_finds_them_again(client, firm_person):
    send(client, firm_person, 1, age=31)
    send(client, firm_person, 2, share=NO)
    send(client, firm_person, 3, why_not="It is mine.", firm=YES)
    assert set(reasons(firm_person).values()) == {""}
    send(client, firm_person, 2, share=YES)
    assert reasons(firm_person)["why_not"] == "not_shown"
    left = Answer.objects.get(administration=firm_person, item__key="why_not")
    assert [one.text for one in left.revisions.all()] == ["It is mine."]
    send(client, firm_person, 1, age=20)
    assert reasons(firm_person)["firm"] == "not_shown"
    assert walk_of(firm_person).open_page == len(presentation_of(firm_person).pages) + 1
    send(client, firm_person, 1, age=40)
    page = send(client, firm_person, 2, share=NO)
    assert "It is mine." in page.content.decode()
    assert set(reasons(firm_person).values()) == {""}


def test_a_question_that_comes_back_unanswered_is_asked(client, firm_person):
    send(client, firm_person, 1, age=20)
    page = send(client, firm_person, 2, share=YES)
    assert page.resolver_match.view_name == "surveys:review"
    page = send(client, firm_person, 1, age=30)
    page = client.get(personal("resume", firm_person), follow=True)
    assert page.request["PATH_INFO"] == personal("page", firm_person, number=3)


def test_answers_can_end_the_questionnaire(client, firm_person):
    page = send(client, firm_person, 1, age=17)
    assert "This study is looking for other people" in page.content.decode()
    firm_person.refresh_from_db()
    assert (firm_person.status, firm_person.outcome) == ("stopped", "screened_out")
    assert firm_person.screened_by == "minors"
    assert reasons(firm_person) == {
        "age": "",
        **dict.fromkeys(("share", "why_not", "firm"), "not_shown"),
    }


def test_what_is_not_shown_cannot_be_answered(firm_person):
    def hand_in(ref, given, key):
        return services.record_participant_answers(
            administration=firm_person,
            answers=[GivenAnswer(ref, given)],
            idempotency_key=key,
            door="page",
        )

    hand_in(AGE, 20, "1")
    hand_in(SHARE, YES, "2")
    for ref, given in ((WHY_NOT, "No."), (FIRM, YES)):
        with pytest.raises(AnswerError) as refused:
            hand_in(ref, given, f"late {ref}")
        assert refused.value.code == "question_not_shown"


def test_a_condition_alone_leaves_out_from_the_start(study):
    link = make_link(study)
    people = [make_person(link) for _ in range(4)]
    for person in people:
        out = {"firm": "not_shown"} if person.condition["recipient"] == "state" else {}
        assert reasons(person) == out


def test_the_draft_the_file_and_the_study_are_the_same(study):
    definition = study_definition(study)
    assert [one.key for one in definition.flow.conditions] == ["recipient", "benefit"]
    assert definition.flow.screening[0].when == "request.age < 18"
    assert request_files()[1].count("[[show_if]]") == len(definition.flow.show_if)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_people_who_come_at_the_same_moment_are_dealt_different_combinations():
    study = open_request_study(make_user("owner"))
    link, together = make_link(study), 12
    barrier = Barrier(together)

    def come(_number):
        try:
            barrier.wait(10)
            return make_person(link)
        finally:
            connection.close()

    with ThreadPoolExecutor(together) as pool:
        people = list(pool.map(come, range(together)))
    assert sorted(one.assignment_number for one in people) == list(range(1, together + 1))
    dealt = Counter(tuple(sorted(one.condition.items())) for one in people)
    assert sorted(dealt.values()) == [3, 3, 3, 3]
    assert RespondentGroup.objects.get(study=study, key="people").assigned == together
    assert Study.objects.get(pk=study.pk).assignment_seed is not None


def test_the_preview_shows_each_condition_and_says_what_depends_on_answers(client, study, owner):
    client.force_login(owner)
    address = reverse("surveys:preview", kwargs={"slug": study.slug})
    text = client.get(f"{address}?page=2&condition-recipient=firm").content.decode()
    person, model = text.split('id="model"')
    assert person.count("An insurance firm asks for your step counts") == 1
    assert "An insurance firm asks for your step counts" in model
    text = client.get(f"{address}?page=3&condition-recipient=firm").content.decode()
    assert "request.share in [0, &#x27;dont_know&#x27;]" in text
    assert "Would you, at …, trust a firm with them?" in text
    text = client.get(f"{address}?page=3&condition-recipient=state").content.decode()
    assert "trust a firm with them?" not in text
    design = client.get(reverse("surveys:design", kwargs={"slug": study.slug})).content.decode()
    assert "request.age &lt; 18" in design


def test_a_share_in_the_file_is_stored_written_again_and_dealt(owner):
    mark = 'key = "state",'
    study = open_request_study(owner, change=lambda text: text.replace(mark, f"{mark} share = 2,"))
    link = make_link(study)
    recipients = Counter(make_person(link).condition["recipient"] for _ in range(6))

    assert recipients == {"state": 4, "firm": 2}
    written = study_values(study_definition(study))
    assert [one.get("share") for one in written["conditions"][0]["levels"]] == [2, None]
