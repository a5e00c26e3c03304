"""Transcripts of panels, asked for by the name of a command: whoever runs models exports them."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.management import CommandError, call_command, get_commands

from analysis.archive.content import Transcripts
from analysis.archive.files.transcripts import public_lines
from surveys.models import RespondentGroup

COMMAND = "export_transcripts"
ABSENT = "Transcripts of model sessions: this installation does not export them."
REDACTED = (
    "The personas that models spoke as, and the system messages that contain them: transcripts are "
    "redacted."
)


def transcripts_of(
    groups: Sequence[RespondentGroup], pseudonyms: Mapping[int, str], *, redact: bool
) -> Transcripts:
    """What the models of these groups were asked and replied, under pseudonyms.

    A group that was not conducted here, such as an imported one, has no transcripts.
    """
    if COMMAND not in get_commands():
        return Transcripts(note=ABSENT)
    exported = {group.key: _export(group) for group in groups if group.kind == "llm"}
    by_group = {
        key: "".join(public_lines(text.splitlines(), pseudonyms, redact=redact))
        for key, text in exported.items()
        if text
    }
    lacking = [key for key, text in exported.items() if not text]
    notes = [REDACTED] if redact and by_group else []
    if lacking:
        notes.append(f"Transcripts of {', '.join(lacking)}: none are stored.")
    return Transcripts(by_group, " ".join(notes))


def _export(group: RespondentGroup) -> str:
    """JSON Lines with one call each; empty where the group has none."""
    with TemporaryDirectory() as folder:
        out = Path(folder) / "transcripts.jsonl"
        try:
            call_command(
                COMMAND, study=group.study.slug, group=group.key, out=out, stdout=io.StringIO()
            )
        except CommandError:
            return ""
        return out.read_text(encoding="utf-8") if out.exists() else ""
