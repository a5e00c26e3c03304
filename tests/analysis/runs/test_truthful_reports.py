"""A report says of a study what the program knows of that study, and "not recorded" otherwise."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from factories import TESTER, make_draft, make_link, make_person

from analysis.archive.files.readme import readme
from analysis.archive.gather import archive_content
from analysis.compare.results import Comparison
from analysis.models import AnalysisRun
from analysis.plans.files import Draws, bundled_plan, load_plan
from analysis.plans.services import freeze_plan
from analysis.report.gather import report_content
from analysis.runs.selectors import summary_rows
from analysis.runs.services import fit_models
from analysis.runs.summary import summary_lines
from surveys import services
from surveys.instrument_files import StudyDefinition, bundled_study
from surveys.models import (
    Administration,
    Block,
    ImportedFile,
    Item,
    RecruitingLink,
    Respondent,
    ResponseScale,
    Study,
)
from surveys.selectors import presentation_of
from surveys.services import AnswerSubmission, GivenAnswer, Start
from tests.analysis.respondents import known_truth, make_group
from tests.analysis.rolled_back import Reported, reported

pytestmark = pytest.mark.django_db

CITATION = "Somebody (2020). People of elsewhere."
LONG_AGO = datetime(2019, 5, 4, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _media(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path


def opened(
    owner, change: Callable[[StudyDefinition], StudyDefinition] = lambda study: study
) -> Study:
    definition = change(bundled_study("privacy-prosocial"))
    return services.open_study(study=make_draft(owner, definition), by=TESTER)


def ask_panel(study: Study, *, shuffled: bool = False, language: str = "en", n: int = 30) -> None:
    """A panel of scripted sessions; `shuffled` turns the order of blocks for every other one."""
    group = make_group(study, "panel", "llm")
    respondents = Respondent.objects.bulk_create(
        Respondent(study=study, group=group, kind="llm", simulated=True) for _ in range(n)
    )
    turned = list(
        Block.objects.filter(study=study).order_by("-position").values_list("key", flat=True)
    )
    started = services.begin_administrations(
        study=study,
        starts=[
            Start(one, 900 + i, language, block_order=turned if shuffled and i % 2 else None)
            for i, one in enumerate(respondents)
        ],
    )
    finish(study, started, profile="people-like")


def ask_people(study: Study, link: RecruitingLink, languages: tuple[str, ...], n: int = 30) -> None:
    """People who come through a link and consent."""
    started = [make_person(link, languages[i % len(languages)]) for i in range(n)]
    finish(study, started, profile="people")


def bring_in(study: Study, n: int = 30) -> None:
    """People as an import adds them: without a link or a consent, in the order of the columns."""
    group = services.people_group(study=study, simulated=False)
    respondents = Respondent.objects.bulk_create(
        Respondent(study=study, group=group, kind="human") for _ in range(n)
    )
    started = services.begin_administrations(
        study=study, starts=[Start(one, 0, "en") for one in respondents]
    )
    finish(study, started, profile="people")
    ImportedFile.objects.create(
        study=study,
        data_name="people.csv",
        mapping_name="mapping.toml",
        citation=CITATION,
        licence="CC0-1.0",
        rows_read=n,
        rows_imported=n,
    )
    ImportedFile.objects.update(imported_at=LONG_AGO)


def finish(study: Study, started: list[Administration], *, profile: str) -> None:
    truths = known_truth(study, profile, n=len(started), seed=50)
    services.record_answer_batch(
        submissions=[
            AnswerSubmission(
                one.pk,
                [GivenAnswer(q.ref, truth(q)) for q in presentation_of(one).questions],
                "all",
            )
            for one, truth in zip(started, truths, strict=True)
        ]
    )
    services.complete_administrations(administrations=started)


def frozen(study: Study, **changes):
    plan = replace(
        load_plan(bundled_plan("privacy-prosocial")), draws=Draws(1, 0, 0, 0), sensitivity=()
    )
    return freeze_plan(study=study, plan=replace(plan, **changes), by=TESTER)


def printed(study: Study) -> Reported:
    return reported(fit_models(plan=frozen(study), by=TESTER))


# ---------------------------------------------------------------- order of asking


def test_predictors_asked_first_are_said_to_have_been_asked_first(owner):
    study = opened(owner)
    ask_people(study, make_link(study), ("en",))
    ask_panel(study)
    report = printed(study)
    assert report.says("every predictor was asked before its outcome: People 30 of 30")
    assert report.says("Panel 30 of 30")
    assert report.says("blocks in one order: privacy, prosocial, sharing")


def test_of_shuffled_blocks_it_is_counted_where_predictors_came_first(owner):
    study = opened(owner)
    ask_people(study, make_link(study), ("en",))
    ask_panel(study, shuffled=True)
    report = printed(study)
    assert report.says("People 30 of 30; Panel 15 of 30")
    assert not report.says("Attitudes were asked before acceptance")


def test_in_a_study_that_asks_for_outcomes_first_no_session_is_counted(owner):
    study = opened(owner, lambda one: replace(one, blocks=tuple(reversed(one.blocks))))
    ask_people(study, make_link(study), ("en",))
    ask_panel(study)
    report = printed(study)
    assert report.says("People 0 of 30; Panel 0 of 30")
    assert report.says("blocks in one order: sharing, prosocial, privacy")


# ---------------------------------------------------------------- imported people


@pytest.fixture
def imported(owner) -> Study:
    study = opened(owner)
    make_link(study)
    bring_in(study)
    ask_panel(study)
    return study


def test_of_imported_people_nothing_is_said_that_happened_elsewhere(imported):
    """Neither a link nobody came through nor the study's own consent text speaks of them."""
    people = report_content(fit_models(plan=frozen(imported), by=TESTER)).people
    unknown = (
        *("survey_access", "voluntary", "field_dates", "mode", "consent", "deletion_route"),
        *("items_per_page", "order_randomisation", "forced_answers", "back_button", "cookies"),
        *("duplicate_prevention", "ip_check", "log_file", "consent_text", "stated_duration"),
    )
    assert {name: getattr(people, name) for name in unknown} == dict.fromkeys(unknown)


