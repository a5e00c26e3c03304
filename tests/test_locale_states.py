"""States of studies and runs, and roles of members, are in the reader's language."""

import pytest
from django.urls import reverse
from django.utils.translation import gettext, override

from analysis.models import AnalysisRun
from surveys.models import Membership, Study


def test_a_german_study_page_says_state_and_roles_in_german(client, open_study, owner):
    client.force_login(owner)
    headers = {"Accept-Language": "de"}
    for address in (
        reverse("surveys:study", args=[open_study.slug]),
        reverse("surveys:study_list"),
    ):
        assert ">Offen</span>" in client.get(address, headers=headers).content.decode()
    page = client.get(reverse("surveys:team", args=[open_study.slug]), headers=headers)
    assert "Eigentümer:in" in page.content.decode()
    assert ">Owner<" not in page.content.decode()


@pytest.mark.parametrize(
    "label",
    [
        *Study.Status.labels,
        *(role.sentence for role in Membership.Role),
        *AnalysisRun.Status.values,
    ],
)
def test_every_state_and_role_has_its_german(label):
    with override("de"):
        assert gettext(label) != label
