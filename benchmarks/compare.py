"""The default comparison beside the time lavaan needs for its bootstrap refits alone.

    python benchmarks/compare.py [--draws 1000] [--processes 2] [--lavaan-draws 20]

People n = 500 and four models of n = 200, three constructs, 33 items: invariance ladders,
differences, companions, two-level bootstrap, permutations, noise ceiling. lavaan refits the same
joint metric model; its time is measured on a few draws and scaled. Wall seconds, and peak memory of
all processes together. Exits with 1 where a bar is missed.
"""

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from measuring.memory import PeakMemory

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from analysis.compare import compare  # noqa: E402 - the repository is not an installed package
from analysis.compare.parallel import Work  # noqa: E402
from analysis.compare.results import (  # noqa: E402
    Construct,
    Indicator,
    ItemSpec,
    PathSpec,
    Plan,
    Resampling,
    SignSource,
)
from analysis.sem.simulation import simulate  # noqa: E402

FACTORS = {
    "Privacy": [f"p{j}" for j in range(1, 10)],
    "Prosocial": [f"s{j}" for j in range(1, 17)],
    "Sharing": [f"a{j}" for j in range(1, 9)],
}
GROUPS = {"human": 500, "llm_a": 200, "llm_b": 200, "llm_c": 200, "llm_d": 200}
LARGEST_SHARE = 0.10
MOST_MEMORY = 1024.0
LAVAAN = """
suppressMessages(library(lavaan))
arguments <- commandArgs(TRUE)
data <- read.csv(arguments[1])
model <- paste(readLines(arguments[2]), collapse = "\\n")
draws <- as.integer(arguments[3])
set.seed(1)
spent <- system.time(for (k in seq_len(draws)) {
  rows <- unlist(lapply(split(seq_len(nrow(data)), data$group), sample, replace = TRUE))
  sem(model, data[rows, ], group = "group", group.equal = "loadings", se = "none", test = "none",
      baseline = FALSE, h1 = FALSE)
})
cat(spent[["elapsed"]])
"""


def answers() -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Five-point answers from a model with known paths."""
    lines = [f"{key} =~ " + " + ".join(f"0.7*{n}" for n in names) for key, names in FACTORS.items()]
    lines.append("Sharing ~ -0.3*Privacy + 0.3*Prosocial")
    drawn = simulate(
        "\n".join(lines),
        list(GROUPS.values()),
        seed=1,
        groups=tuple(GROUPS),
        standardized=True,
    )
    data = {name: np.clip(np.rint(3 + x), 1, 5) for name, x in drawn.data.items()}
    return data, drawn.group


def plan() -> Plan:
    """Items as indicators, the demanding case."""
    return Plan(
        constructs=tuple(
            Construct(key, key, tuple(Indicator(name, (name,)) for name in names))
            for key, names in FACTORS.items()
        ),
        paths=(
            PathSpec("Sharing", "Privacy", -1, SignSource.THEORY, "privacy"),
            PathSpec("Sharing", "Prosocial", 1, SignSource.THEORY, "prosocial"),
        ),
        items=tuple(ItemSpec(name, 1, 5) for names in FACTORS.values() for name in names),
        reference_group="human",
    )


def ours(draws: int, processes: int) -> tuple[float, float]:
    """Wall seconds and peak megabytes of the whole comparison."""
    data, group = answers()
    resampling = Resampling(seed=1, bootstrap=draws, permutations=draws, noise_draws=draws)
    with PeakMemory() as peak:
        started = time.perf_counter()
        compare(data, plan(), group=group, resampling=resampling, work=Work(processes))
        spent = time.perf_counter() - started
    return spent, peak.megabytes


def lavaans(draws: int, measured: int) -> float | None:
    """Wall seconds of lavaan's bootstrap refits, scaled from a few; None without R and lavaan."""
    data, group = answers()
    lines = [f"{key} =~ " + " + ".join(names) for key, names in FACTORS.items()]
    lines.append("Sharing ~ Privacy + Prosocial")
    with tempfile.TemporaryDirectory() as folder:
        table, model, script = (Path(folder) / name for name in ("d.csv", "m.lav", "s.R"))
        with table.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["group", *data])
            writer.writerows(zip(group, *data.values(), strict=True))
        model.write_text("\n".join(lines))
        script.write_text(LAVAAN)
        command = ["Rscript", script, table, model, str(measured)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            return None
    return float(done.stdout) * draws / measured


def main() -> int:
    """Print the table; 0 where both bars are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--lavaan-draws", type=int, default=20)
    options = parser.parse_args()
    spent, megabytes = ours(options.draws, options.processes)
    print(
        f"whole comparison, {options.draws} draws of each kind: {spent:8.1f} s {megabytes:6.0f} MB"
    )
    beside = lavaans(options.draws, options.lavaan_draws)
    if beside is None:
        print("lavaan: left out, Rscript with lavaan was not found")
        return int(megabytes > MOST_MEMORY)
    print(f"lavaan, {options.draws} bootstrap refits alone:   {beside:8.1f} s")
    print(f"share: {spent / beside:.3f} (bar {LARGEST_SHARE})")
    return int(spent > LARGEST_SHARE * beside or megabytes > MOST_MEMORY)


if __name__ == "__main__":
    sys.exit(main())
