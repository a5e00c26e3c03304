"""Every list of REST takes as many queries for thirty rows as for three, and loses none of them."""

from datetime import timedelta

from django.utils import timezone
from factories import TESTER, answer_everything, make_link, make_person
from queries import queries_of

from analysis.models import AnalysisPlan, AnalysisRun, PlanDraft, Report
from llm_respondents.models import Panel
from llm_respondents.services import recruit_panel, run_panel
from llm_respondents.services.named_endpoints import chosen_spec
from surveys.api.description.pages import description
from surveys.models import (
    Contact,
    Delivery,
    InstrumentDraft,
    Job,
    Mailing,
    Study,
    Webhook,
    WebhookMessage,
)
from surveys.recruiters.link_lists import ListDraft, numbered
from surveys.services.people.link_lists import make_link_list


def of_surveys(study, owner, numbers):
    """More of everything of the survey app."""
    for number in numbers:
        link = make_link(study, recruiter="prolific")
        person = make_person(link, recruiter_id=f"5f3e0000000000000000{number:04x}")
        if number < 3:
            answer_everything(person)
        draft = ListDraft(f"List {number}", numbered(2), "single_use")
        listed = make_link_list(study=study, draft=draft, simulated=False, by=TESTER)
        mailing = Mailing.objects.first() or Mailing.objects.create(
            study=study, link_list=listed, subjects={}, texts={}, recipients="all", per_minute=1
        )
        link = listed.links.first()
        contact = Contact.objects.create(link=link, address=f"p{number}@x.org", language="en")
        Delivery.objects.create(mailing=mailing, contact=contact)
        one = Study.objects.create(slug=f"study-{number}", titles={"en": "T"}, languages=["en"])
        one.memberships.create(user=owner, role="owner")
        InstrumentDraft.objects.create(owner=owner, tables={"slug": f"d{number}"})
        for kind in ("export", "import"):
            Job.objects.create(study=study, kind=kind, created_by=owner, woken_at=timezone.now())
        webhook = Webhook.objects.first() or Webhook.objects.create(
            study=study,
            address="https://example.org/",
            secret="x",
            looked_at=timezone.now(),
            told_since=timezone.now(),
        )
        if number:
            Webhook.objects.create(
                study=study,
                address=f"https://example.org/{number}",
                secret="x",
                looked_at=timezone.now(),
                told_since=timezone.now(),
            )
        WebhookMessage.objects.create(
            webhook=webhook, key=str(number), event="test", content={}, due_at=timezone.now()
        )


def of_the_others(study, numbers):
    """More panels, plans, runs and reports."""
    for number in numbers:
        spec = chosen_spec(endpoint="", profile="people-like", values={"sessions": 1})
        panel = recruit_panel(study=study, spec=spec, key=f"panel-{number}", by=TESTER)
        if number == 0:
            run_panel(panel_id=panel.pk, by=TESTER)
        plan = AnalysisPlan.objects.create(
            study=study,
            name=f"plan-{number}",
            sha256=f"{number:064}",
            definition={"n": number},
            model_answers_when_frozen=0,
        )
        PlanDraft.objects.create(study=study, name=f"draft-{number}", content={})
        ended = timezone.now() - timedelta(minutes=number)
        run = AnalysisRun.objects.create(plan=plan, seed=1, status="failed", finished_at=ended)
        Report.objects.create(run=run, page_size="A4", file="reports/one.pdf", sha256="0" * 64)


def lists(study, panel, webhook):
    """The address of every list that comes in pages, as the description has them."""
    found = {}
    for path, methods in description()["paths"].items():
        named = {one["name"] for one in methods.get("get", {}).get("parameters", ())}
        if "after" in named:
            row = panel.pk if "panels" in path else webhook.pk
            address = path.replace("{slug}", study.slug).replace("{id}", str(row))
            address = address.replace("{mail_id}", str(Mailing.objects.get().pk))
            found[path] = f"{address}?study={study.slug}" if path == "/api/people/" else address
    return found


def test_thirty_rows_take_as_many_queries_as_three(client, owner, open_study):
    client.force_login(owner)
    of_surveys(open_study, owner, range(3))
    of_the_others(open_study, range(3))
    addresses = lists(open_study, Panel.objects.earliest("pk"), Webhook.objects.earliest("pk"))
    assert len(addresses) >= 19
    few = {}
    for path, address in addresses.items():
        client.get(address)
        few[path] = queries_of(lambda address=address: client.get(address))
    of_surveys(open_study, owner, range(3, 30))
    of_the_others(open_study, range(3, 30))
    for path, address in addresses.items():
        answers = []
        many = queries_of(lambda to=answers, address=address: to.append(client.get(address)))
        assert (path, many) == (path, few[path])
        assert few[path] <= 16, path
        rows = answers[0].json()["results"]
        if "id" in rows[0]:
            walked, to = [], f"{address}{'&' if '?' in address else '?'}limit=7"
            while to:
                page = client.get(to).json()
                walked += [row["id"] for row in page["results"]]
                to = page["next"]
            first = [row["id"] for row in rows]
            assert walked[: len(first)] == first, path
            assert len(set(walked)) == len(walked), path


def test_a_study_is_recruited_for_and_closed_over_rest(client, owner, collaborator, draft_study):
    def post(path, body=None):
        return client.post(f"/api/{path}", body or {}, content_type="application/json")

    client.force_login(owner)
    assert post(f"studies/{draft_study.slug}/open/").json()["status"] == "open"
    body = {"study": draft_study.slug, "label": "Campus", "recruiter": "prolific"}
    link = post("links/", body)
    assert (link.status_code, link.json()["active"], link.json()["kind"]) == (201, True, "open")
    one = f"/api/links/{link.json()['id']}/"
    off = client.patch(one, {"active": False}, content_type="application/json")
    assert not off.json()["active"]
    assert post("links/", {**body, "recruiter": "somebody"}).status_code == 400
    assert post("links/", {**body, "study": "none"}).status_code == 404
    client.force_login(collaborator)
    assert post(f"studies/{draft_study.slug}/close/").status_code == 403
    client.force_login(owner)
    assert post(f"studies/{draft_study.slug}/close/").json()["status"] == "closed"
