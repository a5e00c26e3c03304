"""What MkDocs is told beside its configuration: pages that the code writes, steps, tables."""

import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from config.help.generated import GENERATED, generated_pages

_TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)
# A block of code within a numbered step, as docs/ has it: indented as the words of the step are.
_WITHIN = re.compile(r"^( {2,3})```\w*\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
# Stands for a tab while Markdown is read, which would make blanks of it: tables are pasted so.
_TAB = "\ue009"
_ALONE = '<div class="scroll" tabindex="0" role="group" aria-label="Table">'


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Let the navigation name what is there: no page twice, none that is not, none forgotten."""
    there = {path.name for path in Path(config.docs_dir).glob("*.md")} | GENERATED
    named: set[str] = set()
    nav = [_kept(entry, there, named) for entry in config.nav or ()]
    rest = sorted(there - named)
    config.nav = [entry for entry in nav if entry] + ([{"More": rest}] if rest else [])
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that the code writes, as if they stood in docs/."""
    for name, text in generated_pages().items():
        if (written := files.get_file_from_path(name)) is not None:
            files.remove(written)
        files.append(File.generated(config, name, content=text))
    return files


def on_page_markdown(markdown: str, **_more: Any) -> str:
    """Let a block of code within a step belong to it: here only one that is indented can."""
    return _WITHIN.sub(_as_indented, markdown)


def _as_indented(block: re.Match[str]) -> str:
    lines = (line.removeprefix(block[1]).replace("\t", _TAB) for line in block[2].splitlines())
    return "\n".join(f"{' ' * 8}{line}" if line else "" for line in lines)


def on_page_content(html: str, **_more: Any) -> str:
    """Let a wide table be scrolled by itself, by keyboard too."""
    return _TABLE.sub(lambda table: f"{_ALONE}{table.group()}</div>", html).replace(_TAB, "\t")


def _kept(entry: Any, there: set[str], named: set[str]) -> Any:
    """An entry without the pages that are not there; None where nothing of it is left."""
    if isinstance(entry, dict):
        ((title, inside),) = entry.items()
        kept = _kept(inside, there, named)
        return {title: kept} if kept else None
    if isinstance(entry, list):
        return [kept for one in entry if (kept := _kept(one, there, named))]
    named.add(entry)
    return entry if entry in there or "/" in entry else None
