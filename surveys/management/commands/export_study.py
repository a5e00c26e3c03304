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
    instrument_values,
    load_instrument,
    study_values,
    to_toml,
)
from surveys.management.base import Made, UseCaseCommand
from surveys.models import Study
from surveys.services.definitions import published_instruments, study_definition


class Command(UseCaseCommand):
    help = (
        "Print a study as TOML. With --out it is written to a file, and each of its instruments "
        "beside it, as SLUG-VERSION.toml: load_study reads them back to the same study."
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
        files = {out.parent / f"{one.slug}-{one.version}.toml": one for one in instruments}
        for path, instrument in files.items():
            _require_free(path, instrument)
        out.write_text(text, encoding="utf-8")
        for path, instrument in files.items():
            path.write_text(to_toml(instrument_values(instrument)), encoding="utf-8")
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


def _require_free(path: Path, instrument: InstrumentDefinition) -> None:
    """A file that somebody wrote by hand is not replaced, unless it says the same."""
    if not path.exists():
        return
    try:
        same = load_instrument(path) == instrument
    except InstrumentFileError:
        same = False
    if not same:
        raise StudyError(Refused.FILE_EXISTS, file=str(path))
