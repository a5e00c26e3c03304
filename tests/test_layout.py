"""The rules of the house: rooms of a dozen modules, no circles, arrows one way, a true map."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import grimp
import pytest
from django.conf import settings
from house import badly_named, circles, crowded, levels, modules_by_folder

ROOT = Path(settings.BASE_DIR)
PACKAGES = ("config", "surveys", "llm_respondents", "analysis")
MAP = ROOT / "docs" / "architecture.md"


@pytest.fixture(scope="module")
def graph() -> dict[str, set[str]]:
    """Who imports whom, also inside functions; the faces of packages only hand names on."""
    built = grimp.build_graph(*PACKAGES, cache_dir=None)
    return {
        module: built.find_modules_directly_imported_by(module)
        for module in built.modules
        if ".migrations" not in module
    }


def test_no_folder_holds_more_than_a_dozen_modules():
    assert crowded(modules_by_folder(ROOT, PACKAGES), []) == {}


def test_no_module_is_named_for_nothing():
    assert badly_named(modules_by_folder(ROOT, PACKAGES)) == []


def test_nothing_imports_in_a_circle(graph):
    assert circles(graph) == []


def test_a_crowded_folder_and_an_empty_name_are_found(tmp_path):
    for folder, number in (("full", 13), ("full/alike", 16), ("full/commands", 20)):
        (tmp_path / folder).mkdir()
        for name in ("__init__", *(f"module_{one}" for one in range(number))):
            (tmp_path / folder / f"{name}.py").touch()
    (tmp_path / "full" / "alike" / "utils.py").touch()
    folders = modules_by_folder(tmp_path, ["full"])

    assert crowded(folders, []) == {"full": 13, "full/alike": 17}
    assert crowded(folders, ["full/alike"]) == {"full": 13, "full/alike": 17}
    assert badly_named(folders) == ["full/alike/utils"]


def test_a_circle_is_found_also_through_a_function(tmp_path):
    package = tmp_path / "planted"
    package.mkdir()
    for name, text in {
        "__init__": "",
        "ground": "",
        "upper": "from planted import ground, lower",
        "lower": "def late():\n    from planted import upper\n    return upper",
    }.items():
        (package / f"{name}.py").write_text(text)
    script = (
        "import grimp, json; built = grimp.build_graph('planted', cache_dir=None);"
        "print(json.dumps({m: sorted(built.find_modules_directly_imported_by(m))"
        " for m in built.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    planted = {name: set(others) for name, others in json.loads(done.stdout).items()}

    assert circles(planted) == [["planted.lower", "planted.upper"]]
    assert levels({"a": {"b"}, "b": {"c"}, "c": set()}) == 3


IMPORT_EACH_ALONE = """
import gc, os, sys
import django
django.setup()
# Libraries are loaded once; what is tried is the project's own modules.
import concurrent.futures.process, multiprocessing.connection
import numpy, pandas, scipy.optimize, scipy.special, scipy.stats
import reportlab.graphics.renderPDF, reportlab.graphics.renderSVG, reportlab.platypus
import openai, rest_framework.viewsets, django_tasks, django.views.debug
gc.freeze()
below = {}
for module in sys.argv[1:]:
    below.setdefault(module.rpartition(".")[0], []).append(module)

def fails(module):
    # Whoever imports a module imports its packages first: what they load needs no trial of its own,
    # and the others are tried where only the packages are loaded.
    inside = below.get(module, ())
    return sum(fails(one) if one in sys.modules else fails_alone(one) for one in inside)

def fails_alone(module):
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] != 0
    try:
        __import__(module)
        failed = fails(module)
    except BaseException as error:
        print(f"{module}: {error!r}", flush=True)
        failed = 1
    os._exit(bool(failed))

sys.exit(bool(fails("")))
"""


def alone(modules: list[str], *, at: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", IMPORT_EACH_ALONE]
    environment = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": f"{ROOT}:{at}",
    }
    return subprocess.run(
        [*command, *modules],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_module_can_be_imported_alone(graph):
    done = alone(sorted(graph))

    assert done.returncode == 0, done.stdout + done.stderr[-2000:]


def test_a_module_that_needs_another_first_is_found(tmp_path):
    (tmp_path / "needs_another.py").write_text("import sys\nsys.modules['never_loaded']\n")
    done = alone(["needs_another"], at=tmp_path)

    assert done.returncode == 1
    assert "needs_another" in done.stdout


def test_no_two_files_of_tests_have_one_name():
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]

    assert sorted({name for name in names if names.count(name) > 1}) == []


DIRECTIONS = """
[importlinter]
root_package = planted

[importlinter:contract:rooms]
name = the planted rooms stand on each other one way
type = layers
containers = planted
exhaustive = true
layers =
    upper
    ground
"""


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ({"upper": "from planted import ground", "ground": ""}, ""),
        (
            {"upper": "", "ground": "def late():\n    from planted import upper\n    return upper"},
            "planted.ground is not allowed to import planted.upper",
        ),
        ({"upper": "", "ground": "", "loft": ""}, "planted.loft"),
    ],
)
def test_an_arrow_that_runs_up_and_a_room_without_a_floor_are_found(tmp_path, planted, found):
    (tmp_path / "planted").mkdir()
    for name, text in {"__init__": "", **planted}.items():
        (tmp_path / "planted" / f"{name}.py").write_text(text)
    (tmp_path / ".importlinter").write_text(DIRECTIONS)
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [linter, "--no-cache"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode == 0) == (not found), done.stdout + done.stderr
    assert found in done.stdout


# --- The map


def paths_on_the_map() -> list[str]:
    page = MAP.read_text("utf-8")
    return re.findall(r"`((?:config|surveys|llm_respondents|analysis)/[\w/.]*)`", page)


def test_every_place_on_the_map_exists():
    assert [path for path in paths_on_the_map() if not (ROOT / path).exists()] == []


def test_every_room_is_on_the_map():
    rooms = {f"{folder}/" for folder in modules_by_folder(ROOT, PACKAGES)}

    assert sorted(rooms - set(paths_on_the_map())) == []


def test_every_question_of_the_map_has_one_home():
    page = MAP.read_text("utf-8")
    table = page[page.index("## Where does it live?") : page.index("## Glossary")]
    rows = re.findall(r"^\| (.+\?) \| `([\w/.]+)` \|$", table, re.MULTILINE)

    assert len(rows) >= 20
    assert len({question for question, _ in rows}) == len({home for _, home in rows}) == len(rows)
