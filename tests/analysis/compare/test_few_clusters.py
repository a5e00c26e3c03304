"""Intervals of paths where clusters are few: each cluster is left out in turn."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from analysis.compare.data.samples import GroupSample, read_samples
from analysis.compare.models.groups import analyse_group
from analysis.compare.results import GroupSpec, Kind, PathEstimate, Reason, Rung
from tests.analysis.compare.datasets import PRIVACY, PROSOCIAL, SHARING, survey_answers, survey_plan

SCORES = survey_plan(rungs=(Rung.COMPOSITE,))
SPEC = GroupSpec("human", "People", Kind.HUMAN)


def repeated(clusters: int, size: int = 4) -> tuple[GroupSample, dict[str, np.ndarray]]:
    """Noisy repeats of so many personas, and their three mean scores."""
    rng = np.random.default_rng(9)
    rows = np.repeat(np.arange(clusters), size)
    data = {
        name: np.clip(column[rows] + rng.integers(-1, 2, len(rows)), 1.0, 5.0)
        for name, column in survey_answers(clusters, seed=2).items()
    }
    data["persona"] = rows.astype(float)
    sample = read_samples(data, SCORES, group=np.full(len(rows), "human"), cluster=("persona",))
    scores = {}
    for key, names in (("privacy", PRIVACY), ("prosocial", PROSOCIAL), ("sharing", SHARING)):
        facets = [np.mean([data[one] for one in names[k::3]], axis=0) for k in range(3)]
        scores[key] = np.mean(facets, axis=0)
    return sample["human"], {**scores, "persona": data["persona"]}


def standardised(scores: dict[str, np.ndarray], rows: np.ndarray) -> np.ndarray:
    x = np.column_stack([scores["privacy"][rows], scores["prosocial"][rows]])
    y = scores["sharing"][rows]
    slopes = np.linalg.lstsq(np.column_stack([np.ones(len(y)), x]), y, rcond=None)[0][1:]
    return slopes * x.std(axis=0) / y.std()


def estimates(sample: GroupSample, rung: Rung = Rung.COMPOSITE) -> list[PathEstimate]:
    plan = replace(SCORES, rungs=(rung,))
    return list(analyse_group(sample, SPEC, plan).estimates.values())


def test_errors_of_forty_clusters_are_those_of_regressions_without_each_of_them() -> None:
    sample, scores = repeated(40)
    every = standardised(scores, np.ones(160, dtype=bool))
    without = [standardised(scores, scores["persona"] != cluster) for cluster in range(40)]
    square = 39 / 40 * (np.array(without) - every) ** 2
    errors = np.sqrt(square.sum(axis=0))
    freedom = np.minimum(3.0 * square.sum(axis=0) ** 2 / (square**2).sum(axis=0), 39)
    for row, se, nu in zip(estimates(sample), errors, freedom, strict=True):
        assert row.std_se == pytest.approx(se, rel=1e-4)
        assert row.std is not None
        assert row.std_ci_upper == pytest.approx(row.std + stats.t.ppf(0.975, nu) * se, rel=1e-3)


def test_a_hundred_clusters_keep_the_errors_of_the_sandwich() -> None:
    sample, _ = repeated(100, size=2)
    analysis = analyse_group(sample, SPEC, SCORES)
    fit = analysis.models["main"].fit
    assert fit is not None
    row = analysis.estimates["Privacy->Sharing"]
    assert row.std_se == pytest.approx(
        fit.parameter("Sharing.mean", "~", "Privacy.mean").std_all_se, rel=0.1
    )
    assert row.std is not None
    assert row.std_se is not None
    half = stats.t.ppf(0.975, 99) * row.std_se
    assert row.std_ci_lower == pytest.approx(row.std - half)


def test_latent_paths_of_few_clusters_have_wider_intervals_than_the_fit_says() -> None:
    sample, _ = repeated(36)
    analysis = analyse_group(sample, SPEC, survey_plan())
    fit = analysis.models["main"].fit
    assert fit is not None
    for key in ("Privacy", "Prosocial"):
        row = analysis.estimates[f"{key}->Sharing"]
        assert row.std_se is not None
        assert row.std_se > fit.parameter("Sharing", "~", key).std_all_se
        assert row.pvalue is not None


def test_where_samples_without_a_cluster_have_no_solution_the_estimate_stands_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sample, _ = repeated(30)
    monkeypatch.setattr("analysis.compare.models.few_clusters.MOST_WITHOUT_SOLUTION", -1.0)
    for row in estimates(sample):
        assert (row.reason, row.std_se, row.pvalue) == (Reason.TOO_FEW_CLUSTERS, None, None)
        assert row.std is not None
