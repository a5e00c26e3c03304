"""Do clusters and weights recover what a population was made of, and cover it 95 times in 100?

    python benchmarks/sem_engines/recovery.py [--draws 300] [--clusters 300] [--only mixed]

Draws rows in clusters of five: three ordered and two continuous indicators of one factor, a yes/no
outcome of it, a covariate of rows and one of clusters.  Factor, residuals and the second covariate
are shared in part within a cluster, so that rows are far from independent.  Every draw is fitted
by WLSMV once with and once without `cluster=`.

Then a sample in which rows with high factor scores are more likely: with the inverse probability as
a sampling weight, continuous indicators, an observed outcome and the same clusters, by MLR
("weighted"), and the indicators of the beginning by WLSMV ("mixed"), both once more without
weights.

Prints by kind of parameter the mean bias, and the share of 95 % intervals that hold the true value;
exits with 1 where coverage by clusters (and weights) leaves .93 to .97.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from analysis import sem  # noqa: E402 - the repository is not an installed package

MODEL = """
    f =~ y1 + o1 + o2 + o3 + y2
    passed ~ f + x
    f ~ x + z
"""
WEIGHTED = """
    f =~ y1 + y2 + y3
    y4 ~ f + x
    f ~ x + z
    y1 + y2 + y3 + y4 ~ 1
"""
ORDERED = ["o1", "o2", "o3", "passed"]
CLUSTER_SIZE = 5
SHARED = 0.3  # of the variance of factor and residuals, within a cluster
FACTOR_VARIANCE = 0.8  # given the covariates
LOADINGS = {"y1": 1.0, "o1": 0.8, "o2": 0.7, "o3": 0.6, "y2": 1.2}
WEIGHTED_LOADINGS = {"y1": 1.0, "y2": 0.8, "y3": 1.2}
RESIDUALS = {"y1": 0.7, "y2": 1.0}  # those of ordered items make their variance given x one
SLOPES = {"x": 0.4, "z": -0.3}
OUTCOME = {"f": 0.5, "x": 0.2}
THRESHOLDS = {"o1": (-0.8, 0.1, 1.0), "o2": (-0.4, 0.6), "o3": (0.0, 0.9), "passed": (0.3,)}
LEAST, MOST = 0.93, 0.97


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--draws", type=int, default=300)
    parser.add_argument("--clusters", type=int, default=300)
    parser.add_argument("--only", choices=("", "clustered", "weighted", "mixed"), default="")
    arguments = parser.parse_args()
    measured = {
        "clustered": (clustered, "WLSMV, clusters", "as if independent"),
        "weighted": (weighted, "MLR, clusters and weights", "without weights"),
        "mixed": (mixed, "WLSMV, clusters and weights", "without weights"),
    }
    fine = [
        measure(arguments.draws, arguments.clusters).report(name, without)
        for key, (measure, name, without) in measured.items()
        if arguments.only in ("", key)
    ]
    return 0 if all(fine) else 1


def clustered(draws: int, clusters: int) -> "Recovered":
    """Ordered and continuous indicators, with and without their clusters."""
    found = Recovered(true_values())
    for number in range(draws):
        data, ids, _ = draw(np.random.default_rng([7, number]), clusters, CLUSTER_SIZE)
        for cluster in (ids, None):
            fit = sem.fit(MODEL, data, estimator="WLSMV", ordered=ORDERED, cluster=cluster)
            found.add(fit, as_designed=cluster is not None)
    return found


def weighted(draws: int, clusters: int) -> "Recovered":
    """Continuous indicators in clusters, with and without their weights."""
    found = Recovered(weighted_values())
    for number in range(draws):
        data, ids, weight = draw_weighted(np.random.default_rng([8, number]), clusters)
        for weights in (weight, None):
            fit = sem.fit(WEIGHTED, data, estimator="MLR", cluster=ids, sampling_weights=weights)
            found.add(fit, as_designed=weights is not None)
    return found


def mixed(draws: int, clusters: int) -> "Recovered":
    """Ordered and continuous indicators in clusters, with and without their weights."""
    found = Recovered(true_values())
    for number in range(draws):
        rng = np.random.default_rng([9, number])
        data, ids, weight = selected(rng, *draw(rng, clusters, 2 * CLUSTER_SIZE))
        for weights in (weight, None):
            fit = sem.fit(
                MODEL,
                data,
                estimator="WLSMV",
                ordered=ORDERED,
                cluster=ids,
                sampling_weights=weights,
            )
            found.add(fit, as_designed=weights is not None)
    return found


class Recovered:
    """Errors and coverage by kind of parameter, with and without the design."""

    def __init__(self, truth: dict[tuple[str, str, str], float]) -> None:
        self.truth = truth
        self.covered: dict[tuple[str, bool], list[bool]] = defaultdict(list)
        self.errors: dict[str, list[float]] = defaultdict(list)

    def add(self, fit: sem.SemFit, *, as_designed: bool) -> None:
        """Note one fit."""
        for row in fit.parameters:
            key = row.lhs, row.op, row.rhs
            if key not in self.truth or not row.free:
                continue
            inside = row.ci_lower <= self.truth[key] <= row.ci_upper
            self.covered[row.op, as_designed].append(inside)
            if as_designed:
                self.errors[row.op].append(row.est - self.truth[key])

    def report(self, name: str, without: str) -> bool:
        """Print the table; True where coverage is as claimed."""
        print(f"{name}\n{'kind':<6}{'bias':>9}{'coverage':>10}{without:>19}")
        fine = True
        for kind, differences in self.errors.items():
            share = float(np.mean(self.covered[kind, True]))
            plain = float(np.mean(self.covered[kind, False]))
            print(f"{kind:<6}{np.mean(differences):>9.4f}{share:>10.3f}{plain:>19.3f}")
            fine &= LEAST <= share <= MOST
        print(f"coverage between {LEAST} and {MOST}: {'yes' if fine else 'NO'}")
        return fine


def weighted_values() -> dict[tuple[str, str, str], float]:
    """Parameters of the model that is fitted with weights."""
    values = {("f", "=~", item): loading for item, loading in WEIGHTED_LOADINGS.items()}
    values |= {("f", "~", name): slope for name, slope in SLOPES.items()}
    values |= {("y4", "~", name): slope for name, slope in OUTCOME.items()}
    values |= {(item, "~1", ""): 0.0 for item in (*WEIGHTED_LOADINGS, "y4")}
    values |= {(item, "~~", item): 0.7 for item in (*WEIGHTED_LOADINGS, "y4")}
    return values | {("f", "~~", "f"): FACTOR_VARIANCE}


def draw_weighted(
    rng: np.random.Generator, clusters: int
) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Rows of a sample that high scores are likelier in, their clusters and weights."""
    ids = np.repeat(np.arange(clusters), 2 * CLUSTER_SIZE)
    normal = in_clusters(rng, ids, clusters)
    data = {"x": rng.normal(size=len(ids)), "z": rng.normal(size=clusters)[ids]}
    f = SLOPES["x"] * data["x"] + SLOPES["z"] * data["z"] + normal(FACTOR_VARIANCE)
    for item, loading in WEIGHTED_LOADINGS.items():
        data[item] = loading * f + normal(0.7)
    data["y4"] = OUTCOME["f"] * f + OUTCOME["x"] * data["x"] + normal(0.7)
    return selected(rng, data, ids, f)


