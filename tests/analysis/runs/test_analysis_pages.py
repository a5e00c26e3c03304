"""Runs and reports are for members of the study; a stranger finds nothing."""

import csv
import hashlib
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone
from factories import TESTER
from pytest_django.plugin import DjangoDbBlocker

from analysis.archive import services as archive_services
from analysis.archive.services import build_archive
from analysis.models import Report
from analysis.plans.files import Draws, bundled_plan, load_plan
from analysis.plans.services import freeze_plan
from analysis.report import kept_figures
from analysis.report.gather import report_content
from analysis.report.kept_figures import run_figures
from analysis.report.services import build_report
from analysis.runs.selectors import run_comparison
from analysis.runs.services import fit_models
from analysis.web import power as power_page
from surveys.jobs.owners import worker_name
from surveys.jobs.watch import Watch
from surveys.models import AuditEntry, Job
from surveys.services import set_group_aside
from tests.analysis.respondents import answer_as, make_group
from tests.analysis.rolled_back import make_open_study, rolled_back


@pytest.fixture(scope="module")
def written(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Report]:
    """A run and its report, made once: whatever a test changes, its own savepoint takes back."""
    with rolled_back(django_db_blocker):
        study = make_open_study()
        for key, kind, profile in (("people", "human", "people"), ("panel", "llm", "people-like")):
            group = make_group(study, key, kind)
            answer_as(study, group, profile=profile, n=40, seed=500 if kind == "llm" else 1)
        plan = load_plan(bundled_plan("privacy-prosocial"))
        draws = Draws(20_260_103, 20, 20, 20)
        frozen = freeze_plan(
            study=study, plan=replace(plan, draws=draws, sensitivity=()), by=TESTER
        )
        run = fit_models(plan=frozen, preview=True, by=TESTER)
        run_figures(run, "en", report_content(run))
        yield build_report(run=run, by=TESTER)


@pytest.fixture
def report(written, db):
    return Report.objects.get(pk=written.pk)


@pytest.fixture
def owner(written, db):
    return get_user_model().objects.get(username="owner")


@pytest.fixture
def collaborator(written, db):
    return get_user_model().objects.get(username="collaborator")


def addresses(report):
    study = report.run.plan.study
    return [
        reverse("analysis:plan", args=[study.slug]),
        reverse("analysis:compare", args=[study.slug]),
        reverse("analysis:run", args=[report.run_id]),
        reverse("analysis:report", args=[report.pk]),
        reverse("analysis:supplement", args=[report.pk]),
    ]


def test_owner_and_collaborator_see_runs_and_reports(client, report, owner, collaborator):
    for user in (owner, collaborator):
        client.force_login(user)
        for address in addresses(report):
            assert client.get(address).status_code == 200


def test_a_stranger_finds_nothing(client, report, stranger):
    client.force_login(stranger)
    for address in addresses(report):
        assert client.get(address).status_code == 404
    fit = reverse("analysis:fit", args=[report.run.plan.study.slug])
    assert client.post(fit, {"plan": "main"}).status_code == 404


def test_nobody_sees_anything_without_logging_in(client, report):
    for address in addresses(report):
        assert client.get(address).status_code == 302


def test_reports_are_found_beside_the_data_until_their_run_is_archived(client, report, owner):
    client.force_login(owner)
    page = reverse("surveys:data", args=[report.run.plan.study.slug])
    found = client.get(page).content.decode()
    _plan, _compare, *documents = addresses(report)
    assert [one for one in documents if f'href="{one}"' not in found] == []
    report.run.archived_at = timezone.now()
    report.run.save()
    assert "None yet. The page of a run writes its report" in client.get(page).content.decode()


def test_the_report_and_its_supplement_are_served_as_pdfs(client, report, owner):
    client.force_login(owner)
    for name in ("report", "supplement"):
        response = client.get(reverse(f"analysis:{name}", args=[report.pk]))
        assert response.headers["Content-Type"] == "application/pdf"
        assert response.content.startswith(b"%PDF-")
    assert "-supplement.pdf" in response.headers["Content-Disposition"]


def test_the_archive_holds_both_documents_as_they_were_handed_out(report):
    made = build_archive(run=report.run, by=TESTER)
    with zipfile.ZipFile(BytesIO(made.content)) as archive:
        for name, file in (("report", report.file), ("supplement", report.supplement)):
            with file.open("rb") as stored:
                assert archive.read(f"report/{name}-A4.pdf") == stored.read()


def test_a_report_of_one_document_offers_no_supplement(client, report, owner):
    Report.objects.filter(pk=report.pk).update(supplement="", supplement_sha256="")
    client.force_login(owner)
    address = reverse("analysis:supplement", args=[report.pk])
    assert client.get(address).status_code == 404
    page = client.get(reverse("analysis:run", args=[report.run_id])).content.decode()
    assert address not in page


