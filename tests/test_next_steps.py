"""Every command says what comes next, or why nothing does; none draws its progress by itself."""

import ast
import inspect
import json
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command, load_command_class

from config.help.generated import own_commands
from surveys.management.base import Made, UseCaseCommand

# They run until they are stopped, and say on what they listen or wait.
UNTIL_STOPPED = {"serve", "worker", "fake_endpoint"}
BY_NAME = dict(own_commands())


def says_nothing_next(source: str) -> list[int]:
    """The lines of a module at which something is made and nothing follows."""
    if '"Next: ' in source:
        return []
    return [
        call.lineno
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "Made"
        and len(call.args) < 3
        and "following" not in {word.arg for word in call.keywords}
    ]


@pytest.mark.parametrize("name", sorted(set(BY_NAME) - UNTIL_STOPPED))
def test_a_command_says_what_comes_next(name):
    command = load_command_class(BY_NAME[name], name)
    assert isinstance(command, UseCaseCommand)
    source = Path(inspect.getfile(type(command))).read_text(encoding="utf-8")
    if command.nothing_follows:
        assert len(command.nothing_follows.split()) > 2
    else:
        assert says_nothing_next(source.replace('f"Next: ', '"Next: ')) == []


def test_a_command_that_ends_in_silence_is_found():
    assert says_nothing_next("x = Made(['done'], {})\ny = Made(['done'], {}, 'more')") == [1]


def test_people_and_programs_are_told_the_same(db):
    made = Made(["Done."], {"rows": 1}, "manage.py fit_models tea")
    assert made.as_lines() == ["Done.", "Next: manage.py fit_models tea"]
    assert made.as_facts() == {"rows": 1, "next": "manage.py fit_models tea"}
    assert Made(["Done."]).as_lines() == ["Done."]
    shown = StringIO()
    call_command("load_instruments", shelf=["list"], json=True, stdout=shown)
    assert "load_instruments" in json.loads(shown.getvalue())["next"]


def test_only_the_one_bar_draws_frames():
    base = Path(settings.BASE_DIR)
    drawing = {
        path.relative_to(base).as_posix()
        for app in ("surveys", "llm_respondents", "analysis", "config")
        for path in (base / app).rglob("*.py")
        if "import tqdm" in path.read_text(encoding="utf-8")
    }
    assert drawing == {"surveys/management/progress.py"}
