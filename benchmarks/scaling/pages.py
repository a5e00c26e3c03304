"""What each page takes of the processor and asks of the database."""

import html
import json
import re
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

PART = {"HX-Request": "true"}


class Taken(NamedTuple):
    """One address: milliseconds of the processor, medians, here and in the database; queries."""

    web: float
    database: float
    queries: int


def measure(times: int, kept: Path | None, beside: Path | None) -> None:
    """Print a table of all addresses; keep it, and print ratios to one that was kept."""
    before = json.loads(beside.read_text()) if beside else {}
    found: dict[str, Taken] = {}
    ratio = " before | ratio |" if before else ""
    line = "---|---|" if before else ""
    head = "| Page | CPU here, ms | CPU of the database, ms | queries |"
    print(f"{head}{ratio}\n|---|---|---|---|{line}")
    for name, call in _addresses():
        found[name] = taken = _taken(call, times)
        row = f"| {name} | {taken.web:.0f} | {taken.database:.1f} | {taken.queries} |"
        if name in before:
            old, new = before[name]["web"] + before[name]["database"], taken.web + taken.database
            row += f" {old:.0f} | {new / old:.2f} |"
        print(row, flush=True)
    if kept:
        kept.write_text(json.dumps({name: one._asdict() for name, one in found.items()}, indent=1))


def _taken(call: Callable[[], Any], times: int) -> Taken:
    from django.db import connection

    response = call()
    assert response.status_code in (200, 204), (response.status_code, response.request["PATH_INFO"])
    asked: list[str] = []

    def count(execute: Any, sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(count):
        call()
    here, there = [], []
    for _ in range(times):
        at, by = time.process_time(), _database_seconds()
        call()
        here.append(time.process_time() - at)
        there.append(_database_seconds() - by)
    return Taken(1000 * statistics.median(here), 1000 * statistics.median(there), len(asked))


def _database_seconds() -> float:
    """What the processes of the database that serve this one have taken so far."""
    from django.db import connection

    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def _addresses() -> list[tuple[str, Callable[[], Any]]]:
    from django.contrib.auth import get_user_model
    from django.test import Client
    from django.urls import reverse

    from analysis.models import AnalysisRun
    from llm_respondents.models import Panel
    from surveys.models import Administration, RecruitingLink, Study

    owner = get_user_model().objects.get(username="owner")
    get_user_model().objects.filter(pk=owner.pk).update(is_staff=True)
    client = Client()
    client.force_login(owner)
    study = Study.objects.filter(slug__startswith="scale-").order_by("pk")[10]
    panel = Panel.objects.filter(study=study).first()
    member = panel.members.order_by("number")[3]
    in_slug = [study.slug]
    run = AnalysisRun.objects.filter(plan__study=study, status="done").first()
    someone = Administration.objects.filter(respondent__kind="human", study=study).first()
    unfinished = _under_way(study)
    running = _as_workers_leave_it(study)
    link = RecruitingLink.objects.filter(study=study, simulated=False).first()

    def get(address: str, user: Client = client, **headers: str) -> Callable[[], Any]:
        return lambda: user.get(address, headers=headers)

    stranger = Client()
    pages = {
        "person: information": get(reverse("surveys:information", args=[link.token]), stranger),
        "person: questions": get(reverse("surveys:page", args=[unfinished.token, 1]), stranger),
        "person: end": get(reverse("surveys:end", args=[someone.token]), stranger),
        "studies": get("/"),
        "overview": get(reverse("surveys:study", args=in_slug)),
        "design": get(reverse("surveys:design", args=in_slug)),
        "plan": get(reverse("analysis:plan", args=in_slug)),
        "recruit": get(reverse("surveys:recruit", args=in_slug)),
        "people": get(reverse("surveys:people", args=in_slug)),
        "people, sorted, last page": get(
            reverse("surveys:people", args=in_slug) + "?sort=took&page=999"
        ),
        "models": get(reverse("llm_respondents:models", args=in_slug)),
        "panel": get(reverse("llm_respondents:panel", args=[panel.pk])),
        "panel, last page": get(reverse("llm_respondents:panel", args=[panel.pk]) + "?page=999"),
        "transcript": get(reverse("llm_respondents:transcript", args=[panel.pk, member.number])),
        "search of transcripts": get(
            reverse("llm_respondents:search", args=[panel.pk]) + "?outcome=answered"
        ),
        "quality": get(reverse("analysis:quality", args=in_slug)),
        "compare": get(reverse("analysis:compare", args=in_slug)),
        "data": get(reverse("surveys:data", args=in_slug)),
        "team": get(reverse("surveys:team", args=in_slug)),
        "log": get(reverse("surveys:log", args=in_slug)),
        "instruments": get(reverse("surveys:instrument_library")),
        "jobs": get(reverse("surveys:jobs")),
        "staff": get(reverse("staff")),
        "poll: panel": get(reverse("llm_respondents:panel_fragment", args=[running.pk]), **PART),
        "poll: panels": get(reverse("llm_respondents:models", args=in_slug), **PART),
        "poll: jobs": get(reverse("surveys:jobs"), **PART),
        "poll: fits": get(reverse("analysis:compare", args=in_slug), **PART),
        "poll: overview": get(reverse("surveys:study", args=in_slug), **PART),
        "REST: studies": get("/api/studies/"),
        "REST: panels": get(f"/api/panels/?study={study.slug}"),
        "REST: runs": get(f"/api/runs/?study={study.slug}"),
        "poll: quotas": get(reverse("surveys:quota_table", args=in_slug), **PART),
        "health": get("/health/", stranger),
    }
    pages |= {
        f"{name}, nothing new": get(again, **PART)
        for name, call in pages.items()
        if name.startswith("poll") and (again := _next_address(call()))
    }
    if run:
        pages["run"] = get(reverse("analysis:run", args=[run.pk]))
    return list(pages.items())


def _as_workers_leave_it(study: Any) -> Any:
    """People looked at, panels counted, quotas set; the panel that is left under way."""
    from llm_respondents.jobs.tallies import count_and_keep
    from llm_respondents.models import Panel
    from surveys.services.audit import command_actor
    from surveys.services.flagging.signals import raise_flags
    from surveys.services.people.quotas import set_quotas

    # Whoever handed in was looked at when somebody last opened the list.
    raise_flags(study=study, most=None)
    # As a worker leaves them; one is under way.
    for one in Panel.objects.filter(study=study):
        count_and_keep(one.pk)
    running = Panel.objects.filter(study=study).last()
    Panel.objects.filter(pk=running.pk).update(status="running", ended_at=None)
    wanted = [{"label": f"Quota {one}", "most": 10_000 + one} for one in range(4)]
    set_quotas(study=study, values={"quotas": wanted}, by=command_actor())
    return running


def _next_address(response: Any) -> str:
    """Where a part asks the next time, which says what it shows; "" where it does not."""
    found = re.search(r'hx-get="([^"]+[?]seen=[^"]+)"', response.content.decode())
    return html.unescape(found[1]) if found else ""


def _under_way(study: Any) -> Any:
    """Somebody who is in the middle of it, made for this and left there."""
    from surveys.models import Administration

    known = Administration.objects.filter(study=study, status="in_progress").first()
    if known:
        return known
    last = Administration.objects.filter(study=study, respondent__kind="human").last()
    Administration.objects.filter(pk=last.pk).update(
        status="in_progress", ended_at=None, completion_code="", outcome=""
    )
    return last
