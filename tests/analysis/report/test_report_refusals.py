"""What the generator refuses to print, whatever it is handed, and the warnings it adds."""

from dataclasses import replace

from conftest import print_report
from sample_report import LIKE, PEOPLE, REVERSED, only_groups, sample_content

from analysis.compare.results import Notice
from analysis.report.refusals import notices, ranking_refused


def changed(content, **parts):
    return replace(content, comparison=replace(content.comparison, **parts))


def with_models(content, **numbers):
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
    report = print_report(with_models(estimable(content), effective_n=199.0))
    assert "No ranking is printed." in report.text
    assert "effective n of 199, below 200" in report.text
    assert "Intervals of ranks" not in report.text


def test_no_ranking_with_fewer_than_two_estimable_paths_in_a_family(content, printed):
    assert content.comparison.ranking
    assert "only 0 of 5 paths" in printed.text
    assert "Intervals of ranks" not in printed.text


def test_a_family_planned_with_one_path_does_not_stop_the_ranking():
    assert not ranking_refused(estimable(sample_content(scenarios=())))


def test_sizes_of_paths_are_not_compared_without_metric_invariance(printed):
    assert "Scripted B (reversed) minus People; not compared: metric invariance" in printed.text


def test_a_claim_of_comparability_does_not_overrule_the_ladder(content):
    claimed = tuple(replace(each, comparable=True) for each in content.comparison.differences)
    report = print_report(changed(content, differences=claimed))
    assert "Scripted B (reversed) minus People; not compared: metric invariance" in report.text


def test_sizes_are_not_compared_where_invariance_was_not_tested(content):
    report = print_report(changed(content, invariance=()))
    assert "minus People; not compared: invariance was not tested" in report.text


def test_latent_means_are_refused_without_scalar_invariance(printed):
    assert "Latent means of Scripted A (people-like) are not compared" in printed.text


def test_p_values_of_pooled_repeats_are_withheld(content):
    plan = replace(content.comparison.plan, estimator="ML")
    repeated = with_models(changed(content, plan=plan), clusters=20, mean_cluster_size=10.0)
    report = print_report(repeated)
    assert "withheld withheld" in report.text
    assert "p-values of Scripted A (people-like) are not printed" in report.text


def test_high_agreement_with_a_low_spread_is_warned_about(content):
    fidelity = tuple(
        replace(each, variance_ratio=0.4) if each.group == LIKE else each
        for each in content.comparison.fidelity
    )
    found = notices(changed(content, fidelity=fidelity, notices=()))
    assert any("answers vary only 0.40 times as much" in each.sentence for each in found)


def test_the_first_page_says_what_changes_how_it_is_read(printed):
    first = " ".join(printed.pages[0].split())
    assert "Models are not ranked" in first
    assert "further notices: Section 7.2" in first


def test_refusals_come_first_and_name_their_group(content):
    found = notices(content)
    severities = [each.severity for each in found]
    assert severities == sorted(severities, key=lambda each: each != "refusal")
    assert all(content.label(each.group) in each.sentence for each in found if each.group)


def test_notices_of_one_rule_about_one_group_are_joined(content):
    pairs = [(each.code, each.group) for each in notices(content)]
    assert len(pairs) == len(set(pairs))


def test_a_notice_calls_a_path_by_its_label(content):
    key = content.comparison.plan.paths[0].key
    odd = Notice("odd", "warning", f"{key} is odd.", LIKE, key)
    found = next(each for each in notices(changed(content, notices=(odd,))) if each.code == "odd")
    assert found.sentence == "Scripted A (people-like): Privacy concern → Data sharing is odd."
