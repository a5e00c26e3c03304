"""Do intervals cover, do tests keep their level, and how often is there a false alarm?

    python benchmarks/inference.py [--shared DIRECTORY] [--draws 400] [--seed 1] [--parts …]

The population are people: the German contact-tracing panel where DIRECTORY holds
data/german_cwa, else simulated ones with skewed answers of four categories. Samples are drawn from
them with replacement, so that the population's own estimates are the truth:

coverage        95 % intervals of both paths, ML and MLR
false alarms    the model's rows are drawn from the people themselves
permutation     the model's outcomes are those of other rows; the level is 5 %
clusters        five noisy sessions each of so many personas, whose outcomes are those of others

Prints a table in Markdown. False alarms take a quarter of the draws.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from analysis.compare import compare  # noqa: E402 - the repository is not an installed package
from analysis.compare.comparison import analyse, scores  # noqa: E402
from analysis.compare.data.samples import read_samples  # noqa: E402
from analysis.compare.models.groups import (  # noqa: E402
    analyse_group,
    people_reliabilities,
    reliabilities_of,
    starting_rungs,
)
from analysis.compare.parallel import Work  # noqa: E402
from analysis.compare.results import (  # noqa: E402
    Comparison,
    GroupSpec,
    ItemSpec,
    Kind,
    PathEstimate,
    Plan,
    Resampling,
    Rung,
)
from analysis.compare.uncertainty.assessment import assess  # noqa: E402
from analysis.sem.simulation import simulate  # noqa: E402
from surveys.independence import FEWEST_CLUSTERS  # noqa: E402
from tests.analysis.compare.datasets import (  # noqa: E402
    PATHS,
    german_people,
    items_of,
    stacked,
)

Data = dict[str, np.ndarray]

NAMES = {
    "Privacy": ("p1", "p2", "p3"),
    "Prosocial": ("s1", "s2", "s3"),
    "Sharing": ("a1", "a2", "a3"),
}
SIZES = (200, 600)
CLUSTERS = (10, 29, 30, 40, 60, 100)
PER_CLUSTER = 5
MOVED = 0.25
PERMUTATIONS = 99


def simulated_people() -> tuple[Data, Plan]:
    """Four-category answers with skewness of about one, paths of -.3 and .3."""
    lines = [f"{key} =~ " + " + ".join(f"0.7*{n}" for n in names) for key, names in NAMES.items()]
    drawn = simulate(
        "\n".join([*lines, "Sharing ~ -0.3*Privacy + 0.3*Prosocial"]),
        2000,
        seed=1,
        standardized=True,
    )
    data = {name: 1.0 + np.digitize(x, [0.5, 1.2, 1.9]) for name, x in drawn.data.items()}
    items = tuple(ItemSpec(name, 1, 4) for names in NAMES.values() for name in names)
    constructs = tuple(items_of(key, names) for key, names in NAMES.items())
    return data, Plan(constructs=constructs, paths=PATHS, items=items, reference_group="people")


def population(shared: Path) -> tuple[Data, Plan]:
    """Complete rows of the people, and their plan."""
    known = (shared / "data/german_cwa").exists()
    data, plan = german_people(shared) if known else simulated_people()
    complete = np.isfinite(np.column_stack(list(data.values()))).all(axis=1)
    return {name: column[complete] for name, column in data.items()}, plan


def rows_of(data: Data, rows: np.ndarray) -> Data:
    """The same columns at these rows."""
    return {name: column[rows] for name, column in data.items()}


def with_other_outcomes(data: Data, plan: Plan, rng: np.random.Generator) -> Data:
    """The outcome's items are those of other rows: every path is zero."""
    outcomes = {path.outcome for path in plan.paths}
    items = {item for one in plan.constructs if one.key in outcomes for item in one.items}
    order = rng.permutation(len(next(iter(data.values()))))
    return {name: column[order] if name in items else column for name, column in data.items()}


def estimates(data: Data, plan: Plan, cluster: np.ndarray | None = None) -> list[PathEstimate]:
    """The paths of one group."""
    size = len(next(iter(data.values())))
    table = data if cluster is None else {**data, "cluster": cluster}
    by = () if cluster is None else ("cluster",)
    people = plan.reference_group
    sample = read_samples(table, plan, group=np.full(size, people), cluster=by)[people]
    found = analyse_group(sample, GroupSpec(people, people, Kind.HUMAN), plan)
    return list(found.estimates.values())


def covered(rows: list[PathEstimate], truth: list[float]) -> Iterator[bool | None]:
    """Whether each interval holds the truth; None without an interval."""
    for row, value in zip(rows, truth, strict=True):
        if row.std_ci_lower is None or row.std_ci_upper is None:
            yield None
        else:
            yield row.std_ci_lower <= value <= row.std_ci_upper


def share(found: list[bool | None]) -> str:
    """The share of intervals that hold, or that there is none."""
    known = [one for one in found if one is not None]
    return f"{np.mean(known):.3f}" if known else "no interval"


