"""A plan over waves: what the same people said the first time predicts what they said later."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from django.db.models import F
from django.urls import reverse
from factories import TESTER
from printed_pages import pages_of

from analysis.archive.services import build_archive
from analysis.errors import NothingToCompare
from analysis.plans.drafting.asked import asked_of
from analysis.plans.drafting.services import save_draft
from analysis.plans.files import parse_plan
from analysis.plans.services import comparison_plan, freeze_plan
from analysis.plans.writing import plan_values
from analysis.report.services import build_report
from analysis.runs.services import fit_models
from surveys import services
from surveys.instrument_files.errors import InstrumentFileError
from surveys.instrument_files.toml_tables import parse_toml
from surveys.instrument_files.writing import to_toml
from surveys.models import Administration, RecruitingLink, Respondent, RespondentGroup
from surveys.presentation import Question
from surveys.selectors import presentation_of
from surveys.services import AnswerSubmission, GivenAnswer, Start
from surveys.services.inviting.waves import WaveDraft, set_waves
from surveys.services.studies import people_group
from tests.analysis.archives import opened, reproduced, table

PLAN = """
name = "panel"
study = "privacy-prosocial"
missing = "ml"
[[constructs]]
key = "PRI"
label = "Privacy concern"
block = "privacy"
indicators = "facets"
[[constructs]]
key = "SHR"
label = "Data sharing"
block = "sharing"
indicators = "items"
[[paths]]
predictor = "PRI@1"
outcome = "PRI@2"
sign = "+"
source = "T"
family = "stability"
[[paths]]
predictor = "SHR@1"
outcome = "SHR@2"
sign = "+"
source = "T"
family = "stability"
[[paths]]
predictor = "PRI@1"
outcome = "SHR@2"
sign = "-"
source = "T"
family = "privacy to sharing"
[draws]
bootstrap = 0
permutations = 0
noise_draws = 0
"""


def code(question: Question, trait: float, rng: np.random.Generator) -> int:
    """An option for a trait of mean 0 and SD 1, turned where the item is."""
    k = len(question.options)
    return int(np.clip(round((k + 1) / 2 + trait + rng.normal(0, 0.8)), 1, k))


def answer_wave(study, wave, people, traits, keys, rng):
    """Each of these people answers everything in a wave, by the traits of their blocks."""
    group = people_group(study=study, simulated=False, wave=wave)
    respondents = Respondent.objects.bulk_create(
        Respondent(study=study, group=group, kind="human", link=links, wave=wave)
        for links in people
    )
    begun = services.begin_administrations(
        study=study, starts=[Start(one, 7, study.default_language) for one in respondents]
    )
    rows = []
    for one, trait in zip(begun, traits, strict=True):
        answers = []
        for question in presentation_of(one).questions:
            block = question.ref.partition(".")[0]
            sign = -1 if keys.get(question.ref) else 1
            given = code(question, sign * trait.get(block, 0.0), rng)
            answers.append(GivenAnswer(question.ref, given))
        rows.append(AnswerSubmission(one.pk, answers, "all"))
    services.record_answer_batch(submissions=rows)
    return services.complete_administrations(administrations=begun)


@pytest.fixture
def study(open_study):
    """240 people in wave 1, of whom 200 came again, and 10 who came in the second alone."""
    rng = np.random.default_rng(3)
    link = RecruitingLink.objects
    people = [
        link.create(study=open_study, label=f"P{n:03d}", pseudonym=f"P{n:03d}") for n in range(250)
    ]
    reverse = {row["ref"]: row["reverse_keyed"] for row in asked_of(open_study).codebook}
    first = rng.normal(size=(250, 2))
    later = np.column_stack(
        [
            0.7 * first[:, 0] + 0.7 * rng.normal(size=250),
            0.5 * first[:, 1] - 0.5 * first[:, 0] + 0.7 * rng.normal(size=250),
        ]
    )
    one, two = (
        [{"privacy": a, "sharing": b} for a, b in traits.tolist()] for traits in (first, later)
    )
    answer_wave(open_study, 1, people[:240], one[:240], reverse, rng)
    came = [*range(40, 250)]
    answer_wave(open_study, 2, [people[n] for n in came], [two[n] for n in came], reverse, rng)
    return open_study


@pytest.fixture
def run(study):
    plan = freeze_plan(study=study, plan=parse_plan(PLAN), by=TESTER, source=PLAN)
    return fit_models(plan=plan, by=TESTER)


def test_paths_across_waves_are_fitted_reported_and_archived_with_a_row_for_each_person(run):
    comparison = run.result["comparison"]
    (group,) = comparison["groups"]
    assert (group["key"], group["rows"]) == ("people", 250)
    found = {row["path"]: row["std"] for row in comparison["paths"]}
    # What the people were made of: .70 of 0.99, .50 and -.50 of 0.99.
    assert found["PRI.w1->PRI.w2"] == pytest.approx(0.70, abs=0.12)
    assert found["SHR.w1->SHR.w2"] == pytest.approx(0.50, abs=0.12)
    assert found["PRI.w1->SHR.w2"] == pytest.approx(-0.50, abs=0.12)
    (fit,) = comparison["fits"]
    syntax = fit["syntax"].splitlines()
    assert "privacy_control.w1 ~~ privacy_control.w2" in syntax
    assert "PRI.w2 ~~ SHR.w2" in syntax
    assert (fit["nobs"], fit["converged"]) == ([250], True)
    report = build_report(run=run, by=TESTER)
    with report.file.open() as file:
        text = "".join(pages_of(file.read()))
    assert "Privacy concern, wave 2" in text
    files = opened(build_archive(run=run, by=TESTER).content)
    rows = table(files, "data/scored.csv")
    assert len(rows) == 250
    missing = [row["privacy_control_1.w2"] == "NA" for row in rows]
    assert (sum(missing), missing[0] and missing[-1]) == (40, False)
    assert sum(row["privacy_control_1.w1"] == "NA" for row in rows) == 10
    # One person has one number in both waves, and both rows of what was answered.
    answered = {row["respondent"] for row in table(files, "data/raw.csv")}
    for row in rows:
        number = row["respondent"].rpartition("-")[2]
        here = {f"people-{number}", f"people-wave-2-{number}"} & answered
        assert len(here) == 2 - (row["privacy_control_1.w1"] == "NA") - (
            row["privacy_control_1.w2"] == "NA"
        )
    book = {(row["file"], row["column"]): row for row in table(files, "data/codebook.csv")}
    told = book["data/scored.csv", "privacy_control_1.w2"]
    assert told["meaning"].endswith("in wave 2")
    assert told["ref"] == "privacy.control_1"


@pytest.mark.lavaan
def test_lavaan_finds_the_numbers_of_a_plan_over_waves_from_its_archive_alone(run, tmp_path):
    said, files = reproduced(run, tmp_path)
    assert " 0 differ " in said
    lavaan = {(row["lhs"], row["rhs"]): row for row in table(files, "paths.csv")}
    ours = table(files, "results/tables/paths.csv")
    assert {row["path"] for row in ours} == {"PRI.w1->PRI.w2", "SHR.w1->SHR.w2", "PRI.w1->SHR.w2"}
    for row in ours:
        theirs = lavaan[row["outcome_variable"], row["predictor_variable"]]
        for mine, its in (
            *(("path_est", "est"), ("fit_se", "se")),
            *(("std", "std_all"), ("fit_std_se", "std_all_se")),
        ):
            assert float(row[mine]) == pytest.approx(float(theirs[its]), abs=5e-4), row["path"]


def test_a_group_that_is_only_called_like_a_later_wave_is_one_of_its_own(study):
    plan = parse_plan(PLAN)
    assert asked_of(study).came_again == {"people-wave-2"}
    frozen = freeze_plan(study=study, plan=plan, by=TESTER, source=PLAN)
    assert comparison_plan(frozen).reference_group == "people"
    # People who came once, whatever their group is called.
    others = RespondentGroup.objects.create(
        study=study, key="people-wave-7", label="Wave 7 of another panel", kind="human"
    )
    Respondent.objects.create(study=study, group=others, kind="human", wave=1)
    assert asked_of(study).came_again == {"people-wave-2"}
    with pytest.raises(NothingToCompare, match="people-wave-7"):
        freeze_plan(study=study, plan=replace(plan, name="another"), by=TESTER)
    # And a later wave is known whatever its group is called.
    study.groups.filter(key="people-wave-2").update(key="again")
    assert asked_of(study).came_again == {"again"}


def test_who_is_left_out_of_one_wave_is_kept_in_the_other(study):
    late = study.administrations.filter(respondent__wave=2).order_by("pk")[:3]
    fast = [one.pk for one in late]
    Administration.objects.filter(pk__in=fast).update(started_at=F("ended_at"))
    slow = Administration.objects.exclude(pk__in=fast)
    slow.update(started_at=F("ended_at") - timedelta(minutes=5))
    text = f"{PLAN}\n[exclusions]\nminimum_seconds = 1\n"
    plan = freeze_plan(study=study, plan=parse_plan(text), by=TESTER)
    run = fit_models(plan=plan, by=TESTER)
    (group,) = run.result["comparison"]["groups"]
    assert group["rows"] == 250
    (flow,) = run.result["description"]["people_flow"]
    fast = [one for one in flow["exclusions"] if one["rule"].startswith("Faster")]
    assert [(one["count"], one["wave"]) for one in fast] == [(0, 1), (3, 2)]
    assert (flow["completed"], flow["kept"]) == (250, 250)


def test_a_plan_over_waves_reads_back_to_the_same_and_others_keep_their_hash(study):
    plan = parse_plan(PLAN)
    assert parse_plan(to_toml(plan_values(plan))) == plan
    frozen = freeze_plan(study=study, plan=plan, by=TESTER)
    assert frozen.definition["comparison"]["waves"] == [1, 2]
    assert comparison_plan(frozen).reference_group == "people"
    # A plan of one occasion asks whom models are compared with, as there are two groups of people.
    once = replace(
        plan, name="once", paths=(replace(plan.paths[2], predictor="PRI", outcome="SHR"),)
    )
    with pytest.raises(NothingToCompare):
        freeze_plan(study=study, plan=once, by=TESTER)
    named = freeze_plan(study=study, plan=once, by=TESTER, reference_group="people")
    assert "waves" not in named.definition["comparison"]


def test_the_page_offers_constructs_in_the_waves_that_a_study_has(client, owner, study):
    set_waves(study=study, waves=[WaveDraft(), WaveDraft()], by=TESTER)
    draft = save_draft(study=study, values=parse_toml(PLAN, file="plan.toml"), by=TESTER)
    client.force_login(owner)
    address = reverse("analysis:plan_draft", args=[study.slug, draft.pk])
    page = client.get(address).content.decode()
    assert '<option value="PRI@2"' in page
    assert "PRI: Privacy concern, wave 2" in page


@pytest.mark.parametrize(
    ("ends", "wrong", "code"),
    [
        (("PRI@1", "SHR@2"), ("PRI", "SHR@2"), "wave_missing"),
        (("SHR@1", "SHR@2"), ("SHR@2", "SHR@1"), "back_in_time"),
        (("PRI@1", "PRI@2"), ("PRI@x", "PRI@2"), "malformed_name"),
        (("PRI@1", "PRI@2"), ("PRU@1", "PRI@2"), "unknown_construct"),
    ],
)
def test_paths_that_waves_do_not_bear_are_refused(ends, wrong, code):
    written = 'predictor = "{}"\noutcome = "{}"'
    with pytest.raises(InstrumentFileError) as refused:
        parse_plan(PLAN.replace(written.format(*ends), written.format(*wrong)))
    assert code in {one.code.value for one in refused.value.problems}
