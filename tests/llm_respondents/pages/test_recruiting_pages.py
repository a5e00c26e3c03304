"""Recruiting a panel from the study's page: by the name of an endpoint, never by an address."""

import pytest
from django.urls import reverse
from factories import TESTER, answer_everything, make_person
from panel_form import filled_in

from llm_respondents.models import Panel
from llm_respondents.rehearsal import Endpoint
from llm_respondents.services import cap_study_spend, run_panel
from surveys import services
from surveys.models import MissingReason

WORDS = """
[endpoints.words]
base_url = "http://127.0.0.1:9/v1"
dialect = "anthropic"
"""


@pytest.fixture
def listed(list_endpoint):
    """The operator's list; returns what writes it for another address of the campus endpoint."""

    def write(base_url="http://127.0.0.1:9/v1"):
        list_endpoint(base_url, name="campus", prompt=0.25, completion=2, more=WORDS)

    write()
    return write


def address(study):
    return reverse("llm_respondents:new_panel", args=[study.slug])


def refused(client, study, **changes):
    """The fields at which the page says what is wrong; nothing may have been made."""
    page = client.post(address(study), filled_in(**changes))
    assert page.status_code == 422
    assert not Panel.objects.exists()
    return page.context["form"].errors


def test_two_fields_recruit_a_panel_at_a_named_endpoint(client, open_study, owner, listed):
    client.force_login(owner)
    page = client.get(address(open_study))
    sent = {f.html_name: f.value() for f in page.context["form"] if f.value() is not None}
    # A browser sends the first of a list that has nothing chosen.
    sent |= {"language": "en", "respondent": "endpoint:campus", "model": "m"}
    done = client.post(address(open_study), sent)
    panel = Panel.objects.get()
    assert done.url == reverse("llm_respondents:panel", args=[panel.pk])
    assert (panel.model, panel.base_url, panel.status) == ("m", "http://127.0.0.1:9/v1", "ready")
    assert (panel.members.count(), panel.created_by) == (20, owner)


def test_the_page_offers_names_and_listed_models_and_shows_no_address(
    client, open_study, collaborator, listed
):
    client.force_login(collaborator)
    page = client.get(address(open_study)).content.decode()
    assert 'value="endpoint:campus"' in page
    assert 'value="profile:people-like"' in page
    assert '<option value="small">campus</option>' in page
    assert "127.0.0.1:9" not in page


def test_an_address_is_no_endpoint(client, open_study, owner, listed):
    client.force_login(owner)
    for given in ("http://169.254.169.254/", "endpoint:http://169.254.169.254/", "endpoint:no"):
        assert "respondent" in refused(client, open_study, respondent=given)
    client.post(address(open_study), filled_in(base_url="http://169.254.169.254/"))
    assert Panel.objects.get().base_url == "http://127.0.0.1:9/v1"


def test_a_stranger_finds_no_page_and_makes_nothing(client, open_study, stranger, listed):
    client.force_login(stranger)
    assert client.get(address(open_study)).status_code == 404
    assert client.post(address(open_study), filled_in()).status_code == 404
    cap = reverse("llm_respondents:study_cap", args=[open_study.slug])
    assert client.post(cap, {"spend_cap": "1"}).status_code == 404
    assert not Panel.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"model": ""}, "model"),
        ({"sessions": ""}, "sessions"),
        ({"sessions": 0}, "sessions"),
        ({"temperature": 3}, "temperature"),
        ({"top_p": 0}, "top_p"),
        ({"history": "window"}, "window"),
        ({"window": 5}, "window"),
        ({"history": "swapped"}, "history_from"),
        ({"elicitation": "label", "option_marks": "letter"}, "option_marks"),
        ({"respondent": "endpoint:words"}, "elicitation"),
        (
            {"respondent": "endpoint:words", "elicitation": "number", "temperature": 2},
            "temperature",
        ),
        ({"personas": "matched", "scale_directions": "balanced"}, "scale_directions"),
        ({"personas": "matched"}, "personas"),
        ({"model": "unlisted", "spend_cap": "5"}, "spend_cap"),
        ({"spend_cap": "-1"}, "spend_cap"),
        ({"language": "fr"}, "language"),
    ],
)
def test_what_cannot_be_recruited_is_said_at_its_field(
    client, open_study, owner, listed, changes, field
):
    client.force_login(owner)
    assert list(refused(client, open_study, **changes)) == [field]


