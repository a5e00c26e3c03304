"""Draws data.csv: two groups, three factors, a covariate, missing answers and ordered copies."""

import csv
from pathlib import Path

import numpy as np

LOADINGS = {"a": (1.0, 0.8, 0.7, 0.9), "b": (1.0, 0.9, 0.6), "c": (1.0, 0.75, 0.85)}


def main() -> None:
    random = np.random.default_rng(20260101)
    rows = []
    for label, size, slope in (("one", 260, 0.5), ("two", 200, 0.1)):
        z = random.normal(size=size)
        a = 0.3 * z + random.normal(size=size)
        b = 0.4 * a + 0.8 * random.normal(size=size)
        c = slope * a - 0.4 * b + 0.7 * random.normal(size=size)
        columns = {"group": [label] * size, "cluster": random.integers(0, 40, size), "z": z}
        for name, factor in (("a", a), ("b", b), ("c", c)):
            for number, loading in enumerate(LOADINGS[name], start=1):
                noise = 0.6 * random.standard_t(6, size=size)
                columns[f"{name}{number}"] = loading * factor + noise + 0.2 * (label == "two")
        for name in ("a1", "a2", "a3", "a4", "b1", "b2", "b3"):
            columns[f"o{name}"] = np.digitize(columns[name], [-1.0, 0.0, 0.9])
        for name in ("a2", "b1", "b3", "c2"):
            gone = random.random(size) < 0.12
            columns[f"m{name}"] = np.where(gone, np.nan, columns[name])
        rows += [
            dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)
        ]
    with (Path(__file__).parent / "data.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        for row in rows:
            shown = {
                key: value if isinstance(value, str) else f"{float(value):.6g}".replace("nan", "NA")
                for key, value in row.items()
            }
            writer.writerow(shown)


if __name__ == "__main__":
    main()
