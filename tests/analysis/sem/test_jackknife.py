"""Standard errors of few clusters, by leaving each of them out."""

import csv
from pathlib import Path

import numpy as np
import pytest

from analysis import sem
from analysis.sem.errors import ModelSpecificationError

WITNESS = Path(__file__).parent / "witness"
FACTOR = "f =~ x1 + x2 + x3\nf ~ z"


def table(name):
    with (WITNESS / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def few_clusters():
    rows = table("few_clusters.csv")
    columns = {name: np.array([float(row[name]) for row in rows]) for name in ("x1", "x2", "y")}
    return columns, np.array([int(row["id"]) for row in rows])


def factor_data(clusters=12, size=6):
    rng = np.random.default_rng(4)
    ids = np.repeat(np.arange(clusters), size)
    z = rng.normal(size=clusters)[ids]
    trait = 0.5 * z + rng.normal(size=clusters)[ids] + rng.normal(size=len(ids))
    items = {f"x{k}": trait + rng.normal(size=len(ids)) for k in (1, 2, 3)}
    return {**items, "z": z}, ids


def without(data, ids, cluster):
    return {name: values[ids != cluster] for name, values in data.items()}


@pytest.mark.parametrize("estimator", ["ML", "MLR"])
def test_errors_of_a_regression_are_those_of_clubsandwich(estimator):
    data, ids = few_clusters()
    fitted = sem.fit("y ~ x1 + x2", data, estimator=estimator, meanstructure=True)
    found = sem.jackknife(fitted, ids)
    errors = {
        (row.op, row.rhs): se
        for row, se in zip(found.parameters, found.standard_errors, strict=True)
        if row.lhs == "y"
    }
    for row in table("few_clusters.clubsandwich.csv"):
        op = "~" if row["rhs"] else "~1"
        assert errors[op, row["rhs"]] == pytest.approx(float(row["se"]), rel=1e-5)


@pytest.mark.parametrize(
    ("options", "close"),
    [
        ({"estimator": "MLR", "meanstructure": True}, 1e-5),
        ({"estimator": "WLSMV", "ordered": ["x1", "x2", "x3"]}, 1e-4),
    ],
)
def test_estimates_are_those_of_fits_without_the_cluster(options, close):
    data, ids = factor_data()
    if "ordered" in options:
        data = {
            name: np.digitize(values, [-0.5, 0.7]) if name != "z" else values
            for name, values in data.items()
        }
    found = sem.jackknife(sem.fit(FACTOR, data, cluster=ids, **options), ids)
    assert found.estimates.shape[0] == 12
    for cluster in (0, 7):
        left = sem.fit(FACTOR, without(data, ids, cluster), **options)
        expected = [row.est for row in left.parameters]
        assert found.estimates[cluster] == pytest.approx(expected, abs=close)


def test_clusters_are_left_out_group_by_group():
    data, ids = factor_data()
    labels = np.where(ids < 5, "a", "b")
    fitted = sem.fit("x1 ~ z", data, group=labels, estimator="MLR")
    found = sem.jackknife(fitted, ids)
    assert found.sizes == (5, 7)
    for label, rows in (("a", labels == "a"), ("b", labels == "b")):
        own = {name: values[rows] for name, values in data.items()}
        alone = sem.jackknife(sem.fit("x1 ~ z", own, estimator="MLR"), ids[rows])
        chosen = [k for k, row in enumerate(found.parameters) if row.group == label]
        slope = next(k for k in chosen if found.parameters[k].op == "~")
        single = next(k for k, row in enumerate(alone.parameters) if row.op == "~")
        assert found.standard_errors[slope] == pytest.approx(
            alone.standard_errors[single], rel=1e-5
        )


def test_one_cluster_unlike_the_others_leaves_few_degrees_of_freedom():
    data, ids = factor_data(clusters=30)
    alike = sem.jackknife(sem.fit("x1 ~ z", data), ids)
    far = {
        "x1": np.where(ids == 3, data["x1"] + 9.0, data["x1"]),
        "z": np.where(ids == 3, 9.0, data["z"]),
    }
    apart = sem.jackknife(sem.fit("x1 ~ z", far), ids)
    assert 12 < alike.degrees_of_freedom[0] <= 29
    assert 3 <= apart.degrees_of_freedom[0] < 6


def test_a_single_cluster_cannot_be_left_out():
    data, ids = factor_data()
    with pytest.raises(ModelSpecificationError, match="one cluster"):
        sem.jackknife(sem.fit("x1 ~ z", data), np.zeros(len(ids)))
