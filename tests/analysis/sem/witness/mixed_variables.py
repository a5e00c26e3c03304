"""Write mixed_variables.csv: ordered and continuous indicators, a yes/no outcome, a covariate."""

import csv
from pathlib import Path

import numpy as np

ROWS = 360


def main() -> None:
    random = np.random.default_rng(360)
    x = random.normal(size=ROWS)
    f = 0.5 * x + random.normal(size=ROWS)
    noise = random.normal(size=(ROWS, 6))
    columns = {
        "group": np.where(np.arange(ROWS) % 9 < 5, "one", "two"),
        "x": np.round(x, 3),
        "o1": np.digitize(f + noise[:, 0], [-1.0, 0.2, 1.1]) + 1,
        "o2": np.digitize(0.8 * f + noise[:, 1], [-0.4, 0.7]) + 1,
        "o3": np.digitize(0.7 * f + noise[:, 2], [0.1]) + 1,
        "y1": np.round(2.0 + 1.2 * f + noise[:, 3], 3),
        "y2": np.round(-1.0 + 0.9 * f + np.exp(0.5 * noise[:, 4]), 3),
        "passed": (0.6 * f + 0.4 * x + noise[:, 5] > 0.2).astype(int),
    }
    with Path(__file__).with_suffix(".csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


if __name__ == "__main__":
    main()
