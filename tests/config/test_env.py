"""The key that an installation makes for itself at its first start."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config import env


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch):
    monkeypatch.delenv("SECRET_KEY", raising=False)


def test_processes_that_start_together_share_one_whole_key(tmp_path: Path):
    together = Barrier(8)

    def start(folder: Path) -> str:
        together.wait()
        return env.secret_key(folder)

    with ThreadPoolExecutor(8) as starts:
        for turn in range(50):
            keys = set(starts.map(start, [tmp_path / str(turn)] * 8))
            assert len(keys) == 1
            assert len(keys.pop()) >= 50
            assert [file.name for file in (tmp_path / str(turn)).iterdir()] == ["secret_key"]


def test_only_its_owner_reads_the_key(tmp_path: Path):
    env.secret_key(tmp_path)
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_an_empty_key_file_is_told_with_what_to_do(tmp_path: Path):
    (tmp_path / "secret_key").touch()
    with pytest.raises(ImproperlyConfigured, match=r"secret_key is empty: remove it"):
        env.secret_key(tmp_path)


def test_a_mail_server_without_anybody_to_write_as_is_told_at_the_start(tmp_path: Path):
    here = {**os.environ, "DATA_DIR": str(tmp_path), "EMAIL_HOST": "mail.example.org"}
    told = subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        cwd=settings.BASE_DIR,
        env={**here, "EMAIL_FROM": ""},
        capture_output=True,
        text=True,
    )
    assert "EMAIL_HOST is set: set EMAIL_FROM" in told.stderr
