"""What every test may use."""

from pathlib import Path

import pytest
from django.conf import settings


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """Data and reference numbers kept beside the repository; they are never part of it."""
    path = Path(settings.BASE_DIR).parent / "shared"
    if not path.is_dir():
        pytest.skip("../shared is not on this machine: its data and numbers are not distributed")
    return path
