"""`analysis.sem` beside lavaan and semopy: the same models on the same data, numbers compared.

    python benchmarks/sem.py [../shared/reference] [--repeats 5] [--draws 1000]

Takes synth_clean/data.csv from the reference folder: 33 five-point items of five groups, nine
parcels made of them, and twelve of the items for the ordinal estimator: four taken as continuous
("mixed"), the same with rows in clusters ("clustered", which lavaan can only fit as independent
rows), or all ordered and given two covariates ("covariates").  Times are medians on one BLAS
thread, of CPU seconds, of wall seconds for the bootstrap in two processes.  lavaan runs in R
(`Rscript` with lavaan), semopy in an environment of its own under the cache folder; either column
is left out, with a message, where it cannot be had.
Exits with 1 where numbers differ or a bar is missed.
"""

import argparse
import csv
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import numpy as np
from measuring.memory import PeakMemory
from sem_engines.others import CHECKED_DRAWS, LAVAAN_DRAWS, Timings, run_lavaan, run_semopy

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from analysis import sem  # noqa: E402 - the repository is not an installed package
from analysis.sem.resampling.bootstrapping import Bootstrap, bootstrap  # noqa: E402
from analysis.sem.resampling.rows import RandomRows  # noqa: E402

FACTORS = {
    "Privacy": [f"p{j}" for j in range(1, 10)],
    "Prosocial": [f"s{j}" for j in range(1, 17)],
    "Sharing": [f"a{j}" for j in range(1, 9)],
}
BARS = {
    "metric": 20.0,
    "ladder": 20.0,
    "MLR": 10.0,
    "bootstrap": 40.0,
    "mixed": 5.0,
    "clustered": 5.0,
    "covariates": 5.0,
}
LADDER = ((), ("loadings",), ("loadings", "intercepts"), ("loadings", "intercepts", "residuals"))
MOST_MEMORY = 300.0
SEED = 20240611
Data = dict[str, np.ndarray]
Result = TypeVar("Result")


def main() -> int:
    arguments = parsed_arguments()
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":
        os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
        os.execv(sys.executable, [sys.executable, *sys.argv])
    items, group = read_items(arguments.reference / "synth_clean" / "data.csv")
    data = {"items": items, "parcels": parcels_of(items)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with PeakMemory() as peak:
            ours = run_ours(data, group, folder, arguments)
        memory = peak.megabytes
        lavaan = run_lavaan(folder, arguments)
        semopy = run_semopy(folder, arguments)
    print_table(ours, lavaan, semopy, memory, arguments)
    return 0 if passes(ours, lavaan, memory) else 1


def parsed_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "reference", nargs="?", type=Path, default=ROOT.parent / "shared" / "reference"
    )
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--without-lavaan", action="store_true")
    parser.add_argument("--without-semopy", action="store_true")
    return parser.parse_args()


# -- data and models --------------------------------------------------------------------------


def read_items(path: Path) -> tuple[Data, np.ndarray]:
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in rows[0] if name != "group"]
    data = {name: np.array([float(row[name]) for row in rows]) for name in names}
    return data, np.array([row["group"] for row in rows])


def parcels_of(items: Data) -> Data:
    """Three parcels per factor, each the mean of neighbouring items."""
    return {
        f"{names[0][0]}{number}": np.mean([items[name] for name in part], axis=0)
        for names in FACTORS.values()
        for number, part in enumerate(np.array_split(names, 3), start=1)
    }


def model_of(data: Data, n_groups: int) -> str:
    """Factors measured by `data`, and two slopes labelled by group (unless `n_groups` is 0)."""
    lines = [
        f"{factor} =~ " + " + ".join(name for name in data if name[0] == names[0][0])
        for factor, names in FACTORS.items()
    ]
    labels = [", ".join(f"b{k}_{g + 1}" for g in range(n_groups)) for k in (1, 2)]
    first, second = (f"c({label})*" if label else "" for label in labels)
    return "\n".join([*lines, f"Sharing ~ {first}Privacy + {second}Prosocial"])


# -- our side ---------------------------------------------------------------------------------


