"""From an empty database to a report of one's own study, by commands alone."""

import json
import re
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from factories import make_user
from own_studies import PLAN, STUDY, write_files

from surveys.models import InstrumentVersion, Item, Study
from surveys.services.rehearsal import read_form

pytestmark = pytest.mark.django_db

DOCS = Path(settings.BASE_DIR) / "docs" / "instruments.md"


def run(command, *arguments, **options) -> str:
    out = StringIO()
    call_command(command, *map(str, arguments), stdout=out, **options)
    return out.getvalue()


def made(command, *arguments, **options):
    return json.loads(run(command, *arguments, "--json", **options))


@pytest.fixture
def ada(db):
    return make_user("ada")


def load(path, *more):
    return run("load_study", path, *more, "--owner", "ada").splitlines()


def answer_all_pages(client, address: str) -> str:
    """Whoever follows the link agrees, answers every question alike and hands in; the last page."""
    path = f"{address.removeprefix(settings.SITE_URL)}?language=de"
    page = client.get(path)
    assert "Eine Studie über das Gehen" in page.content.decode()
    entries = {"decision": "agree"}
    while page.resolver_match.view_name != "surveys:end":
        form = read_form(page.content.decode())
        answers = {name: "4" for name in form.names if "." in name}
        page = client.post(path, {**form.hidden, **answers, **entries}, follow=True)
        assert page.status_code == 200, page.content.decode()
        path, entries = page.request["PATH_INFO"], {"age": "33"}
    return page.content.decode()


