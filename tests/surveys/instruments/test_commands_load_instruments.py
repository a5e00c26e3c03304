"""`load_instruments` publishes files; what it says no to ends with a code and exit status 1."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from surveys.models import InstrumentVersion

pytestmark = pytest.mark.django_db

TEA = """\
slug = "tea-liking"
version = "1.0"
construct = "tea"
languages = ["en"]
licence = "CC0-1.0"
citation = "None; written for a test."
wording_note = "Our own words."
title.en = "Tea"
instruction.en = "How far do you agree?"
orientation.en = "High: likes tea."

[[response_scales]]
key = "agreement"
options = [{ value = 1, label.en = "Disagree" }, { value = 2, label.en = "Agree" }]

[[items]]
key = "taste"
response_scale = "agreement"
text.en = "Tea tastes good."
"""


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("load_instruments", *arguments, stdout=out)
    return out.getvalue()


def test_it_publishes_the_bundled_instruments_in_every_language_they_have():
    run()

    assert set(
        InstrumentVersion.objects.values_list("instrument__slug", "language").distinct()
    ) == {
        (slug, language)
        for slug in ("privacy-attitudes", "prosocialness", "data-sharing")
        for language in ("en", "de")
    }


def test_it_publishes_a_file_and_names_version_and_checksum(tmp_path):
    (tmp_path / "tea.toml").write_text(TEA, encoding="utf-8")

    made = json.loads(run(str(tmp_path / "tea.toml"), "--json"))

    version = InstrumentVersion.objects.get()
    assert made == {
        "instrument_versions": [
            {
                "instrument": "tea-liking",
                "version": "1.0",
                "language": "en",
                "checksum": version.checksum,
            }
        ],
        "next": "manage.py load_study STUDY.toml, or New study in the browser",
    }


def test_the_same_file_again_publishes_nothing_new(tmp_path):
    (tmp_path / "tea.toml").write_text(TEA, encoding="utf-8")

    assert run(str(tmp_path / "tea.toml")) == run(str(tmp_path / "tea.toml"))
    assert InstrumentVersion.objects.count() == 1


def test_other_words_under_the_same_version_end_with_a_code_and_publish_nothing(tmp_path):
    good, other, new = (tmp_path / f"{name}.toml" for name in ("good", "other", "new"))
    good.write_text(TEA, encoding="utf-8")
    other.write_text(TEA.replace("tastes good", "is fine"), encoding="utf-8")
    new.write_text(TEA.replace("tea-liking", "tea-again"), encoding="utf-8")
    run(str(good))

    with pytest.raises(
        CommandError, match=r"give the new one a new version.*version_is_frozen"
    ) as no:
        run(str(new), str(other))

    assert no.value.returncode == 1
    assert InstrumentVersion.objects.count() == 1


def test_a_mistake_in_a_file_is_told_to_people_and_to_programs(tmp_path):
    (tmp_path / "tea.toml").write_text(TEA.replace('version = "1.0"\n', ""), encoding="utf-8")
    out = StringIO()

    with pytest.raises(CommandError, match=r"tea\.toml: version: this is missing"):
        call_command("load_instruments", str(tmp_path / "tea.toml"), "--json", stdout=out)

    assert json.loads(out.getvalue())["error"]["code"] == "missing_key"


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CommandError, match=r"nowhere\.toml.*\[file_missing\]"):
        run(str(tmp_path / "nowhere.toml"))
