"""A list takes as many queries for five rows as for one: over REST and on the pages."""

import pytest
from factories import TESTER, answer_everything, make_link, make_person, make_user
from queries import queries_of

from surveys import services
from surveys.instrument_files import bundled_study
from surveys.models import RecruitingLink, Study


def grow(study: Study, owner) -> None:
    """Four more of everything that a list of the survey app shows."""
    definition = bundled_study("privacy-prosocial")
    for number in range(4):
        link = make_link(study, recruiter="prolific", simulated=number % 2 == 1)
        answer_everything(make_person(link, recruiter_id=f"person-{number}"))
        study.groups.create(key=f"group-{number}", label="Panel", kind="llm")
        helper = make_user(f"helper-{number}")
        services.add_member(study=study, user=helper, role="editor", by=TESTER)
        Study.objects.create(
            slug=f"study-{number}", titles=dict(definition.title), languages=["en"]
        ).memberships.create(user=owner, role="owner")


@pytest.mark.parametrize(
    "path",
    [
        "/api/studies/",
        "/api/links/",
        "/api/respondents/",
        "/api/answers/?limit=500",
        "/",
        "/studies/privacy-prosocial/",
        "/studies/privacy-prosocial/design/",
        "/studies/privacy-prosocial/recruit/",
        "/studies/privacy-prosocial/team/",
    ],
)
def test_five_rows_take_as_many_queries_as_one(client, open_study, owner, link, path):
    client.force_login(owner)
    answer_everything(make_person(link))
    client.get(path)
    one = queries_of(lambda: client.get(path))
    grow(open_study, owner)
    assert RecruitingLink.objects.count() == 5
    response = []
    assert queries_of(lambda: response.append(client.get(path))) == one
    assert response[0].status_code == 200
