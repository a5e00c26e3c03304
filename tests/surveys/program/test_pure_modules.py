import subprocess
import sys
from pathlib import Path

import pytest

import surveys

HEAVY = {"django", "rest_framework", "numpy", "pandas", "scipy", "openai", "reportlab"}


@pytest.mark.parametrize(
    "module",
    [
        "presentation",
        "questions",
        "instrument_files",
        "scoring",
        "paradata.flags",
        "simulation",
        "questionnaire_files.made.instruments",
    ],
)
def test_it_can_be_used_without_django_or_any_numeric_library(module):
    program = (
        f"import sys, surveys.{module}; print(*{{name.split('.')[0] for name in sys.modules}})"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=True,
        cwd=Path(surveys.__file__).parents[1],
        text=True,
    ).stdout.split()

    assert HEAVY.isdisjoint(loaded)
