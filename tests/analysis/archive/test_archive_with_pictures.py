"""An archive of a study that shows pictures holds them, and is the same whenever it is built."""

import hashlib
import io
import json
import zipfile

import pytest
from django.core.management import call_command
from factories import TESTER, make_user
from picture_studies import INSTRUMENT, write_poster_study

from analysis.archive.services import build_archive
from analysis.plans.files import parse_plan
from analysis.plans.services import freeze_plan
from analysis.runs.services import fit_models
from surveys import services
from surveys.models import MediaFile, Respondent, RespondentGroup, Study
from tests.analysis.archives import add_group, opened, table

pytestmark = pytest.mark.django_db

MORE = """
[[items]]
key = "{key}"
response_scale = "liking"
text = {{ en = "Poster {key}?", de = "Plakat {key}?" }}
"""
PLAN = """name = "main"
study = "posters"
reference_group = "people"

[[constructs]]
key = "LIK"
label = "Liking"
block = "posters"
items = ["first", "second", "third"]
indicators = "items"

[[constructs]]
key = "LAT"
label = "Later"
block = "posters"
items = ["fourth", "fifth", "sixth"]
indicators = "items"

[[paths]]
predictor = "LIK"
outcome = "LAT"
sign = "+"
source = "T"
family = "liking"
reference = "A test."

[draws]
seed = 1
bootstrap = 20
permutations = 20
noise_draws = 10
"""


@pytest.fixture
def run(tmp_path):
    path = write_poster_study(tmp_path)
    more = "".join(MORE.format(key=key) for key in ("fourth", "fifth", "sixth"))
    (tmp_path / "posters-1.0.toml").write_text(INSTRUMENT + more, "utf-8")
    make_user("ada")
    call_command("load_study", str(path), "--owner", "ada", verbosity=0)
    study = services.open_study(study=Study.objects.get(), by=TESTER)
    add_group(study, "people", "human", profile="people", n=40, seed=1)
    add_group(study, "panel", "llm", profile="people-like", n=40, seed=500)
    RespondentGroup.objects.filter(key="people").update(simulated=False)
    Respondent.objects.filter(kind="human").update(simulated=False)
    plan = freeze_plan(study=study, plan=parse_plan(PLAN), source=PLAN, by=TESTER)
    return fit_models(plan=plan, by=TESTER)


def checksums_in(value) -> set[str]:
    """What a file of an instrument says that it shows."""
    if isinstance(value, list):
        return set().union(*map(checksums_in, value))
    if not isinstance(value, dict):
        return set()
    own = {value[key] for key in ("sha256", "captions_sha256") if value.get(key)}
    return own.union(*map(checksums_in, value.values()))


def test_everything_that_was_shown_is_in_the_archive_under_what_it_is_known_by(run):
    content = build_archive(run=run, by=TESTER).content
    files = opened(content)
    shown = checksums_in(json.loads(files["instruments/posters-1.0.json"]))
    kept = {
        hashlib.sha256(one).hexdigest(): name
        for name, one in files.items()
        if name.startswith("instruments/media/")
    }
    assert shown == set(kept) == set(MediaFile.objects.values_list("sha256", flat=True))
    assert all(checksum in name for checksum, name in kept.items())
    assert len({row["posters_second.value"] for row in table(files, "data/raw.csv")} - {"NA"}) > 1
    # Building it once more gives the same bytes.
    assert build_archive(run=run, by=TESTER).content == content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