def test_the_run_page_says_what_each_notice_forbids_in_the_readers_language(client, report, owner):
    client.force_login(owner)
    page = client.get(
        reverse("analysis:run", args=[report.run_id]), headers={"Accept-Language": "de"}
    ).content.decode()
    assert "Alle Gruppen" in page
    assert "die Modelle zu ordnen" in page
    assert "Gut zu wissen; es verbietet nichts." in page
    assert "Verbietet: nichts" not in page
    # Between two numbers that have commas themselves stands no comma.
    assert re.search(r"\[.?\d,\d\d;&nbsp;.?\d,\d\d\]", page)
    assert not re.search(r"\[.?\d,\d\d,", page)


def test_the_run_page_labels_simulated_and_model_rows(client, report, owner):
    client.force_login(owner)
    page = client.get(reverse("analysis:run", args=[report.run_id])).content.decode()
    assert "model-generated, simulated" in page
    assert "people, simulated" in page


def test_figures_are_drawn_once_for_each_language_and_are_files_of_their_own(
    client, report, owner, stranger, monkeypatch
):
    client.force_login(owner)
    address = reverse("analysis:run", args=[report.run_id])
    page = client.get(address, headers={"Accept-Language": "de"}).content.decode()
    images = re.findall(r'<img src="([^"]+)" alt="([^"]+)"', page)
    assert len(images) == report.run.figures.filter(language="de").count() > 3
    assert "<svg" not in page
    drawn = client.get(images[0][0])
    assert drawn.headers["Content-Type"].startswith("image/svg+xml")
    assert "immutable" in drawn.headers["Cache-Control"]
    assert drawn.content.startswith(b"<svg xmlns=")

    monkeypatch.setattr(kept_figures, "svg_figures", None)
    assert images[0][0] in client.get(address, headers={"Accept-Language": "de"}).content.decode()
    # Somebody who drew them at the same moment leaves the addresses that others were given.
    kept_figures._keep(report.run, "de", ())
    assert client.get(images[0][0]).status_code == 200
    # The program draws otherwise by now.
    monkeypatch.undo()
    monkeypatch.setattr(kept_figures, "_drawings", lambda: "another")
    assert images[0][0] not in client.get(address).content.decode()
    client.force_login(stranger)
    assert client.get(images[0][0]).status_code == 404


def test_numbers_have_a_true_minus_and_intervals_stay_on_a_line(client, report, owner):
    client.force_login(owner)
    page = client.get(reverse("analysis:run", args=[report.run_id])).content.decode()
    cells = re.findall(r'<td class="number"[^>]*>([^<]*\d)?\[?([^<]*)</td>', page)
    intervals = re.findall(r"\[−?\d\.\d\d,(.)−?\d\.\d\d\]|\[−?\d\.\d\d,(&nbsp;)", page)
    assert any("−" in text for cell in cells for text in cell)
    assert len(intervals) > 10
    assert not re.search(r"<td[^>]*>[^<]*-\d", page)
    assert not re.search(r"\[[^\]<]*, [^\]<]*\]</td>", page)


def test_what_the_program_knows_is_said_in_the_language_of_the_study(report):
    study = report.run.plan.study
    study.settings = {**study.settings, "report": {"language": "de"}}
    content = report_content(report.run)
    assert content.modelling.missing_handling.startswith(("Befragte mit", "Maximum Likelihood"))
    assert content.study.title.endswith("Personen und ein Panel von Sprachmodellen im Vergleich")


def test_vaar_is_read_beside_people_no_effect_and_no_model_on_every_door(client, report, owner):
    client.force_login(owner)
    page = client.get(reverse("analysis:run", args=[report.run_id])).content.decode()
    for words in ("People against themselves", "Answers without any effect", "Size beside sign"):
        assert words in page
    assert "What was told is not recorded" in page
    (model,) = [
        row
        for row in client.get(f"/api/runs/{report.run_id}/").json()["summary"]
        if row["kind"] == "llm"
    ]
    rows = {row["benchmark"]: row for row in model["beside"]}
    assert list(rows) == [None, "people", "no_effect", "no_model"]
    assert rows[None]["values"]["log"] == model["vaar"]["log"]
    assert set(rows["people"]["values"]) == set(rows["people"]["intervals"])
    assert rows["no_effect"]["values"]["agree"] < 0.2
    assert rows["no_model"]["no_model"] == "not_recorded"
    assert model["sizes"]["paths"]["ratio_ci"]["method"] == "percentile bootstrap"
    archive = build_archive(run=report.run, by=TESTER)
    with zipfile.ZipFile(BytesIO(archive.content)) as files:
        tables = [name for name in files.namelist() if name.endswith(("marks.csv", "sizes.csv"))]
        lines = [files.read(name).decode().splitlines() for name in sorted(tables)]
    assert lines[0][0].startswith("group,signs,benchmark,sample_n")
    assert len(lines[0]) == 1 + 4 * 8
    assert lines[1][1].startswith("panel,mean_slope_ratio,")


