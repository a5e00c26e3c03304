"""Residual correlations are those from which lavaan's CRMR is made."""

import csv
import json
from math import sqrt

import numpy as np
import pytest

from analysis import sem


@pytest.fixture(scope="module")
def reference(shared_dir):
    return shared_dir / "reference" / "hs1939"


def test_their_root_mean_square_is_lavaans_crmr(reference):
    recorded = json.loads((reference / "cfa_single.ML.json").read_text())
    with (reference / "data.csv").open() as file:
        rows = list(csv.DictReader(file))
    data = {f"x{i}": np.array([float(row[f"x{i}"]) for row in rows]) for i in range(1, 10)}
    fit = sem.fit(recorded["syntax"], data)
    residuals = sem.residual_correlations(fit, beyond=0.0)
    assert len(residuals) == 36
    found = sqrt(sum(row.value**2 for row in residuals) / 36)
    assert found == pytest.approx(recorded["fitmeasures"]["crmr_nomean"], rel=1e-6)
    sizes = [abs(row.value) for row in residuals]
    assert sizes == sorted(sizes, reverse=True)


def test_only_those_beyond_the_bound_are_listed(reference):
    with (reference / "data.csv").open() as file:
        rows = list(csv.DictReader(file))
    data = {f"x{i}": np.array([float(row[f"x{i}"]) for row in rows]) for i in range(1, 5)}
    fit = sem.fit("f =~ x1 + x2 + x3 + x4", data)
    assert all(abs(row.value) > 0.05 for row in sem.residual_correlations(fit, beyond=0.05))
