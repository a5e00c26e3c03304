import re
import tomllib
from pathlib import Path

from pictures import CAPTIONS, picture, video

import surveys.instrument_files
from surveys.flow import FlowMistake
from surveys.instrument_files import (
    bundled_instruments,
    parse_instrument,
    parse_study,
    questionnaire_of,
    read_instrument_values,
)
from surveys.instrument_files.errors import FileMistake
from surveys.instrument_files.media.beside import with_files
from surveys.instrument_files.settings import StudySettings
from surveys.media import MediaMistake
from surveys.presentation import StoredAnswer, Walk, present
from surveys.questions import KINDS, KindMistake
from surveys.simulation import PROFILES

PACKAGE = Path(surveys.instrument_files.__file__).parent
PAGE = (PACKAGE.parents[1] / "docs" / "instruments.md").read_text(encoding="utf-8")
INSTRUMENT, EVERY_KIND, SHOWN, STUDY, REQUEST, REQUEST_STUDY, FACTS = re.findall(
    r"```toml\n(.*?)```", PAGE, re.DOTALL
)


def test_the_worked_example_is_a_valid_instrument_and_study_that_can_be_shown():
    instrument = parse_instrument(INSTRUMENT)
    study = parse_study(f"{STUDY}\n{FACTS}", instruments=[instrument])
    shown = present(questionnaire_of(study, [instrument], "de"), seed=1)

    assert {"tea.taste_1", "check.pick"} <= set(shown.order)
    assert [item.key for item in instrument.items if item.reverse_keyed] == ["taste_2"]


def test_the_example_of_pictures_is_read_with_the_files_that_it_names():
    files = {"posters/tea.jpg": picture("JPEG"), "talk.mp4": video(500), "talk.vtt": CAPTIONS}
    files["word-de.png"] = picture()
    tables = tomllib.loads(f"{INSTRUMENT}\n{SHOWN}")
    made = with_files(tables, file_of=files.get, known=lambda _sha256: None)
    assert made.problems == []
    *_, shown = read_instrument_values(made.tables).items
    assert [one.kind for one in shown.media] == ["picture", "video", "picture"]
    assert [one.is_shown_in("en") for one in shown.media] == [True, True, False]


def test_every_code_of_a_file_is_in_the_table():
    codes = re.findall(r"`(\w+)`", PAGE[PAGE.index("What is wrong with a file") :])
    assert {one.value for one in MediaMistake} <= set(codes)


def test_the_example_of_conditions_and_rules_can_be_shown():
    instrument = parse_instrument(REQUEST)
    study = parse_study(REQUEST_STUDY, instruments=[instrument])
    condition = {"recipient": "firm", "benefit": "all"}
    shown = present(questionnaire_of(study, [instrument], "en"), seed=1, condition=condition)

    (told,) = shown.question("request.share").preface
    assert told.text == "An insurance firm asks for your step counts, to help everybody."
    walk = Walk(shown, {"request.age": StoredAnswer((31.0,))})
    assert walk.shows("request.firm")


def test_the_example_of_every_kind_has_every_kind_and_the_table_has_them_all():
    instrument = parse_instrument(EVERY_KIND)
    table = PAGE[PAGE.index("| `kind` |") : PAGE.index('slug = "a-day"')]

    used = {scale.format.kind for scale in instrument.response_scales}
    assert used | {"choice"} == set(KINDS)
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == {"kind", *KINDS}


def test_every_code_of_a_mistake_is_documented_and_no_other():
    table = PAGE[PAGE.index("| Code |") : PAGE.index("## What a respondent sees")]
    assert set(re.findall(r"`(\w+)`", table)) == {
        code.value for code in (*FileMistake, *KindMistake, *FlowMistake)
    }


def test_every_setting_of_a_study_is_documented_and_no_other():
    table = PAGE[PAGE.index("| Setting |") : PAGE.index("## A draft, and what")]
    named = " ".join(re.findall(r"^\| (`[^|]*) \|", table, re.MULTILINE))
    assert set(re.findall(r"`(\w+)(?:\.\*)?`", named)) == set(StudySettings.__annotations__)


def test_the_bundled_instruments_and_profiles_are_described_as_they_are():
    for instrument in bundled_instruments():
        row = re.search(rf"\| `{instrument.slug}` \|(.*)", PAGE).group(1).split("|")
        reverse_keyed = sum(item.reverse_keyed for item in instrument.items)
        options = len(instrument.response_scales[0].options)
        assert int(row[0]) == len(instrument.items)
        assert row[1].strip().startswith(str(options))
        assert int(row[3]) == reverse_keyed
    for name, profile in PROFILES.items():
        row = re.search(rf"\| `{name}` \|(.*)", PAGE).group(1).split("|")
        paths = [float(cell.strip().replace("−", "-")) for cell in row[:2]]
        assert paths == [path.coefficient for path in profile.paths]
