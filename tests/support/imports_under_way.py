"""What others do while an import is stored in pieces."""

from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import pytest

from surveys.services.data.staging import Stage


def after_the_second_piece(monkeypatch: pytest.MonkeyPatch, then: Callable[[Stage], Any]) -> None:
    """Do something when two pieces are stored."""
    original, pieces = Stage.piece, []

    @contextmanager
    def piece(self):
        with original(self):
            yield
        pieces.append(self)
        if len(pieces) == 2:
            then(self)

    monkeypatch.setattr(Stage, "piece", piece)
