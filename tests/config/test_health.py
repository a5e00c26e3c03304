"""How the installation is: for load balancers, for staff, and what staff can do about endpoints."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError
from django.urls import reverse
from django.utils import timezone
from queries import queries_of

from config.health import pages
from llm_respondents.endpoint_list import readable_endpoints
from llm_respondents.rehearsal import Endpoint
from surveys.jobs.owners import worker_name
from surveys.jobs.queue import carry_out, start_job
from surveys.jobs.workers import say_alive
from surveys.models import AuditEntry, Job

LIST = """# Ours.
[endpoints.ours]
base_url = "{address}"
dialect = "vllm"
"""


@pytest.fixture
def staff(client, owner, tmp_path, settings):
    settings.DATA_DIR = settings.MEDIA_ROOT = tmp_path
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}
    owner.is_staff = True
    owner.save()
    client.force_login(owner)
    return client


def test_a_load_balancer_is_told_whether_it_lives_and_nothing_else(client, db, monkeypatch):
    assert queries_of(lambda: client.get("/health/")) == 1
    answer = client.get("/health/")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})

    class Away:
        def cursor(self):
            raise DatabaseError

    monkeypatch.setattr(pages, "connection", Away())
    answer = client.get("/health/")
    assert (answer.status_code, answer.json()) == (503, {"status": "down"})


@pytest.mark.parametrize("name", ["staff", "llm_respondents:endpoints"])
def test_to_others_there_is_no_such_page(client, owner, name):
    assert client.get(reverse(name)).status_code == 302
    client.force_login(owner)
    assert client.get(reverse(name)).status_code == 404
    assert client.post(reverse("llm_respondents:check_endpoints"), {"text": ""}).status_code == 404
    assert client.post(reverse("back_up_now")).status_code == 404


def test_staff_see_what_is_wrong_and_what_to_do(staff):
    start_job("report", study=None)
    Job.objects.update(created_at=timezone.now() - timedelta(hours=2))
    (Path(settings.DATA_DIR) / "endpoints.toml").write_text("not = a list")
    page = staff.get("/staff/").content.decode()
    for said in (
        "manage.py worker",
        "Jobs wait long",
        "Mend it on the page of endpoints",
        "none that this installation knows of",
        "Nothing is sent",
        "Migrations that are still to be applied",
        "Free on the disk",
    ):
        assert said in page, said
    say_alive(worker_name())
    assert "alive, last seen" in staff.get("/staff/").content.decode()
    few = queries_of(lambda: staff.get("/staff/"))
    for _ in range(5):
        start_job("report", study=None)
    assert queries_of(lambda: staff.get("/staff/")) == few <= 15


def test_a_backup_started_from_the_page_is_made_by_a_worker(staff, monkeypatch):
    made = []
    monkeypatch.setattr(
        "config.backups.jobs.back_up", lambda target, tell: made.append(target) or tell("t", 1, 2)
    )
    staff.post("/staff/backup/")
    staff.post("/staff/backup/")
    (job,) = Job.objects.all()
    assert "Backup" in staff.get("/staff/").content.decode()
    assert carry_out.call(job.pk) == "done"
    assert [one.parent for one in made] == [Path(settings.DATA_DIR) / "backups"]
    assert "none that this installation knows of" not in staff.get("/staff/").content.decode()


def stored(client, text, **more):
    page = client.get(reverse("llm_respondents:endpoints"))
    sent = {"text": text, "read": page.context["read"], **more}
    return client.post(reverse("llm_respondents:endpoints"), sent)


def test_a_list_is_checked_as_whole_and_its_predecessor_kept(staff, owner):
    file = Path(settings.DATA_DIR) / "endpoints.toml"
    good = LIST.format(address="http://127.0.0.1:9/v1")
    assert stored(staff, good.replace("\n", "\r\n")).status_code == 302
    assert file.read_text() == good
    assert list(readable_endpoints()) == ["ours"]
    wrong = good.replace("dialect", "dialekt")
    check = staff.post(reverse("llm_respondents:check_endpoints"), {"text": wrong}).content.decode()
    assert "dialekt" in check
    assert "dialect" in check
    refused = stored(staff, wrong)
    assert refused.status_code == 422
    assert "dialekt" in refused.content.decode()
    assert file.read_text() == good
    # Whoever read an older text writes over nobody's.
    late = stored(staff, good + "# mine\n", read="0" * 64)
    assert late.status_code == 302
    assert file.read_text() == good
    stored(staff, good + "# more\n")
    kept = list((Path(settings.DATA_DIR) / "endpoints-before").glob("*.toml"))
    assert [one.read_text() for one in kept] == [good]
    rows = AuditEntry.objects.filter(action="endpoints_changed")
    assert [(row.actor, row.after["endpoints"]) for row in rows] == [(owner, ["ours"])] * 2
    # What was broken by hand is shown with its mistakes, and can be mended here.
    file.write_text(wrong)
    shown = staff.get(reverse("llm_respondents:endpoints")).content.decode()
    assert "So it cannot be stored" in shown
    assert stored(staff, good).status_code == 302


def test_a_key_is_named_and_never_shown(staff, monkeypatch):
    text = LIST.format(address="http://127.0.0.1:9/v1") + 'api_key_env = "SOME_KEY"\n'
    stored(staff, text)
    page = reverse("llm_respondents:endpoints")
    assert "SOME_KEY is not set here" in staff.get(page).content.decode()
    monkeypatch.setenv("SOME_KEY", "sk-secret")
    shown = staff.get(page).content.decode()
    assert "SOME_KEY is set" in shown
    assert "sk-secret" not in shown


def test_an_endpoint_is_tried_out_by_a_worker(staff):
    with Endpoint() as endpoint:
        stored(staff, LIST.format(address=endpoint.base_url))
        sent = {"endpoint": "ours", "model": "small"}
        staff.post(reverse("llm_respondents:try_endpoint"), sent)
        assert carry_out.call(Job.objects.get().pk) == "done"
    result = Job.objects.get().result
    assert (result["failure"], bool(result["reply"])) == ("", True)
    assert result["reply"] in staff.get(reverse("llm_respondents:endpoints")).content.decode()
    staff.post(reverse("llm_respondents:try_endpoint"), sent)
    job = Job.objects.latest("pk")
    assert carry_out.call(job.pk) == "done"
    job.refresh_from_db()
    assert job.result["failure"] == "connection"


def test_staff_read_what_to_do_about_what_the_checks_remark(staff, settings):
    settings.SECURE_HSTS_SECONDS, settings.SECURE_SSL_REDIRECT = 0, False
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    page = staff.get(reverse("staff")).content.decode()
    assert page.count("passwords and answers can be read on their way") == 1
    assert "set SITE_URL to its address with https://" in page
    assert "security.W004, security.W008, security.W012, security.W016" in page
    assert "SESSION_COOKIE_SECURE" not in page
