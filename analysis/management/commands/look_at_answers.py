"""What the answers of a study look like before any path is estimated."""

from typing import Any

from django.core.management.base import CommandParser

from analysis.compare.json_codec import to_plain
from analysis.quality.remarks import remarks_on
from analysis.quality.services import Looked, look_at_study
from surveys.codes import said
from surveys.management.base import Made, UseCaseCommand
from surveys.models import RespondentGroup
from surveys.selectors import study_groups, study_named


class Command(UseCaseCommand):
    help = (
        "Missing answers, straight lines, constant items and keys, group by group; no plan needed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("study", help="The study's name.")

    def perform(self, *, study: str, **_options: Any) -> Made:
        asked = study_named(study)
        groups = {group.key: group for group in study_groups(asked)}
        found = look_at_study(study=asked)
        following = f"manage.py fit_models {study}, or set groups aside on the study's tab Quality"
        return Made(lines_of(found, groups), to_plain(found), following)


def lines_of(found: Looked, groups: dict[str, RespondentGroup]) -> list[str]:
    """A line for each group, one for each remark, and what the plan would leave out."""
    lines = [
        f"{groups[one.key].label} ({groups[one.key].provenance}): {one.n} ended, {one.open} under "
        f"way, {100 * one.missing_share:.1f} % missing, {one.straight_lines} straight lines, "
        f"{len(one.constant)} constant items"
        for one in found.look.groups
    ]
    lines += [
        f"{'!' if one.blocks else '-'} {said(one.code, one.arguments)}"
        for one in remarks_on(found.look, groups)
    ]
    for key, counts in (found.left_out or {}).items():
        rules = ", ".join(f"{rule} {n}" for rule, n in counts.items() if n)
        if rules:
            lines.append(f"Plan {found.plan} would leave out of {groups[key].label}: {rules}.")
    return lines
