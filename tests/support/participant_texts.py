"""Which sentences people who take part can read: found in the templates and modules of their pages.

A template belongs to them if it extends `surveys/participant.html`, is included by one that does,
or is named by a module among their views. A new page, or a new module among their views, is found
without a line here; what is said to them by a module of another room has to be named.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils.translation.template import templatize

BASE = Path(settings.BASE_DIR)
TEMPLATES = BASE / "templates"
ROOT = "surveys/participant.html"
ROOMS = ("surveys/views/participants", "surveys/views/visitors")
# Modules that also say something else: what of them people read.
PARTS = {
    "surveys/views/forms.py": {"DemographicsForm", "_demographic_field", "_integer_field"},
    "surveys/questions/mistakes.py": {"EntryMistake"},
    "surveys/paradata/collected.py": {"Told"},
    "surveys/paradata/flags.py": {"FlagCode"},
    "surveys/views/inviting/forms.py": {"_SUBJECT", "_TEXT"},
}
GETTEXT = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}
STRING = r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
COUNTED = re.compile(rf"\bngettext\({STRING}, ?{STRING}")
SINGLE = re.compile(rf"\bgettext(?:_noop)?\({STRING}| _\({STRING}\)")
NAMED = re.compile(r'"(surveys/\w+\.html)"')
LEADS_TO = re.compile(r"""{% (extends|include) ["']([^"']+)["']""")

Sentence = tuple[str, str | None]
"""A sentence in English, and its plural if it counts something."""


@cache
def participant_templates() -> frozenset[str]:
    """The names of the templates that people see."""
    every = [str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html")]
    found = {name for name in every if _is_theirs(name)} | _named_by_views()
    while more := {other for name in found for _, other in _leads_to(name)} - found:
        found |= more
    return frozenset(found)


def _named_by_views() -> set[str]:
    modules = [path for room in ROOMS for path in (BASE / room).rglob("*.py")]
    return {name for path in modules for name in NAMED.findall(path.read_text(encoding="utf-8"))}


def _is_theirs(name: str) -> bool:
    parents = [other for kind, other in _leads_to(name) if kind == "extends"]
    return name == ROOT or any(map(_is_theirs, parents))


def _leads_to(name: str) -> list[tuple[str, str]]:
    return LEADS_TO.findall((TEMPLATES / name).read_text(encoding="utf-8"))


@cache
def participant_sentences() -> frozenset[Sentence]:
    """Everything that has to be translated before people read a language."""
    return frozenset([*_of_templates(), *_of_modules()])


def _of_templates() -> Iterator[Sentence]:
    for name in participant_templates():
        text = (TEMPLATES / name).read_text(encoding="utf-8")
        source = templatize(text, origin=name)
        for one, many in COUNTED.findall(source):
            yield ast.literal_eval(one), ast.literal_eval(many)
        for one, other in SINGLE.findall(source):
            yield ast.literal_eval(one or other), None


def _of_modules() -> Iterator[Sentence]:
    for room in ROOMS:
        for path in sorted((BASE / room).rglob("*.py")):
            yield from _of_nodes([ast.parse(path.read_text(encoding="utf-8"))])
    for name, wanted in PARTS.items():
        body = ast.parse((BASE / name).read_text(encoding="utf-8")).body
        parts = {_name(node): node for node in body if _name(node) in wanted}
        assert parts.keys() == wanted, f"{name} no longer has {wanted - parts.keys()}"
        yield from _of_nodes(parts.values())


def _name(node: ast.stmt) -> str:
    if isinstance(node, ast.Assign):
        return getattr(node.targets[0], "id", "")
    return getattr(node, "name", "")


def _of_nodes(nodes) -> Iterator[Sentence]:
    for call in (one for node in nodes for one in ast.walk(node) if isinstance(one, ast.Call)):
        if getattr(call.func, "id", "") in GETTEXT and isinstance(call.args[0], ast.Constant):
            counted = call.func.id.startswith("ngettext")
            yield call.args[0].value, call.args[1].value if counted else None
