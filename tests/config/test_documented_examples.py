"""The examples of the help are what the program takes: commands, files, and the engine's calls."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class

from analysis import sem
from analysis.plans.files import bundled_plan, parse_plan
from llm_respondents.design.spec import PanelSpec
from llm_respondents.endpoints.file import read_endpoints
from surveys.instrument_files import bundled_study, parse_study, study_values, to_toml

DOCS = Path(settings.BASE_DIR) / "docs"
# Their own tests read these word by word, with the files that they name.
READ_ELSEWHERE = {"comparison.md", "first-study.md", "imports.md", "instruments.md"}


def blocks(page: Path, language: str) -> list[str]:
    found = re.findall(
        rf"^( *)```{language}\n(.*?)^\1```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    return [text for _indent, text in found]


def commands() -> Iterator[tuple[str, list[str]]]:
    """Every `manage.py …` of a block for a terminal: its page, and its words."""
    for page in sorted(DOCS.glob("*.md")):
        for block in blocks(page, "sh"):
            for line in block.replace("\\\n", " ").splitlines():
                for part in line.split("&&"):
                    if "manage.py " not in part:
                        continue
                    told = part.partition("manage.py ")[2]
                    # In a file of aliases the whole command stands in quotation marks.
                    told = told.replace('"', "") if told.count('"') % 2 else told
                    yield page.name, shlex.split(told, comments=True)


COMMANDS = list(commands())


def test_there_are_as_many_as_the_help_has():
    assert len(COMMANDS) > 60
    assert {"guide.md", "operations.md", "panels.md", "instruments.md"} <= {
        page for page, _words in COMMANDS
    }


@pytest.mark.parametrize("page", sorted({page for page, _words in COMMANDS}))
def test_the_commands_of_the_help_are_those_that_there_are(page):
    for name, *rest in (words for told, words in COMMANDS if told == page):
        # A number stands in the help as the word for it.
        rest = ["7" if word in ("ID", "BATCH") else word for word in rest]
        parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
        assert parser.parse_args(rest), name


def read_as(page: str, text: str) -> object:
    """What the program makes of an excerpt, with what it would stand in."""
    tables = tomllib.loads(text)
    if "endpoints" in tables:
        address = 'base_url = "http://127.0.0.1:8000/v1"\n'
        missing = [name for name, one in tables["endpoints"].items() if "base_url" not in one]
        return read_endpoints("".join(f"[endpoints.{one}]\n{address}" for one in missing) + text)
    if page == "panels.md":
        return PanelSpec.from_json({"model": "m", "base_url": "http://127.0.0.1:1/v1", **tables})
    if page == "plans.md":
        # An excerpt of paths stands in a plan that measures what they name.
        whole = tomllib.loads(bundled_plan("privacy-prosocial").read_text("utf-8"))
        return parse_plan(text if "name" in tables else to_toml({**whole, **tables}))
    assert page == "data.md"
    values = study_values(bundled_study("privacy-prosocial"))
    values["consent"] |= tables["consent"]
    return parse_study(to_toml(values))


def test_every_file_of_the_help_is_one_that_is_read():
    shown = {page.name: found for page in DOCS.glob("*.md") if (found := blocks(page, "toml"))}
    assert shown.keys() == {"data.md", "panels.md", "plans.md", *READ_ELSEWHERE}
    for page in shown.keys() - READ_ELSEWHERE:
        for text in shown[page]:
            assert read_as(page, text)


def test_the_calls_of_the_engine_run_as_they_stand(tmp_path, monkeypatch):
    rng = np.random.default_rng(1)
    n = 400
    privacy, prosocial = rng.normal(size=(2, n))
    sharing = -0.5 * privacy + 0.3 * prosocial + rng.normal(scale=0.7, size=n)
    columns = {
        f"{letter}{number}": trait + rng.normal(scale=0.6, size=n)
        for letter, trait in (("p", privacy), ("s", prosocial), ("a", sharing))
        for number in (1, 2, 3)
    }
    who = np.where(np.arange(n) % 2, "people", "models")
    rows = zip(*columns.values(), who, strict=True)
    lines = [",".join([*columns, "who"]), *(",".join(map(str, row)) for row in rows)]
    (tmp_path / "answers.csv").write_text("\n".join(lines), "utf-8")
    monkeypatch.chdir(tmp_path)
    said: list[object] = []
    names = {"print": said.append, "labels": who, "sem": sem}
    for text in blocks(DOCS / "sem.md", "python"):
        exec(compile(text, "sem.md", "exec"), names)
    assert "Sharing" in str(said[0])
