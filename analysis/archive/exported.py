"""Transcripts of panels, asked for by the name of a command: whoever runs models exports them."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.management import call_command, get_commands

from analysis.archive.content import Transcripts
from analysis.archive.files.transcripts import public_transcripts
from surveys.models import Study

COMMAND = "export_transcripts"
ABSENT = "Transcripts of model sessions: this installation does not export them."
REDACTED = (
    "The personas that models spoke as, and the system messages that contain them: transcripts are "
    "redacted."
)


def transcripts_of(
    study: Study,
    models: Sequence[str],
    groups: Mapping[int, str],
    pseudonyms: Mapping[int, str],
    *,
    redact: bool,
) -> Transcripts:
    """What the `models` (keys of groups) were asked and replied, under pseudonyms.

    `groups` maps a respondent to the group. A group that was not conducted here, such as an
    imported one, has no transcripts.
    """
    if COMMAND not in get_commands():
        return Transcripts(note=ABSENT)
    found = public_transcripts(_export(study), pseudonyms, groups, redact=redact)
    by_group = {key: found[key] for key in models if key in found}
    lacking = [key for key in models if key not in found]
    notes = [REDACTED] if redact and by_group else []
    if lacking:
        notes.append(f"Transcripts of {', '.join(lacking)}: none are stored.")
    return Transcripts(by_group, " ".join(notes))


def _export(study: Study) -> list[str]:
    """JSON Lines with one call each, of all panels of the study."""
    with TemporaryDirectory() as folder:
        out = Path(folder) / "transcripts.jsonl"
        call_command(COMMAND, study=study.slug, out=out, stdout=io.StringIO())
        # A reply may hold other ends of line than the one between calls.
        return out.read_text(encoding="utf-8").split("\n")