def as_version_1(result, stored):
    """What a result would have been, had version 1 stored it: without what it did not know."""
    if isinstance(result, dict) and isinstance(stored, dict):
        return {key: as_version_1(result[key], stored[key]) for key in result if key in stored}
    if isinstance(result, list) and isinstance(stored, list) and stored:
        return [as_version_1(one, stored[0]) for one in result]
    return result


def test_a_run_of_the_version_before_keeps_its_page_report_and_archive(client, report, owner):
    path = Path(__file__).parents[1] / "compare" / "stored_version_1.json"
    run = report.run
    stored = json.loads(path.read_text(encoding="utf-8"))
    run.result["comparison"] = {
        **as_version_1(run.result["comparison"], stored),
        "schema_version": 1,
    }
    (flow,) = run.result["description"]["model_flow"]
    flow.update(asked=flow.pop("recruited"), started=flow.pop("begun"))
    run.save()
    client.force_login(owner)
    page = client.get(reverse("analysis:run", args=[run.pk])).content.decode()
    assert "Not drawn." in page
    found = client.get(f"/api/runs/{run.pk}/result/").json()
    (told,) = found["description"]["model_flow"]
    assert (told["recruited"], told["begun"]) == (flow["asked"], None)
    assert "Size beside sign" not in page
    summary = client.get(f"/api/runs/{run.pk}/").json()["summary"]
    assert [row["sizes"] for row in summary] == [None, None]
    assert build_report(run=run, by=TESTER).sha256
    assert build_archive(run=run, by=TESTER).content


