"""Credit at SONA, asked for by the server: a local SONA answers as its documentation says."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone
from factories import TESTER, answer_everything, make_link, make_person

from surveys import services
from surveys.jobs.watch import Watch
from surveys.models import Credit, Job
from surveys.recruiters import Exit, LinkTerms, Outcome
from surveys.services.people import crediting
from surveys.services.people.terms import set_terms

ADDRESS = (
    "https://school.sona-systems.com/services/SonaAPI.svc/WebstudyCredit"
    "?experiment_id=123&credit_token={secret}&survey_code={id}"
)
ANSWER = (
    '<WebstudyCreditResponse><WebstudyCreditResult xmlns:a="x" xmlns:i="y">'
    '<a:Errors i:nil="true"/><a:Result><a:credit_status>G</a:credit_status>'
    "<a:survey_code>4711</a:survey_code></a:Result>"
    "</WebstudyCreditResult></WebstudyCreditResponse>"
)
REFUSAL = "<r><a:Errors><a:Message>Code 4711 with 9185 is not known</a:Message></a:Errors></r>"


class Sona(BaseHTTPRequestHandler):
    """Fails as often as `failures` says, then grants credit to a token that it knows."""

    failures = 0
    asked: ClassVar[list[dict[str, list[str]]]] = []

    def do_GET(self) -> None:
        given = parse_qs(urlsplit(self.path).query)
        type(self).asked.append(given)
        if len(self.asked) <= self.failures:
            self.send_error(503)
            return
        known = given["credit_token"] == ["9185"] and given["survey_code"] == ["4711"]
        self.send_response(200)
        self.end_headers()
        self.wfile.write((ANSWER if known else REFUSAL).encode())

    def log_message(self, *_arguments) -> None: ...


@pytest.fixture
def sona(monkeypatch):
    """A SONA on this machine, at which calls to the school's address arrive."""

    class Here(Sona):
        asked: ClassVar[list] = []

    server = ThreadingHTTPServer(("127.0.0.1", 0), Here)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    real = crediting._fetched

    def here(address: str) -> tuple[int, str]:
        parts = urlsplit(address)
        assert (parts.scheme, parts.netloc) == ("https", "school.sona-systems.com")
        return real(f"http://127.0.0.1:{server.server_port}{parts.path}?{parts.query}")

    monkeypatch.setattr(crediting, "_fetched", here)
    monkeypatch.setattr(crediting, "PAUSES", (0, 0, 0, 0))
    monkeypatch.setenv("RECRUITER_SECRET_SONA", "9185")
    yield Here
    server.shutdown()
    server.server_close()


def completed(study, recruiter_id="4711", **options):
    link = make_link(study, recruiter="sona", **options)
    exits = {Outcome.COMPLETE: Exit(credit=ADDRESS)}
    set_terms(link=link, terms=LinkTerms(exits=exits, secret_name="SONA"), by=TESTER)
    link.refresh_from_db()
    person = make_person(link, recruiter_id=recruiter_id)
    answer_everything(person)
    services.complete_administration(administration=person)
    return link


def carry_out(link) -> dict:
    job = Job.objects.create(kind=crediting.JOB, study=link.study, parameters={"link": link.pk})
    return crediting.carry_out_credits(Watch(job, ""))


def test_credit_survives_three_failures_and_is_given_once(sona, open_study):
    sona.failures = 3
    link = completed(open_study)
    assert carry_out(link) == {"waiting": 0}
    assert carry_out(link) == {"waiting": 0}
    assert len(sona.asked) == 4
    assert sona.asked[-1] == {
        "experiment_id": ["123"],
        "credit_token": ["9185"],
        "survey_code": ["4711"],
    }
    credit = Credit.objects.get()
    assert (credit.state, credit.tries) == ("granted", 4)


def test_a_refusal_is_kept_without_id_and_token_and_not_repeated(sona, open_study, caplog):
    caplog.set_level("INFO")
    link = completed(open_study)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crediting, "_GRANTED", re.compile("never"))
        carry_out(link)
    credit = Credit.objects.get()
    assert credit.state == "refused"
    assert "4711" not in credit.said + caplog.text
    assert "9185" not in credit.said + caplog.text
    carry_out(link)
    assert len(sona.asked) == 1


def test_without_the_secret_nobody_is_called_and_the_credit_waits(sona, open_study, monkeypatch):
    monkeypatch.delenv("RECRUITER_SECRET_SONA")
    monkeypatch.setattr(crediting, "PAUSES", (3600,))
    link = completed(open_study)
    assert carry_out(link) == {"waiting": 1}
    assert sona.asked == []


def test_of_two_who_look_at_once_one_calls(sona, open_study):
    link = completed(open_study)
    (credit,) = Credit.objects.all()
    Credit.objects.update(tries=1, next_try_at=timezone.now())
    calls = []

    def fetch(address: str) -> tuple[int, str]:
        calls.append(address)
        return 200, ANSWER

    crediting.send_due_credits(link=link.pk, fetch=fetch)
    # The slower one read the row before it was claimed.
    assert not Credit.objects.filter(pk=credit.pk, tries=credit.tries).exists()
    assert crediting.send_due_credits(link=link.pk, fetch=fetch) == 0
    assert len(calls) == 1


def test_nobody_gets_credit_for_a_rehearsal_or_without_completing(sona, open_study):
    completed(open_study, simulated=True)
    link = make_link(open_study, recruiter="sona")
    exits = {Outcome.COMPLETE: Exit(credit=ADDRESS)}
    set_terms(link=link, terms=LinkTerms(exits=exits, secret_name="SONA"), by=TESTER)
    link.refresh_from_db()
    services.end_early(
        administration=make_person(link, recruiter_id="12"), outcome=Outcome.TIMED_OUT
    )
    assert not Credit.objects.exists()


def test_handing_in_wakes_a_worker(sona, open_study, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        completed(open_study)
    assert Job.objects.filter(kind="credits").count() == 1