def test_the_documented_example_loads(ada, tmp_path):
    examples = re.findall(r"```toml\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    begin = ('slug = "tea-liking"', 'slug = "tea-study"', "[facts]")
    instrument, study, facts = (
        next(one for one in examples if one.startswith(words)) for words in begin
    )
    (tmp_path / "tea-liking.toml").write_text(instrument, "utf-8")
    path = tmp_path / "tea-study.toml"
    path.write_text(f"{study}\n{facts}", "utf-8")
    assert load(path)[-1] == "Next: manage.py open_study tea-study"
    assert made("open_study", "tea-study")["status"] == "open"


def test_a_check_stores_nothing_and_needs_no_user(db, tmp_path):
    path = write_files(tmp_path, STUDY.replace("walks@example.org", "[e-mail]"))
    lines = run("load_study", path, "--check").splitlines()
    assert lines[0] == "walks 1.0: can be loaded"
    assert any("consent.contact: [e-mail] still stands" in line for line in lines)
    assert lines[-1] == f"Next: manage.py load_study {path}"
    assert not Study.objects.exists()
    assert not InstrumentVersion.objects.exists()


def test_a_check_says_everything_that_is_wrong(db, tmp_path):
    path = write_files(tmp_path, STUDY.replace("minutes = 2", 'minutes = "2"'))
    foot = tmp_path / "on-foot.toml"
    foot.write_text(foot.read_text("utf-8").replace("licence", "license"), "utf-8")
    with pytest.raises(CommandError) as error:
        run("load_study", path, "--check")
    said = str(error.value)
    assert "walks.toml: settings.minutes: this must be a whole number" in said
    assert "on-foot.toml: license: this key is unknown; did you mean 'licence'?" in said
    assert said.endswith("[wrong_type]")


def test_loading_again_changes_the_draft_until_it_is_open(ada, tmp_path):
    path = write_files(tmp_path)
    assert load(path)[0] == "walks 1.0: draft made"
    path.write_text(STUDY.replace("minutes = 2", "minutes = 5"), "utf-8")
    assert load(path)[0] == "walks 1.0: draft changed"
    assert Study.objects.get().settings["minutes"] == 5
    run("open_study", "walks")
    with pytest.raises(CommandError, match=r"new version of it. \[study_is_frozen\]"):
        load(path)


def test_what_is_missing_is_said_and_keeps_the_study_closed(ada, tmp_path):
    text = STUDY.replace(', de = "Wie alt sind Sie?"', "")
    lines = load(write_files(tmp_path, text))
    assert any("missing: demographics[age].label.de" in line for line in lines)
    assert lines[-1].startswith("Next: write what is missing")
    with pytest.raises(CommandError, match=r"demographics\[age\].label.de.*\[study_incomplete\]"):
        run("open_study", "walks")


def test_named_files_are_taken_before_those_beside(ada, tmp_path):
    path = write_files(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "on-foot.toml").rename(elsewhere / "any-name.toml")
    with pytest.raises(CommandError, match=r"\[unknown_instrument\]"):
        load(path)
    assert load(path, elsewhere / "any-name.toml")[-1] == "Next: manage.py open_study walks"


def test_an_exported_study_loads_back_to_the_same_content(ada, tmp_path):
    load(write_files(tmp_path))
    out = tmp_path / "out" / "walks.toml"
    out.parent.mkdir()
    first = made("export_study", "walks", "--out", out)
    assert [Path(file).name for file in first["files"]] == [
        "walks.toml",
        "for-paths-1.0.toml",
        "on-foot-1.0.toml",
    ]
    # As in another laboratory, where nothing of it is there.
    Study.objects.get().delete()
    checksums = set(InstrumentVersion.objects.values_list("checksum", flat=True))
    Item.objects.all().delete()
    InstrumentVersion.objects.all().delete()
    load(out)
    assert made("export_study", "walks")["content"] == first["content"]
    assert set(InstrumentVersion.objects.values_list("checksum", flat=True)) == checksums


def test_an_export_replaces_no_instrument_that_says_something_else(ada, tmp_path):
    load(write_files(tmp_path))
    (tmp_path / "on-foot-1.0.toml").write_text("# mine", "utf-8")
    with pytest.raises(CommandError, match=r"\[file_exists\]"):
        run("export_study", "walks", "--out", tmp_path / "walks.toml")
    assert (tmp_path / "walks.toml").read_text("utf-8") == STUDY


def test_the_bundled_study_can_be_exported_before_it_is_there(db, tmp_path):
    out = tmp_path / "mine.toml"
    run("export_study", "privacy-prosocial", "--out", out)
    assert run("load_study", out, "--check").startswith("privacy-prosocial 1.0: can be loaded")


def test_a_study_is_copied_amended_archived_and_deleted(ada, tmp_path):
    load(write_files(tmp_path))
    with pytest.raises(CommandError, match=r"\[not_frozen\]"):
        run("copy_study", "walks", "--as-version", "1.1", "--owner", "ada")
    copied = made("copy_study", "walks", "strolls", "--owner", "ada")
    assert (copied["study"], copied["previous"]) == ("strolls", None)
    content = made("export_study", "walks")["content"]
    assert made("export_study", "strolls")["content"] == {**content, "slug": "strolls"}

    run("open_study", "walks")
    amended = made("copy_study", "walks", "--as-version", "1.1", "--owner", "ada")
    assert (amended["study"], amended["version"]) == ("walks-v1-1", "1.1")
    assert Study.objects.get(slug="walks-v1-1").previous.slug == amended["previous"] == "walks"
    with pytest.raises(CommandError, match=r"\[study_exists\]"):
        run("copy_study", "walks", "strolls", "--owner", "ada")

    with pytest.raises(CommandError, match=r"\[study_is_open\]"):
        run("archive_study", "walks")
    assert made("archive_study", "strolls")["archived"]
    assert not made("archive_study", "strolls", "--restore")["archived"]
    run("delete_study", "strolls")
    assert set(Study.objects.values_list("slug", flat=True)) == {"walks", "walks-v1-1"}
    with pytest.raises(CommandError, match=r"\[study_unknown\]"):
        run("delete_study", "strolls")


def test_a_study_that_somebody_has_begun_is_not_deleted(ada, tmp_path, client):
    load(write_files(tmp_path))
    answer_all_pages(client, made("open_study", "walks")["link"]["address"])
    with pytest.raises(CommandError, match=r"\[study_not_empty\]"):
        run("delete_study", "walks")
    assert Study.objects.filter(slug="walks").exists()


def test_from_an_empty_database_to_the_report(ada, tmp_path, client):
    load(write_files(tmp_path))
    address = made("open_study", "walks")["link"]["address"]
    assert "Vielen Dank" in answer_all_pages(client, address)
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN, "utf-8")
    run("open_study", "walks", "--simulated")
    run("simulate_people", "walks", people=60, verbosity=0)
    made("freeze_plan", "walks", plan, reference_group="simulated-people")
    panel = {"study": "walks", "provider": "scripted", "profile": "people-like"}
    made("run_panel", **panel, key="scripted", sessions=60, verbosity=0)
    made("fit_models", "walks", verbosity=0)
    pdf = tmp_path / "report.pdf"
    both = made("build_report", "walks", out=pdf)
    assert pdf.read_bytes().startswith(b"%PDF")
    beside = tmp_path / "report-supplement.pdf"
    assert (both["file"], both["supplement"]) == (str(pdf), str(beside))
    assert beside.read_bytes().startswith(b"%PDF")
    alone = tmp_path / "rest.pdf"
    made("build_report", "walks", out=alone, only="supplement")
    assert alone.read_bytes() == beside.read_bytes()
