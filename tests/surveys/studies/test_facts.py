"""Facts for the report are stated by a study's editors, at any time, through every door alike."""

import json
from dataclasses import replace

import pytest
from django.urls import reverse
from factories import TESTER, make_draft

from surveys import services
from surveys.instrument_files import InstrumentFileError, bundled_study, parse_study
from surveys.instrument_files.settings import StatedFacts, fact_labels
from surveys.instrument_files.writing import study_values, to_toml
from surveys.models import Action, AuditEntry, Kind, RespondentGroup, Study
from surveys.selectors import stated_facts
from surveys.services.definitions import study_definition

pytestmark = pytest.mark.django_db


def address(study: Study) -> str:
    return reverse("surveys:state_facts", kwargs={"slug": study.slug})


def posted(client, study: Study, **facts: str):
    page = client.get(address(study))
    given = {name: page.context["form"][name].value() or "" for name in page.context["form"].fields}
    return client.post(address(study), {**given, **facts})


def test_an_editor_states_facts_of_an_open_study_and_the_log_keeps_them(
    client, open_study, collaborator, stranger
):
    client.force_login(collaborator)
    checksum = open_study.checksum
    assert (
        "Facts for the report"
        in client.get(reverse("surveys:design", args=[open_study.slug])).content.decode()
    )
    assert (
        posted(client, open_study, funding="A foundation", ethics_approval="Board 7").status_code
        == 302
    )
    assert posted(client, open_study, funding="").status_code == 302
    open_study.refresh_from_db()
    asked = bundled_study("privacy-prosocial")
    own = {key: value for key, value in open_study.facts.items() if key not in asked.facts}
    assert own == {"ethics_approval": "Board 7"}
    assert open_study.checksum == checksum
    rows = AuditEntry.objects.filter(action=Action.FACTS_STATED).order_by("pk")
    assert [row.after for row in rows] == [
        {"funding": "A foundation", "ethics_approval": "Board 7"},
        {"funding": ""},
    ]
    assert rows[1].before == {"funding": "A foundation"}
    log = client.get(reverse("surveys:log", args=[open_study.slug])).content.decode()
    assert "Ethics approval" in log
    client.force_login(stranger)
    assert client.get(address(open_study)).status_code == 404


def test_every_fact_has_a_field_and_each_panel_its_own(client, open_study, owner):
    RespondentGroup.objects.create(study=open_study, key="gpt", label="GPT", kind=Kind.LLM)
    client.force_login(owner)
    page = client.get(address(open_study))
    names = set(page.context["form"].fields)
    assert set(fact_labels(StatedFacts)) <= names
    posted(client, open_study, **{"panels.gpt.model_size": "8 billion"})
    open_study.refresh_from_db()
    assert open_study.facts["panels"] == {"gpt": {"model_size": "8 billion"}}


def test_what_another_editor_stated_meanwhile_stays(client, open_study, owner):
    client.force_login(owner)
    page = client.get(address(open_study))
    given = dict.fromkeys(page.context["form"].fields, "")
    services.state_facts(study=open_study, facts={"analyst": "B.\nAuthor"}, by=TESTER)
    client.post(address(open_study), {**given, "analyst": "B.\r\nAuthor", "funding": "None"})
    open_study.refresh_from_db()
    assert open_study.facts == {"analyst": "B.\nAuthor", "funding": "None"}


def test_a_fact_that_there_is_not_is_refused_with_the_nearest(open_study):
    with pytest.raises(InstrumentFileError, match="did you mean 'funding'"):
        services.state_facts(study=open_study, facts={"fundng": "A"}, by=TESTER)
    wrong = {"panels": {"gpt": {"model_sze": "8"}}}
    with pytest.raises(InstrumentFileError, match=r"panels\.gpt\.model_sze"):
        services.state_facts(study=open_study, facts=wrong, by=TESTER)
    assert not AuditEntry.objects.filter(action=Action.FACTS_STATED).exists()


def test_programs_state_facts_and_read_them(client, open_study, owner):
    client.force_login(owner)
    path = f"/api/studies/{open_study.slug}/facts/"

    def patch(facts):
        return client.patch(path, json.dumps(facts), content_type="application/json")

    assert patch({"funding": "A foundation"}).json()["funding"] == "A foundation"
    assert client.get(path).json()["funding"] == "A foundation"
    refused = patch({"funding": 5})
    assert refused.status_code == 400
    assert refused.json()["errors"]["facts"][0]["code"] == "wrong_type"


def test_facts_of_a_file_are_read_written_and_frozen_by_nobody(owner):
    study = replace(bundled_study("privacy-prosocial"), facts={"retention": "Ten years"})
    assert parse_study(to_toml(study_values(study))) == study
    assert study.checksum("en") == bundled_study("privacy-prosocial").checksum("en")
    made = make_draft(owner, study)
    assert study_definition(made).facts == {"retention": "Ten years"}
    copy = services.copy_study(study=made, slug="another", owner=owner, by=TESTER)
    assert copy.facts == {}


def test_what_is_stated_stands_before_what_the_settings_froze(draft_study):
    draft_study.settings = {"report": {"analyst": "A"}, "people": {"incentive": "None"}}
    draft_study.facts = {"incentive": "3 euros"}
    assert stated_facts(draft_study) == {"analyst": "A", "incentive": "3 euros"}