def test_fitting_from_the_page_runs_in_a_worker(client, report, owner, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
    client.force_login(owner)
    study = report.run.plan.study
    client.post(reverse("analysis:fit", args=[study.slug]), {"plan": "main"})
    assert report.run.plan.runs.count() == 2


def test_a_run_that_is_asked_to_stop_says_so_to_whoever_carries_it_out(client, report, owner):
    client.force_login(owner)
    job = Job.objects.create(
        kind="fit",
        study=report.run.plan.study,
        status="running",
        lease_owner=worker_name(),
        lease_until=timezone.now() + timedelta(minutes=1),
        attempts=1,
    )
    running = report.run.plan.runs.create(seed=1, job=job)
    client.post(reverse("analysis:cancel", args=[running.pk]))
    running.refresh_from_db()
    assert running.cancel_requested
    assert Watch(running.job, job.lease_owner).cancelled()


def test_a_run_that_is_over_cannot_be_cancelled(client, report, owner):
    client.force_login(owner)
    client.post(reverse("analysis:cancel", args=[report.run_id]))
    report.run.refresh_from_db()
    assert not report.run.cancel_requested


def test_power_is_planned_on_a_page(client, report, owner, stranger, monkeypatch):
    monkeypatch.setattr(power_page, "STUDIES", 10)
    address = reverse("analysis:power", args=[report.run.plan.study.slug])
    given = {
        "people": 100,
        "sessions": 60,
        "reliability": 0.8,
        "people_0": -0.4,
        "model_0": -0.4,
        "people_1": 0.3,
        "model_1": 0.3,
    }
    client.force_login(owner)
    page = client.get(address, given).content.decode()
    assert "10 simulated studies" in page
    client.force_login(stranger)
    assert client.get(address).status_code == 404


def test_power_of_many_studies_is_left_to_a_worker(client, report, owner, monkeypatch, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
    monkeypatch.setattr(power_page, "STUDIES", 12)
    address = reverse("analysis:power", args=[report.run.plan.study.slug])
    given = {"people": 100, "sessions": 60, "reliability": 0.8}
    given |= {"people_0": -0.4, "model_0": -0.4, "people_1": 0.3, "model_1": 0.3}
    client.force_login(owner)
    assert "simulated studies" not in client.get(address, given).content.decode()
    assert not Job.objects.filter(kind="power").exists()
    page = client.post(address, given, follow=True)
    assert "12 simulated studies" in page.content.decode()
    # The address keeps what was found: nothing is drawn a second time.
    assert "12 simulated studies" in client.get(address, given).content.decode()
    assert Job.objects.filter(kind="power").count() == 1


def test_the_archive_of_a_large_study_is_left_to_a_worker(
    client, report, owner, monkeypatch, settings
):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
    monkeypatch.setattr(archive_services, "QUICK_ANSWERS", 0)
    address = reverse("analysis:archive", args=[report.run_id])
    client.force_login(owner)
    page = client.get(address, follow=True).content.decode()
    assert "The archive is ready, and kept for an hour." in page
    (job,) = Job.objects.filter(kind="archive", status="done")
    kept = client.get(address)
    assert hashlib.sha256(kept.content).hexdigest() == job.result["sha256"]
    over_rest = client.get(f"/api/jobs/{job.pk}/file/")
    assert over_rest.content == kept.content


def test_each_model_has_a_sentence_and_each_figure_its_pixels_and_numbers(client, report, owner):
    client.force_login(owner)
    page = client.get(reverse("analysis:run", args=[report.run_id])).content.decode()
    said = page[page.index('id="sentences"') :].split("</section>")[0]
    assert "<b>Panel</b> agrees with the expected sign on" in said
    assert "model-generated" in said
    found = {}
    for figure in report.run.figures.filter(language="en"):
        numbers = client.get(reverse("analysis:figure_csv", args=[figure.pk]))
        found[figure.key] = list(csv.reader(StringIO(numbers.content.decode())))
        assert len(found[figure.key]) > 1, figure.key
        assert len({len(row) for row in found[figure.key]}) == 1
    comparison = run_comparison(report.run)
    forest = next(rows for key, rows in found.items() if "forest" in key)
    head, *rows = forest
    shown = {(row[0], row[2]): row[head.index("std")] for row in rows}
    for (group, path), std in shown.items():
        assert float(std) == comparison.path_estimate(group, path).std
    figure = report.run.figures.filter(language="en").first()
    pixels = client.get(reverse("analysis:figure_png", args=[figure.pk])).content
    assert pixels.startswith(b"\x89PNG")
    figure.refresh_from_db()
    assert bytes(figure.png) == pixels


def test_two_runs_stand_side_by_side_with_what_changed(client, report, owner, stranger):
    run, study = report.run, report.run.plan.study
    answer_as(study, make_group(study, "second", "llm"), profile="reversed", n=40, seed=77)
    other = fit_models(plan=run.plan, preview=True, seed=5, by=TESTER)
    client.force_login(owner)
    address = reverse("analysis:beside", args=[run.pk, other.pk])
    page = client.get(address).content.decode()
    changed = page[page.index('id="changed"') :].split("</section>")[0]
    assert "Seed" in changed
    assert "second" in changed
    assert "Plan" not in changed.split("<tbody>")[1]
    told = client.get(f"/api/runs/{run.pk}/beside/{other.pk}/").json()
    pairs = {(one["group"], one["what"]): one for one in told["paths"]}
    first, second = run_comparison(run), run_comparison(other)
    path = first.plan.paths[0].key
    pair = pairs["people", path]
    assert pair["first"]["value"] == first.path_estimate("people", path).std
    assert pair["second"]["value"] == second.path_estimate("people", path).std
    assert pair["difference"] == pytest.approx(pair["second"]["value"] - pair["first"]["value"])
    assert pairs["second", path]["first"] is None
    assert pairs["second", path]["apart"]
    rows = client.get(reverse("analysis:beside_table", args=[run.pk, other.pk])).content.decode()
    assert len(rows.splitlines()) == 1 + len(told["paths"]) + len(told["scores"])
    # A run is not set beside itself, and a stranger finds neither.
    assert client.get(reverse("analysis:beside", args=[run.pk, run.pk])).status_code == 404
    client.force_login(stranger)
    assert client.get(address).status_code == 404


def test_an_archived_run_leaves_the_list_and_keeps_its_page(client, report, owner):
    run = report.run
    client.force_login(owner)
    archive = reverse("analysis:archive_run", args=[run.pk])
    compare, page = (
        reverse(f"analysis:{one}", args=[at])
        for one, at in (("compare", run.plan.study.slug), ("run", run.pk))
    )
    client.post(archive, {"act": "archive"})
    assert page not in client.get(compare).content.decode()
    assert page in client.get(f"{compare}?show=archived").content.decode()
    assert "archived" in client.get(page).content.decode()
    (row,) = AuditEntry.objects.filter(action="run_archived")
    assert row.after == {"archived": True}
    client.post(archive, {"act": "restore"})
    assert page in client.get(compare).content.decode()
    back = client.patch(
        f"/api/runs/{run.pk}/archived/", {"archived": True}, content_type="application/json"
    )
    assert back.json()["archived_at"]


def test_the_tab_says_which_groups_the_next_run_compares(client, report, owner):
    study = report.run.plan.study
    group = study.groups.get(key="panel")
    client.force_login(owner)
    address = reverse("analysis:compare", args=[study.slug])

    def next_run() -> str:
        page = client.get(address).content.decode()
        return page[page.index('id="next-run"') :].split("</section>")[0]

    assert "✓ Panel" in next_run()
    set_group_aside(group=group, aside=True, because="a rehearsal", by=TESTER)
    assert "✓" not in next_run()
    assert "(a rehearsal)" in next_run()
