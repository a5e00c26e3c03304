"""A study of one's own, from the first log-in to the report: as a psychologist does it.

On a site that runs as it does for its users: `manage.py serve`, the worker beside it, and pages in
a browser; nothing is done behind them but what a member does in a terminal.
"""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import urljoin
from zipfile import ZipFile

import pyreadstat
import pytest
from listening import listen
from own_study import write_instruments, write_study
from page_forms import form_of
from playwright.sync_api import Browser, BrowserContext, Page, expect
from printed_pages import pages_of
from stand_ins import Prolific
from walkthrough import PATIENCE, Walker, log_in
from workers import Site, site_of_its_own

from surveys.recruiters import Outcome

pytestmark = pytest.mark.browser
PASSWORD, MAIL = "quiet lamps over water", "lea@example.org"
STUDY = "/studies/step-counts/"
RECRUITER = "5f3e0000000000000000{:04x}"
SIMULATED, SESSIONS = 40, 30
ANSWERED = """
from surveys.models import Administration
rows = Administration.objects.filter(study__slug="step-counts", respondent__recruiter="prolific")
found = [[row.status, row.condition.get("recipient"), row.respondent.recruiter_id] for row in rows]
"""


@contextmanager
def served(directory: Path, *beside: str, **environment: str) -> Iterator[tuple[Site, str]]:
    """A site with one account, as `serve` and the commands `beside` it run it; and its address."""
    known = {"DJANGO_SUPERUSER_PASSWORD": PASSWORD, "LOG_LEVEL": "WARNING", **environment}
    with (
        site_of_its_own(directory, **known) as site,
        (directory / "said.txt").open("w") as said,
    ):
        site.environment.pop("SITE_URL", None)
        # A queue in Redis has tables of its own, which the copied database lacks.
        site.manage("migrate", "--verbosity", "0")
        site.manage("createsuperuser", "--noinput", "--username", "mara", "--email", MAIL)
        web = site.launch("serve", "--port", "0", "--json", stderr=said)
        workers = [site.launch(one, stdout=said, stderr=said) for one in beside]
        try:
            line = web.stdout.readline()
            assert line, (directory / "said.txt").read_text()
            yield site, json.loads(line)["address"]
        finally:
            for process in (web, *workers):
                process.send_signal(signal.SIGTERM)
                process.communicate(timeout=60)
    assert "Traceback" not in (directory / "said.txt").read_text()