def run_ours(
    data: Mapping[str, Data], group: np.ndarray, folder: Path, arguments: argparse.Namespace
) -> Timings:
    timings = Timings()
    for size, columns in data.items():
        model = model_of(columns, len(dict.fromkeys(group.tolist())))
        write_inputs(folder, size, columns, group, model)
        metric = {"data": columns, "group": group, "group_equal": ["loadings"]}
        for name, estimator in (("metric", "ML"), ("MLR", "MLR")):
            fit = timed(
                timings,
                f"{name} {size}",
                arguments.repeats,
                lambda: sem.fit(model, **metric, estimator=estimator),  # noqa: B023 - called at once
            )
            note_fit(timings, f"{name} {size}", fit)
        differences = timed(
            timings,
            f"ladder {size}",
            arguments.repeats,
            lambda: climb(model, columns, group),  # noqa: B023 - called at once
        )
        for number, difference in enumerate(differences, start=1):
            timings.numbers[f"ladder {size}", f"difference {number}"] = difference
        if size == "parcels":
            resample(timings, sem.fit(model, **metric), folder, arguments)
    fit_ordinal(timings, ordinal_data(data["items"]), group, folder, arguments)
    return timings


def ordinal_data(items: Data) -> Data:
    """The first four items of every factor, with two made-up covariates."""
    rng = np.random.default_rng(SEED)
    chosen = {name: items[name] for names in FACTORS.values() for name in names[:4]}
    n = len(items["p1"])
    return {
        **chosen,
        "zage": np.round(rng.normal(size=n), 2),
        "zsex": (rng.random(n) < 0.5).astype(np.float64),
    }


