"""Write the distributions that a panel's sessions stated as a table."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from llm_respondents.readout.collected import collected_shares
from llm_respondents.readout.progress import require_panel_named
from llm_respondents.readout.rereading import StatedShare, stated_shares
from surveys.exports.cells import CsvWriter
from surveys.management.base import Made, UseCaseCommand
from surveys.selectors import study_named


class Command(UseCaseCommand):
    help = "Write how likely sessions said they were to choose each option, as a table (CSV)."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--study", required=True, help="The study's name.")
        parser.add_argument("--group", required=True, help="The panel's group.")
        parser.add_argument("--out", required=True, type=Path, metavar="FILE.csv")

    def perform(self, *, study: str, group: str, out: Path, **_options: Any) -> Made:
        found = study_named(study)
        imported = found.groups.filter(key=group, imported=True).first()
        shares = (
            collected_shares(imported)
            if imported
            else stated_shares(require_panel_named(found, group))
        )
        rows = 0
        out.parent.mkdir(parents=True, exist_ok=True)
        with out.open("w", encoding="utf-8", newline="") as file:
            table = CsvWriter(file)
            table.write(StatedShare._fields)
            for row in shares:
                table.write((*row[:-1], int(row.drawn)))
                rows += 1
        following = "read it beside the exported answers: `session` and `ref` say whose share it is"
        return Made([f"{rows} shares in {out}"], {"shares": rows, "file": str(out)}, following)
