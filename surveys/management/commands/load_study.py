"""Make or change the draft of one's own study from files."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction

from surveys.codes import Problem
from surveys.instrument_files import InstrumentFileError, people_problems
from surveys.instrument_files.media.beside import folder_of
from surveys.instrument_files.toml_tables import parse_toml, read_text
from surveys.management.base import Made, SteeringCommand, add_owner_argument, owner_named
from surveys.selectors import languages_untold
from surveys.services import (
    Materials,
    SourceFile,
    load_draft,
    publish_instrument,
    read_files,
)
from surveys.services.audit import Actor
from surveys.services.authoring.media import keep_media
from surveys.services.definitions import Readiness, readiness
from surveys.services.drafts import read_packed_files


class Command(SteeringCommand):
    help = (
        "Make a draft of the study in a file, or change the draft of that name. Instruments are "
        "taken from files that are named, from SLUG.toml or SLUG-VERSION.toml beside the study, "
        "from what is published, or from what comes with the program. A zip file that a study's "
        "page gave holds all of it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", metavar="STUDY.toml|STUDY.zip")
        parser.add_argument("instruments", nargs="*", metavar="INSTRUMENT.toml")
        parser.add_argument(
            "--check", action="store_true", help="Say all that is wrong or missing; store nothing."
        )
        add_owner_argument(parser)

    def perform(
        self,
        *,
        file: str,
        instruments: list[str],
        check: bool,
        owner: str | None,
        by: Actor,
        **_options: Any,
    ) -> Made:
        materials = _packed(Path(file)) or _lying(Path(file), instruments)
        if check:
            return _checked(materials, file, by)
        made, created = load_draft(materials=materials, owner=owner_named(owner), by=by)
        ready = readiness(made)
        said = "made" if created else "changed"
        return _made(materials, ready, f"{made.slug} {made.version}: draft {said}", file, created)


def _packed(path: Path) -> Materials | None:
    """What stands in a zip file; None where it is another one."""
    if path.suffix.lower() != ".zip" or not path.is_file():
        return None
    return read_packed_files(content=path.read_bytes(), name=path.name)


def _lying(path: Path, instruments: Sequence[str]) -> Materials:
    study = SourceFile(path.name, read_text(path))
    named = [source_file(Path(one)) for one in instruments]
    return read_files(study=study, instruments=[*named, *beside(path, study, named)])


def source_file(path: Path) -> SourceFile:
    """A file with the pictures, sounds and videos that lie beside it."""
    return SourceFile(path.name, read_text(path), folder_of(path))


def beside(path: Path, study: SourceFile, named: list[SourceFile]) -> list[SourceFile]:
    """The files beside the study that hold instruments it names and no named file holds."""
    rows = parse_toml(study.text, file=study.name).get("blocks")
    wanted = [
        (row["instrument"], row["version"])
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, Mapping)
        and isinstance(row.get("instrument"), str)
        and isinstance(row.get("version"), str)
    ]
    have = {_name_in(file) for file in named}
    found = {}
    for slug, version in wanted:
        for name in (f"{slug}.toml", f"{slug}-{version}.toml"):
            there = path.parent / name
            # A study can bear the name of its only instrument.
            if (slug, version) in have or not there.is_file() or there.samefile(path):
                continue
            file = source_file(there)
            # One that cannot be read is handed on, so that its mistakes are said.
            if _name_in(file) in (None, (slug, version)):
                found[name] = file
    return list(found.values())


def _name_in(file: SourceFile) -> tuple[str, str] | None:
    try:
        values = parse_toml(file.text, file=file.name)
    except InstrumentFileError:
        return None
    slug, version = values.get("slug"), values.get("version")
    return (slug, version) if isinstance(slug, str) and isinstance(version, str) else None


@transaction.atomic
def _checked(materials: Materials, file: str, by: Actor) -> Made:
    keep_media(files=materials.media, by=by)
    for instrument in materials.instruments:
        publish_instrument(definition=instrument, by=by)
    transaction.set_rollback(True)
    study = materials.definition
    ready = Readiness(materials.lacking, people_problems(study, languages_untold(study)))
    return _made(materials, ready, f"{study.slug} {study.version}: can be loaded", file, None)


def _made(
    materials: Materials, ready: Readiness, said: str, file: str, created: bool | None
) -> Made:
    slug = materials.definition.slug
    following = _next(slug, file, ready, checked=created is None)
    lines = [
        said,
        *(f"  instrument {one.slug} {one.version}" for one in materials.instruments),
        *_missing("missing", ready.lacking),
        *_missing("before real people are asked", ready.people),
        f"Next: {following}",
    ]
    facts = {
        "study": slug,
        "stored": created is not None,
        "created": created,
        "instruments": [f"{one.slug} {one.version}" for one in materials.instruments],
        "lacking": [problem.as_json() for problem in ready.lacking],
        "people": [problem.as_json() for problem in ready.people],
        "next": following,
    }
    return Made(lines, facts)


def _missing(what: str, problems: tuple[Problem, ...]) -> Iterator[str]:
    for problem in problems:
        yield f"  {what}: {problem.where}: {problem.message}"


def _next(slug: str, file: str, ready: Readiness, *, checked: bool) -> str:
    if ready.lacking:
        return f"write what is missing, then manage.py load_study {file}"
    if checked:
        return f"manage.py load_study {file}"
    if ready.people:
        return f"fill it in and load it again; or rehearse: manage.py open_study {slug} --simulated"
    return f"manage.py open_study {slug}"