class Watched:
    """A person's browser; whatever a page does that it should not is kept in `wrong`."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.context: BrowserContext = browser.new_context(base_url=address, locale="en")
        self.context.set_default_timeout(int(os.environ.get("WALK_PATIENCE", PATIENCE)))
        self.page: Page = self.context.new_page()
        self.wrong = listen(self.context)

    def close(self) -> None:
        self.context.close()
        assert self.wrong == []


def look(page: Page, name: str) -> None:
    """Pictures of the page, narrow and dark too, where somebody wants to see them."""
    if not (folder := os.environ.get("PICTURES")):
        return
    usual = page.viewport_size
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            page.screenshot(path=f"{folder}/{name}-{width}-{theme}.png", full_page=True)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(usual)


def make_link(walker: Walker, recruiter: Prolific) -> str:
    """A link for Prolific with its code; where it leads is its address."""
    walker.page.goto(f"{STUDY}recruit/")
    walker.do_press("New link")
    walker.do_fill("Name", "Prolific, May")
    walker.do_choose("Prolific", "Recruiter")
    walker.do_press("Create link")
    walker.do_unfold("What each outcome leads to")
    for outcome, ends in recruiter.exits.items():
        field = walker.page.locator(f'[name$="{outcome}-code"]')
        if field.count():
            field.fill(ends.code)
    walker.page.get_by_role("button", name="Save").first.click()
    walker.do_see("Saved for Prolific, May.")
    look(walker.page, "recruit")
    return walker.page.locator("[data-copy]").first.input_value().partition("?")[0]


def answer_in_a_browser(browser: Browser, address: str, recruiter: Prolific) -> None:
    """Somebody in Germany who would not hand them over is asked why, and goes back to Prolific."""
    person = Watched(browser, "")
    recruiter.serve(person.context)
    page = person.page
    page.goto(f"{address}?{recruiter.query}&language=de")
    page.locator("button[value=agree]").click()
    asked = []
    while "/review/" not in page.url:
        asked.append(page.locator("main").inner_text())
        for item in page.locator("fieldset.item").all():
            choices = item.get_by_role("radio")
            if choices.count():
                choices.nth(1).check()
            else:
                item.locator("input").fill("Das geht niemanden an.")
        page.locator("button.primary").click()
    look(page, "review")
    page.locator("button.primary").click()
    assert "bittet um Ihre Schrittzahlen" in "".join(asked)
    assert "Was hält Sie ab?" in asked[-1]
    page.locator(".back-to a").click()
    page.wait_for_url(recruiter.leads_to(Outcome.COMPLETE))
    person.close()


def answer_by_http(browser: Browser, address: str, number: int) -> None:
    """Somebody else, who gives the last option to each question."""
    who = f"?PROLIFIC_PID={RECRUITER.format(number)}&STUDY_ID=s&SESSION_ID=t{number}"
    context = browser.new_context()
    answer, decision = context.request.get(address + who), {"decision": "agree"}
    while "/end/" not in answer.url:
        page = answer.text()
        action = page.split("<form", 1)[1].split(">")[0].partition('action="')[2]
        target = urljoin(answer.url, action.partition('"')[0].replace("&amp;", "&"))
        answer = context.request.post(target, form={**form_of(page, "<form"), **decision})
        expect(answer).to_be_ok()
        decision = {}
    context.close()


def erase(walker: Walker, recruiter_id: str) -> None:
    """Find one person by the recruiter's id, and erase them; nobody finds them any more."""
    page = walker.page
    page.goto(f"{STUDY}people/")
    look(page, "people")
    walker.do_fill("Completion code or id", recruiter_id)
    walker.do_press("Show")
    page.locator("table.people a", has_text="Erase").click()
    walker.do_press("Erase for good")
    walker.do_fill("Completion code or id", recruiter_id)
    walker.do_press("Show")
    walker.do_see("Nobody has this code or this id.")


def recruit_panels(walker: Walker) -> None:
    """One session for each person, as that person; then enough of them for an estimate."""
    for recruits, told in (
        ("one session for each completed person, speaking as that person", "2/2"),
        ("a number of sessions", f"{SESSIONS}/{SESSIONS}"),
    ):
        walker.page.goto(f"{STUDY}models/")
        walker.do_press("New panel")
        walker.page.get_by_label("Who replies").select_option("profile:people-like")
        walker.page.get_by_label(recruits, exact=True).check()
        walker.page.get_by_label("Sessions", exact=True).fill(str(SESSIONS))
        walker.do_press("Recruit the panel")
        walker.do_press("Run the panel")
        walker.do_see(told)
        walker.do_see("Completed")
        look(walker.page, f"panel-{told[0]}")


def plan(walker: Walker) -> None:
    """A look at the answers, a plan with one path, frozen."""
    page = walker.page
    page.goto(f"{STUDY}quality/")
    walker.do_press("Look at the answers")
    walker.do_see("Looked at before any path is estimated")
    look(page, "quality")
    page.goto(f"{STUDY}plan/")
    walker.do_press("New plan")
    walker.do_fill("Name of the plan", "main")
    walker.do_press("Begin the plan")
    walker.do_press("Add a path")
    for label, option in (("From", "privacy"), ("To", "sharing")):
        choices = page.get_by_label(label, exact=True).locator("option")
        value = choices.filter(has_text=option).first.get_attribute("value")
        page.get_by_label(label, exact=True).select_option(value)
    walker.do_choose("lowers (−)", "Expected")
    walker.do_choose("theory or literature", "Known from")
    walker.do_fill("Why this sign is expected", "Who worries shares less.")
    walker.do_choose("simulated-people", "Models are compared with")
    walker.do_unfold("How uncertainty is drawn")
    for draws in ("Bootstrap", "Permutations", "Samples of people"):
        walker.do_fill(draws, "0")
    walker.do_press("Save the draft")
    look(page, "plan")
    walker.do_press("Freeze the plan")
    walker.do_press("Freeze for good")
    walker.do_see("frozen")


