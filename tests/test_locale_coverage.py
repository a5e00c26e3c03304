"""Every text that a template or a module hands to gettext has its German."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation import trans_real
from django.utils.translation.template import templatize

BASE = Path(settings.BASE_DIR)
STRING = r"""(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
CALL = re.compile(r"\bn?gettext(?:_noop)?\(u?" + STRING)
COUNTED = re.compile(r"\bngettext(?:_noop)?\(u?" + STRING)
PLAIN = re.compile(r" _\(" + STRING + r"\)")
GETTEXT = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}


def of_template(path: Path) -> Iterator[str]:
    """The msgids of `{% translate %}` and `{% blocktranslate %}`, as makemessages finds them."""
    source = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    for pattern in (CALL, PLAIN):
        for found in pattern.finditer(source):
            yield ast.literal_eval(found["text"])


def of_module(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in GETTEXT
            and isinstance(node.args[0], ast.Constant)
        ):
            yield node.args[0].value


def missing(msgids: Iterator[str]) -> list[str]:
    catalogue = trans_real.translation("de")._catalog
    return sorted({text for text in msgids if text not in catalogue and (text, 0) not in catalogue})


def counted(path: Path) -> Iterator[str]:
    """The msgids of `{% blocktranslate count %}`."""
    source = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    for found in COUNTED.finditer(source):
        yield ast.literal_eval(found["text"])


def templates() -> list[Path]:
    return sorted((BASE / "templates").rglob("*.html"))


@pytest.mark.parametrize("path", templates(), ids=lambda path: str(path.relative_to(BASE)))
def test_every_text_of_a_template_is_in_german(path):
    assert missing(of_template(path)) == []


@pytest.mark.parametrize("path", templates(), ids=lambda path: str(path.relative_to(BASE)))
def test_what_is_counted_has_its_german_plural(path):
    """A plain text of the same words hides a counted one from the catalogue."""
    catalogue = trans_real.translation("de")._catalog
    assert [text for text in counted(path) if (text, 0) not in catalogue] == []


@pytest.mark.parametrize("app", ["surveys", "llm_respondents", "analysis"])
def test_every_text_of_a_module_is_in_german(app):
    modules = sorted((BASE / app).rglob("*.py"))
    assert missing(text for path in modules for text in of_module(path)) == []


def test_the_texts_of_templates_are_found():
    found = {text for path in templates() for text in of_template(path)}
    assert "Run the panel" in found
    assert "Session %(number)s" in found
    assert len(found) > 300
