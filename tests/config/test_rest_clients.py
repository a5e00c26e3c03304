"""The clients of docs/clients/ against a served site."""

import os
import subprocess
import sys

import pytest
from factories import TESTER, make_study_of_two, make_user

from analysis.plans.files import bundled_plan, parse_plan
from analysis.plans.services import freeze_plan
from config.settings import BASE_DIR
from llm_respondents.services import recruit_panel
from llm_respondents.services.named_endpoints import chosen_spec
from surveys import services
from surveys.services.access.tokens import create_token
from tests.analysis.respondents import answer_as, make_group

CLIENTS = BASE_DIR / "docs" / "clients"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def walk(live_server, settings, tmp_path):
    """The environment of a program, the panel and the plan that it is to deal with."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.SITE_URL = live_server.url
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
    owner = make_user("owner")
    study = make_study_of_two(owner, make_user("collaborator"))
    study = services.open_study(study=study, by=TESTER)
    answer_as(study, make_group(study, "people", "human"), profile="people", n=40)
    text = bundled_plan("privacy-prosocial").read_text(encoding="utf-8")
    text = text[: text.index("# How uncertainty is drawn")]
    text += "[draws]\nbootstrap = 0\npermutations = 0\nnoise_draws = 0\n"
    plan = freeze_plan(study=study, plan=parse_plan(text), source=text, by=TESTER)
    answer_as(study, make_group(study, "panel", "llm"), profile="people-like", n=40, seed=500)
    spec = chosen_spec(endpoint="", profile="people-like", values={"sessions": 2})
    panel = recruit_panel(study=study, spec=spec, key="small", by=TESTER)
    scopes = ("read", "write", "people", "spend")
    _token, told = create_token(user=owner, name="client", scopes=scopes, days=1, by=TESTER)
    about = {"COUNTERPART_SITE": live_server.url, "COUNTERPART_TOKEN": told}
    return {**os.environ, **about}, panel.pk, plan.pk


def run(program, environment, folder):
    done = subprocess.run(
        program, env=environment, cwd=folder, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split("\n")


def test_python(walk, tmp_path):
    environment, panel, plan = walk
    script = f"""
import os
from counterpart_client import Counterpart, Refused
site = Counterpart(os.environ["COUNTERPART_SITE"])
print([study["slug"] for study in site.rows("studies/")])
print(len(list(site.rows("answers/?limit=150"))) > 300)
print(site.run_panel({panel}, 0.1)["status"])
print(site.scored("privacy-prosocial", 0.1)["simulated"].shape[0])
print(site.report(site.fit({plan}, 0.1), "report.pdf", 0.1))
try:
    site.get("studies/none/")
except Refused as refused:
    print(refused.status, refused.code)
"""
    program = [sys.executable, "-c", script]
    lines = run(program, {**environment, "PYTHONPATH": str(CLIENTS)}, tmp_path)
    assert lines[:6] == [
        "['privacy-prosocial']",
        "True",
        "complete",
        "40",
        "report.pdf",
        "404 not_found",
    ]
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.lavaan
def test_r(walk, tmp_path):
    environment, panel, plan = walk
    script = f"""
source("{CLIENTS / "counterpart_client.R"}")
cat(counterpart_rows("studies/")$slug, "\\n", sep = "")
cat(nrow(counterpart_rows("answers/?limit=150")) > 300, "\\n", sep = "")
cat(counterpart_run_panel({panel}, 0.1)$status, "\\n", sep = "")
cat(nrow(counterpart_scored("privacy-prosocial", 0.1)$simulated), "\\n", sep = "")
cat(counterpart_report(counterpart_fit({plan}, 0.1), "report.pdf", 0.1), "\\n", sep = "")
cat(tryCatch(counterpart_get("studies/none/"), error = conditionMessage), "\\n", sep = "")
"""
    lines = run(["Rscript", "-e", script], environment, tmp_path)
    assert lines[:5] == ["privacy-prosocial", "TRUE", "complete", "40", "report.pdf"]
    assert lines[5].endswith("[not_found]")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-")


def test_a_client_is_one_short_file():
    for path in CLIENTS.iterdir():
        if path.is_file():
            assert len(path.read_text(encoding="utf-8").splitlines()) <= 130
