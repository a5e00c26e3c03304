"""A plan is written on a page, over REST and by command, and frozen: one use case, one plan."""

from html.parser import HTMLParser

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from factories import TESTER, answer_everything, make_link, make_person
from queries import queries_of

from analysis.models import AnalysisPlan, PlanDraft
from analysis.plans.drafting.services import save_draft
from analysis.plans.files import bundled_plan, load_plan
from analysis.plans.writing import plan_values
from surveys.models import Action, AuditEntry, Job
from tests.analysis.respondents import answer_as, make_group

pytestmark = pytest.mark.django_db


class Typed(HTMLParser):
    """What a browser would send of the page's form as it stands."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self._of_form = False
        self._select = self._area = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "form":
            self._of_form = given.get("id") == "plan-form"
        if not self._of_form:
            return
        if tag == "input" and (given.get("type") != "checkbox" or "checked" in given):
            self.sent.setdefault(name, []).append(given.get("value") or "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in given:
            self.sent[self._select] = [given["value"]]
        elif tag == "textarea":
            self._area, self.sent[name] = name, [""]

    def handle_data(self, data):
        if self._area:
            self.sent[self._area][0] += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            # A browser drops the line break that follows the tag.
            self.sent[self._area][0] = self.sent[self._area][0].removeprefix("\n")
            self._area = ""
        if tag == "form":
            self._of_form = False


EVERYTHING = {
    "covariates": ["sharing.profit_1"],
    "correlate_observed": False,
    "exclusions": {"attention_checks_failed": 1, "straight_lining": 0.75},
    "people": {"weights": True, "clusters": "cluster"},
    "subgroups": [{"by": "age", "cuts": [30.0, 55.5], "moderates": ["PRV->SHR"]}],
    "adjustments": [{"by": "gender", "outcomes": ["SHR"], "reference": "female"}],
    "facts": {"planned_n": '300 people\n200 sessions, "each"'},
}


@pytest.fixture
def values():
    return plan_values(load_plan(bundled_plan("privacy-prosocial")))


@pytest.fixture
def draft(open_study, values):
    return save_draft(study=open_study, values=values, by=TESTER)


@pytest.fixture
def office(client, owner):
    client.force_login(owner)
    return client


def address(draft, page="plan_draft"):
    return reverse(f"analysis:{page}", args=[draft.study.slug, draft.pk])


def typed(client, draft, **changes):
    page = client.get(address(draft)).content.decode()
    return {**Typed(page).sent, **changes}


def test_a_plan_is_begun_written_and_frozen_in_the_browser_alone(office, open_study):
    new = reverse("analysis:new_plan", args=[open_study.slug])
    assert new in office.get(reverse("analysis:plan", args=[open_study.slug])).content.decode()
    begun = office.post(new, {"name": "main", "begin": "questionnaires"})
    draft = PlanDraft.objects.get()
    assert begun.url == address(draft)
    assert [one["key"] for one in draft.content["constructs"]] == ["PRI", "PRO", "SHA"]

    path = {
        "paths.0.predictor": "PRI", "paths.0.outcome": "SHA", "paths.0.sign": "-",
        "paths.0.source": "T", "paths.0.reference": "A meta-analysis",
    }  # fmt: skip
    added = office.post(address(draft), typed(office, draft, **path, act="add:paths"))
    assert added.url == f"{address(draft)}?add=paths#paths"
    assert 'name="paths.1.predictor"' in office.get(added.url.partition("#")[0]).content.decode()
    draft.refresh_from_db()
    assert draft.content["paths"][0]["family"] == "PRI to SHA"

    asks = office.get(address(draft, "freeze_draft")).content.decode()
    assert "PRI → SHA (−)" in asks
    assert "Nobody has begun yet." in asks
    assert not AnalysisPlan.objects.exists()
    frozen = office.post(address(draft, "freeze_draft"), {"act": draft.revision})
    plan = AnalysisPlan.objects.get()
    assert frozen.url == reverse("analysis:frozen_plan", args=[open_study.slug, "main"])
    shown = office.get(frozen.url).content.decode()
    assert plan.sha256 in shown
    assert "<ellipse" in shown
    assert plan.frozen_by.username == "owner"
    source = office.get(reverse("analysis:plan_file", args=[open_study.slug, "main"]))
    assert source.content.decode() == plan.source


def test_a_page_that_is_sent_as_it_stands_changes_nothing(office, open_study, values):
    draft = save_draft(study=open_study, values={**values, **EVERYTHING}, by=TESTER)
    page = office.get(address(draft)).content.decode()
    office.post(address(draft), Typed(page).sent)
    draft.refresh_from_db()
    again = draft.content | {"exclusions": {**EVERYTHING["exclusions"]}}
    assert again == {**values, **EVERYTHING, "study": open_study.slug}


def test_rows_are_taken_out_and_empty_ones_are_not_kept(office, draft):
    office.post(address(draft), typed(office, draft, act="remove:paths:0"))
    office.post(address(draft), {**typed(office, draft), "paths.rows": "9"})
    draft.refresh_from_db()
    assert [one["predictor"] for one in draft.content["paths"]] == ["PRO"]


def test_what_cannot_be_read_is_told_at_its_field_and_kept_as_it_was_typed(office, draft):
    sent = typed(office, draft, **{"exclusions.minimum_seconds": "two", "name": "Main Plan"})
    answer = office.post(address(draft), sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="two"' in page
    assert 'href="#field-exclusions-minimum_seconds"' in page
    assert 'id="exclusions-minimum_seconds-wrong"' in page
    assert 'href="#field-name"' in page
    assert PlanDraft.objects.get().revision == 1


def test_a_circle_is_named_on_the_page_and_keeps_the_plan_from_being_frozen(office, draft):
    sent = typed(office, draft, **{"paths.1.predictor": "SHR", "paths.1.outcome": "PRV"})
    office.post(address(draft), sent)
    page = office.get(address(draft)).content.decode()
    assert "the paths lead in a circle, SHR → PRV → SHR" in page
    assert 'aria-disabled="true"' in page
    assert office.get(address(draft, "freeze_draft")).url == address(draft)
    assert office.post(address(draft, "freeze_draft")).url == address(draft)
    assert not AnalysisPlan.objects.exists()


def test_a_script_gets_what_stands_beside_the_form_and_the_revision_it_made(office, draft):
    sent = typed(office, draft, **{"paths.0.sign": "+"})
    answer = office.post(address(draft), sent, headers={"HX-Request": "true"})
    part = answer.content.decode()
    assert "<form" not in part.replace('<form method="post" action="/jobs', "")
    assert 'name="revision" id="revision" value="2" hx-swap-oob="true"' in part
    assert "Privacy concern is expected to raise Acceptance" in part
    late = office.post(address(draft), sent)
    assert late.status_code == 409
    assert "was changed by owner" in late.content.decode()
    assert 'name="revision" id="revision" value="1"' in late.content.decode()


def test_who_would_be_left_out_today_is_counted_on_the_people_there(office, open_study, values):
    link = make_link(open_study)
    for code in (1, 2, 2):
        answer_everything(person := make_person(link), code=code)
        person.status = "completed"
    rules = {"attention_checks_failed": 1, "straight_lining": 0.5}
    draft = save_draft(study=open_study, values={**values, "exclusions": rules}, by=TESTER)
    page = office.get(address(draft)).content.decode()
    assert "3 began; today the plan would keep 0" in page
    assert "Did not finish: 3" in page


def test_power_is_planned_by_a_worker_and_stays_with_the_draft(office, draft, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}
    form = office.get(address(draft, "draft_power"))
    assert form.context["form"]["people"].value() == 300
    sent = {name: field.value() for name, field in ((f.name, f) for f in form.context["form"])}
    assert office.post(address(draft, "draft_power"), sent).url == f"{address(draft)}#power"
    assert 'hx-trigger="every 2s"' in office.get(address(draft)).content.decode()
    job = Job.objects.get(kind="power")
    found = {"group": "model", "path": "PRV->SHR", "expected": -0.2, "n": 200, "agree": 0.87}
    Job.objects.filter(pk=job.pk).update(
        status="done", ended_at=job.created_at,
        result={"paths": [found], "vaar": [], "studies": 100, "seed": 1},
    )  # fmt: skip
    page = office.get(address(draft)).content.decode()
    assert "87 %" in page
    assert "The plan has changed since" not in page
    office.post(address(draft), typed(office, draft, missing="ml"))
    assert "The plan has changed since" in office.get(address(draft)).content.decode()
    again = office.get(f"/api/plans/drafts/{draft.pk}/power/").json()
    assert (again["job"], again["result"]["paths"][0]["agree"]) == (job.pk, 0.87)


# What a process reads once of a frozen study, and keeps.
KEPT = ("surveys_block", "surveys_response", "surveys_item", "surveys_instrument", '"id" = 1 LIMIT')


def test_the_page_takes_fifteen_queries_at_most(office, open_study, values):
    answer_as(open_study, make_group(open_study, "people", "human"), profile="people", n=3)
    draft = save_draft(study=open_study, values={**values, **EVERYTHING}, by=TESTER)
    for page in (address(draft), reverse("analysis:plan", args=[open_study.slug])):
        office.get(page)
        assert queries_of(lambda page=page: office.get(page), apart_from=KEPT) <= 15


def test_the_page_takes_fifteen_queries_at_most_before_the_study_is_open(
    office, draft_study, values
):
    draft = save_draft(study=draft_study, values=values, by=TESTER)
    office.get(address(draft))
    assert queries_of(lambda: office.get(address(draft))) <= 15


def test_a_draft_as_a_file_reads_back_to_the_same_draft(office, open_study, draft):
    text = office.get(address(draft, "draft_file")).content.decode()
    before = draft.content
    office.post(address(draft, "draft_text"), {"text": text.replace("Privacy concern", "Worry")})
    draft.refresh_from_db()
    assert draft.content["constructs"][0]["label"] == "Worry"
    office.post(address(draft, "draft_text"), {"text": text})
    draft.refresh_from_db()
    assert draft.content == before
    refused = office.post(address(draft, "draft_text"), {"text": text + "colour = 1\n"})
    assert refused.status_code == 422
    assert "this key is unknown" in refused.content.decode()


def test_a_draft_is_deleted_after_a_question(office, draft):
    assert "Delete the draft main?" in office.get(address(draft, "delete_draft")).content.decode()
    assert PlanDraft.objects.exists()
    office.post(address(draft, "delete_draft"))
    assert not PlanDraft.objects.exists()
    assert AuditEntry.objects.filter(action=Action.PLAN_DRAFT_DELETED).exists()


def test_a_stranger_finds_no_draft(client, stranger, draft):
    client.force_login(stranger)
    for page in ("plan_draft", "draft_file", "draft_text", "draft_power", "freeze_draft"):
        assert client.get(address(draft, page)).status_code == 404
        assert client.post(address(draft, page), {}).status_code in (404, 405)
    assert client.get(f"/api/plans/drafts/{draft.pk}/").status_code == 404
    assert client.get("/api/plans/drafts/").json()["results"] == []


def test_a_program_writes_a_plan_and_freezes_it(office, open_study, values):
    json = {"content_type": "application/json"}
    unfinished = {key: value for key, value in values.items() if key != "paths"}
    made = office.post("/api/plans/drafts/", {"study": open_study.slug, "plan": unfinished}, **json)
    assert made.status_code == 201
    assert (made.json()["ready"], made.json()["problems"][0]["path"]) == (False, "paths")
    one = f"/api/plans/drafts/{made.json()['id']}/"
    early = office.post(f"{one}freeze/", {"revision": 1}, **json)
    assert early.json()["errors"]["plan"][0]["code"] == "missing_key"
    wrong = office.put(one, {"plan": {**values, "estimator": "OLS"}}, **json)
    assert wrong.status_code == 400
    assert office.put(one, {"plan": values, "revision": 7}, **json).status_code == 409
    saved = office.put(one, {"plan": values, "revision": 1}, **json).json()
    assert (saved["ready"], saved["revision"], saved["plan"]) == (True, 2, values)
    assert office.get(f"{one}file/").content.decode().startswith('name = "main"')
    frozen = office.post(f"{one}freeze/", {"revision": 2}, **json)
    assert frozen.json()["sha256"] == AnalysisPlan.objects.get().sha256
    assert office.get(one).status_code == 404


def test_commands_load_write_and_freeze_the_same_plan(open_study, tmp_path, capsys):
    text = bundled_plan("privacy-prosocial").read_text(encoding="utf-8")
    file = tmp_path / "plan.toml"
    file.write_text(text.replace('outcome = "SHR"', 'outcome = "PRV"', 1), encoding="utf-8")
    call_command("load_plan", open_study.slug, file)
    assert "leads from 'PRV' to itself" in capsys.readouterr().out
    with pytest.raises(CommandError, match="self_path"):
        call_command("freeze_plan", open_study.slug, draft="main")
    file.write_text(text, encoding="utf-8")
    call_command("load_plan", open_study.slug, file)
    capsys.readouterr()
    call_command("export_plan", open_study.slug, "main")
    file.write_text(capsys.readouterr().out, encoding="utf-8")
    assert load_plan(file) == load_plan(bundled_plan("privacy-prosocial"))
    call_command("freeze_plan", open_study.slug, draft="main")
    assert AnalysisPlan.objects.get().name == "main"
    capsys.readouterr()
    call_command("export_plan", open_study.slug, "main", frozen=True)
    assert capsys.readouterr().out.strip() == AnalysisPlan.objects.get().source.strip()
    with pytest.raises(CommandError, match="plan_draft_unknown"):
        call_command("export_plan", open_study.slug, "main")


def test_answers_are_read_again_only_when_a_rule_or_an_answer_changed(office, open_study, values):
    people = make_group(open_study, "people", "human")
    answer_as(open_study, people, profile="people", n=3)
    draft = save_draft(study=open_study, values=values, by=TESTER)
    first, again = (queries_of(lambda: office.get(address(draft))) for _ in range(2))
    assert again < first
    answer_as(open_study, people, profile="people", n=2, seed=70)
    assert "5 began; today" in office.get(address(draft)).content.decode()
    strict = {**values, "exclusions": {"minimum_seconds": 100_000}}
    draft = save_draft(study=open_study, draft=draft, values=strict, by=TESTER)
    assert queries_of(lambda: office.get(address(draft))) > again