def test_a_study_that_is_not_open_takes_no_panel(client, draft_study, owner, listed):
    client.force_login(owner)
    assert "__all__" in refused(client, draft_study)


def test_a_matched_panel_has_one_session_for_each_person(client, link, owner, listed):
    for _ in range(2):
        person = make_person(link)
        answer_everything(person)
        services.complete_administration(administration=person)
    client.force_login(owner)
    client.post(address(link.study), filled_in(personas="matched", sessions=1))
    assert Panel.objects.get().members.count() == 2


def test_a_rehearsal_needs_no_endpoint(client, open_study, owner, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    client.force_login(owner)
    page = client.get(address(open_study)).content.decode()
    assert "endpoint:" not in page
    client.post(
        address(open_study), filled_in(respondent="profile:people-like", model="", sessions=2)
    )
    panel = Panel.objects.get()
    assert (panel.provider, panel.group.simulated) == ("scripted", True)


def test_a_list_that_cannot_be_read_is_no_address_of_a_file(client, open_study, owner, listed):
    from django.conf import settings

    (settings.DATA_DIR / "endpoints.toml").write_text("[endpoints")
    client.force_login(owner)
    page = client.get(address(open_study)).content.decode()
    assert "cannot be read" in page
    assert str(settings.DATA_DIR) not in page


def test_before_it_runs_the_page_says_what_the_panel_is_expected_to_cost(
    client, open_study, owner, listed
):
    client.force_login(owner)
    page = client.post(address(open_study), filled_in(sessions=6), follow=True)
    forecast = page.context["forecast"]
    assert forecast.source == "texts"
    assert 0 < forecast.low.nano <= forecast.expected.nano <= forecast.high.nano
    shown = page.content.decode()
    assert f"{forecast.expected.prompt_tokens:,}" in shown
    assert 'value="pilot"' in shown


def test_without_a_price_the_page_says_so_and_shows_tokens(client, open_study, owner, listed):
    client.force_login(owner)
    page = client.post(address(open_study), filled_in(model="unlisted"), follow=True)
    assert "No price is listed for this model" in page.content.decode()
    assert page.context["forecast"].expected.prompt_tokens > 0


def test_a_cap_is_set_raised_and_lifted(client, open_study, owner, listed):
    client.force_login(owner)
    client.post(address(open_study), filled_in(spend_cap="1.5"))
    panel = Panel.objects.get()
    caps = [panel.spend_cap_nano]
    for given in ("2.25", ""):
        client.post(reverse("llm_respondents:cap", args=[panel.pk]), {"spend_cap": given})
        panel.refresh_from_db()
        caps.append(panel.spend_cap_nano)
    assert caps == [1_500_000_000, 2_250_000_000, None]
    wrong = client.post(reverse("llm_respondents:cap", args=[panel.pk]), {"spend_cap": "-1"})
    assert wrong.status_code == 422


def test_the_cap_of_all_panels_is_shown_with_the_study(client, open_study, owner, listed):
    client.force_login(owner)
    client.post(reverse("llm_respondents:study_cap", args=[open_study.slug]), {"spend_cap": "3.00"})
    client.post(address(open_study), filled_in())
    shown = client.get(reverse("llm_respondents:models", args=[open_study.slug]))
    assert "cap 3.0000" in shown.content.decode()
    assert cap_study_spend(study=open_study, cap=None, by=TESTER) is None


@pytest.mark.django_db(transaction=True)
def test_the_pilot_runs_the_first_sessions_and_the_rest_is_forecast_from_them(
    client, open_study, owner, listed, settings
):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
    client.force_login(owner)
    with Endpoint() as endpoint:
        listed(endpoint.base_url)
        client.post(address(open_study), filled_in(sessions=7, items_per_turn="block"))
        panel = Panel.objects.get()
        steer = reverse("llm_respondents:steer", args=[panel.pk])
        page = client.post(steer, {"act": "pilot"}, follow=True)
        assert page.context["progress"].completed == 5
        assert page.context["forecast"].source == "sessions"
        assert 'value="pilot"' not in page.content.decode()
        client.post(steer, {"act": "run"})
    panel.refresh_from_db()
    assert panel.status == "complete"
    assert panel.spent_nano > 0


def test_a_panel_at_its_cap_says_so_in_the_readers_language(
    client, open_study, owner, listed, queue
):
    client.force_login(owner)
    client.post(address(open_study), filled_in(sessions=1))
    Panel.objects.update(status="halted", halt_code="budget_spent")
    page = reverse("llm_respondents:panel", args=[Panel.objects.get().pk])
    assert "leaves no room for another call" in client.get(page).content.decode()
    german = client.get(page, headers={"Accept-Language": "de"}).content.decode()
    assert "Gestoppt" in german
    assert "lässt keinen weiteren Aufruf zu" in german


def test_reasons_and_states_are_in_german_on_german_pages(client, open_study, owner, scripted):
    panel = scripted(sessions=1)
    run_panel(panel_id=panel.pk, by=TESTER)
    answer = panel.members.get().respondent.administration.answers.first()
    type(answer).objects.filter(pk=answer.pk).update(
        value=None, missing_reason=MissingReason.CONTENT_FILTER
    )
    client.force_login(owner)
    page = client.get(
        reverse("llm_respondents:panel", args=[panel.pk]), headers={"Accept-Language": "de"}
    ).content.decode()
    assert "Vollständig" in page
    assert "Inhaltsfilter 1" in page
    assert "Abgeschlossen" in page


def test_rest_recruits_at_a_named_endpoint_and_caps(client, open_study, owner, listed):
    client.force_login(owner)
    wanted = {
        "study": open_study.slug,
        "endpoint": "campus",
        "model": "small",
        "name": "Over REST",
        "sessions": 4,
        "spend_cap": "2.50",
        "sampling": {"temperature": 0.5},
        "arms": [{"elicitation": ["schema", "number"]}],
    }
    made = client.post("/api/panels/", wanted, content_type="application/json")
    assert made.status_code == 201, made.json()
    body = made.json()
    assert (body["endpoint"], body["name"], len(body["spec"]["arms"])) == ("campus", "Over REST", 2)
    assert body["cost"]["spend_cap"] == "2.5"
    one = f"/api/panels/{body['id']}/"
    raised = client.patch(one, {"spend_cap": "4"}, content_type="application/json").json()
    assert raised["cost"]["spend_cap"] == "4"
    estimate = client.get(f"{one}estimate/").json()
    assert estimate["expected"]["nano"] > 0


@pytest.mark.parametrize(
    ("changes", "status", "where"),
    [
        ({"endpoint": "nowhere"}, 409, None),
        ({"endpoint": ""}, 400, "endpoint"),
        ({"model": ""}, 400, "model"),
        ({"sessions": "many"}, 400, "sessions"),
        ({"sampling": {"temperature": 9}}, 400, "sampling.temperature"),
        ({"arms": [{"history": "window"}]}, 400, "arms[1].window"),
        ({"base_url": "http://169.254.169.254/"}, 400, "base_url"),
        ({"colour": "blue"}, 400, "colour"),
    ],
)
def test_rest_says_with_a_code_what_cannot_be_recruited(
    client, open_study, owner, listed, changes, status, where
):
    client.force_login(owner)
    wanted = {"study": open_study.slug, "endpoint": "campus", "model": "small"} | changes
    refused = client.post("/api/panels/", wanted, content_type="application/json")
    assert refused.status_code == status
    body = refused.json()
    assert body["code"] == ("endpoint_unknown" if where is None else "invalid")
    if where:
        assert list(body["errors"]) == [where]
    assert not Panel.objects.exists()
