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
from surveys.services.authoring.packing import instruments_of, packed_study
from surveys.services.definitions import study_definition


class Command(UseCaseCommand):
    help = (
        "Print a study as TOML. With --out it is written to a file, and each of its instruments "
        "beside it, as SLUG-VERSION.toml, with the pictures, sounds and videos that they show; "
        "a name that ends in .zip makes one file of it all. "
        "load_study reads either back to the same study."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("study", metavar="STUDY", help="The slug; also of a bundled study.")
        parser.add_argument("--out", type=Path, metavar="FILE.toml|FILE.zip")

    def perform(self, *, study: str, out: Path | None, **_options: Any) -> Made:
        definition, instruments = _definitions(study)
        text = to_toml(study_values(definition))
        facts = {"study": definition.slug, "content": study_values(definition), "files": []}
        if out is None:
            return Made([text.rstrip("\n")], facts)
        if out.suffix.lower() == ".zip":
            _require_free(out, content := packed_study(definition, instruments))
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_bytes(content)
            written = [str(out)]
        else:
            written = _lay_out(out, text, instruments)
        following = f"manage.py load_study {out}"
        return Made(
            [*written, f"Next: change {out} and load it: {following}"],
            {**facts, "files": written, "next": following},
        )


def _definitions(slug: str) -> tuple[StudyDefinition, list[InstrumentDefinition]]:
    study = Study.objects.filter(slug=slug).first()
    if study:
        definition = study_definition(study)
        return definition, instruments_of(definition)
    definition = bundled_study(slug)
    named = {(block.instrument, block.version) for block in definition.blocks}
    return definition, [one for one in bundled_instruments() if (one.slug, one.version) in named]


def _lay_out(out: Path, text: str, instruments: list[InstrumentDefinition]) -> list[str]:
    files = {out.parent / name: content for name, content in study_files(instruments)}
    for path, content in files.items():
        _require_free(path, content)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text, encoding="utf-8")
    for path, content in files.items():
        path.write_bytes(content)
    return [str(path) for path in (out, *files)]


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
