"""A study and its instruments as plain JSON, complete enough to run them again elsewhere."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from analysis.runs.snapshot import StudySnapshot
from surveys.services.authoring.media import contents_of, media_of
from surveys.services.definitions import instrument_definition

# Settings that could lead to a person or let a stranger in: a seed can be made of a recruiter's id.
PRIVATE = ("seed", "token", "secret", "password", "key", "code", "url", "redirect")


def instrument_files(snapshot: StudySnapshot) -> dict[str, dict[str, Any]]:
    """ "slug-version" -> the version in each language of the study, with its checksum.

    The content of a language is what was hashed when it was published: anyone can check that the
    words are the words.
    """
    files: dict[str, dict[str, Any]] = {}
    for block in snapshot.blocks:
        for version in block.versions.all():
            name = f"{version.instrument.slug}-{version.version}"
            one = files.setdefault(
                name,
                {"slug": version.instrument.slug, "version": version.version, "languages": {}},
            )
            one["languages"][version.language] = {
                "checksum": version.checksum,
                "content": instrument_definition([version]).content(version.language),
            }
    return files


def media_files(snapshot: StudySnapshot) -> dict[str, bytes]:
    """Name -> content of what the instruments show; a file is called after its SHA-256."""
    versions = [version for block in snapshot.blocks for version in block.versions.all()]
    shown = media_of(instrument_definition([version]) for version in versions)
    contents = contents_of({checksum for _name, checksum in shown})
    return {
        f"{checksum}{PurePosixPath(name).suffix}": contents[checksum] for name, checksum in shown
    }


def study_file(snapshot: StudySnapshot) -> dict[str, Any]:
    """Everything that respondents of the study could be shown, but for the instruments' words."""
    study = snapshot.study
    groups = sorted(snapshot.groups, key=lambda group: (group.kind, group.pk))
    return {
        "slug": study.slug,
        "version": study.version,
        "titles": study.titles,
        "languages": study.languages,
        "checksum": study.checksum,
        "opened_at": study.opened_at.date().isoformat() if study.opened_at else None,
        "consent": _consent(snapshot),
        "blocks": _blocks(snapshot),
        "attention_checks": _checks(snapshot),
        "demographics": study.demographics,
        **({"flow": study.flow} if study.flow else {}),
        "settings": public_settings(study.settings),
        "facts": study.facts,
        "groups": [
            {"key": group.key, "label": group.label, "provenance": group.provenance}
            for group in groups
        ],
    }


def public_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that may leave the house, and the names of those that stay."""
    shown: dict[str, Any] = {}
    kept_back = []
    for name, value in settings.items():
        if any(word in name.lower() for word in PRIVATE):
            kept_back.append(name)
        else:
            shown[name] = public_settings(value) if isinstance(value, dict) else value
    return {**shown, "not_published": sorted(kept_back)} if kept_back else shown


def _consent(snapshot: StudySnapshot) -> list[dict[str, str]]:
    names = ("version", "language", "information", "statement", "contact", "checksum")
    return [{name: getattr(text, name) for name in names} for text in snapshot.consent_texts]


def _blocks(snapshot: StudySnapshot) -> list[dict[str, Any]]:
    rows = []
    for block in snapshot.blocks:
        version = snapshot.shown(block)
        rows.append(
            {
                "key": block.key,
                "position": block.position,
                "instrument": version.instrument.slug,
                "version": version.version,
                "items_per_page": block.items_per_page,
                "shuffle": block.shuffle,
            }
        )
    return rows


def _checks(snapshot: StudySnapshot) -> list[dict[str, Any]]:
    return [
        {
            "key": check.key,
            "language": check.language,
            "kind": check.kind,
            "block": check.block.key,
            "after": check.after,
            "text": check.text,
            "expected": check.expected,
        }
        for check in snapshot.checks
    ]
