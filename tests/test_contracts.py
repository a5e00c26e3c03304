"""What holds for all of the code: who imports whom, what is light, complete and documented."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest
from django.conf import settings
from django.core.management import call_command

ROOT = Path(settings.BASE_DIR)
PACKAGES = ("config", "surveys", "llm_respondents", "analysis")
MODULES = sorted(
    path
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if "migrations" not in path.parts
)
PURE = (
    "surveys.codes",
    "surveys.errors",
    "surveys.recruiters",
    "surveys.roles",
    "llm_respondents.mistakes",
    "llm_respondents.written",
    "surveys.instrument_files.marks",
    "surveys.presentation",
    "surveys.scoring",
    "surveys.instrument_files",
    "surveys.simulation",
    "surveys.imports",
    "llm_respondents.codes",
    "llm_respondents.errors",
    "llm_respondents.conversation",
    "llm_respondents.design",
    "llm_respondents.endpoints",
    "llm_respondents.runner",
    "llm_respondents.providers",
    "analysis.sem",
    "analysis.compare",
    "analysis.report.content",
    "analysis.report.document",
    "analysis.report.drawings",
    "analysis.language",
    "analysis.report.sections",
    "analysis.report.typesetting",
    "analysis.archive.contents",
    "analysis.archive.files",
    "analysis.plans.files",
    "analysis.plans.mistakes",
    "analysis.plans.grid",
    "analysis.plans.expectations",
)
HEAVY = {"pandas", "pingouin", "openai", "matplotlib", "numpy", "openpyxl", "reportlab", "scipy"}


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


# --- Who may import whom


def test_the_import_contracts_hold():
    done = run(str(Path(sys.executable).with_name("lint-imports")), "--no-cache")

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return grimp.build_graph(*PACKAGES, include_external_packages=True, cache_dir=None)


@pytest.mark.parametrize("package", PURE)
def test_pure_code_reaches_no_django_by_any_chain_of_imports(imports, package):
    modules = {package} | imports.find_descendants(package)
    chains = [
        imports.find_shortest_chain(importer=module, imported=external)
        for module in modules
        for external in ("django", "rest_framework", "django_tasks")
    ]

    assert [chain for chain in chains if chain] == []


# --- One writer of answers

WRITERS = {"Answer", "AnswerRevision"}
RELATED = {"answers", "revisions"}
WRITES = {
    "create", "bulk_create", "get_or_create", "update_or_create", "update", "bulk_update",
    "acreate", "abulk_create", "aget_or_create", "aupdate_or_create", "aupdate", "abulk_update",
}  # fmt: skip
THE_ONLY_WRITER = ROOT / "surveys/services/recording/batch.py"


def chain_of(node: ast.expr) -> list[str]:
    """The names of `a.b(c).d` from left to right: a, b, d."""
    if isinstance(node, ast.Call):
        return chain_of(node.func)
    if isinstance(node, ast.Attribute):
        return [*chain_of(node.value), node.attr]
    return [node.id] if isinstance(node, ast.Name) else []


def answer_names(tree: ast.Module) -> set[str]:
    """What `Answer` and `AnswerRevision` of the schema are called in a module."""
    return {
        name.asname or name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("surveys.models")
        for name in node.names
        if name.name in WRITERS
    }


def writes_of_answers(tree: ast.Module) -> Iterator[tuple[int, str]]:
    names = answer_names(tree)
    for node in ast.walk(tree):
        chain = chain_of(node.func) if isinstance(node, ast.Call) else []
        if not chain:
            continue
        models = names & set(chain) or (WRITERS & set(chain) if "models" in chain else set())
        made = bool(models) and (chain[-1] in models or chain[-1] in WRITES)
        if made or (RELATED & set(chain[:-1]) and chain[-1] in WRITES):
            yield node.lineno, ".".join(chain)


@pytest.mark.parametrize(
    "written",
    [
        "from surveys.models import Answer\nAnswer(value=1)",
        "from surveys.models import Answer as Given\nGiven.objects.create(value=1)",
        "from surveys.models import AnswerRevision\nAnswerRevision.objects.bulk_create([])",
        "from surveys.models import Answer\nAnswer.objects.filter(pk=1).update(value=1)",
        "from surveys import models\nmodels.Answer.objects.get_or_create(pk=1)",
        "def f(administration):\n    administration.answers.update_or_create(value=1)",
    ],
)
def test_the_search_finds_a_second_writer(written):
    assert list(writes_of_answers(ast.parse(written)))


@pytest.mark.parametrize(
    "harmless",
    [
        "from surveys.models import Answer\nAnswer.objects.filter(pk=1).delete()",
        "from llm_respondents.conversation.parsing import Answer\nAnswer(1)",
        "seen.update(answers)",
    ],
)
def test_the_search_finds_nothing_in_reading_and_erasing(harmless):
    assert list(writes_of_answers(ast.parse(harmless))) == []


def test_one_module_writes_answers_and_no_other():
    writers = {path: list(writes_of_answers(parsed(path))) for path in MODULES}

    assert [f"{named(p)}:{line} {what}" for p, found in writers.items() if p != THE_ONLY_WRITER
            for line, what in found] == []  # fmt: skip
    assert writers[THE_ONLY_WRITER]


# --- Light, complete, safe


def test_start_up_imports_no_heavy_library(tmp_path):
    done = run(sys.executable, "-X", "importtime", "manage.py", "check", DATA_DIR=str(tmp_path))

    assert done.returncode == 0, done.stderr[-2000:]
    imported = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines() if "|" in line}
    assert "django" in imported
    assert HEAVY & {name.split(".")[0] for name in imported} == set()


@pytest.mark.django_db
def test_every_change_of_a_model_has_its_migration():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_a_production_configuration_passes_djangos_deployment_check(tmp_path):
    done = run(
        sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING",
        SITE_URL="https://survey.example.org",
        ALLOWED_HOSTS="survey.example.org",
        SECRET_KEY="".join(chr(33 + n) for n in range(64)),
        DATA_DIR=str(tmp_path),
        DEBUG="0",
        BEHIND_PROXY="1",
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({"SITE_URL": "survey.example.org"}, "counterpart.E001"),
        ({"SITE_URL": "https://survey.example.org", "ALLOWED_HOSTS": "x.org"}, "counterpart.E002"),
    ],
)
def test_a_contradictory_configuration_is_found_at_start_up(tmp_path, environment, code):
    done = run(sys.executable, "manage.py", "check", DATA_DIR=str(tmp_path), **environment)

    assert done.returncode == 1
    assert code in done.stderr
    assert "HINT" in done.stderr


# --- Small


def test_no_module_is_longer_than_400_lines():
    lengths = {named(path): len(path.read_text("utf-8").splitlines()) for path in MODULES}

    assert {name: length for name, length in lengths.items() if length > 400} == {}


def length_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the last, without the docstring."""
    first = function.body[0]
    has_docstring = ast.get_docstring(function, clean=False) is not None
    docstring = (first.end_lineno or 0) - first.lineno + 1 if has_docstring else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def test_no_function_is_longer_than_80_lines():
    lengths = {
        f"{named(path)}:{node.lineno} {node.name}": length_of(node)
        for path in MODULES
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert {name: length for name, length in lengths.items() if length > 80} == {}


# --- Documented and locked


def variables_read() -> Iterator[str]:
    """The first argument wherever the settings read the environment."""
    for path in (ROOT / "config").glob("*.py"):
        for node in ast.walk(parsed(path)):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            of_env = ["env"] if path.name != "env.py" else []
            readers = [[*of_env, name] for name in ("text", "flag", "words", "seconds", "count")]
            first = node.args[0]
            if chain_of(node.func) in readers and isinstance(first, ast.Constant):
                yield first.value


def test_the_environment_variables_that_are_read_are_those_that_are_documented():
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    table = page[page.index("| Variable |") : page.index("Keys of model endpoints")]
    documented = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)

    assert sorted(documented) == sorted(set(variables_read()))


def test_pip_and_uv_install_the_same_versions():
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    locked = {(p["name"], p["version"]) for p in lock["package"] if "registry" in p["source"]}
    constraints = (ROOT / "config" / "constraints.txt").read_text(encoding="utf-8")

    assert set(re.findall(r"^([\w.-]+)==([^\s;]+)", constraints, re.MULTILINE)) == locked


def test_the_lock_file_was_made_from_the_declared_dependencies():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    (own,) = (p for p in lock["package"] if "registry" not in p["source"])
    declared = [*project["dependencies"], *project["optional-dependencies"]["dev"]]

    wanted = {re.split(r"[\[<>=!~; ]", one)[0].lower().replace("_", "-") for one in declared}
    assert {one["name"] for one in own["metadata"]["requires-dist"]} == wanted