def selected(
    rng: np.random.Generator, data: dict[str, np.ndarray], ids: np.ndarray, f: np.ndarray
) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Rows drawn with a chance that rises with f, their clusters, and the inverse of the chance."""
    chance = 0.2 + 0.6 / (1.0 + np.exp(-1.5 * f))
    drawn = rng.random(len(ids)) < chance
    return {name: values[drawn] for name, values in data.items()}, ids[drawn], 1.0 / chance[drawn]


def in_clusters(
    rng: np.random.Generator, ids: np.ndarray, clusters: int
) -> Callable[[float], np.ndarray]:
    """Draws a normal variable of that variance, a part of which a cluster shares."""

    def normal(variance: float) -> np.ndarray:
        between = rng.normal(size=clusters)[ids] * np.sqrt(SHARED)
        within = rng.normal(size=len(ids)) * np.sqrt(1.0 - SHARED)
        return np.sqrt(variance) * (between + within)

    return normal


def true_values() -> dict[tuple[str, str, str], float]:
    """Parameters as the model has them, latent responses of unit variance given x and z."""
    values = {("f", "=~", item): loading for item, loading in LOADINGS.items()}
    values |= {("f", "~", name): slope for name, slope in SLOPES.items()}
    values |= {("passed", "~", name): slope for name, slope in OUTCOME.items()}
    values |= {
        (item, "|", f"t{k + 1}"): tau
        for item, cuts in THRESHOLDS.items()
        for k, tau in enumerate(cuts)
    }
    values |= {(item, "~~", item): residual for item, residual in RESIDUALS.items()}
    return values | {("f", "~~", "f"): FACTOR_VARIANCE}


def draw(
    rng: np.random.Generator, clusters: int, size: int
) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Rows in clusters of this size, the cluster and the factor score of each."""
    ids = np.repeat(np.arange(clusters), size)
    normal = in_clusters(rng, ids, clusters)
    data = {"x": rng.normal(size=len(ids)), "z": rng.normal(size=clusters)[ids]}
    f = SLOPES["x"] * data["x"] + SLOPES["z"] * data["z"] + normal(FACTOR_VARIANCE)
    for item, loading in LOADINGS.items():
        residual = RESIDUALS.get(item, 1.0 - loading**2 * FACTOR_VARIANCE)
        data[item] = loading * f + normal(residual)
    explained = OUTCOME["f"] ** 2 * FACTOR_VARIANCE
    data["passed"] = OUTCOME["f"] * f + OUTCOME["x"] * data["x"] + normal(1.0 - explained)
    for item, cuts in THRESHOLDS.items():
        data[item] = np.digitize(data[item], cuts).astype(float)
    return data, ids, f


if __name__ == "__main__":
    sys.exit(main())
