"""A worker is killed in the middle of work: another takes it up, or it ends with its reason."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from workers import Site, Worker, site_of_its_own, wait_for

from llm_respondents.rehearsal import Behaviour, Endpoint

UNFINISHED = ("waiting", "running")
SET_UP = """
from dataclasses import replace
from analysis.plans.files import Draws, bundled_plan, load_plan
from analysis.plans.services import freeze_plan
from analysis.runs.services import fit_models
from surveys.models import Study
from tests.analysis.respondents import answer_as, make_group
from surveys.services.audit import command_actor
study, by = Study.objects.get(), command_actor()
for key, kind, profile, seed in (
    ("people", "human", "people", 1), ("panel", "llm", "people-like", 500)
):
    answer_as(study, make_group(study, key, kind), profile=profile, n=30, seed=seed)
plan = replace(load_plan(bundled_plan(study.slug)), draws=Draws(1, 0, 0, 0), sensitivity=())
fit_models(plan=freeze_plan(study=study, plan=plan, reference_group="people", by=by), by=by)
# As long as anybody may wish to interrupt it.
long = replace(plan, name="long", draws=Draws(1, 100_000, 0, 0))
freeze_plan(study=study, plan=long, reference_group="people", by=by)
"""
START = {
    "fit": """
from surveys.services.audit import command_actor
from analysis.models import AnalysisPlan
from analysis.runs.services import start_fit
found = start_fit(plan=AnalysisPlan.objects.get(name="long"), by=command_actor()).pk
""",
    "report": """
from surveys.services.audit import command_actor
from analysis.models import AnalysisRun
from analysis.report.services import start_report
found = start_report(run=AnalysisRun.objects.get(status="done"), by=command_actor()).pk
""",
    "archive": """
from surveys.services.audit import command_actor
from analysis.archive.services import start_archive
from analysis.models import AnalysisRun
found = start_archive(run=AnalysisRun.objects.get(status="done"), by=command_actor()).pk
""",
    "power": """
