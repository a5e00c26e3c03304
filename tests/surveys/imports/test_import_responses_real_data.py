"""The documented examples read the real data sets exactly as an independent reading does."""

import json
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import transaction

from surveys.imports import load_mapping
from surveys.instrument_files import questionnaire_of
from surveys.models import Administration, Answer, Block, Respondent
from surveys.presentation import present

EXAMPLES = Path(settings.BASE_DIR) / "docs" / "examples"

CONCERN = {6: 1, 7: 2, 8: 3, 9: 4}
RESPONSIBILITY = {1: 1, 2: 2, 7: 3, 3: 4}
APP = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5}
GERMAN = {
    "privacy.control_1": ("data_control_1", CONCERN),
    "privacy.control_2": ("data_control_2", CONCERN),
    "privacy.control_3": ("data_control_3", CONCERN),
    "prosocial.responsibility_1": ("soc_responsibility_1", RESPONSIBILITY),
    "prosocial.responsibility_2": ("soc_responsibility_2", RESPONSIBILITY),
    "prosocial.responsibility_3": ("soc_responsibility_3", RESPONSIBILITY),
    "self_interest.self_1": ("soc_responsibility_4", RESPONSIBILITY),
    "self_interest.self_2": ("soc_responsibility_5", RESPONSIBILITY),
    "self_interest.self_3": ("soc_responsibility_6", RESPONSIBILITY),
    "acceptance.useless": ("app_attitudes_1", APP),
    "acceptance.sensible": ("app_attitudes_2", APP),
    "app_context.not_informed": ("app_attitudes_3", APP),
    "app_context.worried": ("app_attitudes_4", APP),
    "app_context.advertising": ("app_attitudes_5", APP),
}
IN_THE_MODEL = (
    "privacy.control_1",
    "privacy.control_3",
    "prosocial.responsibility_1",
    "prosocial.responsibility_2",
    "prosocial.responsibility_3",
    "acceptance.sensible",
    "acceptance.useless",
)


def run_import(example: str, data: Path) -> dict:
    get_user_model().objects.get_or_create(username="owner")
    out = StringIO()
    call_command(
        "import_responses",
        str(EXAMPLES / example / "mapping.toml"),
        str(data),
        "--json",
        stdout=out,
    )
    return json.loads(out.getvalue())


def stored() -> pd.DataFrame:
    """Id of the row by question ref: the scored values as they were stored."""
    block_of = dict(Block.objects.values_list("versions__items", "key"))
    rows = Answer.objects.values_list(
        "administration__respondent__recruiter_id", "item", "item__key", "value"
    )
    frame = pd.DataFrame(
        [
            (recruiter_id, f"{block_of[item]}.{key}", value)
            for recruiter_id, item, key, value in rows
        ],
        columns=["id", "ref", "value"],
    )
    return frame.pivot(index="id", columns="ref", values="value").astype(float)


@pytest.fixture(scope="module")
def german(django_db_setup, django_db_blocker, shared_dir):
    """Imported once: the tests below only read, and the outer transaction takes it back."""
    path = shared_dir / "data" / "german_cwa" / "cwa_wave1_vendor_codes.csv"
    with django_db_blocker.unblock(), transaction.atomic():
        yield run_import("german-cwa", path), path
        transaction.set_rollback(True)


def test_all_2044_germans_are_imported_and_nothing_is_lost(german):
    report, _ = german

    assert (report["rows_read"], report["imported"]) == (2044, 2044)
    assert report["skipped"] == {}
    assert report["unknown"] == []
    assert Administration.objects.filter(status="completed").count() == 2044
    assert Answer.objects.count() == 2044 * 14


def test_every_stored_value_is_the_one_an_independent_reading_gives(german):
    _, path = german
    raw = pd.read_csv(path, index_col="rid")
    expected = pd.DataFrame({ref: raw[col].map(codes) for ref, (col, codes) in GERMAN.items()})
    expected.index = expected.index.astype(str)

    frame = stored().loc[expected.index, list(GERMAN)]

    pd.testing.assert_frame_equal(
        frame, expected.astype(float), check_names=False, check_index_type=False, check_dtype=False,
        check_column_type=False,
    )  # fmt: skip
    assert frame.mean().round(6).to_dict() == expected.mean().round(6).to_dict()


def test_1827_germans_answered_all_items_of_the_model(german, shared_dir):
    witness = shared_dir / "data" / "german_cwa" / "lavaan_ml_listwise.json"

    complete = stored()[list(IN_THE_MODEL)].dropna()

    assert len(complete) == json.loads(witness.read_text())["nobs"] == 1827


def test_what_germans_said_about_themselves_is_kept_with_them(german):
    _, path = german
    raw = pd.read_csv(path, index_col="rid")

    about = pd.DataFrame(list(Respondent.objects.values_list("demographics", flat=True)))

    assert about["gender"].value_counts().to_dict() == {
        "female": int(raw["female"].sum()),
        "male": int((~raw["female"]).sum()),
    }
    assert int(about["app_status"].isna().sum()) == int(raw["app_install"].isna().sum())
    assert about["education"].value_counts().to_dict() == {
        {"lo": "low", "mid": "middle", "hi": "high"}[code]: count
        for code, count in raw["educ_cat"].value_counts().items()
    }


def test_all_757_swiss_are_imported_without_an_id_column(db, shared_dir):
    path = shared_dir / "data" / "swiss_dcta" / "swiss_human.csv"

    report = run_import("swiss-dcta", path)

    raw = pd.read_csv(path)
    assert report["imported"] == len(raw) == 757
    frame = stored()
    for ref, column in (
        ("acceptance.use", "acc_use"),
        ("acceptance.trust", "acc_trust"),
        ("prosocial.help", "iwah_help_3"),
        ("risk.seeking", "seek_risk_data"),
    ):
        assert frame[ref].mean() == pytest.approx(raw[column].mean(), abs=1e-12)
    assert frame["risk.perceived"].mean() == pytest.approx(1000 * raw["perc_risk_data"].mean())


@pytest.mark.parametrize("example", ["german-cwa", "swiss-dcta"])
def test_a_model_can_be_asked_what_the_people_of_an_example_were_asked(example):
    mapping = load_mapping(EXAMPLES / example / "mapping.toml")

    pages = present(questionnaire_of(mapping.study, mapping.instruments, "en"), seed=1).pages

    assert all(page.instruction for page in pages)
    questions = [question for page in pages for question in page.questions]
    assert all(question.text and len(question.options) >= 4 for question in questions)
    assert {getattr(column, "ref", None) for column in mapping.columns} >= {
        question.ref for question in questions
    }


@pytest.mark.parametrize("example", ["german-cwa", "swiss-dcta"])
def test_examples_say_that_their_words_are_ours(example):
    mapping = load_mapping(EXAMPLES / example / "mapping.toml")

    assert all("paraphrases" in one.wording_note for one in mapping.instruments)
    assert not list((EXAMPLES / example).glob("*.csv")), "the data are not ours to distribute"
