"""Sizes of misfit and bias, reliability and alignment, against the reference numbers."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings

from analysis import sem
from analysis.sem.measurement.alignment import align_parameters
from analysis.sem.measurement.dmacs import dmacs_index
from analysis.sem.model_tests.tsize import t_size_of
from tests.analysis.sem.reference import differences, read

SHARED = Path(settings.BASE_DIR).parent / "shared" / "reference2"

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="reference numbers are not here")


def files(kind: str) -> list[Any]:
    paths = sorted(SHARED.glob(f"*/{kind}_*.json"))
    return [pytest.param(path, id=f"{path.parent.name}/{path.stem}") for path in paths]


def fitted(path: Path, content: dict[str, Any]) -> sem.SemFit:
    return read(path.parent / f"{content['fit']}.json").fit()


# -- T-size ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", files("TSIZE"))
def test_t_size_indices_and_their_cutoffs(path: Path) -> None:
    content = json.loads(path.read_text())
    given = content["inputs"]
    result = fitted(path, content)
    pairs: dict[str, tuple[float, float | None]] = {}
    for method in ("exact", "venables"):
        by_number = t_size_of(
            (given["chisq"], given["df"]),
            (given["baseline.chisq"], given["baseline.df"]),
            n=given["N"],
            n_groups=given["groups"],
            variables=given["p"],
            method=method,
        )
        by_fit = sem.t_size(result, method=method)
        assert by_fit.rmsea == pytest.approx(by_number.rmsea, rel=1e-6)
        pairs[f"rmsea {method}"] = (by_number.rmsea, content[method]["rmsea_t"])
        pairs[f"cfi {method}"] = (by_number.cfi, content[method]["cfi_t"])
    for name, ours in (("rmsea", by_number.rmsea_cutoffs), ("cfi", by_number.cfi_cutoffs)):
        theirs = content.get(f"cutoffs_{name}")
        if theirs:
            assert ours is not None
            pairs |= {
                f"{name} {k}": pair
                for k, pair in enumerate(zip(ours, theirs.values(), strict=True))
            }
    assert differences(pairs, 1e-9) == []


# -- dMACS ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", files("DMACS"))
def test_dmacs_of_every_item(path: Path) -> None:
    content = json.loads(path.read_text())
    found = {row.item: row for row in sem.dmacs(fitted(path, content))}
    exact: dict[str, tuple[float, float | None]] = {}
    refitted: dict[str, tuple[float, float | None]] = {}
    n = content["n"]
    for item in content["items"]:
        index = dmacs_index(
            np.array([item["loading_reference"] - item["loading_focal"]]),
            item["intercept_reference"] - item["intercept_focal"],
            np.array([item["focal_latent_mean"]]),
            np.array([[item["focal_latent_variance"]]]),
            [(n[0], item["sd_reference"]), (n[1], item["sd_focal"])],
        )
        row = found[item["item"]]
        keys = ("dmacs", "dmacs_signed_reference_minus_focal", "delta_mean")
        fresh = (row.size, row.signed, row.mean_difference)
        for key, computed, again in zip(keys, index, fresh, strict=True):
            exact[f"{item['item']} {key}"] = (computed, item[key])
            refitted[f"{item['item']} {key}"] = (again, item[key])
    assert differences(exact, 1e-9) == []
    assert differences(refitted, 2e-6) == []


# -- reliability ----------------------------------------------------------------------------------


def by_group(table: dict[str, Any], groups: tuple[str, ...]) -> Iterator[tuple[str, dict]]:
    for group in groups:
        yield group, table.get(group, table)


@pytest.mark.parametrize("path", files("REL"))
def test_reliability_of_every_factor(path: Path) -> None:
    content = json.loads(path.read_text())
    result = fitted(path, content)
    pairs: dict[str, tuple[float, float | None]] = {}
    ratios = {(row.group, row.first, row.second): row for row in sem.htmt(result)}
    for (group, one, other), row in ratios.items():
        theirs = content["htmt"].get(group) or content["htmt"]["all"]
        for name, ours in (
            ("htmt", row.ratio), ("htmt_absolute", row.absolute), ("htmt2_absolute", row.geometric)
        ):  # fmt: skip
            if name in theirs:
                pairs[f"{group} {one} {other} {name}"] = (ours, theirs[name][one][other])
    assert differences(pairs, 1e-9) == []
    found = {(row.group, row.factor): row for row in sem.reliability(result)}
    pairs = {}
    for name, table in content.items():
        for group, values in by_group(table, result.groups) if name in MEASURES else ():
            for factor, value in values.items():
                if name in OF_CODES and _has_means(result, group):
                    continue  # semTools leaves means out of thresholds, and weighs codes by scales
                pairs[f"{name} {group} {factor}"] = (MEASURES[name](found[group, factor]), value)
    assert differences(pairs, 1e-5 if result.estimator == "WLSMV" else 2e-6) == []


def _has_means(result: sem.SemFit, group: str) -> bool:
    """Whether latent responses of the group have other means than those of the first."""
    implied = result.estimation.search.point.implied.mu[result.groups.index(group)]
    return result.estimator == "WLSMV" and bool(np.abs(implied).max() > 0.0)


OF_CODES = ("omega_observed", "omega_implied", "alpha")
MEASURES = {
    "omega_observed": lambda row: row.omega_observed,
    "omega_implied": lambda row: row.omega.est,
    "alpha": lambda row: row.alpha,
    "ave_observed": lambda row: row.ave_observed,
    "ave_implied": lambda row: row.ave.est,
    "omega_implied_latent_responses": lambda row: row.omega_responses,
}


# -- alignment ------------------------------------------------------------------------------------


def solutions() -> list[Any]:
    return [
        pytest.param(path, name, id=f"{path.parent.name}-{name}")
        for path in sorted(SHARED.glob("*/ALIGN_*.json"))
        for name in json.loads(path.read_text())["solutions"]
    ]


@pytest.mark.parametrize(("path", "name"), solutions())
def test_alignment_finds_the_least_loss(path: Path, name: str) -> None:
    content = json.loads(path.read_text())
    expected = content["solutions"][name]
    method, metric = name.split("_")
    found = align_parameters(
        np.array(content["configural_loadings"]),
        np.array(content["configural_intercepts"]),
        np.array(content["n"]),
        groups=tuple(content["groups"]),
        items=tuple(content["items"]),
        method=method,
        metric=metric,
    )
    assert found.degenerate == expected["degenerate"]
    if expected["degenerate"]:
        return
    assert found.loss == pytest.approx(expected["loss"], rel=1e-8)
    near = 1e-4 if method == "FREE" else 1e-5
    assert found.mean == pytest.approx(np.array(expected["mean"]), abs=near)
    assert found.variance == pytest.approx(np.array(expected["variance"]), rel=1e-5)
    for ours, theirs in (
        (found.loadings, "aligned_loadings"),
        (found.intercepts, "aligned_intercepts"),
        (found.r2_loadings, "r2_loadings"),
        (found.r2_intercepts, "r2_intercepts"),
    ):
        assert ours == pytest.approx(np.array(expected[theirs]), abs=2e-4)
    relative = expected["rescaled_to_first_group"]
    assert found.relative_variance == pytest.approx(np.array(relative["variance"]), rel=1e-5)
    assert found.relative_mean == pytest.approx(np.array(relative["mean"]), abs=2e-4)


def test_a_fit_is_aligned_like_its_parameters() -> None:
    path = SHARED / "align" / "ALIGN_align_two_intercepts.ML.json"
    content = json.loads(path.read_text())
    (aligned,) = sem.align(fitted(path, content), metric="refgroup").values()
    expected = content["solutions"]["FIXED_refgroup"]
    assert aligned.mean == pytest.approx(np.array(expected["mean"]), abs=1e-4)
    assert np.argsort(aligned.r2_intercepts)[:2].tolist() == [6, 2]  # y7 and y3 truly differ


# -- latent means ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", files("WALD_means"))
def test_latent_means_are_tested_as_by_hand(path: Path) -> None:
    content = json.loads(path.read_text())
    result = fitted(path, content)
    means = sem.latent_means(result)
    tests = {**means.by_factor, "all": means.together, "both": means.together}
    pairs: dict[str, tuple[float, float | None]] = {}
    for name in tests.keys() & content.keys():
        test = tests[name]
        assert test is not None
        pairs[name] = (test.statistic, content[name]["stat"])
        pairs[f"{name} df"] = (test.df, content[name]["df"])
    assert pairs
    assert differences(pairs, 2e-5) == []
    for row in means.rows:
        test = means.by_factor[row.factor]
        if row.difference is not None and test is not None and test.df == 1:
            assert row.difference.z**2 == pytest.approx(test.statistic, rel=1e-6)
            assert row.d is not None
            assert row.d.est * row.difference.est > 0
