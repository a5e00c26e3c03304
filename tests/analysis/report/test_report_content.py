"""Every fact that a reader is owed is printed, or printed as not recorded."""

from dataclasses import fields, replace

import pytest
from printed_reports import print_report
from sample_report import PEOPLE, only_groups, sample_content

from analysis.report import build_documents
from analysis.report.content import ReportContent
from analysis.report.errors import ContentError
from analysis.report.facts import ModelArm, ModellingFacts, PeopleArm, Provenance, StudyFacts
from analysis.report.sections.body.limits import FIXED_LIMITS
from analysis.runs.datasheet import AnswerDistribution

# The [M] items of the reporting checklist that are not single facts of analysis.report.facts.
PRINTED = {
    1: ("privacy-prosocial", "R-0007", "Counterpart 0.1.0", "9b1f4c77d2a0…", "M. Weber"),
    2: ("model-generated, not participants", "never added"),
    3: ("284 people of 300 who answered", "CFI = .974", "RMSEA = .048", "residual correlation"),
    5: ("Anchors", "Scoring range", "Reverse-keyed", "Translation", "Permission and licence"),
    6: ("Orientation of every construct", "Paths with their expected signs, frozen beforehand"),
    10: ("View rate", "80.3% (331 of 412)", "Participation rate", "Completion rate"),
    11: ("failed attention checks", "under 80% of items"),
    12: ("Demographics of the people kept", "women"),
    16: ("You are answering a questionnaire.", "Item prompt"),
    18: ("Design effect", "Effective n", "ICC"),
    20: ("Missing answers by group and coded reason", "Items of Privacy attitudes"),
    21: ("Correlations: People (n = 284)",),
    22: ("ω", "AVE", "Heterotrait–monotrait"),
    23: ("PRV =~ control + awareness + collection", "Path diagram"),
    24: ("Estimator MLR", "What each group could support"),
    25: ("χ²", "TLI", "RMSEA [90% CI]", "SRMR", "Local misfit"),
    26: ("Estimates of model main: People", "R² of Data sharing in People"),
    29: ("Invariance ladder of every model against the people", "ΔCFI", "configural"),
    30: ("p TOST", "Equivalent", "p Wald"),
    31: ("Hard", "Evidence", "Joint", "Permutation p", "Human noise ceiling", "VAAR by scenarios"),
    31.1: ("People against themselves", "Answers without any effect", "Nothing was told"),
    32: ("R² ratio", "Variance ratio", "Wasserstein-1", "Profile ICC(A,1)"),
    32.1: (
        "Slopes, mean ratio",
        "No calibration line: it needs 3 paths that are estimable in both; here: 2",
    ),
    33: ("Holm", "Specification curve", "Sensitivity grid"),
    34: ("zero-order correlation",),
    35: ("it is not generalised over them", "moves most, with wording: −.31 to −.12"),
    35.1: ("Standardised paths in each condition", "own −.31 (96); standard −.12 (100)"),
    36: ("Generalisability.",),
    37: ("CHERRIES topics: the people", "GUIDE-LLM topics: the models"),
    38: ("Figures in words",),
}


def labels_of(kind):
    return [each.metadata["label"] for each in fields(kind) if each.metadata.get("label")]


@pytest.fixture(scope="module")
def bare():
    """The sample stripped of every fact that may be unknown."""
    content = sample_content()
    study = content.study
    return ReportContent(
        study=StudyFacts(
            title=study.title,
            study_id=study.study_id,
            report_id=study.report_id,
            software_version=study.software_version,
            data_sha256=study.data_sha256,
            date=study.date,
        ),
        comparison=replace(
            content.comparison,
            fits=(),
            estimability=(),
            vaar=(),
            invariance=(),
            differences=(),
            items=(),
            styles=(),
            fidelity=(),
            reliability=(),
            htmt=(),
            ranking=(),
            notices=(),
            resampling=None,
        ),
        instruments=content.instruments,
    )


@pytest.fixture(scope="module")
def bare_report(bare):
    return print_report(bare)


@pytest.mark.parametrize("item", sorted(PRINTED))
def test_every_required_item_is_printed(printed, item):
    for words in PRINTED[item]:
        assert words in printed.text, (item, words)


@pytest.mark.parametrize("kind", [StudyFacts, PeopleArm, ModelArm, ModellingFacts, Provenance])
def test_every_fact_is_printed_under_its_label(printed, kind):
    for label in labels_of(kind):
        assert label in printed.text


@pytest.mark.parametrize("kind", [StudyFacts, PeopleArm, ModelArm, ModellingFacts, Provenance])
def test_every_fact_keeps_its_place_when_nobody_recorded_it(bare_report, kind):
    for label in labels_of(kind):
        assert f"{label} not recorded" in bare_report.text or label in bare_report.text
    assert bare_report.text.count("not recorded") >= len(labels_of(kind))


def test_a_bare_content_still_makes_a_report_on_both_papers(bare, bare_report):
    assert "Invariance against the people: not recorded." in bare_report.text
    assert "VAAR: not estimable." in bare_report.text
    assert build_documents(bare, page_size="Letter").report.startswith(b"%PDF")


def test_the_limits_are_printed_in_their_fixed_wording(printed):
    for limit in FIXED_LIMITS:
        assert limit in printed.text


def test_both_wordings_of_a_differing_item_are_printed(printed):
    assert "Wording differs between the web form and the prompt in DS3" in printed.text
    assert "from a company that asks for them" in printed.text
    assert "from a company which asks for them" in printed.text


def test_wording_is_printed_as_it_was_with_its_own_apostrophes(printed):
    assert "I stay out of other people's troubles." in printed.text


def test_checklists_give_the_page_of_each_topic(printed):
    pages = [" ".join(text.split()) for text in printed.supplement.pages]
    page = next(
        at for at, text in enumerate(pages, start=1) if "How the survey was run Table" in text
    )
    assert f"Incentives reported {page}" in printed.text
    assert f"Cookies not recorded: give cookies under [facts] {page}" in printed.text


def test_a_checklist_names_the_keys_of_what_nobody_told(bare_report):
    assert "give funding and conflicts under [facts]" in bare_report.text
    assert "give planned_n and detectable_path under [facts] of the plan" in bare_report.text


def test_people_only_content_speaks_of_no_model():
    report = print_report(only_groups(sample_content(), {PEOPLE}))
    assert "model-generated, not participants" not in report.text
    assert "The model arm" not in report.text


@pytest.mark.parametrize(
    "table", ["paths", "vaar", "fits", "estimability", "invariance", "items", "sizes"]
)
def test_results_about_a_group_that_was_not_compared_are_refused(table):
    content = sample_content()
    row = getattr(content.comparison, table)[0]
    of = {"groups": ("stranger",)} if hasattr(row, "groups") else {"group": "stranger"}
    rows = (replace(row, **of), *getattr(content.comparison, table)[1:])
    with pytest.raises(ContentError, match="'stranger', which was not compared"):
        replace(content, comparison=replace(content.comparison, **{table: rows}))


def test_rows_of_a_group_that_was_not_compared_are_refused():
    content = sample_content()
    with pytest.raises(ContentError, match="'stranger', which was not compared") as caught:
        replace(content, distributions=(AnswerDistribution("stranger", "PA1", {1: 2}),))
    assert caught.value.code == "content_mismatch"
