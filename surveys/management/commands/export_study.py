"""Write a study and its instruments as the files that load_study reads."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from surveys.errors import Refused, StudyError
from surveys.instrument_files import (
    InstrumentDefinition,
    InstrumentFileError,
    StudyDefinition,
    bundled_instruments,
    bundled_study,
    study_values,
    to_toml,
)
from surveys.instrument_files.toml_tables import parse_toml
from surveys.management.base import Made, UseCaseCommand
from surveys.models import Study
from surveys.services.authoring.media import study_files
from surveys.services.definitions import published_instruments, study_definition


class Command(UseCaseCommand):
    help = (
        "Print a study as TOML. With --out it is written to a file, and each of its instruments "
        "beside it, as SLUG-VERSION.toml, with the pictures, sounds and videos that they show: "
        "load_study reads them back to the same study."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("study", metavar="STUDY", help="The slug; also of a bundled study.")
        parser.add_argument("--out", type=Path, metavar="FILE.toml")

    def perform(self, *, study: str, out: Path | None, **_options: Any) -> Made:
        definition, instruments = _definitions(study)
        text = to_toml(study_values(definition))
        facts = {"study": definition.slug, "content": study_values(definition), "files": []}
        if out is None:
            return Made([text.rstrip("\n")], facts)
        files = {out.parent / name: content for name, content in study_files(instruments)}
        for path, content in files.items():
            _require_free(path, content)
        out.write_text(text, encoding="utf-8")
        for path, content in files.items():
            path.write_bytes(content)
        written = [str(path) for path in (out, *files)]
        following = f"manage.py load_study {out}"
        return Made(
            [*written, f"Next: change {out} and load it: {following}"],
            {**facts, "files": written, "next": following},
        )


def _definitions(slug: str) -> tuple[StudyDefinition, list[InstrumentDefinition]]:
    study = Study.objects.filter(slug=slug).first()
    definition = study_definition(study) if study else bundled_study(slug)
    named = {(block.instrument, block.version) for block in definition.blocks}
    known = published_instruments({name for name, _ in named}) if study else bundled_instruments()
    return definition, [one for one in known if (one.slug, one.version) in named]


def _require_free(path: Path, content: bytes) -> None:
    """A file that somebody wrote by hand is not replaced, unless it says the same."""
    if path.exists() and not _same(path, content):
        raise StudyError(Refused.FILE_EXISTS, file=str(path))


def _same(path: Path, content: bytes) -> bool:
    there = path.read_bytes()
    if there == content or path.suffix != ".toml":
        return there == content
    try:
        values = [parse_toml(one.decode(), file=path.name) for one in (there, content)]
    except (InstrumentFileError, UnicodeDecodeError):
        return False
    return values[0] == values[1]
