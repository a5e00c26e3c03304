"""docs/ becomes pages that the product serves at /help/.

`build` writes beside the place and then takes it in one step, so that whoever reads meanwhile
finds the old site or the new one.
"""

import logging
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from surveys.codes import SentenceCode
from surveys.codes import marked as _
from surveys.errors import CounterpartError

HERE = Path(__file__).parent
CONFIGURATION = HERE / "mkdocs.yml"
INDEX = "search/search_index.json"
# What pages are made of: words, theme, and the modules that generated pages read.
_SOURCES = ("docs", "config", "surveys", "llm_respondents", "analysis")
_KINDS = {".md", ".html", ".yml", ".py", ".png", ".svg", ".webp"}


class HelpRefused(SentenceCode):
    """Why the help site is not built."""

    FAULTY = "help_faulty", _("The help site has mistakes (%(count)s): %(mistakes)s")
    NOT_WRITABLE = (
        "help_not_writable",
        _("%(place)s cannot be written (%(reason)s); set HELP_DIR to a folder that can."),
    )


class HelpError(CounterpartError):
    """The help site cannot be built."""

    def __init__(self, refused: HelpRefused, **arguments: object) -> None:
        super().__init__(refused.sentence % arguments, code=refused.value)


def place() -> Path:
    """Where the built site stands."""
    return Path(settings.HELP_DIR)


def is_current() -> bool:
    """Whether a site is there that is not older than what it is made of."""
    built = place() / INDEX
    if not built.exists():
        return False
    moment = built.stat().st_mtime
    return all(source.stat().st_mtime <= moment for source in _sources())


def build(*, strict: bool = False) -> int:
    """Build the site and return its number of pages.

    With `strict` a link that leads nowhere is a mistake. Raises `HelpError`.
    """
    target = place()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise HelpError(
            HelpRefused.NOT_WRITABLE, place=target.parent, reason=error.strerror
        ) from error
    try:
        mistakes = _build_into(fresh)
        if strict and mistakes:
            raise HelpError(HelpRefused.FAULTY, count=len(mistakes), mistakes="; ".join(mistakes))
        _take(fresh, target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return sum(1 for _page in target.rglob("index.html"))


def _build_into(fresh: Path) -> list[str]:
    """Let MkDocs build there; return what it warns of."""
    # Loaded here: nobody who serves pages needs it.
    from mkdocs.commands.build import build as build_site
    from mkdocs.config import load_config

    heard = _Warnings()
    logger = logging.getLogger("mkdocs")
    logger.addHandler(heard)
    logger.propagate, spoke = False, logger.propagate
    try:
        build_site(load_config(str(CONFIGURATION), site_dir=str(fresh)))
    finally:
        logger.propagate = spoke
        logger.removeHandler(heard)
    return heard.said


class _Warnings(logging.Handler):
    """Keeps what is warned of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one warning."""
        self.said.append(record.getMessage())


def _take(fresh: Path, target: Path) -> None:
    """Put the new site in the place of the old one."""
    fresh.chmod(0o755)
    former = fresh.with_name(f"{fresh.name}-former")
    with suppress(FileNotFoundError):
        target.rename(former)
    # Where another process has put its own there in this moment, that one is as good.
    with suppress(OSError):
        fresh.rename(target)
    shutil.rmtree(former, ignore_errors=True)


def _sources() -> Iterator[Path]:
    base = Path(settings.BASE_DIR)
    yield base / "CHANGELOG.md"
    for folder in _SOURCES:
        for path in (base / folder).rglob("*"):
            if path.suffix in _KINDS and "migrations" not in path.parts:
                yield path