from surveys.services.audit import command_actor
from analysis.models import AnalysisPlan
from analysis.plans.expectations import Assumptions
from analysis.plans.power_analysis import parameters, start_power
from analysis.plans.services import comparison_plan
frozen = AnalysisPlan.objects.get(name="main")
plan = comparison_plan(frozen)
paths = {path.key: 0.3 * (path.expected_sign or 1) for path in plan.paths}
expected = Assumptions(people_n=100, model_n=60, paths=paths, model_paths={})
given = parameters(plan, expected, 20)
found = start_power(study=frozen.study, given=given, by=command_actor()).pk
""",
}
PANEL = """
from llm_respondents.design.spec import PanelSpec
from llm_respondents.jobs import queue_run
from llm_respondents.services import recruit_panel
from surveys.models import Study
from surveys.services.audit import command_actor
study, by = Study.objects.get(), command_actor()
spec = PanelSpec(model="small", base_url=ADDRESS, sessions=4, seed=7)
panel = recruit_panel(study=study, spec=spec, key=KEY, by=by)
found = [panel.pk, queue_run(panel=panel, by=by).pk]
"""
OF_PANEL = """
from django.contrib.auth import get_user_model
from django.test import Client
from llm_respondents.models import Panel
from surveys.models import Membership
panel = Panel.objects.get(pk=PANEL)
client = Client(SERVER_NAME="127.0.0.1")
client.force_login(Membership.objects.filter(study=panel.study).first().user)
found = {
    "status": panel.status,
    "kept": panel.tally.get("progress", {}).get("answered", 0),
    "answered": panel.answers.count(),
    "page": client.get(f"/panels/{panel.pk}/").content.decode(),
    "jobs": client.get("/jobs/").content.decode(),
}
"""
STATE = """
from surveys.models import Job
job = Job.objects.filter(pk=JOB).select_related("analysis_run").get()
run = getattr(job, "analysis_run", None)
found = {
    "status": job.status, "attempts": job.attempts, "code": job.error_code, "place": job.place,
    "pid": int(job.lease_owner.split(":")[1]) if job.lease_owner else 0,
    "run": (run.status, run.error_code) if run else None, "has_file": bool(job.file),
}
"""
CANCEL = """
from surveys.models import Job
from surveys.services.audit import command_actor
from surveys.services.jobs import cancel_job
found = cancel_job(job=Job.objects.get(pk=JOB), by=command_actor())
"""
LOOK = "from surveys.jobs.queue import look_after_jobs\nfound = look_after_jobs()"


@pytest.fixture(scope="module")
def site(tmp_path_factory, django_db_setup) -> Iterator[Site]:
    with site_of_its_own(tmp_path_factory.mktemp("site"), JOB_LEASE_SECONDS="3") as made:
        made.python(SET_UP)
        yield made


def start(site: Site, kind: str) -> int:
    return site.query(START[kind])


def state(site: Site, job: int) -> dict:
    return site.query(STATE.replace("JOB", str(job)))


@contextmanager
def worker(site: Site) -> Iterator[Worker]:
    process = site.start("worker", "--verbosity", "0")
    try:
        yield process
    finally:
        kill(process)


def kill(process: Worker) -> None:
    """SIGKILL a worker and the processes in which it works, as when its machine goes."""
    if process.poll() is None:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        for pid in [process.pid, *map(int, children)]:
            os.kill(pid, signal.SIGKILL)
    process.communicate()


def wait_until_it_works(site: Site, job: int, *, attempt: int = 1) -> None:
    wait_for(
        lambda: (now := state(site, job))["status"] == "running" and now["attempts"] == attempt
    )


def test_whatever_a_killed_worker_did_is_done_by_the_next_one(site):
    with ExitStack() as stack:
        first = stack.enter_context(worker(site))
        for kind in ("report", "archive", "power"):
            job = start(site, kind)
            wait_until_it_works(site, job)
            kill(first)
            first = stack.enter_context(worker(site))
            wait_for(lambda job=job: state(site, job)["status"] not in UNFINISHED, 240)
            ended = state(site, job)
            assert (ended["status"], ended["attempts"]) == ("done", 2), kind
            assert ended["has_file"] == (kind == "archive")


def test_a_fit_is_taken_up_once_and_then_ends_with_its_reason(site):
    job = start(site, "fit")
    with worker(site) as first:
        wait_until_it_works(site, job)
        wait_for(lambda: state(site, job)["place"] > 0)
    assert first.returncode == -signal.SIGKILL
    with worker(site):
        wait_until_it_works(site, job, attempt=2)
        # It is the same run, on the data as they were when it began.
        assert state(site, job)["run"] == ["running", ""]
    site.query(LOOK)
    ended = state(site, job)
    assert (ended["status"], ended["code"]) == ("failed", "worker_died")
    assert ended["run"] == ["failed", "worker_died"]


def test_a_fit_whose_worker_is_dead_is_cancelled_at_once(site):
    job = start(site, "fit")
    with worker(site):
        wait_until_it_works(site, job)
        wait_for(lambda: state(site, job)["run"] is not None)
    assert site.query(CANCEL.replace("JOB", str(job)))
    ended = state(site, job)
    assert (ended["status"], ended["run"]) == ("cancelled", ["failed", "cancelled"])


def test_a_fit_is_cancelled_while_its_worker_works(site):
    job = start(site, "fit")
    with worker(site):
        wait_until_it_works(site, job)
        site.query(CANCEL.replace("JOB", str(job)))
        wait_for(lambda: state(site, job)["status"] == "cancelled", 30)


@dataclass
class Holding(Endpoint):
    """Answers so many requests, and the others when it may."""

    most: int = 60

    async def _converse(self, writer, headers, asked):
        while len(self.requests) >= self.most:  # noqa: ASYNC110 - another thread ends it
            await asyncio.sleep(0.01)
        return await super()._converse(writer, headers, asked)


def test_a_panel_whose_worker_is_killed_says_so_and_goes_on_without_anybody(site):
    with Holding() as endpoint, ExitStack() as stack:
        asked = PANEL.replace("ADDRESS", repr(endpoint.base_url)).replace("KEY", "'asked'")
        panel, job = site.query(asked)
        look = OF_PANEL.replace("PANEL", str(panel))
        first = stack.enter_context(worker(site))
        # Pages read what the worker keeps, and the job says where it is.
        wait_for(lambda: site.query(look)["kept"] > 0)
        wait_for(lambda: state(site, job)["place"] > 0)
        kill(first)
        shown = site.query(look)
        assert shown["kept"] < 160
        assert "is gone" in shown["jobs"]
        endpoint.most = 1_000
        stack.enter_context(worker(site))
        wait_for(lambda: state(site, job)["status"] not in UNFINISHED, 120)
        after = site.query(look)
        assert state(site, job)["status"] == "done"
        assert (after["status"], after["answered"], after["kept"]) == ("complete", 160, 160)
        # Beside the probe, at most the calls in flight were made again.
        assert len(endpoint.conversations) < 160 + 40


def calls_in(endpoint: Endpoint, seconds: float) -> int:
    before = len(endpoint.requests)
    time.sleep(seconds)
    return len(endpoint.requests) - before


def test_calls_at_once_change_in_a_running_worker_within_seconds(site):
    with Endpoint(Behaviour(latency_seconds=0.3)) as endpoint, ExitStack() as stack:
        asked = PANEL.replace("ADDRESS", repr(endpoint.base_url)).replace("KEY", "'paced'")
        asked = asked.replace("sessions=4", "sessions=40")
        panel, _job = site.query(asked)
        stack.enter_context(worker(site))
        wait_for(lambda: len(endpoint.requests) > 8)
        site.call("retune_panel", str(panel), "--concurrency", "1")
        # One call of 0.3 s after the other.
        wait_for(lambda: calls_in(endpoint, 1.5) <= 6, 30)
        site.call("retune_panel", str(panel), "--concurrency", "0")
        wait_for(lambda: calls_in(endpoint, 1.5) > 8, 60)
        site.python(
            "from llm_respondents.models import Panel\n"
            "from llm_respondents.services import cancel_panel\n"
            "from surveys.services.audit import command_actor\n"
            f"cancel_panel(panel=Panel.objects.get(pk={panel}), by=command_actor())"
        )


def test_a_killed_import_ends_and_has_stored_nothing(site, tmp_path):
    mapping = settings.BASE_DIR / "docs" / "examples" / "german-cwa" / "mapping.toml"
    data = tmp_path / "people.csv"
    columns = (
        ["rid"]
        + [f"data_control_{n}" for n in (1, 2, 3)]
        + [f"soc_responsibility_{n}" for n in range(1, 7)]
        + [f"app_attitudes_{n}" for n in range(1, 6)]
        + ["app_install", "age_cat", "female", "educ_cat", "weight"]
    )
    row = "9,8,7,3,3,7,1,2,4,1,5,2,2,4,1,50-59,FALSE,mid,1.1"
    lines = [",".join(columns), *(f"{number},{row}" for number in range(4000))]
    data.write_text("\n".join(lines) + "\n", encoding="utf-8")
    latest = "from surveys.models import Job\nfound = Job.objects.filter(kind='import').count()"
    process = site.start("import_responses", str(mapping), str(data))
    wait_for(lambda: site.query(latest) == 1)
    kill(process)
    site.query(LOOK)
    found = site.query(
        "from surveys.models import Job, Study\n"
        "job = Job.objects.get(kind='import')\n"
        "found = [job.status, job.error_code, Study.objects.filter(slug='german-cwa').count()]"
    )
    assert found == ["failed", "worker_died", 0]


@pytest.mark.postgres
def test_an_idle_worker_takes_up_what_another_one_was_killed_over(site):
    survives_a_kill(site)


@pytest.mark.postgres
@pytest.mark.redis
def test_an_idle_rq_worker_takes_up_what_another_one_was_killed_over(
    tmp_path, redis_url, django_db_setup
):
    queue = {"TASKS_BACKEND": "rq", "REDIS_URL": redis_url, "JOB_LEASE_SECONDS": "3"}
    with site_of_its_own(tmp_path, **queue) as made:
        made.python(SET_UP)
        survives_a_kill(made)


def survives_a_kill(site: Site) -> None:
    """Of two workers one has a fit and is killed; the other, which idles, goes on with it."""
    with ExitStack() as stack:
        workers = [stack.enter_context(worker(site)) for _ in range(2)]
        job = start(site, "fit")
        wait_until_it_works(site, job)
        wait_for(lambda: state(site, job)["place"] > 0)
        busy = next(one for one in workers if _is_of(one, state(site, job)["pid"]))
        kill(busy)
        wait_until_it_works(site, job, attempt=2)
        assert not _is_of(busy, state(site, job)["pid"])
        site.query(CANCEL.replace("JOB", str(job)))
        wait_for(lambda: state(site, job)["status"] == "cancelled", 30)


def _is_of(process: Worker, pid: int) -> bool:
    """Whether a process is a worker, or the one in which an RQ worker does its job."""
    if process.poll() is not None:
        return process.pid == pid
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return str(pid) in (str(process.pid), *children)