def test_a_report_of_imported_people_gives_their_source_and_the_day_of_the_import(imported):
    report = printed(imported)
    assert report.says(f"their answers were imported. Source: {CITATION}")
    assert report.says("Imported on: 2019-05-04.")
    assert report.says("every predictor was asked before its outcome: People not recorded")
    assert report.says("Field dates not recorded")
    assert report.says("View, participation and completion rates reported in part")
    assert report.says("Items as models were given them")
    assert not report.says("Items as both kinds of respondent saw them")


def test_who_was_asked_here_is_told_from_who_was_imported(imported):
    ask_people(imported, RecruitingLink.objects.get(study=imported), ("en",), n=10)
    content = report_content(fit_models(plan=frozen(imported), by=TESTER))
    assert content.people.mode.endswith("(the 10 of 40 who answered here)")
    assert content.people_flow[0].started is None
    report = printed(imported)
    assert report.says("30 of the people were not asked by this program")
    assert report.says("People 10 of 10 (not recorded for 30 who were imported)")


def test_the_archive_says_which_people_were_asked_elsewhere(imported):
    text = " ".join(
        readme(archive_content(fit_models(plan=frozen(imported), by=TESTER)), ()).split()
    )
    assert "30 of the 30 people were asked elsewhere and imported" in text
    assert "The consent text in study.json was not shown to them" in text


# ---------------------------------------------------------------- people who came through a link


def test_languages_are_those_in_which_answers_were_given(owner):
    study = opened(owner)
    ask_people(study, make_link(study), ("en", "en", "de"))
    ask_panel(study)
    run = fit_models(plan=frozen(study), by=TESTER)
    assert report_content(run).people.languages == "en 20, de 10"
    report = reported(run)
    assert report.says("In each language people and models were given the same words")
    assert report.says("People en 20, de 10; Panel en 30")


def test_the_consent_printed_is_the_one_that_people_agreed_to(owner):
    study = opened(owner)
    ask_people(study, make_link(study), ("de",))
    ask_panel(study)
    people = report_content(fit_models(plan=frozen(study), by=TESTER)).people
    assert people.consent_language == "de"
    assert people.consent_text.startswith("Worum es")


def test_shuffling_is_said_of_the_blocks_that_are_shuffled_only(owner):
    def change(one: StudyDefinition) -> StudyDefinition:
        first, *rest = one.blocks
        settings = {**one.settings, "scale_direction": "balanced"}
        return replace(one, blocks=(replace(first, shuffle=False), *rest), settings=settings)

    study = opened(owner, change)
    ask_people(study, make_link(study), ("en",))
    ask_panel(study)
    order = report_content(fit_models(plan=frozen(study), by=TESTER)).people.order_randomisation
    assert "shuffled within prosocial, sharing" in order
    assert "highest to the lowest value for" in order


