"""What a reader sees of a fit, and that the documentation's first lines run."""

import csv
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

from analysis import sem

MODEL = "f =~ x1 + x2 + x3\ng =~ y1 + y2 + y3\ng ~ b*f\ntwice := 2*b"


def draw(n: int = 300) -> dict[str, np.ndarray]:
    random = np.random.default_rng(8)
    f = random.normal(size=n)
    g = 0.5 * f + random.normal(size=n)
    data = {f"x{k}": f + random.normal(size=n) for k in (1, 2, 3)}
    return data | {f"y{k}": g + random.normal(size=n) for k in (1, 2, 3)}


def test_rows_hold_every_parameter_and_fixed_ones_have_no_standard_error() -> None:
    fit = sem.fit(MODEL, draw(), estimator="MLR")
    rows = fit.summary().rows
    assert len(rows) == len(fit.parameters)
    by_name = {row.name: row for row in rows}
    assert by_name["f =~ x1"].se is None
    assert by_name["g ~ f"].label == "b"
    assert by_name["g ~ f"].se == fit.labelled("b").se
    assert by_name["twice"].section == "Defined parameters"
    assert by_name["twice"].est == pytest.approx(2 * by_name["g ~ f"].est)


def test_the_text_has_estimates_fit_and_groups() -> None:
    group = np.where(np.arange(300) % 3, "people", "model")
    fit = sem.fit(MODEL, draw(), group=group, estimator="MLR", group_equal=["loadings"])
    text = str(fit.summary())
    assert "people (200), model (100)" in text.replace("groups: model", "model") or (
        "model (100), people (200)" in text
    )
    assert f"CFI {fit.fit['cfi']:.3f}" in text
    assert f"robust CFI {fit.fit['cfi.robust']:.3f}" in text
    assert text.count("Loadings") == 2
    slope = fit.parameter("g", "~", "f", "people")
    line = next(line for line in text.splitlines() if line.startswith("  g ~ f (b)"))
    assert f"{slope.est:.3f}" in line
    assert f"[{slope.ci_lower:.3f}, {slope.ci_upper:.3f}]" in line


def test_a_search_that_failed_is_said_first() -> None:
    text = str(sem.fit(MODEL, draw(), max_iterations=1).summary())
    assert "NOT CONVERGED" in text.splitlines()[1]
    assert "no fit indices" in text


def test_active_bounds_and_notices_are_told() -> None:
    text = str(sem.fit(f"{MODEL}\nb > 2", draw()).summary())
    assert "bound b > 2: active" in text
    assert "note: the estimates lie on the bounds b > 2" in text


def test_the_first_lines_of_the_documentation_fit_a_model_on_a_csv(tmp_path: Path) -> None:
    page = (Path(settings.BASE_DIR) / "docs" / "sem.md").read_text()
    block = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert block is not None
    program = block.group(1)
    assert len([line for line in program.splitlines() if line.strip()]) <= 12
    random = np.random.default_rng(1)
    with (tmp_path / "answers.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["who", "p1", "p2", "p3", "a1", "a2", "a3"])
        for row in range(200):
            factor = random.normal()
            answers = [f"{factor + random.normal():.3f}" for _ in range(6)]
            answers[2] = "" if row % 17 == 0 else answers[2]
            writer.writerow(["people" if row % 2 else "model", *answers])
    finished = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={"PYTHONPATH": str(settings.BASE_DIR)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert "Sharing ~ Privacy" in finished.stdout
    assert "robust CFI" in finished.stdout
