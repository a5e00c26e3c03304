"""What MkDocs is told beside its configuration: pages that the code writes, tables that scroll."""

import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from config.help.generated import GENERATED, generated_pages

_TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)
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


def on_page_content(html: str, **_more: Any) -> str:
    """Let a wide table be scrolled by itself, by keyboard too."""
    return _TABLE.sub(lambda table: f"{_ALONE}{table.group()}</div>", html)


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
