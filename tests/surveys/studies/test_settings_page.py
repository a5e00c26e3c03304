"""The settings of a draft, chosen on a page of their own; what else its file says stays."""

import pytest
from django.urls import reverse
from factories import TESTER, make_link

from surveys import services
from surveys.errors import StudyError
from surveys.instrument_files import study_values
from surveys.models import AuditEntry
from surveys.services.authoring.study_settings import change_settings
from surveys.services.definitions import study_definition


def page_of(study) -> str:
    return reverse("surveys:study_settings", args=[study.slug])


def as_sent(client, study) -> dict:
    """What a browser sends when nothing was changed on the page."""
    form = client.get(page_of(study)).context["form"]
    initial = {one.html_name: one.value() for one in form}
    return {name: value for name, value in initial.items() if value not in (None, False)}


def values(study) -> dict:
    study.refresh_from_db()
    return study_values(study_definition(study))


def test_what_is_sent_as_it_was_changes_nothing(client, owner, draft_study):
    client.force_login(owner)
    before, logged = values(draft_study), AuditEntry.objects.count()
    assert client.post(page_of(draft_study), as_sent(client, draft_study)).status_code == 302
    assert values(draft_study) == before
    assert AuditEntry.objects.count() == logged


def test_settings_are_ticked_and_people_are_told_of_them(client, owner, draft_study):
    client.force_login(owner)
    page = client.get(page_of(draft_study)).content.decode()
    assert "how many characters were pasted into a field, but not what" in page
    before = values(draft_study)
    sent = {**as_sent(client, draft_study), "anonymous": "on", "paradata": ["paste", "times"]}
    sent |= {"minutes": "7", "block_order": "on", "paradata_told.de": "Wir sehen zu."}
    assert client.post(page_of(draft_study), sent).status_code == 302
    after = values(draft_study)
    assert after["settings"] == before["settings"] | {
        "anonymous": True,
        "paradata": ["times", "paste"],
        "minutes": 7,
        "block_order": "shuffled",
        "paradata_told": {"de": "Wir sehen zu."},
    }
    assert {**after, "settings": None} == {**before, "settings": None}
    design = client.get(reverse("surveys:design", args=[draft_study.slug])).content.decode()
    assert "Anonymous: no recruiter" in design
    assert "how many characters were pasted" in design

    services.open_study(study=draft_study, by=TESTER)
    link = make_link(draft_study)
    told = client.get(reverse("surveys:information", args=[link.token])).content.decode()
    assert "This study is anonymous." in told
    assert "how many characters were pasted into a field, but not what" in told


def test_a_tick_that_is_taken_away_is_gone(client, owner, draft_study):
    chosen = {"anonymous": True, "paradata": ["times"], "paradata_told": {"en": "Times."}}
    change_settings(study=draft_study, settings=chosen, by=TESTER)
    client.force_login(owner)
    sent = as_sent(client, draft_study)
    for name in ("anonymous", "paradata", "paradata_told.en"):
        del sent[name]
    client.post(page_of(draft_study), sent)
    settings = values(draft_study)["settings"]
    assert settings["anonymous"] is False
    assert not {"paradata", "paradata_told"} & set(settings)


def test_what_cannot_be_is_said_beside_its_field(client, owner, draft_study):
    client.force_login(owner)
    refused = client.post(page_of(draft_study), {"minutes": "0", "paradata": ["thoughts"]})
    assert refused.status_code == 422
    assert set(refused.context["form"].errors) == {"minutes", "paradata"}
    assert "Nothing is stored yet" in refused.content.decode()


def test_a_frozen_study_keeps_its_settings(client, owner, open_study):
    client.force_login(owner)
    before = values(open_study)
    led = client.post(page_of(open_study), {"anonymous": "on"})
    assert led.url == reverse("surveys:new_version", args=[open_study.slug])
    assert values(open_study) == before
    with pytest.raises(StudyError):
        change_settings(study=open_study, settings={"anonymous": True}, by=TESTER)
    design = client.get(reverse("surveys:design", args=[open_study.slug])).content.decode()
    assert "Not anonymous" in design
    assert page_of(open_study) not in design
