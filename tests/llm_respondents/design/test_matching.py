"""One session for each of many people: both of a pair were shown the same."""

import tea
from django.db.models import F
from factories import TESTER, make_link

from llm_respondents.conversation.arms import Arm
from llm_respondents.design.spec import PanelSpec
from llm_respondents.models import Attempt
from llm_respondents.services import recruit_panel, run_panel
from surveys.models import Kind, Respondent
from surveys.services import (
    AnswerSubmission,
    GivenAnswer,
    Start,
    begin_administrations,
    people_group,
    record_answer_batch,
)
from surveys.services.enrolment import complete_administrations

PEOPLE = 200
THEIRS = "respondent__matched_to__administration__"
_DATA = """\
[data]
respondents = "people"
id_column = "id"
"""
_INCOME = """\
[[study.demographics]]
key = "income"
kind = "integer"
minimum = 0
maximum = 100000
label.en = "Income"
"""
_COLUMNS = """\
[[columns]]
name = "q2"
item = "liking.bitter"

[[columns]]
name = "q1"
item = "liking.good"

[[columns]]
name = "earns"
demographic = "income"
"""
MAPPING = tea.mapping_of(
    tea.SOURCE, _DATA, tea.STUDY, tea.LIKING_BLOCK, _INCOME, tea.LIKING, _COLUMNS
)


def imported_people(owner):
    rows = "".join(f"p{n},{n % 3 + 1},{n % 2 + 1},{1000 + n}\n" for n in range(PEOPLE))
    return tea.imported(owner, data=f"id,q1,q2,earns\n{rows}", mapping=MAPPING).study


def people_of_all_kinds(study):
    """Both languages, both directions of the scale, an order each, demographics of their own."""
    make_link(study)
    group = people_group(study=study, simulated=False)
    people = Respondent.objects.bulk_create(
        Respondent(study=study, group=group, kind=Kind.HUMAN, demographics={"age": 18 + n})
        for n in range(PEOPLE)
    )
    sessions = begin_administrations(
        study=study,
        starts=[
            Start(one, 7000 + n, ("en", "de")[n % 2], ("forward", "reversed")[n // 2 % 2])
            for n, one in enumerate(people)
        ],
    )
    record_answer_batch(
        submissions=[
            AnswerSubmission(one.pk, [GivenAnswer(ref, 2) for ref in one.realised_order], "all")
            for one in sessions
        ]
    )
    complete_administrations(administrations=sessions)
    return study


def matched(study, **values):
    spec = PanelSpec(
        model="scripted:people-like",
        provider="scripted",
        profile="people-like",
        personas="matched",
        sessions=0,
        **values,
    )
    return recruit_panel(study=study, spec=spec, by=TESTER)


def pairs_shown_the_same(panel):
    """One row for each pair that is equal in everything; compared by the database."""
    return panel.sessions.filter(
        language=F(f"{THEIRS}language"),
        scale_direction=F(f"{THEIRS}scale_direction"),
        realised_order=F(f"{THEIRS}realised_order"),
        presentation_checksum=F(f"{THEIRS}presentation_checksum"),
        respondent__demographics=F("respondent__matched_to__demographics"),
    )


def test_each_of_200_people_has_a_session_that_was_shown_the_same(open_study):
    panel = matched(people_of_all_kinds(open_study))
    pairs = pairs_shown_the_same(panel)
    assert panel.members.count() == pairs.count() == PEOPLE
    assert pairs.values("respondent__matched_to").distinct().count() == PEOPLE
    # The people differ in all that is compared, or equality would say nothing.
    shown = pairs.values_list("language", "scale_direction").distinct()
    assert shown.count() == 4
    assert pairs.values("presentation_checksum").distinct().count() == PEOPLE


def test_each_of_200_imported_people_has_a_session_that_was_shown_the_same(owner):
    panel = matched(imported_people(owner))
    pairs = pairs_shown_the_same(panel)
    assert panel.members.count() == pairs.count() == PEOPLE
    assert pairs.values("respondent__matched_to").distinct().count() == PEOPLE
    assert pairs.values("respondent__demographics").distinct().count() == PEOPLE


def test_sessions_of_imported_people_do_not_share_a_seed(owner):
    """A file tells no seeds. With a common one, whatever is drawn would be drawn alike for all."""
    arm = Arm(option_order="shuffled")
    panel = matched(imported_people(owner), arms=(arm,))
    sessions = panel.sessions
    assert sessions.values("seed").distinct().count() == PEOPLE
    assert pairs_shown_the_same(panel).count() == PEOPLE
    run_panel(panel_id=panel.pk, by=TESTER)
    orders = {
        tuple(line for line in attempt.new_messages[-1]["content"].splitlines() if " = " in line)
        for attempt in Attempt.objects.filter(turn=0)
    }
    assert len(orders) == 6
