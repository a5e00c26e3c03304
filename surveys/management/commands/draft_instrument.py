"""Begin a draft of an instrument from a file: unfinished TOML, or a table of items."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction

from surveys.instrument_files.authoring.draft_tables import finished
from surveys.instrument_files.media.beside import folder_of
from surveys.instrument_files.toml_tables import parse_toml, read_text
from surveys.management.base import Made, SteeringCommand, add_owner_argument, owner_named
from surveys.models import InstrumentDraft
from surveys.services.audit import Actor
from surveys.services.authoring.instrument_drafts import (
    BLANK,
    make_instrument_draft,
    paste_items,
)
from surveys.services.authoring.media import keep_media, tables_with_files


class Command(SteeringCommand):
    help = (
        "Begin a draft of an instrument, to be finished on its page: from a TOML file as far as it "
        "is written, or from a table of items with headings (text, en, de, facet, R, scale)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--slug", default="", help="The instrument's short name (of a table).")
        parser.add_argument(
            "--scale",
            default="agreement-5",
            metavar="NAME",
            help="How the items of a table are answered (default: agreement-5).",
        )
        add_owner_argument(parser)

    @transaction.atomic
    def perform(
        self,
        *,
        file: str,
        slug: str,
        scale: str,
        owner: str | None,
        by: Actor,
        **_options: Any,
    ) -> Made:
        text, owned = read_text(Path(file)), owner_named(owner)
        if Path(file).suffix == ".toml":
            tables = parse_toml(text, file=Path(file).name)
            name, beside = Path(file).name, folder_of(Path(file))
            made = tables_with_files(tables, file=name, file_of=beside)
            keep_media(files=made.files.values(), by=by)
            return _made(make_instrument_draft(tables=made.tables, owner=owned, by=by))
        begun = {**BLANK, **({"slug": slug} if slug else {})}
        draft = make_instrument_draft(tables=begun, owner=owned, by=by)
        return _made(paste_items(draft=draft, text=text, scale=scale, by=by))


def _made(draft: InstrumentDraft) -> Made:
    _definition, problems = finished(draft.tables)
    lines = [
        f"{draft.name}: draft {draft.pk}, {draft.number_of_items} items",
        *(f"  missing: {one.where}: {one.message}" for one in problems),
        f"Next: finish it at /instruments/drafts/{draft.pk}/",
    ]
    facts = {
        "draft": draft.pk,
        "name": draft.name,
        "items": draft.number_of_items,
        "problems": [one.as_json() for one in problems],
    }
    return Made(lines, facts)
