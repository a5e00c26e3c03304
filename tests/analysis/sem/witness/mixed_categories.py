"""Write mixed_categories.csv: eight items of two to five categories in two groups, 6 % missing."""

from pathlib import Path

import numpy as np

CUTS = ([0.0], [1.4], [-1.3], [-1.0, 0.0, 1.0], [-0.5, 0.5], [-1.5, -0.5, 0.5, 1.0], [0.2], [-1, 1])


def main() -> None:
    rng = np.random.default_rng(20240611)
    lines = ["group," + ",".join(f"v{j + 1}" for j in range(len(CUTS)))]
    for group, n, shift in (("second", 180, 0.0), ("first", 240, 0.3)):
        trait = rng.normal(loc=shift, size=(n, 1))
        latent = 0.75 * trait + 0.66 * rng.normal(size=(n, len(CUTS)))
        latent[:, 5] *= -1.0
        codes = (
            np.column_stack(
                [np.searchsorted(cut, y) for cut, y in zip(CUTS, latent.T, strict=True)]
            )
            + 1
        )
        absent = rng.random(codes.shape) < 0.06
        for row, gaps in zip(codes, absent, strict=True):
            cells = ["NA" if gap else str(code) for code, gap in zip(row, gaps, strict=True)]
            lines.append(",".join([group, *cells]))
    Path(__file__).with_suffix(".csv").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
