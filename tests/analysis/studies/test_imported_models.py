"""Real people against model answers that were collected elsewhere: compared like any panel."""

import io
import json
import random
import zipfile
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from factories import TESTER, make_user
from pytest_django.plugin import DjangoDbBlocker

from analysis.archive.services import build_archive
from analysis.plans.files import Draws, load_plan
from analysis.plans.services import freeze_plan
from analysis.runs.selectors import summary_rows
from analysis.runs.services import fit_models
from surveys.models import Administration, Kind, RespondentGroup, Study
from surveys.selectors import stored_values
from tests.analysis.rolled_back import reported, rolled_back

pytestmark = pytest.mark.django_db  # the module's own fixture needs the test database

GROUP = "gpt-4o-imported"
EXAMPLE = Path(settings.BASE_DIR) / "docs" / "examples" / "german-cwa"
MATCHED = 300
# What the mapping of the example reads: a reply under its custom_id.
HEAD = {"panel": "gpt-4o", "model": "gpt-4o-2024-08-06"}


def answers_of_models(study: Study) -> str:
    """Raw replies of sessions matched to people, each a noisy copy of its person's answers."""
    chance = random.Random(7)
    people = Administration.objects.filter(study=study).select_related("respondent", "study")
    lines = []
    for one in people.order_by("pk")[:MATCHED]:
        session = {**HEAD, "matched_to": one.respondent.recruiter_id, "temperature": 1.0}
        for ref, value in stored_values(one).items():
            if value is not None and not ref.startswith("check."):
                noisy = value if chance.random() < 0.8 else chance.choice((1, 2, 3, 4))
                custom = f"{one.respondent.recruiter_id}|{ref}"
                said = {"custom_id": custom, "response": {"text": f"Answer: {noisy}"}}
                lines.append(json.dumps({**session, **said}))
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def compared(
    shared_dir: Path,
    tmp_path_factory: pytest.TempPathFactory,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
):
    data = shared_dir / "data" / "german_cwa" / "cwa_wave1_vendor_codes.csv"
    if not data.exists():
        pytest.skip("the data of the example are not part of the program")
    file = tmp_path_factory.mktemp("collected") / "answers.jsonl"
    with rolled_back(django_db_blocker):
        make_user("owner")
        told = StringIO()
        call_command("import_responses", EXAMPLE / "mapping.toml", data, stdout=StringIO())
        study = Study.objects.get(slug="german-cwa")
        file.write_text(answers_of_models(study))
        call_command("import_responses", EXAMPLE / "models.toml", file, json=True, stdout=told)
        plan = replace(load_plan(EXAMPLE / "plan.toml"), draws=Draws(1, 20, 20, 10))
        run = fit_models(plan=freeze_plan(study=study, plan=plan, by=TESTER), by=TESTER)
        groups = {one.key: one.provenance for one in RespondentGroup.objects.all()}
        archive = zipfile.ZipFile(io.BytesIO(build_archive(run=run, by=TESTER).content))
        files = {name: archive.read(name) for name in archive.namelist()}
        yield reported(run), summary_rows(run), groups, json.loads(told.getvalue()), files


def test_every_matched_session_is_read_and_none_becomes_a_person(compared):
    report, _rows, groups, told, _files = compared

    assert told["groups"] == {GROUP: MATCHED}
    assert groups == {"people": "people", GROUP: "imported model answers"}
    kinds = {one.key: (one.kind, one.rows) for one in report.comparison.groups}
    assert kinds == {"people": (Kind.HUMAN, 2044), GROUP: (Kind.LLM, MATCHED)}


def test_it_is_compared_like_a_panel(compared):
    _report, rows, *_more = compared

    model = next(one for one in rows if one["group"] == GROUP)
    assert model["imported"]
    assert model["vaar"]["agree"] is not None
    assert all(path["std"] is not None for path in model["paths"].values())


def test_the_report_says_that_they_were_imported(compared):
    report = compared[0]

    assert report.says("Imported model answers, collected elsewhere: GPT-4o, collected in March.")
    assert report.says("model-generated, imported")
    assert report.says("not recorded")


def test_the_archive_says_so_too_and_holds_every_raw_reply(compared):
    files = compared[-1]

    (readme,) = (text.decode() for name, text in files.items() if name.endswith("README.txt"))
    assert "GPT-4o, collected in March (imported model answers)" in " ".join(readme.split())
    (replies,) = (text.decode() for name, text in files.items() if f"{GROUP}.jsonl" in name)
    assert "Answer: 3" in replies
    assert "matched_to" not in replies
