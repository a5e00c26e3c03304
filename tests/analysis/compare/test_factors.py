"""What a plan asks of factors and items: latent means, bias, alignment, sizes of fit, intervals."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.archive.files.meanings import MEANINGS
from analysis.archive.files.tables.factors import factor_files
from analysis.compare import compare
from analysis.compare.json_codec import from_json, to_json
from analysis.compare.plan import Measurement
from analysis.compare.results import Comparison, Untold
from tests.analysis.compare.datasets import PRIVACY, stacked, survey_answers, survey_plan

ASKED = Measurement(True, "fixed", True, True, True)


@pytest.fixture(scope="module")
def found() -> Comparison:
    """A model that is a point more concerned, and answers one facet of sharing half a point up."""
    people, model = survey_answers(500, seed=1), survey_answers(400, seed=2)
    for name in PRIVACY:
        model[name] = np.clip(model[name] + 1.0, 1.0, 5.0)
    for name in ("a1", "a4", "a7"):
        model[name] = np.clip(model[name] + 0.5, 1.0, 5.0)
    data, labels = stacked(human=people, model=model)
    return compare(data, survey_plan(measurement=ASKED), group=labels)


def test_a_latent_mean_that_differs_is_told_with_its_interval(found):
    means = {row.construct: row for row in found.latent_means}
    assert set(means) == {"Privacy", "Prosocial", "Sharing"}
    privacy = means["Privacy"]
    assert 0.7 < privacy.difference_ci.lower < privacy.difference < 1.1
    assert 1.0 < privacy.d_ci.lower < privacy.d
    assert privacy.pvalue < 1e-10
    assert means["Prosocial"].d_ci.lower < 0.0 < means["Prosocial"].d_ci.upper
    assert {row.reason for row in found.latent_means} == {None}


def test_bias_is_found_where_it_was_put_and_beside_an_anchor_without_any(found):
    sizes = {row.indicator: row for row in found.item_bias}
    biased = sizes["Sharing_0"]
    assert biased.anchor == "Sharing_1"
    assert biased.size > 0.4
    assert biased.shift == pytest.approx(0.48, abs=0.12)
    assert "Sharing_1" not in sizes
    others = [row.size for name, row in sizes.items() if name != "Sharing_0"]
    assert max(others) < 0.25


def test_alignment_finds_the_same_without_holding_anything_equal(found):
    aligned = {row.construct: row for row in found.alignment}
    people, model = aligned["Privacy"].means
    assert (people.mean, people.mean_ci, people.variance) == (0.0, None, 1.0)
    assert 1.0 < model.mean_ci.lower < model.mean < model.mean_ci.upper
    explained = {one.indicator: one.r2_intercept for one in aligned["Privacy"].indicators}
    assert min(explained.values()) > 0.9
    sharing = {one.indicator: one.r2_intercept for one in aligned["Sharing"].indicators}
    assert sharing["Sharing_0"] < 0.5


def test_fit_and_reliability_have_sizes_labels_and_intervals(found):
    people, model = found.fit_sizes
    assert people.rmsea_label in ("excellent", "close")
    assert model.cfi > 0.95
    for row in found.reliability:
        assert row.omega_ci.lower < row.omega < row.omega_ci.upper
        assert row.ave_ci.lower < row.ave < row.ave_ci.upper
    for row in found.htmt:
        assert row.ci.method == "percentile"
        assert row.ci.lower <= row.value <= row.ci.upper


def test_a_plan_that_does_not_ask_gets_none_and_all_of_it_is_read_again(found):
    assert from_json(Comparison, to_json(found)) == found
    silent = replace(found.plan, measurement=Measurement())
    data, labels = stacked(human=survey_answers(150, seed=1), model=survey_answers(150, seed=2))
    plain = compare(data, silent, group=labels)
    tables = plain.latent_means, plain.item_bias, plain.alignment, plain.fit_sizes
    assert tables == ((), (), (), ())
    assert {row.omega_ci for row in plain.reliability} == {None}
    assert list(factor_files(plain)) == []


def test_what_cannot_be_told_says_why():
    people, model = survey_answers(300, seed=1), survey_answers(120, seed=2)
    data, labels = stacked(human=people, model=model)
    data["persona"] = np.concatenate([np.arange(300), 1000 + np.arange(120) % 12])
    few = compare(data, survey_plan(measurement=ASKED), group=labels, cluster=["persona"])
    told = {row.reason for row in (*few.latent_means, *few.item_bias)}
    assert told == {Untold.TOO_FEW_CLUSTERS}
    assert {row.reason for row in few.alignment} == {Untold.TOO_FEW_GROUPS}
    assert [row.reason for row in few.fit_sizes] == [None, Untold.TOO_FEW_CLUSTERS]
    assert {row.omega_ci is None for row in few.reliability if row.group == "model"} == {True}


def test_every_column_of_the_tables_has_a_meaning(found):
    files = list(factor_files(found))
    assert [file.name.rsplit("/")[-1] for file in files] == [
        "latent_means.csv", "item_bias.csv", "alignment.csv", "aligned_indicators.csv",
        "fit_sizes.csv", "reliability.csv", "htmt.csv",
    ]  # fmt: skip
    columns = {name for file in files for name in file.content.decode().split("\n")[0].split(",")}
    assert columns <= set(MEANINGS)