def test_how_duplicates_were_kept_out_depends_on_the_links(owner):
    study = opened(owner)
    ask_people(study, make_link(study), ("en",))
    ask_panel(study)
    run = fit_models(plan=frozen(study), by=TESTER)
    assert "can be used again" in report_content(run).people.duplicate_prevention
    make_link(study, recruiter="prolific")
    assert "one response for each id" in report_content(run).people.duplicate_prevention


def test_a_sample_is_not_called_one_of_convenience_unless_somebody_said_so(owner):
    study = opened(owner)
    ask_people(study, make_link(study), ("en",))
    ask_panel(study)
    report = printed(study)
    assert not report.says("convenience sample")
    assert not report.says("not drawn at random")


# ---------------------------------------------------------------- plan and run


def test_a_plan_frozen_after_models_answered_is_not_said_to_be_frozen_beforehand(owner):
    study = opened(owner)
    ask_people(study, make_link(study), ("en",))
    before = frozen(study)
    ask_panel(study)
    after = frozen(study, name="after")
    assert reported(fit_models(plan=before, by=TESTER)).says("expected signs, frozen beforehand")
    late = reported(fit_models(plan=after, by=TESTER))
    assert not late.says("frozen beforehand")
    assert late.says("expected signs, frozen when the study held 1,200 answers of models")


def test_nobody_is_said_to_have_frozen_a_plan_at_the_command_line(owner):
    study = opened(owner)
    ask_people(study, make_link(study), ("en",))
    ask_panel(study)
    assert (
        report_content(fit_models(plan=frozen(study), by=TESTER)).provenance.plan_frozen_by is None
    )


def test_limits_name_the_outcomes_of_the_plan(owner):
    study = opened(owner)
    ask_people(study, make_link(study), ("en",))
    ask_panel(study)
    report = printed(study)
    outcome = report.comparison.plan.constructs[-1].label
    assert report.says(f"Answers to a questionnaire stand for {outcome};")


def test_a_run_of_an_earlier_version_prints_not_recorded_and_fails_nowhere(imported):
    run = fit_models(plan=frozen(imported), by=TESTER)
    del run.result["description"]["deliveries"]
    run.software.pop("python")
    run.save()
    report = reported(AnalysisRun.objects.get(pk=run.pk))
    assert report.says("Order of asking not recorded")
    assert report.says("The people were not asked by this program")
    assert isinstance(report.comparison, Comparison)


def test_every_scale_of_an_instrument_is_printed(owner):
    study = opened(owner)
    ask_people(study, make_link(study), ("en",))
    ask_panel(study)
    run = fit_models(plan=frozen(study), by=TESTER)
    item = Item.objects.filter(version__blocks__study=study, version__language="en").last()
    yes_or_no = ResponseScale.objects.create(version=item.version, key="yes-or-no")
    for value, label in ((0, "No"), (1, "Yes")):
        yes_or_no.options.create(value=value, label=label)
    Item.objects.filter(pk=item.pk).update(response_scale=yes_or_no)
    assert reported(run).says("/ 0 = No; 1 = Yes")


# ---------------------------------------------------------------- people whom no fit can use


def test_people_without_a_complete_row_are_not_said_to_be_analysed_or_to_fit(imported):
    """Everybody left one block open: all answered, no fit has a row."""
    blocks = list(Block.objects.filter(study=imported).order_by("position"))
    people = Administration.objects.filter(study=imported, respondent__kind="human").order_by("pk")
    for number, administration in enumerate(people):
        left = administration.answers.filter(item__version__blocks=blocks[number % len(blocks)])
        left.update(value=None, missing_reason="skipped")
    run = fit_models(plan=frozen(imported), by=TESTER)
    report = reported(run)
    assert report.says("0 people of 30 who answered")
    assert report.says("No model could be fitted to the people (no row is complete: ")
    assert report.says("Used by the fits (n / kept) 0.0% (0 of 30)")
    assert not report.says("fits with")
    assert not report.says("People: constant item")
    people_row = summary_rows(run)[0]
    assert people_row["n"] == 0
    assert {path["reason"] for path in people_row["paths"].values()} == {"no_rows"}
    assert "not estimable (no row is complete)" in "\n".join(summary_lines(summary_rows(run)))
    text = " ".join(readme(archive_content(run), ()).split())
    assert "30 with any answer, none of them used by the fits, in 30 clusters" in text
