"""What is counted from indexes alone is what counting each row by hand gives."""

from collections import Counter

import pytest
from django.contrib.auth import get_user_model
from factories import TESTER, answer_everything, make_link, make_person

from analysis.quality.services import ended_now
from llm_respondents.design.spec import PanelSpec
from llm_respondents.services import recruit_panel, run_panel
from surveys import services
from surveys.models import Administration, Kind, MissingReason, Respondent
from surveys.selectors import (
    consent_text,
    link_outcomes,
    presentation_of,
    respondent_flows,
    studies_with_counts,
    study_groups,
)
from surveys.selectors.counting import begun_sessions, completed_people
from surveys.services import AnswerSubmission, GivenAnswer
from surveys.services.people.erasure import erase_person
from surveys.services.rehearsal import rehearse
from surveys.simulation import bundled_profile
from surveys.workspace.funnel import flows_of, groups_with_flows
from surveys.workspace.tabs import study_tabs


def _completed(link):
    person = make_person(link)
    answer_everything(person)
    return services.complete_administration(administration=person)


@pytest.fixture
def everybody(open_study):
    """Somebody in each state there is: people, in a rehearsal, of two panels, and a test."""
    link = make_link(open_study)
    done = [_completed(link) for _ in range(4)]
    make_person(link)
    services.withdraw(administration=make_person(link), by=TESTER)
    erase_person(respondent=done[0].respondent, by=TESTER)
    text = consent_text(open_study, "en")
    services.decline(link=link, consent_text=text, token="declined")
    services.decline(link=link, consent_text=text, token="tried", test=True)
    rehearsal = make_link(open_study, simulated=True)
    rehearse(link=rehearsal, profile=bundled_profile("people"), people=3, seed=1, by=TESTER)
    for sessions in (2, 5):
        spec = PanelSpec(
            provider="scripted", model="scripted:reversed", profile="reversed", sessions=sessions
        )
        panel = recruit_panel(study=open_study, spec=spec, by=TESTER)
        if sessions == 2:
            run_panel(panel_id=panel.pk, by=TESTER)
    return open_study


def _by_hand(group):
    """The same, one row after the other."""
    people = list(Respondent.with_tests.filter(group=group).select_related("administration"))
    sessions = [one.administration for one in people]
    states = Counter(one.status for one in sessions if not one.erased)
    return {
        "asked": len(people),
        "on_pages": sum(one.link_id is not None for one in people),
        "consented": sum(one.status != "declined" for one in sessions),
        **{one: states[one] for one in Administration.Status.values},
        "erased": sum(one.erased for one in sessions),
    }


def test_every_number_of_a_group_is_what_its_rows_say(everybody, owner):
    groups = study_groups(everybody)
    truth = {group.pk: _by_hand(group) for group in groups}
    told = respondent_flows(everybody)
    assert {pk: one | {"loads": 0} for pk, one in told.items()} == {
        pk: one | {"loads": 0} for pk, one in truth.items()
    }
    flows = flows_of(groups_with_flows(owner, everybody.slug))
    shown = {one.group.pk: dict(one.flow) for one in (*flows.people, *flows.panels)}
    assert shown == told
    people, rehearsal, done, waiting = (truth[group.pk] for group in groups)
    assert {name: number for name, number in people.items() if number != 1} == {
        "asked": 7,
        "on_pages": 7,
        "consented": 6,
        "completed": 3,
        "stopped": 0,
    }
    assert [one["completed"] for one in (rehearsal, done, waiting)] == [3, 2, 0]
    assert waiting["in_progress"] == 5


def test_the_numbers_of_studies_tabs_and_looks_leave_tests_out(everybody, owner):
    truth = Counter(
        (one.respondent.kind, one.respondent.simulated)
        for one in Administration.objects.filter(
            study=everybody, status="completed", respondent__test=False
        ).select_related("respondent")
    )
    people, rehearsed = truth[(Kind.HUMAN, False)], truth[(Kind.HUMAN, True)]
    models = truth[(Kind.LLM, True)] + truth[(Kind.LLM, False)]
    study = studies_with_counts(owner).get(pk=everybody.pk)
    assert (study.people, study.simulated_people, study.model_sessions) == (
        people,
        rehearsed,
        models,
    )
    assert completed_people(everybody) == (people, rehearsed)
    assert ended_now(everybody) == (people + rehearsed, models)
    tabs = study_tabs(everybody, path="/", view_name="")
    assert next(tab.count.said for tab in tabs if tab.key == "people") == people
    # Of the link that people came by, and of the rehearsal's.
    outcomes = link_outcomes(everybody)
    assert [sum(outcomes[link].values()) for link in sorted(outcomes)] == [7, 3]


def test_an_administration_is_in_the_group_of_its_respondent(everybody):
    pairs = Administration.objects.values_list("group", "respondent__group")
    assert len(pairs) == 18
    assert all(own == of_respondent for own, of_respondent in pairs)


def test_somebody_else_counts_nothing(everybody):
    stranger = get_user_model().objects.create_user("nobody")
    assert groups_with_flows(stranger, everybody.slug) == []


def test_a_session_that_was_only_recruited_has_not_begun(everybody):
    done, waiting = everybody.groups.filter(kind=Kind.LLM).order_by("pk")
    asked, told = Administration.objects.filter(group=waiting).order_by("pk")[:2]
    ref = presentation_of(asked).questions[0].ref
    services.record_answer_batch(
        submissions=[
            AnswerSubmission(asked.pk, [GivenAnswer(ref, None, MissingReason.REFUSED)], "one"),
            AnswerSubmission(told.pk, [GivenAnswer(ref, None, MissingReason.NOT_SHOWN)], "none"),
        ]
    )
    assert begun_sessions([done, waiting]) == {done.pk: 2, waiting.pk: 1}
