"""How far a command is, as a log and as a terminal get to see it."""

import io

import pytest

from surveys.management.progress import ProgressBar


def test_a_log_gets_a_line_for_every_ten_per_cent(capsys):
    with ProgressBar("people", 2800, initial=100) as bar:
        for done in range(101, 2801):
            bar.show(done)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 10
    assert lines[0] == "people: 10% (280 of 2800)"
    assert lines[-1] == "people: 100% (2800 of 2800)"


def test_a_total_that_is_known_later_and_leaps_make_no_more_lines(capsys):
    with ProgressBar("power") as bar:
        bar.show(0, 7)
        bar.show(5, 7)
        bar.show(7, 7)
    assert capsys.readouterr().err.splitlines() == ["power: 71% (5 of 7)", "power: 100% (7 of 7)"]


def test_who_wants_to_hear_nothing_hears_nothing(capsys):
    with ProgressBar("people", 3, quiet=True) as bar:
        bar.show(3)
    assert capsys.readouterr().err == ""


def test_a_terminal_gets_one_moving_bar(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    with ProgressBar("people", 3) as bar:
        bar.show(3)
    assert "people: 100%" in terminal.getvalue()
    assert "\r" in terminal.getvalue()


@pytest.mark.parametrize("done", [0, 1])
def test_nothing_to_do_is_no_error(done, capsys):
    with ProgressBar("people", 0) as bar:
        bar.show(done)
    assert capsys.readouterr().err == ""
