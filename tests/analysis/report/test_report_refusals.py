"""What the generator refuses to print, whatever it is handed, and the warnings it adds."""

import ast
import re
from dataclasses import replace
from pathlib import Path

import pytest
from printed_reports import print_report
from sample_report import (
    CONSTANT,
    LABELS,
    LIKE,
    PEOPLE,
    REVERSED,
    only_groups,
    sample_content,
)

from analysis.compare.notices import order
from analysis.compare.results import Interval, Notice
from analysis.report.readout.refusals import ranking_refused, said, said_by_group

MAKERS = {"notice", "_not_compared"}


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


@pytest.fixture(scope="module")
def ranked(content):
    """The report of models that may be ranked, which claims that sizes of paths are comparable."""
    rest = estimable(content)
    claimed = tuple(replace(each, comparable=True) for each in rest.comparison.differences)
    return print_report(changed(rest, differences=claimed)).report


@pytest.fixture(scope="module")
def unranked(content):
    """The report of models with too few sessions, whose invariance was not tested."""
    few = with_models(estimable(content), effective_n=199.0)
    return print_report(changed(few, invariance=())).report


def test_a_ranking_is_printed_where_every_rule_allows_it(ranked):
    assert "Intervals of ranks after partial pooling" in ranked.text
    assert "No ranking" not in ranked.text


def test_no_ranking_below_the_effective_n_of_the_plan(unranked):
    assert "No ranking is printed." in unranked.text
    assert "effective n of 199, below 200" in unranked.text
    assert "Intervals of ranks" not in unranked.text


def test_no_ranking_with_fewer_than_two_estimable_paths_in_a_family(content, printed):
    assert content.comparison.ranking
    assert "only 0 of 5 paths" in printed.text
    assert "Intervals of ranks" not in printed.text


def test_a_family_planned_with_one_path_does_not_stop_the_ranking():
    assert not ranking_refused(estimable(sample_content(scenarios=())))


def test_sizes_of_paths_are_not_compared_without_metric_invariance(printed):
    assert "Scripted B (reversed) minus People; not compared: metric invariance" in printed.text


def test_a_claim_of_comparability_does_not_overrule_the_ladder(ranked):
    assert "Scripted B (reversed) minus People; not compared: metric invariance" in ranked.text


def test_sizes_are_not_compared_where_invariance_was_not_tested(unranked):
    assert "minus People; not compared: invariance was not tested" in unranked.text


def test_latent_means_are_refused_without_scalar_invariance(printed):
    assert "Latent means of Scripted A (people-like) are not compared" in printed.text


def test_p_values_of_pooled_repeats_are_withheld(content):
    plan = replace(content.comparison.plan, estimator="ML")
    repeated = with_models(changed(content, plan=plan), clusters=20, mean_cluster_size=10.0)
    report = print_report(repeated).report
    assert "withheld withheld" in report.text
    told = "Of Scripted A (people-like) it cannot be told how far its paths are from zero"
    assert told in report.text


def test_high_agreement_with_a_low_spread_is_warned_about(content):
    fidelity = tuple(
        replace(each, variance_ratio=0.4, variance_ratio_ci=Interval(0.3, 0.5))
        if each.group == LIKE
        else each
        for each in content.comparison.fidelity
    )
    found = said(changed(content, fidelity=fidelity, notices=()))
    assert any("answers vary only 0.40 times as much" in each.sentence for each in found)


def test_the_first_page_says_what_changes_how_it_is_read(printed):
    first = " ".join(printed.report.pages[0].split())
    assert "Models are not ranked" in first
    listed = re.search(r"([\d.]+) Warnings and refusals", " ".join(printed.report.text.split()))
    assert f"further notices: Section {listed[1]}." in first


def test_the_gravest_notice_comes_first(content):
    copied = tuple(
        replace(group, copies=True) if group.key == LIKE else group
        for group in content.comparison.groups
    )
    found = said(changed(content, groups=copied))
    assert found[0].code == "copied_rows"
    assert [each.forbids for each in found] == sorted(each.forbids for each in found)


def test_equal_notices_of_several_models_are_one_line(content):
    found = [each for each in said(content) if each.code == "means_not_comparable"]
    assert [each.labels for each in found] == [
        (LABELS[LIKE],),
        (LABELS[REVERSED], LABELS[CONSTANT]),
    ]
    alone, shared = (each.sentence for each in found)
    assert "The same holds for" not in alone
    assert LABELS[REVERSED] in shared
    assert shared.endswith(f"The same holds for {LABELS[CONSTANT]}.")


def test_a_notice_says_which_of_several_planned_models_it_is_about(content):
    health = Notice("odd", "refusal", "Loadings are odd.", LIKE, "health")
    main = replace(health, subject="main")
    for given, told in (
        ((health,), "This holds in the planned model health."),
        ((main, health), "This holds in the planned models main and health."),
    ):
        found = [each for each in said(changed(content, notices=given)) if each.code == "odd"]
        assert [each.sentence for each in found] == [f"Loadings are odd. {told}"]


def test_notices_stand_under_the_groups_they_are_about(content):
    groups = dict(said_by_group(content))
    assert next(iter(groups)) == LABELS[REVERSED]
    assert all(each.whom == whom for whom, lines in groups.items() for each in lines)
    assert sum(len(lines) for lines in groups.values()) == len(said(content))


def test_notices_that_say_the_same_of_several_subjects_are_joined_and_others_are_not(content):
    keys = [path.key for path in content.comparison.plan.paths[:3]]
    odd = [Notice("odd", "warning", f"{key} is odd.", LIKE, key) for key in keys[:2]]
    even = Notice("odd", "warning", f"{keys[0]} is .31 odd.", LIKE, keys[0])
    found = [one for one in said(changed(content, notices=(*odd, even))) if one.code == "odd"]
    assert len(found) == 2
    assert "The same holds for" in found[0].sentence
    assert "The same holds for" not in found[1].sentence


def test_a_notice_calls_a_path_by_its_label(content):
    key = content.comparison.plan.paths[0].key
    odd = Notice("odd", "warning", f"{key} is odd.", LIKE, key)
    found = next(each for each in said(changed(content, notices=(odd,))) if each.code == "odd")
    assert found.whom == LABELS[LIKE]
    assert found.sentence == "Privacy concern → Data sharing is odd."


def test_every_rule_has_its_place_in_the_ranking():
    codes = set()
    for path in Path(order.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in MAKERS:
                codes |= {one.value for one in node.args if isinstance(one, ast.Constant)}
    codes = {code for code in codes if re.fullmatch("[a-z0-9_]+", code)}
    assert len(codes) > 10
    assert codes - {"warning", "refusal"} <= set(order.ORDER)
