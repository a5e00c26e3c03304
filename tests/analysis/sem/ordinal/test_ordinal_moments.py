"""Thresholds, polychoric correlations and Γ, against lavaan's."""

import csv
import json
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from analysis.sem.data.categories import collapse, collapse_advice, merged_categories
from analysis.sem.errors import DataError, ZeroVarianceError
from analysis.sem.ordinal.bivariate_normal import bivariate_normal_cdf
from analysis.sem.ordinal.thresholds import (
    OrdinalMoments,
    ordinal_moments,
    ordinal_moments_by_group,
)

WITNESS = Path(__file__).parents[1] / "witness"


def read_columns(path: Path) -> dict[str, list[str]]:
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: [row[name] for row in rows] for name in rows[0]}


def as_numbers(column: list[str]) -> np.ndarray:
    return np.array([np.nan if cell in {"NA", ""} else float(cell) for cell in column])


def moments_of(
    path: Path, *, group: str, items: list[str], missing: str
) -> dict[str, OrdinalMoments]:
    columns = read_columns(path)
    matrix = np.column_stack([as_numbers(columns[item]) for item in items])
    rows = [label for label in dict.fromkeys(columns[group]) if label != "NA"]
    of = np.array(columns[group])
    moments = ordinal_moments_by_group(
        [matrix[of == label] for label in rows], names=items, labels=rows, missing=missing
    )
    return dict(zip(rows, moments, strict=True))


def lavaan_numbers(path: Path) -> dict[tuple[str, str, str], np.ndarray]:
    columns = read_columns(path)
    numbers = defaultdict(list)
    for *key, value in zip(*columns.values(), strict=True):
        numbers[tuple(key)].append(float(value))
    return {key: np.array(values) for key, values in numbers.items()}


def assert_agrees(witness: dict[tuple[str, str, str], np.ndarray]) -> None:
    items = [f"v{j}" for j in range(1, 9)]
    for missing in ("listwise", "pairwise"):
        moments = moments_of(
            WITNESS / "mixed_categories.csv", group="group", items=items, missing=missing
        )
        for group, ours in moments.items():
            statistics = witness[missing, group, "statistic"]
            assert ours.statistics == pytest.approx(statistics, abs=1e-7)
            column, row = np.triu_indices(len(statistics))
            gamma = witness[missing, group, "gamma"]
            assert np.abs(ours.gamma[row, column] - gamma).max() < 1e-7 * np.abs(gamma).max()


def test_they_are_lavaans_for_items_of_two_to_five_categories_with_answers_missing():
    assert_agrees(lavaan_numbers(WITNESS / "mixed_categories.lavaan.csv"))


@pytest.mark.lavaan
def test_the_committed_numbers_are_what_lavaan_prints_today(tmp_path):
    script = WITNESS / "mixed_categories.R"
    output = tmp_path / "numbers.csv"
    subprocess.run([shutil.which("Rscript"), script, WITNESS, output], check=True)
    assert_agrees(lavaan_numbers(output))


def test_thresholds_are_those_of_a_saturated_fit(shared_dir):
    reference = json.loads(
        (shared_dir / "reference/bfi/cfa_configural.WLSMV_delta.json").read_text()
    )
    table = reference["parameter_estimates"]
    items = [f"{scale}{number}" for scale in "ACN" for number in range(1, 6)]
    moments = moments_of(
        shared_dir / "reference/bfi/data.csv", group="gender", items=items, missing="listwise"
    )
    for number, group in enumerate(reference["groups"], start=1):
        rows = zip(table["lhs"], table["op"], table["group"], table["est"], strict=True)
        expected = defaultdict(list)
        for lhs, op, of, estimate in rows:
            if op == "|" and of == number:
                expected[lhs].append(estimate)
        for item, thresholds in zip(items, moments[group].thresholds, strict=True):
            assert thresholds == pytest.approx(expected[item], abs=1e-7)
        assert moments[group].n == reference["nobs"][number - 1]


def test_the_correlation_of_a_two_by_two_table_split_at_the_medians_is_sin_of_its_excess():
    # Sheppard (1899): P(both below) = 1/4 + asin(ρ) / 2π when both thresholds are zero.
    codes = np.repeat([[0, 0], [1, 1], [0, 1], [1, 0]], [40, 40, 10, 10], axis=0).astype(float)
    found = ordinal_moments(codes, names=["a", "b"]).correlation[0, 1]
    assert found == pytest.approx(np.sin(2 * np.pi * (0.4 - 0.25)), abs=1e-12)


