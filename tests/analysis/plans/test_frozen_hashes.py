"""What was frozen by an earlier version keeps its hash: these values are never to be changed."""

from pathlib import Path

import pytest
from factories import TESTER, asked_by_somebody

from analysis.plans.files import bundled_plan, load_plan
from analysis.plans.services import freeze_plan
from surveys import services
from surveys.imports import load_mapping
from surveys.instrument_files import bundled_study, parse_study

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"

SETTINGS = """
[settings]
minutes = 8
seed = 20260103
scale_direction = "balanced"
question = "Do attitudes and acceptance go together?"
report = { analyst = "A. Author" }
people = { sampling_frame = "Students", incentive = "None" }
"""


def test_the_checksums_of_the_bundled_study_are_those_of_the_first_version():
    study = bundled_study("privacy-prosocial")
    assert {language: study.checksum(language) for language in study.languages} == {
        "en": "fab05ccbdcfa36dc0767baeec0223e47d1139cdc51f880b88f829498869b65ea",
        "de": "a74220de3fe83d89c524c1e5d99039f2840f9556d1487ae5ce09b251b09650e1",
    }


def test_opening_the_bundled_study_freezes_what_it_always_froze(open_study):
    assert open_study.checksum == "195a5c4556f37a05b2fa2d51793735d2cab68b194b7342415570ec42cae83e53"


def test_settings_are_frozen_as_they_are_written_and_no_default_is_added(owner, open_study):
    path = Path("surveys/instruments/studies/privacy-prosocial.toml")
    text = path.read_text().replace("[settings]\nminutes = 8\n", SETTINGS)
    study = services.create_study(
        definition=asked_by_somebody(parse_study(text)), owner=owner, slug="another", by=TESTER
    )
    assert (
        services.open_study(study=study, by=TESTER).checksum
        == "004887396b3fa5c8beb166d1665f8e8d3fb46caa14fc9988aff6ea208187e216"
    )


def test_the_bundled_plan_is_frozen_under_its_old_hash(open_study):
    plan = load_plan(bundled_plan("privacy-prosocial"))
    assert (
        freeze_plan(study=open_study, plan=plan, by=TESTER).sha256
        == "10c58c9fc176751d00b07092b848c2fac0902bc6d24f515c400fbbf7f45e0934"
    )


@pytest.mark.parametrize(
    ("example", "study_sha256", "plan_sha256"),
    [
        (
            "german-cwa",
            "9bd1b8f8d8b346cc22bd18f6329e9f1b4ca7fbaca25f548989e122698e222df5",
            "1c3b7f684d3ce11353319c724cdbbdd7a86a67f3e2a8a41fd7f1459519391f07",
        ),
        (
            "swiss-dcta",
            "58421ae92cc4d46e841643291abd54e2951d4adaaec0228ac5e923c8a9e86d1e",
            "7448d396ba715d14e67070e4ff57b5dfa4299279c4a302644ae533a4ef66fdec",
        ),
    ],
)
def test_an_example_plan_is_frozen_under_its_old_hash(owner, example, study_sha256, plan_sha256):
    mapping = load_mapping(EXAMPLES / example / "mapping.toml")
    for instrument in mapping.instruments:
        services.publish_instrument(definition=instrument, by=TESTER)
    study = services.open_study(
        study=services.create_study(definition=mapping.study, owner=owner, by=TESTER),
        people=False,
        by=TESTER,
    )
    plan = load_plan(EXAMPLES / example / "plan.toml")
    assert study.checksum == study_sha256
    assert freeze_plan(study=study, plan=plan, by=TESTER).sha256 == plan_sha256