def compare(walker: Walker) -> str:
    """Fit, look, write the report; its text."""
    page = walker.page
    page.goto(f"{STUDY}plan/")
    walker.do_press("Fit")
    page.goto(f"{STUDY}compare/")
    page.locator("main a[href^='/runs/']").first.click()
    look(page, "run")
    walker.do_press("Write the report")
    walker.do_see("Report, A4 (PDF)")
    walker.do_keep("Report, A4 (PDF)")
    return "".join(pages_of(walker.files[-1]))


def export(walker: Walker) -> None:
    """The people's answers as a file of SPSS, read back by another program."""
    page = walker.page
    page.goto(f"{STUDY}data/")
    page.get_by_label("SPSS").check()
    walker.do_press("Export the data")
    walker.do_keep("Download (zip)")
    look(page, "data")
    with ZipFile(BytesIO(walker.files[-1])) as archive:
        (name,) = [one for one in archive.namelist() if one.endswith("people.sav")]
        with NamedTemporaryFile(suffix=".sav") as file:
            file.write(archive.read(name))
            file.flush()
            rows, meta = pyreadstat.read_sav(file.name)
    # Two of three are there: the third was erased.
    assert len(rows) == 2
    assert "It worries me how much is stored." in " ".join(meta.column_labels)


def invite(walker: Walker, browser: Browser, address: str) -> None:
    """A colleague joins by a link, with a password, and sees what a viewer sees."""
    page = walker.page
    page.goto(f"{STUDY}team/")
    look(page, "team")
    walker.do_press("Invite")
    link = page.get_by_role("textbox", name="Address of the invitation").input_value()
    colleague = Watched(browser, address)
    theirs = colleague.page
    theirs.goto(link)
    look(theirs, "invitation")
    theirs.get_by_label("User name").fill("lea")
    for field in theirs.locator("main input[type=password]").all():
        field.fill(PASSWORD)
    theirs.get_by_role("button", name="Make an account and join").click()
    theirs.goto(STUDY)
    expect(theirs.get_by_role("heading", name="A study of step counts")).to_be_visible()
    look(theirs, "as-a-viewer")
    for place in ("design/", "plan/", "recruit/", "models/", "quality/", "compare/", "data/"):
        theirs.goto(STUDY + place)
        # Whoever may only look is shown nothing that would be refused.
        expect(theirs.locator("main button.primary")).to_have_count(0)
    theirs.goto(f"{STUDY}people/?ids=1")
    assert RECRUITER.format(2) not in theirs.content()
    expect(theirs.get_by_text("Ids of recruiters and codes are shown to editors")).to_be_visible()
    theirs.goto("/search/?q=" + RECRUITER.format(2))
    expect(theirs.get_by_text("Nothing was found")).to_be_visible()
    colleague.close()


def walk(browser: Browser, site: Site, address: str) -> None:
    mara = Watched(browser, address)
    page = mara.page
    walker = Walker(page, lambda words: site.manage(*words, "--verbosity", "0"))
    log_in(page, "mara", PASSWORD)
    look(page, "first-login")
    write_instruments(page)
    write_study(page)
    look(page, "opened")
    recruiter = Prolific()
    link = make_link(walker, recruiter)
    answer_in_a_browser(browser, link, recruiter)
    for number in (1, 2):
        answer_by_http(browser, link, number)
    people = site.query(ANSWERED)
    assert [status for status, *_more in people] == ["completed"] * 3
    erase(walker, RECRUITER.format(1))
    walker.do_run(f"manage.py simulate_people step-counts --people {SIMULATED}")
    recruit_panels(walker)
    plan(walker)
    report = compare(walker)
    assert "A study of step counts" in report
    assert "simulated" in report
    export(walker)
    page.goto(STUDY)
    expect(page.get_by_text(f"simulated: {SIMULATED}")).to_be_visible()
    look(page, "overview")
    invite(walker, browser, address)
    mara.close()


def test_a_psychologist_walks_from_the_first_log_in_to_a_report(browser, tmp_path):
    with served(tmp_path, TASKS_BACKEND="database") as (site, address):
        walk(browser, site, address)


@pytest.mark.postgres
@pytest.mark.redis
def test_so_does_one_on_postgresql_and_redis(browser, tmp_path, redis_url):
    queue = {"TASKS_BACKEND": "rq", "REDIS_URL": redis_url}
    with served(tmp_path, "worker", **queue) as (site, address):
        walk(browser, site, address)
