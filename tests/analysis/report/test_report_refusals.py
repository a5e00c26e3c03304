"""What the generator refuses to print, rule by rule, and the warnings it adds by itself."""

from dataclasses import replace

import pytest
from conftest import print_report
from sample_report import LIKE, MODELS, PEOPLE, REVERSED, only_groups, sample_content

from analysis.report.refusals import (
    means_comparable,
    notices,
    paths_comparable,
    ranking_refusals,
)


def changed(content, **parts):
    return replace(content, comparison=replace(content.comparison, **parts))


def with_groups(content, **numbers):
    """The sample with some numbers of every model group replaced."""
    groups = tuple(
        replace(group, **numbers) if group.kind == "llm" else group
        for group in content.comparison.groups
    )
    return changed(content, groups=groups)


def estimable(content):
    """The sample without its near-constant model."""
    return only_groups(content, {PEOPLE, LIKE, REVERSED})


def test_a_ranking_is_printed_where_every_rule_allows_it(content):
    report = print_report(estimable(content))
    assert "Intervals of ranks after partial pooling" in report.text
    assert "No ranking" not in report.text


def test_no_ranking_below_the_effective_n_of_the_plan(content):
    few = with_groups(estimable(content), effective_n=199.0)
    assert any("effective n of 199, below 200" in reason for reason in ranking_refusals(few))
    report = print_report(few)
    assert "No ranking is printed." in report.text
    assert "Intervals of ranks" not in report.text


def test_no_ranking_with_fewer_than_two_estimable_paths_in_a_family(content, printed):
    assert any("0 estimable of 5 paths" in reason for reason in ranking_refusals(content))
    assert "Intervals of ranks" not in printed.text


def test_a_family_planned_with_one_path_does_not_stop_the_ranking():
    assert ranking_refusals(estimable(sample_content(scenarios=()))) == []


def test_sizes_of_paths_are_not_compared_without_metric_invariance(content, printed):
    assert paths_comparable(content, LIKE)
    assert not paths_comparable(content, REVERSED)
    assert "Scripted B (reversed) minus People; not compared: metric invariance" in printed.text


def test_a_claim_of_comparability_does_not_overrule_the_ladder(content):
    claimed = tuple(replace(each, comparable=True) for each in content.comparison.differences)
    report = print_report(changed(content, differences=claimed))
    assert "Scripted B (reversed) minus People; not compared: metric invariance" in report.text


def test_means_are_comparable_for_no_model_of_the_sample(content, printed):
    assert not any(means_comparable(content, group) for group in MODELS)
    assert "latent mean difference" not in printed.text.lower()


def test_p_values_of_pooled_repeats_are_withheld(content):
    repeated = with_groups(content, clusters=20, mean_cluster_size=10.0)
    report = print_report(repeated)
    assert "withheld withheld" in report.text
    assert "Tests count clusters, not rows." in report.text


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"variance_ratio": 0.4}, "agreement in sign is not agreement in distribution"),
        ({"outcomes": "low"}, "its paths explain another share"),
    ],
)
def test_high_agreement_with_low_spread_or_other_r2_is_warned_about(content, part, words):
    plain = changed(content, notices=())
    first = next(each for each in plain.comparison.fidelity if each.group == LIKE)
    if part.get("outcomes"):
        part = {"outcomes": tuple(replace(each, ratio=0.2) for each in first.outcomes)}
    fidelity = tuple(
        replace(each, **part) if each.group == LIKE else each for each in plain.comparison.fidelity
    )
    found = [each for each in notices(changed(plain, fidelity=fidelity)) if each.group == LIKE]
    assert any(words in each.sentence for each in found)


def test_a_model_that_resembles_the_people_is_not_warned_about(content):
    plain = changed(content, notices=())
    fidelity = tuple(
        replace(each, variance_ratio=0.95, outcomes=()) for each in plain.comparison.fidelity
    )
    found = notices(changed(plain, fidelity=fidelity))
    assert not [each for each in found if each.severity == "warning"]


def test_refusals_come_first_and_name_their_model(content):
    found = notices(content)
    severities = [each.severity for each in found]
    assert severities == sorted(severities, key=lambda each: each != "refusal")
    assert all(content.label(each.group) in each.sentence for each in found if each.group)


def test_a_notice_of_the_comparison_is_not_repeated(content):
    codes = [(each.code, each.group) for each in notices(content)]
    assert len(codes) == len(set(codes))
    assert sum(code == "ranking_refused" for code, _ in codes) == 1
