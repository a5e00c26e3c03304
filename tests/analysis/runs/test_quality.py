"""A look at the answers before any path: what is seen, remarked, and set aside."""

from dataclasses import replace

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.urls import reverse
from factories import TESTER

from analysis.models import AnalysisRun
from analysis.plans.files import Draws, Exclusions, bundled_plan, load_plan
from analysis.plans.services import freeze_plan
from analysis.quality.remarks import Remark, remarks_on
from analysis.quality.services import latest_look, look_at_study
from analysis.report.gather import report_content
from analysis.runs.services import fit_models
from surveys import services
from surveys.errors import StudyError
from surveys.jobs.queue import carry_out
from surveys.models import Action, Answer, AuditEntry, RespondentGroup, Study
from tests.analysis.respondents import answer_with, known_truth, make_group
from tests.analysis.rolled_back import make_open_study, rolled_back

ONE_ITEM = "privacy.control_3"


@pytest.fixture(scope="module")
def looked(django_db_setup, django_db_blocker):
    """People of whom one item is keyed wrongly and one row is entered thrice; two panels."""
    with rolled_back(django_db_blocker):
        study = make_open_study()
        people = known_truth(study, "people", n=60)
        turned = [turn(one) for one in people]
        answer_with(study, make_group(study, "people", "human"), [*turned, *turned[:20]])
        sound = known_truth(study, "people-like", n=40, seed=900)
        answer_with(study, make_group(study, "panel", "llm"), sound, seed=900)
        middle = [lambda question: question.options[len(question.options) // 2].code] * 30
        answer_with(study, make_group(study, "flat", "llm"), middle, seed=2000)
        missing = Answer.objects.filter(administration__respondent__group__key="panel")[:3]
        for answer in missing:
            answer.value, answer.missing_reason = None, "refused"
            answer.save()
        plan = replace(
            load_plan(bundled_plan("privacy-prosocial")),
            draws=Draws(bootstrap=0, permutations=0, noise_draws=0),
            sensitivity=(),
            exclusions=Exclusions(straight_lining=0.9),
        )
        freeze_plan(study=study, plan=plan, by=TESTER)
        yield look_at_study(study=study)


def turn(answer):
    """Somebody who reads one item as if it said the opposite."""

    def given(question):
        code = answer(question)
        return 8 - code if question.ref == ONE_ITEM else code

    return given


def study_of(looked):
    return Study.objects.get()


def group(key):
    return RespondentGroup.objects.get(key=key)


def seen(looked, key):
    return next(one for one in looked.look.groups if one.key == key)


def test_people_and_models_are_counted_apart_and_their_answers_stand_side_by_side(looked, db):
    assert looked.look.ended == (80, 70)
    item = next(one for one in looked.look.items if one.name == "privacy_control_1")
    people, panel, flat = item.groups
    assert [one.n for one in item.groups] == [80, 40, 30]
    assert sum(people.shares) == pytest.approx(1)
    assert flat.shares[3] == 1
    assert (people.spread, flat.spread) == (None, 0.0)
    assert 0.2 < panel.spread < 2


def test_what_endangers_an_analysis_is_remarked_first_and_by_name(looked, db):
    groups = {one.key: one for one in RespondentGroup.objects.all()}
    remarks = remarks_on(looked.look, groups)
    found = {(one.code, one.group): one.arguments for one in remarks}
    assert found[Remark.RUNS_AGAINST, "people"]["item"] == "privacy_control_3"
    assert found[Remark.REPEATED_ROWS, "people"]["rows"] == 20
    assert found[Remark.NEARLY_CONSTANT, "flat"]["items"] == 38
    assert found[Remark.STRAIGHT_LINES, "flat"]["lines"] == 30
    assert found[Remark.REFUSALS, "panel"] == {"group": "Panel", "refused": 3, "asked": 1520}
    assert [one.blocks for one in remarks] == sorted((one.blocks for one in remarks), reverse=True)
    # A model has no key to turn and no attention to fail: it is what is measured.
    assert {one.group for one in remarks if one.code is Remark.RUNS_AGAINST} == {"people"}


def test_the_rules_of_the_plan_are_counted_before_anybody_is_left_out(looked, db):
    assert looked.plan == "main"
    assert not any(looked.left_out["people"].values())
    assert seen(looked, "panel").missing == {"refused": 3}


def test_the_page_says_what_was_seen_and_that_it_is_behind(looked, db, client):
    study = study_of(looked)
    client.force_login(get_user_model().objects.get(username="owner"))
    address = reverse("analysis:quality", args=[study.slug])
    page = client.get(address).content.decode()
    assert "80 people and 70 sessions of models, never added, had ended" in page
    assert "privacy_control_3 runs against the rest of privacy" in page
    assert "look again" not in page
    sharing = client.get(address, {"scale": "sharing"}).content.decode()
    assert "sharing_health_company" in sharing

    answer_with(study, group("panel"), known_truth(study, "people-like", n=1, seed=77), seed=9999)
    assert "By now it is 80 and 71: look again." in client.get(address).content.decode()
    client.post(address)
    assert latest_look(study).job.status == "waiting"
    carry_out.call(latest_look(study).job.pk)
    assert latest_look(study).found.look.ended == (80, 71)


def test_the_command_says_the_same(looked, db, capsys):
    call_command("look_at_answers", study_of(looked).slug)
    said = capsys.readouterr().out
    assert "Panel (model-generated, simulated): 40 ended, 0 under way, 0.2 % missing" in said
    assert "! People: privacy_control_3 runs against the rest of privacy" in said


def test_rest_tells_the_same_and_sets_aside_with_a_reason(looked, db, client):
    client.force_login(get_user_model().objects.get(username="owner"))
    address = f"/api/quality/{study_of(looked).slug}/"
    told = client.get(address).json()
    assert told["ended_now"] == {"people": 80, "sessions": 70}
    assert told["remarks"][0]["blocks"]
    assert {one["code"] for one in told["remarks"]} >= {"runs_against", "nearly_constant"}
    sent = {"group": "flat", "set_aside": True, "because": ""}
    refused = client.put(f"{address}groups/", sent, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (409, "reason_needed")
    sent["because"] = "A rehearsal."
    changed = client.put(f"{address}groups/", sent, content_type="application/json")
    assert changed.json()["set_aside"]
    assert client.post(f"{address}look/").status_code == 202


def test_a_stranger_neither_looks_nor_sets_aside(looked, db, client, stranger):
    study = study_of(looked)
    client.force_login(stranger)
    assert client.get(reverse("analysis:quality", args=[study.slug])).status_code == 404
    sent = {"group": "flat", "act": "set_aside", "because": "mine"}
    assert client.post(reverse("analysis:set_aside", args=[study.slug]), sent).status_code == 404
    assert not group("flat").set_aside
    assert client.get(f"/api/quality/{study.slug}/").status_code == 404


def test_what_is_set_aside_is_not_compared_and_the_report_says_why(looked, db, client):
    study = study_of(looked)
    client.force_login(get_user_model().objects.get(username="owner"))
    address = reverse("analysis:set_aside", args=[study.slug])
    client.post(address, {"group": "flat", "act": "set_aside", "because": ""})
    assert not group("flat").set_aside
    client.post(address, {"group": "flat", "act": "set_aside", "because": "A rehearsal."})
    entry = AuditEntry.objects.filter(action=Action.GROUP_SET_ASIDE).get()
    assert entry.after == {"set_aside": True, "because": "A rehearsal."}

    run = fit_models(plan=study.plans.get(), by=TESTER)
    assert run.status == AnalysisRun.Status.DONE
    content = report_content(run)
    assert [one.key for one in content.groups] == ["people", "panel"]
    assert "Flat was set aside before the run and not compared. The reason given: A rehearsal." in (
        content.absent
    )

    client.post(address, {"group": "flat", "act": "take_back"})
    assert not group("flat").set_aside
    # The run keeps what held when it was made.
    assert report_content(run).absent == content.absent


def test_no_comparison_without_a_panel_that_is_not_set_aside(looked, db):
    for key in ("panel", "flat"):
        services.set_group_aside(group=group(key), aside=True, because="A rehearsal.", by=TESTER)
    with pytest.raises(Exception, match="Every panel of study") as refused:
        fit_models(plan=study_of(looked).plans.get(), by=TESTER)
    assert refused.value.code == "all_set_aside"


def test_setting_aside_needs_a_reason(looked, db):
    with pytest.raises(StudyError) as refused:
        services.set_group_aside(group=group("flat"), aside=True, because="  ", by=TESTER)
    assert refused.value.code == "reason_needed"
