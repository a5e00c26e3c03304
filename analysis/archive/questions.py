"""The questions of a study: what an archive says of each, and how it reads an answer to one."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.archive.content import CodebookEntry
from analysis.plans.files import item_name
from analysis.runs.answers import Session, oriented_answer
from analysis.runs.snapshot import StudySnapshot
from surveys.models import AttentionCheck
from surveys.models.administrations import ScaleDirection
from surveys.questions import AnswerFormat, Stored
from surveys.selectors import asked_items, version_formats, version_options


@dataclass(frozen=True, slots=True)
class Question:
    """What an answer's row points at: kind, ref, place in its block, and how to orient it.

    `values` are those of its options, as the scale runs forward.
    """

    kind: str
    ref: str
    position: int | None
    values: Sequence[int]
    keying: Mapping[str, Any] | None

    def code(self, value: int | None, session: Session) -> int | None:
        """The place on display; None where that is not known."""
        if value is None or session.imported or not self.values:
            return None
        turned = session.scale_direction == ScaleDirection.REVERSED
        shown = tuple(reversed(self.values)) if turned else self.values
        return shown.index(value) + 1

    def oriented(self, value: Stored | None) -> float | None:
        """The value after reverse-keying; None of what is not scored."""
        if value is None or isinstance(value, str) or not (self.keying and self.keying["scored"]):
            return None
        return oriented_answer(value, self.keying)


def questions(snapshot: StudySnapshot) -> tuple[dict[int, Question], dict[int, Question]]:
    """Items and attention checks, each by the key of its row."""
    keying = {row["ref"]: row for row in snapshot.codebook()}
    refs = snapshot.refs()
    scales = _scales(snapshot)
    items = {
        item.pk: Question(
            "item",
            refs[item.pk],
            item.position,
            _values(scales[item.response_scale_id]),
            keying[refs[item.pk]],
        )
        for block in snapshot.blocks
        for version in block.versions.all()
        for item in asked_items(version)
    }
    checks = {
        check.pk: Question(
            "attention_check",
            f"check.{check.key}",
            None,
            _values(scales[check.response_scale_id]),
            None,
        )
        for check in snapshot.checks
    }
    return items, checks


def _scales(snapshot: StudySnapshot) -> dict[int, Sequence[tuple[int, str]]]:
    """Response scale -> its options, of every version of every block."""
    return {
        scale: options
        for block in snapshot.blocks
        for version in block.versions.all()
        for scale, options in version_options(version).items()
    }


def _values(options: Sequence[tuple[int, str]]) -> tuple[int, ...]:
    return tuple(value for value, _ in options)


def codebook_entries(snapshot: StudySnapshot) -> list[CodebookEntry]:
    """What is asked: the items in the order of the study, then the attention checks."""
    texts = {
        language: {row["ref"]: row["text"] for row in snapshot.codebook(language)}
        for language in snapshot.study.languages
    }
    shown = {block.key: snapshot.shown(block) for block in snapshot.blocks}
    options = _options(snapshot)
    items = [
        CodebookEntry(
            variable=item_name(row["ref"]),
            ref=row["ref"],
            question="item",
            block=row["block"],
            instrument=shown[row["block"]].instrument.slug,
            version=shown[row["block"]].version,
            construct=row["construct"],
            facet=row["facet"],
            reverse_keyed=row["reverse_keyed"],
            minimum=row["minimum"],
            maximum=row["maximum"],
            texts={language: texts[language][row["ref"]] for language in texts},
            options=options[row["ref"]],
            kind=row["kind"],
        )
        for row in snapshot.codebook()
    ]
    return [*items, *_checks(snapshot)]


def _checks(snapshot: StudySnapshot) -> list[CodebookEntry]:
    """Attention checks, each in all its languages; they are answered and never scored."""
    scales = _scales(snapshot)
    by_key: dict[str, list[AttentionCheck]] = defaultdict(list)
    for check in snapshot.checks:
        by_key[check.key].append(check)
    return [
        CodebookEntry(
            variable=item_name(f"check.{key}"),
            ref=f"check.{key}",
            question="attention_check",
            block=rows[0].block.key,
            instrument="",
            version="",
            construct="",
            facet="",
            reverse_keyed=False,
            minimum=None,
            maximum=None,
            texts={row.language: row.text for row in rows},
            options={row.language: scales[row.response_scale_id] for row in rows},
        )
        for key, rows in by_key.items()
    ]


def _options(snapshot: StudySnapshot) -> dict[str, dict[str, Sequence[tuple[int | str, str]]]]:
    """Ref -> language -> what its values mean, and behind them the answers that are not scored."""
    refs = snapshot.refs()
    found: dict[str, dict[str, Sequence[tuple[int | str, str]]]] = defaultdict(dict)
    for block in snapshot.blocks:
        for version in block.versions.all():
            options, formats = version_options(version), version_formats(version)
            for item in asked_items(version):
                scale = item.response_scale_id
                found[refs[item.pk]][version.language] = (
                    *(options[scale] or formats[scale].codes),
                    *_unscored(formats[scale]),
                )
    return found


def _unscored(answered: AnswerFormat) -> Iterator[tuple[int | str, str]]:
    """The code that the instrument declares, else the missing reason."""
    for one in answered.unscored:
        yield one.reason if one.code is None else one.code, str(one.label)