def coverage(data: Data, plan: Plan, draws: int, rng: np.random.Generator) -> Iterator[str]:
    """Coverage of path intervals by size and estimator."""
    total = len(next(iter(data.values())))
    for estimator in ("ML", "MLR"):
        own = replace(plan, estimator=estimator)
        whole = estimates(data, own)
        truth = [row.std or 0.0 for row in whole]
        for size in SIZES:
            found: list[bool | None] = []
            lower = 0
            for _ in range(draws):
                drawn = estimates(rows_of(data, rng.integers(0, total, size)), own)
                # On a lower rung a path is another number; it has no part in this.
                if drawn[0].rung is whole[0].rung:
                    found += covered(drawn, truth)
                else:
                    lower += 1
            name = f"coverage, {estimator}, n = {size} ({lower} on a lower rung left out)"
            yield f"| {name} | {draws} | {share(found)} |"


def beside(people: Data, model: Data, plan: Plan) -> Comparison:
    """The model's rows compared with the people's."""
    data, group = stacked(**{plan.reference_group: people, "model": model})
    return compare(data, plan, group=group)


def false_alarms(data: Data, plan: Plan, draws: int, rng: np.random.Generator) -> Iterator[str]:
    """What is said of a model that is people."""
    total = len(next(iter(data.values())))
    for size in SIZES:
        found = [
            beside(data, rows_of(data, rng.integers(0, total, size)), plan) for _ in range(draws)
        ]
        each_score = [one.score("model") for one in found]
        said = [{each.code for each in one.notices} for one in found]
        contradicts = np.mean([each.contradict for each in each_score])
        yield f"| contradicts, n = {size} | {draws} | {contradicts:.3f} |"
        for code in ("metric_invariance_fails", "invariance_undecided", "r2_ratio_far"):
            often = np.mean([code in codes for codes in said])
            yield f"| `{code}`, n = {size} | {draws} | {often:.3f} |"
        refused = np.mean([not row.comparable for one in found for row in one.differences])
        yield f"| paths refused a comparison, n = {size} | {draws} | {refused:.3f} |"
        words = [str(row.equivalence) for one in found for row in one.differences]
        shares = ", ".join(
            f"{word} {words.count(word) / len(words):.2f}" for word in sorted({*words})
        )
        yield f"| equivalence, n = {size} | {draws} | {shares} |"


def permutation(data: Data, plan: Plan, draws: int, rng: np.random.Generator) -> Iterator[str]:
    """Size of the permutation test of a model whose outcomes are noise; people are fitted once."""
    total = len(next(iter(data.values())))
    base = analyse(data, plan, group=np.full(total, plan.reference_group))
    known = people_reliabilities(reliabilities_of(base.people, plan))
    found: dict[str, list[bool]] = {}
    for number in range(draws):
        rows = rows_of(data, rng.integers(0, total, SIZES[0]))
        noise = with_other_outcomes(rows, plan, rng)
        both, group = stacked(**{plan.reference_group: data, "model": noise})
        model = analyse_group(
            read_samples(both, plan, group=group)["model"],
            GroupSpec("model", "model", Kind.LLM),
            plan,
            start=starting_rungs(base.people),
            reliabilities=known,
        )
        sources = replace(base, models=(model,))
        drawn = Resampling(seed=number, permutations=PERMUTATIONS)
        score = assess(scores(sources), sources, drawn, Work()).score("model")
        for name, pvalue in score.permutation_p.items():
            found.setdefault(name, []).append(pvalue <= 0.05)
    for name in ("joint", "evidence", "log"):
        if name in found:
            size, tests = np.mean(found[name]), len(found[name])
            yield f"| size of the permutation test, {name}, n = {SIZES[0]} | {tests} | {size:.3f} |"


def clusters(data: Data, plan: Plan, draws: int, rng: np.random.Generator) -> Iterator[str]:
    """Coverage of a true zero by the number of personas, in regressions of mean scores.

    So few personas seldom bear the latent model.
    """
    plan = replace(plan, rungs=(Rung.COMPOSITE,))
    total = len(next(iter(data.values())))
    bounds = {item.name: (item.minimum, item.maximum) for item in plan.items}
    for number in CLUSTERS:
        found: list[bool | None] = []
        times = draws if number >= FEWEST_CLUSTERS else 1
        for _ in range(times):
            personas = with_other_outcomes(rows_of(data, rng.integers(0, total, number)), plan, rng)
            rows = np.repeat(np.arange(number), PER_CLUSTER)
            sessions = {
                name: np.clip(column[rows] + _moves(rng, len(rows)), *bounds[name])
                for name, column in personas.items()
            }
            found += covered(estimates(sessions, plan, rows), [0.0] * len(plan.paths))
        name = f"coverage of a true zero, {number} clusters of {PER_CLUSTER}"
        yield f"| {name} | {times} | {share(found)} |"


def _moves(rng: np.random.Generator, size: int) -> np.ndarray:
    return np.where(rng.random(size) < MOVED, rng.choice((-1.0, 1.0), size), 0.0)


PARTS = {
    "coverage": coverage,
    "false_alarms": false_alarms,
    "permutation": permutation,
    "clusters": clusters,
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--draws", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=list(PARTS))
    given = parser.parse_args()
    data, plan = population(given.shared)
    rng = np.random.default_rng(given.seed)
    started = time.perf_counter()
    print(f"People: {len(next(iter(data.values())))}, {len(plan.items)} items.\n")
    print("| | draws | share |\n|---|---|---|")
    for name in given.parts:
        draws = max(given.draws // 4, 1) if name == "false_alarms" else given.draws
        for line in PARTS[name](data, plan, draws, rng):
            print(line, flush=True)
        print(f"{name}: {time.perf_counter() - started:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
