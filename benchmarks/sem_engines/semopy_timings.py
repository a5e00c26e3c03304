"""semopy's side of benchmarks/sem.py: one fit per group, which has no constraint across groups.

Runs in an environment of its own. Usage: python semopy_timings.py <work folder> <repeats>
"""

import csv
import sys
import time
import warnings
from pathlib import Path

import pandas as pd
import semopy


def fit_every_group(model: str, data: pd.DataFrame) -> None:
    for _, rows in data.groupby("group", sort=False):
        fitted = semopy.Model(model)
        fitted.fit(rows.drop(columns="group"))
        fitted.inspect(std_est=True)
        semopy.calc_stats(fitted)


def main() -> None:
    folder, repeats = Path(sys.argv[1]), int(sys.argv[2])
    warnings.simplefilter("ignore")
    with (folder / "semopy.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["case", "wall", "cpu"])
        for size in ("items", "parcels"):
            model = (folder / f"{size}.plain.lav").read_text()
            data = pd.read_csv(folder / f"{size}.csv")
            for _ in range(repeats):
                wall, cpu = time.perf_counter(), time.process_time()
                fit_every_group(model, data)
                writer.writerow(
                    [f"metric {size}", time.perf_counter() - wall, time.process_time() - cpu]
                )


if __name__ == "__main__":
    main()