def fit_ordinal(
    timings: Timings, data: Data, group: np.ndarray, folder: Path, arguments: argparse.Namespace
) -> None:
    """WLSMV with equal thresholds and loadings: mixed, in clusters of two, with covariates."""
    n_groups = len(dict.fromkeys(group.tolist()))
    plain = model_of(data, n_groups)
    labels = {name: ", ".join(f"{name}_{g + 1}" for g in range(n_groups)) for name in data}
    covariates = " + ".join(f"c({labels[name]})*{name}" for name in ("zage", "zsex"))
    write_inputs(folder, "ordinal", data, group, plain)
    (folder / "covariates.lav").write_text(f"{plain}\nPrivacy ~ {covariates}\n")
    continuous = [name for name in data if name[0] == "s"]
    ordered = [name for name in data if name[0] in "pa"]
    cases: dict[str, tuple[str, dict[str, object]]] = {
        "mixed": (plain, {"ordered": ordered}),
        "clustered": (plain, {"ordered": ordered, "cluster": np.arange(len(group)) // 2}),
        "covariates": (f"{plain}\nPrivacy ~ {covariates}", {"ordered": ordered + continuous}),
    }
    for name, (model, options) in cases.items():
        fit = timed(
            timings,
            f"{name} items",
            arguments.repeats,
            lambda: sem.fit(
                model,  # noqa: B023 - called at once
                data,
                group=group,
                estimator="WLSMV",
                group_equal=["thresholds", "loadings", "intercepts"],
                **options,  # noqa: B023
            ),
        )
        note_fit(timings, f"{name} items", fit)


def climb(model: str, data: Data, group: np.ndarray) -> list[float]:
    """Configural to strict, with the difference tests between neighbours."""
    fits = [sem.fit(model, data, group=group, group_equal=equal) for equal in LADDER]
    pairs = zip(fits[1:], fits, strict=False)
    return [sem.compare(restricted, free).statistic for restricted, free in pairs]


def resample(
    timings: Timings, fit: sem.SemFit, folder: Path, arguments: argparse.Namespace
) -> None:
    result: Bootstrap = timed(
        timings,
        "bootstrap parcels",
        1,
        lambda: bootstrap(fit, draws=arguments.draws, seed=SEED, processes=arguments.processes),
    )
    clusters = tuple(np.arange(size) for size in fit.group_sizes.values())
    counts = RandomRows(arguments.draws, SEED, clusters).counts(range(CHECKED_DRAWS))
    rows = np.concatenate(fit.estimation.sample.rows)
    lines = [np.repeat(rows, count.astype(int)) for count in counts]
    np.savetxt(folder / "rows.csv", np.array(lines), fmt="%d", delimiter=",")
    for draw in range(CHECKED_DRAWS):
        for column, parameter in enumerate(result.parameters):
            if parameter.op == "~":
                key = "bootstrap parcels", f"{draw + 1} {parameter.label}"
                timings.numbers[key] = float(result.estimates[draw, column])


def timed(timings: Timings, case: str, repeats: int, action: Callable[[], Result]) -> Result:
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        result = action()
        timings.add(case, time.perf_counter() - wall, time.process_time() - cpu)
    return result


def note_fit(timings: Timings, case: str, fit: sem.SemFit) -> None:
    for parameter in fit.parameters:
        if parameter.op == "~":
            timings.numbers[case, f"est {parameter.label}"] = parameter.est
            timings.numbers[case, f"se {parameter.label}"] = parameter.se
    for name, value in fit.fit.items():
        timings.numbers[case, name] = value


def write_inputs(folder: Path, size: str, data: Data, group: np.ndarray, model: str) -> None:
    with (folder / f"{size}.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["group", *data])
        columns = [[f"{value:.17g}" for value in column] for column in data.values()]
        writer.writerows(zip(group, *columns, strict=True))
    (folder / f"{size}.lav").write_text(model + "\n")
    (folder / f"{size}.plain.lav").write_text(model_of(data, 0) + "\n")


# -- the verdict ------------------------------------------------------------------------------


def largest_difference(case: str, ours: Timings, lavaan: Timings) -> tuple[float, str]:
    """Over the numbers both give: |ours - lavaan's| / max(1, |lavaan's|), and where."""
    worst, where = 0.0, ""
    for key, theirs in lavaan.numbers.items():
        if key[0] == case and key in ours.numbers:
            apart = abs(ours.numbers[key] - theirs) / max(1.0, abs(theirs))
            if not apart <= worst:
                worst, where = apart, key[1]
    return worst, where


def print_table(
    ours: Timings,
    lavaan: Timings | None,
    semopy: Timings | None,
    memory: float,
    arguments: argparse.Namespace,
) -> None:
    print(f"{'case':<18}{'ours s':>10}{'lavaan s':>10}{'ratio':>8}{'bar':>6}", end="")
    print(f"{'semopy s':>10}{'ratio':>8}{'largest difference':>22}")
    for case in ours.wall:
        own = ours.median(case)
        assert own is not None
        theirs = lavaan.median(case) if lavaan else None
        other = semopy.median(case) if semopy else None
        bar = BARS[case.split()[0]]
        line = f"{case:<18}{own:>10.4f}{shown(theirs)}{ratio(theirs, own)}{bar:>6.0f}"
        line += f"{shown(other)}{ratio(other, own)}"
        if lavaan:
            apart, where = largest_difference(case, ours, lavaan)
            line += f"{apart:>12.1e} {where}"
        print(line)
    print(
        f"peak memory, with {arguments.processes} workers: {memory:.0f} MB (bar {MOST_MEMORY:.0f})"
    )
    if lavaan:
        print(f"lavaan's bootstrap: {LAVAAN_DRAWS} draws, scaled to {arguments.draws}")


def shown(seconds: float | None) -> str:
    return f"{seconds:>10.3f}" if seconds is not None else f"{'-':>10}"


def ratio(seconds: float | None, own: float) -> str:
    return f"{seconds / own:>8.1f}" if seconds is not None else f"{'-':>8}"


def passes(ours: Timings, lavaan: Timings | None, memory: float) -> bool:
    """Whether numbers agree (1e-4: lavaan stops within 1e-5 of its minimum) and bars are met."""
    if lavaan is None:
        return memory <= MOST_MEMORY
    fine = memory <= MOST_MEMORY
    for case in ours.wall:
        own, theirs = ours.median(case), lavaan.median(case)
        assert own is not None
        assert theirs is not None
        apart, _ = largest_difference(case, ours, lavaan)
        fine &= apart < 1e-4 and theirs / own >= BARS[case.split()[0]]
    return fine


if __name__ == "__main__":
    sys.exit(main())
