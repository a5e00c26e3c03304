"""Every address × everybody × every method, asked for real on one study: see `url_rules`."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from factories import HASH, TESTER, answer_everything, make_draft, make_link, make_person, make_user
from url_rules import METHODS, RULES, STAFF, UNNAMED, Rule

from analysis.models import AnalysisRun, Report, RunFigure
from analysis.plans.drafting.services import save_draft
from analysis.plans.files import bundled_plan, parse_plan
from analysis.plans.services import freeze_plan
from llm_respondents.design.spec import PanelSpec
from llm_respondents.services import recruit_panel
from surveys import selectors, services
from surveys.models import (
    Action,
    Administration,
    Answer,
    Job,
    Kind,
    Mailing,
    RespondentGroup,
    Study,
    Webhook,
)
from surveys.recruiters.link_lists import ListDraft, numbered
from surveys.roles import LEAST, Act, Role, may
from surveys.services.access.acts import ACT_OF
from surveys.services.access.invitations import invite
from surveys.services.access.sealing import sealed
from surveys.services.access.tokens import create_token
from surveys.services.authoring.instrument_drafts import make_instrument_draft
from surveys.services.people.link_lists import make_link_list
from surveys.services.webhooks.telling import PURPOSE
from tests.analysis.rolled_back import rolled_back

# A comparison as an early version stored it: enough for pages that read one.
STORED = Path(__file__).with_name("analysis") / "compare" / "stored_version_1.json"
MEMBERS = [role.value for role in Role]
OTHERS = ["anonymous", "stranger", "staff"]
EVERYBODY = [*OTHERS, *MEMBERS]
RECRUITER_ID = "5f1e0c0ffee0c0ffee0c0ffe"
RANK = {"anybody": -1, "signed in": -1, **{role: at for at, role in enumerate(MEMBERS)}}

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Address:
    """An address of the resolver: its name, what stands in it, and its pattern."""

    name: str
    keys: tuple[str, ...]
    route: str

    @property
    def is_rest(self) -> bool:
        return self.route.startswith("api/")


def addresses(resolver: URLResolver, names: tuple[str, ...] = (), before: str = "") -> Iterator:
    for one in resolver.url_patterns:
        route = f"{before}{one.pattern}"
        if isinstance(one, URLPattern):
            keys = tuple(one.pattern.converters) or tuple(one.pattern.regex.groupindex)
            # The same once more with a format behind it: one that is renders as the other.
            if "format" not in keys and "static" not in route:
                yield Address(":".join((*names, one.name or "")), keys, route)
        else:
            yield from addresses(one, (*names, *filter(None, [one.namespace])), route)


ALL = {one.name: one for one in addresses(get_resolver())}
OURS = {name: one for name, one in ALL.items() if not name.startswith(STAFF) and name in RULES}


def test_every_address_has_a_rule():
    missing = [
        f'    "{one.name}": study(GET="viewer"),  # {one.route}'
        for one in ALL.values()
        if one.name not in RULES and one.name not in UNNAMED and not one.name.startswith(STAFF)
    ]
    assert not missing, (
        "Say in tests/url_rules.py who may ask these addresses for what, a line each, such as\n"
        + "\n".join(missing)
    )
    assert not RULES.keys() - ALL.keys(), "These rules are of addresses that are gone."


class Site:
    """One study with people, a panel, a plan and a run; and everybody at a browser of their own."""

    def __init__(self) -> None:
        self.people = {name: make_user(name) for name in (*MEMBERS, "stranger")}
        self.people["staff"] = get_user_model().objects.create(
            username="staff", password=HASH, is_staff=True, is_superuser=True
        )
        owner = self.people["owner"]
        self.study = services.open_study(study=make_draft(owner), by=TESTER)
        for role in MEMBERS[:-1]:
            user = self.people[role]
            services.add_member(study=self.study, user=user, role=role, by=TESTER)
        # Whom others are to remove; each of them would only leave.
        helper = make_user("helper")
        services.add_member(study=self.study, user=helper, role="viewer", by=TESTER)
        self._recruit()
        self._analyse()
        self._own(owner)
        self.clients = {name: Client() for name in EVERYBODY}
        for name, user in self.people.items():
            self.clients[name].force_login(user)
        self.cookies = {name: client.cookies.output() for name, client in self.clients.items()}
        self._paths: dict[str, str] = {}

    def _recruit(self) -> None:
        study = self.study
        self.link = make_link(study, recruiter="prolific")
        self.person = make_person(self.link, recruiter_id=RECRUITER_ID)
        answer_everything(self.person)
        Administration.objects.filter(pk=self.person.pk).update(completion_code="C0DE-4711")
        lines = ListDraft("Panel A", numbered(2), "personal")
        self.list = make_link_list(study=study, draft=lines, simulated=False, by=TESTER)
        self.personal = self.list.links.first()
        words = dict.fromkeys(study.languages, "…")
        self.mailing = Mailing.objects.create(
            study=study,
            link_list=self.list,
            subjects=words,
            texts=words,
            recipients="all",
            per_minute=10,
        )
        self.panel = recruit_panel(
            study=study, spec=PanelSpec(model="small", sessions=1), by=TESTER
        )
        self.imported = RespondentGroup.objects.create(
            study=study, key="elsewhere", label="Elsewhere", kind=Kind.LLM, imported=True
        )

    def _analyse(self) -> None:
        study, source = self.study, bundled_plan("privacy-prosocial").read_text()
        plan = parse_plan(source)
        self.plan = freeze_plan(study=study, plan=plan, source=source, by=TESTER)
        self.draft = save_draft(study=study, values={"name": "second"}, by=TESTER)
        self.run = AnalysisRun.objects.create(
            plan=self.plan,
            seed=1,
            status="failed",
            finished_at=timezone.now(),
            error_code="fit_failed",
            error="It failed.",
        )
        stored = json.loads(STORED.read_text(encoding="utf-8"))
        result = {"comparison": {**stored, "schema_version": 1}}
        done = {"plan": self.plan, "status": AnalysisRun.Status.DONE, "finished_at": timezone.now()}
        self.done, self.other_run = (
            AnalysisRun.objects.create(seed=seed, result=result, **done) for seed in (1, 2)
        )
        file = ContentFile(b"%PDF-1.7", name="report.pdf")
        self.report = Report.objects.create(
            run=self.run,
            page_size="A4",
            file=file,
            supplement=file,
            sha256="0",
            supplement_sha256="0",
        )
        self.figure = RunFigure.objects.create(
            run=self.run,
            language="en",
            drawn_by="abc",
            place=1,
            key="one",
            svg="<svg/>",
            png=b"PNG",
        )
        self.job = Job.objects.create(
            kind="export",
            status=Job.Status.DONE,
            ended_at=timezone.now(),
            study=study,
            subject=f"data:{study.pk}",
            file=ContentFile(b"PK", name="data.zip"),
            file_until=timezone.now() + timezone.timedelta(hours=1),
        )

    def _own(self, owner: Any) -> None:
        self.instrument_draft = make_instrument_draft(
            tables={"slug": "tea", "version": "1.0"}, owner=owner, by=TESTER
        )
        self.webhook = Webhook.objects.create(
            study=self.study,
            address="https://example.org/heard",
            events=["run.done"],
            secret=sealed("whsec_x", purpose=PURPOSE),
            looked_at=timezone.now(),
            told_since=timezone.now(),
        )
        self.token, _told = create_token(user=owner, name="R", scopes=["read"], days=1, by=TESTER)
        self.invitation, self.invited = invite(study=self.study, role="viewer", by=TESTER)

    def fills(self, address: Address) -> dict[str, Any]:
        """What stands in an address, by the names of its places."""
        version = self.study.blocks.first().versions.first()
        of_resource = {
            "link": self.link.pk,
            "people": self.person.respondent_id,
            "respondent": self.person.respondent_id,
            "answer": Answer.objects.filter(administration=self.person).first().pk,
            "job": self.job.pk,
            "panel": self.panel.pk,
            "plan": self.plan.pk,
            "plan-draft": self.draft.pk,
            "quality": self.study.slug,
            "run": self.run.pk,
            "report": self.report.pk,
            "instrument": version.pk,
            "instrument-draft": self.instrument_draft.pk,
            "webhook": self.webhook.pk,
        }
        known = {
            "slug": self.study.slug,
            "token": self._token(address.name),
            "uidb64": "MQ",
            "number": 1,
            "place": "1",
            "token_id": self.token.pk,
            "version": version.version,
            "link_id": self.link.pk,
            "list_id": self.list.pk,
            "mailing_id": self.mailing.pk,
            "person_id": self.person.respondent_id,
            "member_id": self.study.memberships.get(user__username="helper").pk,
            "username": "helper",
            "invitation_id": self.invitation.pk,
            "job_id": self.job.pk,
            "panel_id": self.panel.pk,
            "run_id": self.run.pk,
            "report_id": self.report.pk,
            "figure_id": self.figure.pk,
            "name": "studies" if address.name == "rest_resource" else self.plan.name,
            "sha256": "0" * 64,
            "path": "index",
            "other_id": self.other_run.pk,
            "other": self.other_run.pk,
            "mail_id": self.mailing.pk,
            "webhook_id": self.webhook.pk,
            "key": self.imported.key if "llm" in address.name else self.study.blocks.first().key,
            "draft_id": self.draft.pk if "analysis" in address.name else self.instrument_draft.pk,
            "pk": of_resource.get(_resource(address.name, of_resource)),
        }
        filled = {key: known[key] for key in address.keys}
        if "instrument/" in address.route:
            filled["slug"] = version.instrument.slug
        if "beside" in address.name:
            filled["run_id" if "run_id" in filled else "pk"] = self.done.pk
        if address.name == "analysis:figure":
            filled["version"] = "abc"
        return filled

    def path(self, address: Address) -> str:
        """The address as it is asked, put together once; without a name it is made of its route."""
        if address.name.endswith(":"):
            return "/" + address.route.replace("<slug:slug>", self.study.slug)
        if address.name not in self._paths:
            self._paths[address.name] = reverse(address.name, kwargs=self.fills(address))
        return self._paths[address.name]

    def _token(self, name: str) -> str:
        of_links = ("information", "begin", "come_back", "unsubscribe", "go_on")
        if name == "surveys:invitation":
            return self.invited
        return str(self.link.token if name.split(":")[-1] in of_links else self.person.token)

    def secrets(self) -> list[str]:
        """What tells who somebody is, or opens their questionnaire."""
        return [RECRUITER_ID, "C0DE-4711", str(self.person.token), str(self.personal.token)]


def _resource(name: str, known: dict[str, Any]) -> str:
    return max((one for one in known if name.startswith(f"{one}-")), key=len, default="")


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: Any) -> Iterator[Site]:
    with rolled_back(django_db_blocker), pytest.MonkeyPatch.context() as patch:
        # The tabs are the same on every page of a study, and take half the time of one; they are
        # tested where they are made.
        patch.setattr("surveys.templatetags.workspace.study_tabs", lambda *_one, **_more: [])
        yield Site()


def ask(site: Site, who: str, method: str, address: Address, rule: Rule) -> HttpResponse:
    """The answer, with everything that the request changed taken back."""
    where = site.path(address)
    if address.name == "people-list":
        where += f"?study={site.study.slug}"
    sent: dict[str, Any] = {"data": rule.body}
    if address.is_rest and method != "GET":
        sent["content_type"] = "application/json"
    if method == "GET":
        sent = {}
    cache.clear()
    # A person who withdrew in the last request took the files of the study along.
    if not Path(site.job.file.path).exists():
        Path(site.job.file.path).write_bytes(b"PK")
    # Whoever logged out in the last request is logged in again.
    site.clients[who].cookies = SimpleCookie(site.cookies[who].replace("Set-Cookie: ", ""))
    with transaction.atomic():
        answer = getattr(site.clients[who], method.lower())(where, **sent)
        answer.shown = b"".join(answer).decode(errors="replace")
        transaction.set_rollback(True)
    if method != "GET":
        selectors.forget_frozen_studies()
    return answer


def asked_as(rule: Rule, method: str) -> list[str]:
    """Everybody who is to be asked as: what is no study's is the same for all its members.

    Of the members who may, those with the least role and with the most: `may` knows nobody between
    who may less (`test_who_may_something_may_with_every_role_above`).
    """
    least = rule.least[method]
    if rule.kind not in {"study", "rows"} or least not in MEMBERS:
        return [*OTHERS, "owner"]
    return [*OTHERS, *MEMBERS[: MEMBERS.index(least) + 1], "owner"][: len(EVERYBODY)]


def test_who_may_something_may_with_every_role_above():
    for act in Act:
        allowed = [may(role, act) for role in Role]
        assert allowed == sorted(allowed)
        assert allowed[-1]
        assert not may("", act)
    assert set(LEAST) == set(Act)
    assert set(ACT_OF) == set(Action)


def is_asked_to_sign_in(answer: HttpResponse) -> bool:
    leads_there = answer.status_code == 302 and answer.url.startswith(settings_login())
    return leads_there or answer.status_code == 401


def settings_login() -> str:
    return reverse(settings.LOGIN_URL)


def expected(rule: Rule, method: str, who: str) -> str:
    """What is to become of the request, in a word."""
    least = rule.least[method]
    if rule.kind == "public":
        return "let in"
    if who == "anonymous":
        return "asked to sign in"
    if least == "signed in":
        return "let in"
    if rule.kind in {"mine", "staff"}:
        return "let in" if who == {"mine": "owner"}.get(rule.kind, "staff") else "not found"
    if rule.kind == "rows":
        return "rows" if RANK.get(who, -2) >= RANK[least] else "no rows"
    if who not in MEMBERS:
        return "not found"
    return "let in" if RANK[who] >= RANK[least] else "forbidden"


def became(rule: Rule, method: str, answer: HttpResponse) -> str:
    """The same of an answer."""
    if is_asked_to_sign_in(answer) and rule.kind != "public":
        return "asked to sign in"
    if rule.kind == "rows" and rule.least[method] in MEMBERS and answer.status_code == 200:
        return "rows" if answer.json()["results"] else "no rows"
    if answer.status_code == 403:
        return "forbidden"
    if answer.status_code == 404 and rule.kind in {"study", "mine", "staff"}:
        return "not found"
    # The help says so with a 503 until it is built.
    return "let in" if answer.status_code in {*range(500), 503} else "broken"


@pytest.mark.parametrize("name", sorted(OURS))
def test_everybody_gets_what_the_rule_says(site, name):
    address, rule = OURS[name], RULES[name]
    for method in rule.least:
        for who in asked_as(rule, method):
            answer = ask(site, who, method, address, rule)
            said = f"{who} asks {method} {address.route}: {answer.status_code}"
            assert became(rule, method, answer) == expected(rule, method, who), said
            assert answer.status_code != 405, said
            if who in {"viewer", "analyst"} and rule.kind != "public":
                found = [one for one in site.secrets() if one in answer.shown]
                assert not found, f"{said} and shows {found}"


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_method_without_a_rule_is_refused(site, name):
    address, rule = OURS[name], RULES[name]
    for method in set(METHODS) - rule.least.keys():
        answer = ask(site, "owner", method, address, rule)
        refused = answer.status_code in {400, 403, 404, 405} or is_asked_to_sign_in(answer)
        assert refused, (
            f"The owner asks {method} {address.route}: {answer.status_code}; if that is meant, "
            f"name the method in the rule of {name} in tests/url_rules.py"
        )


def test_the_admin_is_for_staff_and_shows_nothing_of_people(site):
    listed = [
        one
        for one in ALL.values()
        if one.name.startswith(STAFF) and not one.keys and "jsi18n" not in one.name
    ]
    assert len(listed) > 5
    for one in listed:
        if not one.name.endswith(("_changelist", ":index")):
            continue
        with transaction.atomic():
            answer = site.clients["staff"].get(reverse(one.name))
            transaction.set_rollback(True)
        assert answer.status_code == 200
        assert not [secret for secret in site.secrets() if secret in answer.content.decode()]
    for who in ("anonymous", "owner"):
        with transaction.atomic():
            assert site.clients[who].get(reverse("admin:index")).status_code == 302
            transaction.set_rollback(True)
    shown = {one.name.split("_")[1] for one in listed if one.name.endswith("_changelist")}
    assert not shown & {"respondent", "administration", "answer", "attempt", "panelmember"}
    assert not shown & {"recruitinglink", "contact", "totpdevice", "importedfile"}


def test_a_program_can_do_no_more_than_its_user(site):
    """Tokens of each member on what only owners may, and on what nobody but members finds."""
    for who in ("stranger", "staff", *MEMBERS):
        with transaction.atomic():
            scopes = ["read", "write", "people", "spend"]
            _token, told = create_token(
                user=site.people[who], name="all", scopes=scopes, days=1, by=TESTER
            )
            program = Client(headers={"Authorization": f"Bearer {told}"})
            study = f"/api/studies/{site.study.slug}/"
            found = program.get(study).status_code
            removed = program.delete(f"{study}members/viewer/").status_code
            answers = program.get("/api/answers/").json()["results"]
            transaction.set_rollback(True)
        assert found == (200 if who in MEMBERS else 404)
        allowed = {"owner": 204, "viewer": 204}.get(who, 403 if who in MEMBERS else 404)
        assert removed == allowed
        assert bool(answers) == (who in {"analyst", "editor", "owner"})


def test_a_recruiters_id_is_shown_to_editors_and_owners_alone(site):
    people = reverse("surveys:people", args=[site.study.slug])
    for who in MEMBERS:
        page = site.clients[who].get(f"{people}?ids=1").content.decode()
        assert (RECRUITER_ID in page) == (who in {"editor", "owner"})
        # Whoever may not know ids is told the same of a right one and of a wrong one.
        looked_up = site.clients[who].get(f"{people}?q=nobody-has-this").content.decode()
        nobody = "Nobody has this code or this id" in looked_up
        assert nobody == (who in {"editor", "owner"})


def test_what_may_not_be_done_says_who_may(site):
    close = reverse("surveys:close_study", args=[site.study.slug])
    client = site.clients["editor"]
    page = client.get(close)
    assert page.status_code == 403
    assert "“owner”" in page.content.decode()
    german = client.get(close, headers={"Accept-Language": "de"}).content.decode()
    assert "„Eigentümer:in“" in german
    told = client.delete(f"/api/studies/{site.study.slug}/").json()
    assert (told["code"], told["errors"]["least"], told["errors"]["role"]) == (
        "role_needed",
        "owner",
        "editor",
    )


def test_a_door_that_forgot_to_ask_is_stopped_by_the_log(site):
    from surveys.services.access.refusals import RoleNeeded
    from surveys.services.audit import page_actor

    with pytest.raises(RoleNeeded), transaction.atomic():
        services.close_study(study=site.study, by=page_actor(site.people["editor"]))
    assert Study.objects.get(pk=site.study.pk).is_open
