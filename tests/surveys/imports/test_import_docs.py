"""docs/imports.md says what the importer does: its excerpts and its table of codes are read."""

import ast
import re
import tomllib
from pathlib import Path

from django.conf import settings

import surveys.imports
from surveys.errors import Refused
from surveys.imports import MISSING_REASONS, load_mapping
from surveys.imports.mistakes import ImportMistake
from surveys.instrument_files.errors import FileMistake

DOCS = Path(settings.BASE_DIR) / "docs"
PAGE = (DOCS / "imports.md").read_text(encoding="utf-8")
EXAMPLE = DOCS / "examples" / "german-cwa" / "mapping.toml"
EXCERPTS = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
OF_MODELS = EXAMPLE.with_name("models.toml")
OF_NUMBERS = DOCS / "examples" / "marks-on-a-line" / "mapping.toml"
OF_LISTS = DOCS / "examples" / "lists-and-words" / "mapping.toml"
MODULES = (
    *Path(surveys.imports.__file__).parent.rglob("*.py"),
    *(
        Path(settings.BASE_DIR) / "surveys" / "services" / "data" / name
        for name in ("imports.py", "mapped_study.py", "staging.py")
    ),
)
# Read by the parser of instrument files, which has a table of its own.
FROM_READING_TABLES = {
    "duplicate_value", "empty_list", "empty_text", "file_missing", "file_unreadable",
    "malformed_name", "missing_key", "not_toml", "not_utf8", "unknown_choice", "unknown_key",
    "wrong_type",
}  # fmt: skip


def test_every_excerpt_stands_in_the_example_that_it_explains():
    files = (EXAMPLE, OF_MODELS, OF_NUMBERS, OF_LISTS)
    text = "".join(file.read_text(encoding="utf-8") for file in files)

    assert len(EXCERPTS) >= 6
    for excerpt in EXCERPTS:
        assert tomllib.loads(excerpt)
        assert excerpt in text, excerpt


def test_the_example_is_a_valid_mapping_with_its_acceptance_items():
    mapping = load_mapping(EXAMPLE)

    accepted = {i.key: i.reverse_keyed for i in instrument(mapping, "sharing").items}
    assert accepted == {"useless": True, "sensible": False}
    assert "worried" in {item.key for item in instrument(mapping, "app_context").items}


def test_the_example_of_models_answers_is_a_valid_mapping():
    mapping = load_mapping(OF_MODELS)

    assert (mapping.slug, mapping.panels[0].option_marks) == ("german-cwa", "value")


def instrument(mapping, construct):
    (found,) = (one for one in mapping.instruments if one.construct == construct)
    return found


def codes_in(module):
    """The codes that a module names: those of mistakes in any file, and of what is refused."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            enum = {"FileMistake": FileMistake, "Refused": Refused}.get(node.value.id)
            if enum is not None:
                yield enum[node.attr].value


def test_every_code_of_a_mistake_is_documented_and_no_other():
    table = PAGE[PAGE.index("| Code |") : PAGE.index("Mistakes in `[study]`")]
    documented = set()
    for row in table.splitlines()[2:]:
        documented |= set(re.findall(r"`(\w+)`", row.split("|")[1])) if "|" in row else set()

    made = {code.value for code in ImportMistake}
    made |= {code for module in MODULES for code in codes_in(module)}
    assert documented - FROM_READING_TABLES == made - FROM_READING_TABLES
    assert documented >= FROM_READING_TABLES


def test_the_missing_reasons_are_all_named():
    assert all(f"`{reason}`" in PAGE for reason in MISSING_REASONS)