def test_gamma_is_the_sampling_covariance_of_the_statistics():
    rng = np.random.default_rng(5)
    n, draws = 400, []
    for _ in range(300):
        latent = 0.7 * rng.normal(size=(n, 1)) + 0.7 * rng.normal(size=(n, 3))
        codes = np.digitize(latent, [-0.4, 0.6]).astype(float)
        moments = ordinal_moments(codes, names=["a", "b", "c"])
        draws.append((moments.statistics, np.diag(moments.gamma)))
    statistics, gammas = (np.array(part) for part in zip(*draws, strict=True))
    assert n * statistics.var(axis=0) == pytest.approx(gammas.mean(axis=0), rel=0.3)


def test_the_order_of_items_only_reorders_the_statistics():
    rng = np.random.default_rng(6)
    codes = np.digitize(rng.normal(size=(120, 1)) + rng.normal(size=(120, 4)), [-1, 0.5]) * 1.0
    there = ordinal_moments(codes, names=list("abcd"))
    back = ordinal_moments(codes[:, ::-1], names=list("dcba"))
    assert back.correlation[::-1, ::-1] == pytest.approx(there.correlation, abs=1e-12)
    assert np.trace(back.gamma) == pytest.approx(np.trace(there.gamma), rel=1e-10)


@pytest.mark.parametrize("rho", [0.0, 0.5, -0.9, 0.93, -0.99, 0.99999])
def test_the_bivariate_normal_keeps_its_symmetries(rho):
    h, k = np.meshgrid([-2.0, -0.3, 0.0, 1.1, np.inf], [-1.0, 0.2, 3.0, -np.inf])
    value = bivariate_normal_cdf(h, k, np.array(rho))
    assert value == pytest.approx(bivariate_normal_cdf(k, h, np.array(rho)), abs=1e-14)
    whole = bivariate_normal_cdf(h, np.array(np.inf), np.array(rho))
    mirrored = bivariate_normal_cdf(h, -k, np.array(-rho))
    assert value + mirrored == pytest.approx(whole, abs=1e-14)
    at_zero = bivariate_normal_cdf(np.array(0.0), np.array(0.0), np.array(rho))
    assert at_zero == pytest.approx(0.25 + np.arcsin(rho) / (2 * np.pi), abs=1e-14)


def test_an_empty_category_is_named_with_the_merge_that_helps():
    full = np.repeat(np.arange(1.0, 6.0), 20)[:, None]
    short = np.repeat([1.0, 2.0, 3.0, 4.0], [24, 56, 57, 63])[:, None]
    with pytest.raises(DataError) as caught:
        ordinal_moments_by_group([full, short], names=["p1"], labels=["people", "model"])
    assert caught.value.code == "empty_category"
    assert "variable p1 are empty in group model" in str(caught.value)
    assert "[24 56 57 63 0]; merge 4 and 5 in all groups" in str(caught.value)


def test_an_empty_middle_category_keeps_its_place():
    full = np.repeat(np.arange(1.0, 6.0), 20)[:, None]
    gap = np.repeat([1.0, 2.0, 4.0, 5.0], 20)[:, None]
    with pytest.raises(DataError, match=r"\[20 20 0 20 20\]"):
        ordinal_moments_by_group([full, gap], names=["p1"], labels=["a", "b"])


def test_the_advised_merge_is_enough():
    rng = np.random.default_rng(8)
    for _ in range(50):
        counts = rng.poisson(0.8, size=(3, 6))
        runs = merged_categories(counts)
        if runs is None:
            continue
        assert sum(runs, ()) == tuple(range(6))
        assert all(counts[:, list(run)].sum(axis=1).all() for run in runs)
    assert collapse_advice(np.arange(3.0), np.array([[4, 0, 0]])).startswith("leave")


def test_collapsing_recodes_to_the_lowest_merged_value_and_keeps_missing():
    merged = collapse(
        np.array([1.0, 4.0, 5.0, np.nan]), np.arange(1.0, 6.0), ((0,), (1, 2), (3, 4))
    )
    assert merged.tolist()[:3] == [1.0, 4.0, 4.0]
    assert np.isnan(merged[3])


def test_an_item_everybody_answers_alike_is_named():
    codes = np.column_stack([np.zeros(30), np.arange(30) % 3])
    with pytest.raises(ZeroVarianceError, match="people: p2"):
        ordinal_moments(codes, names=["p2", "p3"], group="people")


def test_two_copies_of_one_item_have_no_correlation_to_estimate():
    codes = np.repeat(np.arange(3.0), 20)[:, None].repeat(2, axis=1)
    with pytest.raises(DataError, match="a and b order the respondents") as caught:
        ordinal_moments(codes, names=["a", "b"])
    assert caught.value.code == "perfect_association"


def test_no_complete_row_is_an_error_under_listwise_deletion_only():
    codes = np.array([[0, 1, np.nan], [1, 0, np.nan], [np.nan, 1, 0], [np.nan, 0, 1.0]] * 9)
    with pytest.raises(DataError, match="no complete row"):
        ordinal_moments(codes, names=["a", "b", "c"])
