"""Make instruments of a questionnaire that another program wrote."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from surveys.codes import Problem
from surveys.errors import Refused, StudyError
from surveys.instrument_files.errors import FileMistake
from surveys.management.base import Made, SteeringCommand, add_owner_argument, owner_named
from surveys.questionnaire_files.errors import QuestionnaireFileError
from surveys.questionnaire_files.made.instruments import Import
from surveys.questionnaire_files.made.report import import_json, import_lines
from surveys.questionnaire_files.made.said import NO_ITEM, Said, keys_of
from surveys.services.audit import Actor
from surveys.services.importing.questionnaires import (
    LoadedImport,
    import_files,
    load_import,
    read_import,
    said_keys,
)


class Command(SteeringCommand):
    help = (
        "Read a questionnaire of LimeSurvey (.lss, .lsg, .txt), Qualtrics (.qsf), REDCap "
        "(dictionary), SurveyJS (JSON) or an item table (CSV, XLSX), and list what can be kept and "
        "what cannot. Nothing is written without --out or --load."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--out", type=Path, metavar="DIR", help="Write TOML files into it.")
        parser.add_argument("--load", action="store_true", help="Publish the instruments.")
        parser.add_argument(
            "--study", action="store_true", help="With --load: make the draft of a study, too."
        )
        parser.add_argument(
            "--reverse",
            metavar="KEY,KEY",
            help="Which items are reverse-keyed, or 'none'. It is never taken from the file.",
        )
        parser.add_argument("--language", default="", help="Where the file does not say it.")
        parser.add_argument(
            "--options",
            default="",
            help="What can be answered, where the file does not say it: '1 = No | 2 = Yes', "
            "'0-10', or the name of a scale such as agreement-5.",
        )
        parser.add_argument("--name", default="", help="What slugs begin with (default: the file).")
        parser.add_argument("--licence", default="", help="The terms of use of the words.")
        parser.add_argument("--citation", default="", help="The published work.")
        add_owner_argument(parser)

    def perform(
        self,
        *,
        file: str,
        out: Path | None,
        load: bool,
        study: bool,
        reverse: str | None,
        owner: str | None,
        by: Actor,
        **options: Any,
    ) -> Made:
        words = {name: options[name] for name in ("language", "options", "name", "licence")}
        said = Said(
            **words,
            citation=options["citation"],
            reverse=None if reverse is None else keys_of(reverse),
        )
        made = read_import(name=Path(file).name, content=_content(file), said=said)
        keys = said_keys(made=made, said=said)
        written = _written(out, import_files(made=made, said=said)) if out else []
        loaded = None
        if load:
            owned_by = owner_named(owner)
            loaded = load_import(made=made, said=said, with_study=study, owner=owned_by, by=by)
        following = _next(file, made, keys is None, written, loaded)
        facts = {
            "file": file,
            **import_json(made, keys),
            "written": written,
            "loaded": [str(one) for one in loaded.versions] if loaded else [],
            "draft": loaded.study.slug if loaded and loaded.study else None,
            "next": following,
        }
        lines = [
            *import_lines(made),
            *(f"written: {path}" for path in written),
            *(f"published: {one}" for one in facts["loaded"]),
            *([f"draft: {facts['draft']}"] if facts["draft"] else []),
            f"Next: {following}",
        ]
        return Made(lines, facts)


def _content(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except FileNotFoundError:
        problem = Problem("file", FileMistake.FILE_MISSING)
    except OSError as error:
        problem = Problem("file", FileMistake.FILE_UNREADABLE, {"reason": error.strerror})
    raise QuestionnaireFileError(file, problem)


def _written(folder: Path, files: dict[str, str]) -> list[str]:
    """Write the files; one that somebody changed by hand is not replaced."""
    for name, text in files.items():
        path = folder / name
        if path.exists() and path.read_text(encoding="utf-8") != text:
            raise StudyError(Refused.FILE_EXISTS, file=str(path))
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [str(folder / name) for name in files]


def _next(
    file: str, made: Import, unsaid: bool, written: list[str], loaded: LoadedImport | None
) -> str:
    if not made.instruments:
        return "change what is left out in the other program, and import it again"
    if loaded and loaded.study:
        slug = loaded.study.slug
        return (
            f"manage.py export_study {slug} --out {slug}.toml, write consent and contact into it, "
            f"then manage.py load_study {slug}.toml"
        )
    if loaded:
        return "name the instruments in the blocks of a study, then manage.py load_study"
    if written:
        first = "write reverse_keyed into the files, then " if unsaid else ""
        return f"{first}manage.py load_study {written[-1]}"
    claimed = [key for one in made.instruments for key in one.claimed]
    keys = ",".join(claimed) or NO_ITEM
    return f"say which items are reversed: import_instrument {file} --reverse {keys} --out DIR"
