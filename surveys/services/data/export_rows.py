"""The respondents of a study as rows of an export, read a few hundred at a time."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from django.db.models import Q, QuerySet

from surveys.exports import Answered, ExportChoice, ExportContent, ExportItem, ExportRow
from surveys.exports.content import MODELS, PEOPLE, SIMULATED
from surveys.instrument_files import stored_flow
from surveys.models import (
    Administration,
    Answer,
    AttentionCheck,
    Block,
    Kind,
    Respondent,
    RespondentGroup,
    Study,
)
from surveys.models.administrations import stored_in
from surveys.paradata.visits import Visit
from surveys.questions import number_format
from surveys.selectors import (
    Target,
    asked_items,
    block_version,
    codebook_rows,
    stated_facts,
    study_blocks,
    study_content,
    study_groups,
    version_formats,
    version_options,
)
from surveys.services.flagging.looking import SeenFlag, flags_by_person
from surveys.services.flagging.passages import visits_of

BATCH = 500
# What an administration that is exported ended as, or did not; the others hold no answers.
_STATUSES = ("completed", "stopped", "in_progress")
_ANSWER = (
    *("administration_id", "item_id", "attention_check_id"),
    *("value", "number", "text", "missing_reason", "position", "elapsed_ms", "revision"),
)
_FIELDS = (
    *("pk", "respondent_id", "status", "language", "scale_direction", "started_at", "ended_at"),
    *("condition", "screened_by"),
    *("respondent__group_id", "respondent__kind", "respondent__simulated"),
    *("respondent__demographics", "respondent__sampling", "respondent__design"),
    *("respondent__matched_to_id", "respondent__recruiter_id"),
    *("respondent__wave", "respondent__link__pseudonym"),
)
IMPORTED = "import"
SCREENED_BY = "screened_by"
PSEUDONYM = "pseudonym"


def export_content(study: Study, groups: Sequence[RespondentGroup]) -> ExportContent:
    """What is said of the study and its questions beside the data."""
    facts = {key: str(told) for key, told in stated_facts(study).items() if isinstance(told, str)}
    sources = study.imported_files.order_by("pk")
    language = study.default_language
    return ExportContent(
        slug=study.slug,
        title=study.title(),
        version=study.version,
        checksum=study.checksum,
        languages=tuple(study.languages),
        language=language,
        items=tuple(_items(study)),
        demographics={
            one["key"]: one["label"].get(language, one["key"]) for one in study.demographics
        },
        groups={group.key: (group.label, group.provenance) for group in groups},
        licence="; ".join(dict.fromkeys(one.licence for one in sources)),
        citation="; ".join(dict.fromkeys(one.citation for one in sources)),
        facts=facts,
        conditions=_conditions(study, language),
    )


def _conditions(study: Study, language: str) -> dict[str, str]:
    """Column -> what it is, of each condition; with conditions or screenings, who was screened."""
    flow = stored_flow(study.flow)
    levels = {
        one.key: "; ".join(f"{level.key}: {level.label[language]}" for level in one.levels)
        for one in flow.conditions
    }
    columns = {
        _condition_column(key): f"Condition that the respondent was assigned to ({words})"
        for key, words in levels.items()
    }
    if study.waves.exists():
        columns[PSEUDONYM] = "What the person is called in all waves; empty in a copy for others"
    ended = "Screening of the study that ended the questionnaire, if one did"
    return {**columns, **({SCREENED_BY: ended} if flow.screening else {})}


def _condition_column(key: str) -> str:
    """What the column of a condition is called in every file."""
    return f"condition_{key}"


def chosen_groups(study: Study, choice: ExportChoice) -> list[RespondentGroup]:
    """The groups that are wanted, in the order of the study."""
    return [
        group for group in study_groups(study) if not choice.groups or group.key in choice.groups
    ]


def study_waves(study: Study) -> list[str]:
    """The waves in which people of the study were asked, here or elsewhere."""
    people = Respondent.objects.filter(study=study, kind=Kind.HUMAN)
    elsewhere = people.filter(sampling__has_key="wave").values_list("sampling__wave", flat=True)
    here = people.exclude(wave=0).order_by().values_list("wave", flat=True).distinct()
    return sorted({*elsewhere, *map(str, here)})


def export_rows(
    study: Study, groups: Sequence[RespondentGroup], choice: ExportChoice
) -> Iterator[ExportRow]:
    """Every respondent that may be exported, group by group."""
    refs = _refs(study)
    pseudonyms = _pseudonyms(groups, choice) if choice.share else {}
    for group in groups:
        found = _exported(group, choice).order_by("pk").values_list("pk", flat=True)
        keys = sorted(found, key=lambda pk: pseudonyms.get(pk, pk))
        for start in range(0, len(keys), BATCH):
            beside = _Beside.of(keys[start : start + BATCH]) if choice.paradata else _Beside()
            yield from _batch(group, keys[start : start + BATCH], refs, pseudonyms, beside)


def left_out(
    groups: Sequence[RespondentGroup], choice: ExportChoice
) -> Iterator[tuple[str, str, int]]:
    """Group, reason and number of those who are not exported."""
    for group in groups:
        rows = Administration.objects.filter(respondent__group=group)
        counts = Counter(rows.exclude(status__in=_STATUSES).values_list("status", flat=True))
        never = group.respondents.filter(administration=None).count()
        of_waves = _of_waves(group, choice).count()
        other_wave = rows.filter(status__in=_STATUSES).count() - of_waves
        unshared = of_waves - _exported(group, choice).count()
        counts |= Counter(never_began=never, other_wave=other_wave, no_consent_to_sharing=unshared)
        yield from ((group.key, reason, count) for reason, count in counts.items() if count)


def _exported(group: RespondentGroup, choice: ExportChoice) -> QuerySet[Administration]:
    rows = _of_waves(group, choice)
    if not choice.share or group.kind == Kind.LLM or group.simulated:
        return rows
    # Imported people consented elsewhere: the licence of their file says what may be done.
    covered = Q(respondent__consent__text__sharing=True, respondent__consent__given=True)
    return rows.filter(covered | Q(respondent__recruiter=IMPORTED))


def _of_waves(group: RespondentGroup, choice: ExportChoice) -> QuerySet[Administration]:
    """Waves are people's: sessions of models have none, and stay."""
    rows = Administration.objects.filter(respondent__group=group, status__in=_STATUSES)
    if not choice.waves or group.kind == Kind.LLM:
        return rows
    here = [int(one) for one in choice.waves if one.isdecimal()]
    return rows.filter(
        Q(respondent__sampling__wave__in=choice.waves) | Q(respondent__wave__in=here or [-1])
    )


def _pseudonyms(groups: Sequence[RespondentGroup], choice: ExportChoice) -> dict[int, int]:
    """Administration -> a number that has nothing to do with the order of taking part."""
    keys = [
        (sha256(f"shared:{token}".encode()).digest(), pk)
        for group in groups
        for pk, token in _exported(group, choice).values_list("pk", "token")
    ]
    return {pk: number for number, (_, pk) in enumerate(sorted(keys), start=1)}


@dataclass(frozen=True, slots=True)
class _Beside:
    """How people answered, by administration."""

    visits: Mapping[int, Sequence[Visit]] = field(default_factory=dict)
    flags: Mapping[int, Sequence[SeenFlag]] = field(default_factory=dict)

    @classmethod
    def of(cls, keys: Sequence[int]) -> "_Beside":
        return cls(visits_of(keys), flags_by_person(keys))

    def flags_of(self, key: int) -> list[tuple[str, str, bool]]:
        flags = self.flags.get(key, ())
        return [(one.code, one.said(), one.looked_at is not None) for one in flags]


def _batch(
    group: RespondentGroup,
    keys: Sequence[int],
    refs: Mapping[Target, str],
    pseudonyms: Mapping[int, int],
    beside: _Beside,
) -> Iterator[ExportRow]:
    answers: dict[int, dict[str, Answered]] = defaultdict(dict)
    rows = Answer.objects.filter(administration_id__in=keys).order_by()
    for of, item, check, *rest in rows.values_list(*_ANSWER).iterator(chunk_size=5000):
        answers[of][refs[Target(item, check)]] = Answered(stored_in(*rest[:3]), *rest[3:])
    found = Administration.objects.filter(pk__in=keys).values(*_FIELDS)
    by_key = {row["pk"]: row for row in found}
    people = _matched(by_key, pseudonyms)
    for key in keys:
        row = by_key[key]
        yield ExportRow(
            kind=_kind(group),
            about=_about(group, row, pseudonyms.get(key), people),
            answers=answers[key],
            demographics=row["respondent__demographics"],
            recruiter_id=row["respondent__recruiter_id"],
            visits=beside.visits.get(key, ()),
            flags=beside.flags_of(key),
        )


def _about(
    group: RespondentGroup,
    row: Mapping[str, Any],
    pseudonym: int | None,
    people: Mapping[int, int],
) -> dict[str, object]:
    sampling, design = row["respondent__sampling"], row["respondent__design"]
    matched = row["respondent__matched_to_id"]
    shared = pseudonym is not None
    return {
        "respondent": pseudonym if shared else row["respondent_id"],
        "group": group.key,
        "provenance": group.provenance,
        "status": row["status"],
        "language": row["language"],
        "scale_direction": row["scale_direction"],
        "matched_to": people.get(matched) if shared else matched,
        # Which persona or person a cluster is called after is nobody else's business.
        "cluster": None if shared else design.get("cluster"),
        "sampling_weight": sampling.get("weight"),
        "sampling_cluster": sampling.get("cluster"),
        "sampling_stratum": sampling.get("stratum"),
        "wave": str(row["respondent__wave"] or "") or sampling.get("wave"),
        "version": sampling.get("version"),
        "answered_at": sampling.get("time"),
        "started_at": _moment(row["started_at"]),
        "ended_at": _moment(row["ended_at"]),
        **{_condition_column(key): level for key, level in row["condition"].items()},
        SCREENED_BY: row["screened_by"] or None,
        PSEUDONYM: None if shared else row["respondent__link__pseudonym"] or None,
    }


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else None


def _matched(rows: Mapping[int, Any], pseudonyms: Mapping[int, int]) -> dict[int, int]:
    """Respondent -> pseudonym of the people that sessions of these rows were matched to."""
    people = {row["respondent__matched_to_id"] for row in rows.values()} - {None}
    if not pseudonyms or not people:
        return {}
    found = Administration.objects.filter(respondent_id__in=people)
    keys = found.values_list("respondent_id", "pk")
    return {person: pseudonyms[pk] for person, pk in keys if pk in pseudonyms}


def _kind(group: RespondentGroup) -> str:
    if group.kind == Kind.LLM:
        return MODELS
    return SIMULATED if group.simulated else PEOPLE


def _refs(study: Study) -> dict[Target, str]:
    return {
        target: ref
        for language in study.languages
        for ref, target in study_content(study, language).targets.items()
    }


def _items(study: Study) -> Iterator[ExportItem]:
    blocks = study_blocks(study)
    words: dict[str, dict[str, str]] = defaultdict(dict)
    for language in study.languages:
        for row in codebook_rows(blocks, language):
            words[row["ref"]][language] = row["text"]
    options, numbers = _options(blocks), _numbers(blocks)
    versions = {block.key: block_version(block, study.default_language) for block in blocks}
    for row in codebook_rows(blocks, study.default_language):
        shown = versions[row["block"]]
        yield ExportItem(
            ref=row["ref"],
            question="item",
            block=row["block"],
            instrument=shown.instrument.slug,
            version=shown.version,
            construct=row["construct"],
            facet=row["facet"],
            reverse_keyed=row["reverse_keyed"],
            textual=not row["scored"],
            minimum=row["minimum"],
            maximum=row["maximum"],
            texts=words[row["ref"]],
            options=options[row["ref"]],
            number=row["ref"] in numbers,
        )
    yield from _checks(study)


def _numbers(blocks: Sequence[Block]) -> set[str]:
    """Refs that are answered by a number."""
    return {
        f"{block.key}.{item.key}"
        for block in blocks
        for version in block.versions.all()
        for item in asked_items(version)
        if number_format(version_formats(version)[item.response_scale_id]) is not None
    }


def _options(blocks: Sequence[Block]) -> Mapping[str, dict[str, Sequence[tuple[int, str]]]]:
    """Ref -> language -> what its values mean."""
    found: dict[str, dict[str, Sequence[tuple[int, str]]]] = defaultdict(dict)
    for block in blocks:
        for version in block.versions.all():
            options, formats = version_options(version), version_formats(version)
            for item in asked_items(version):
                scale = item.response_scale_id
                shown = options[scale] or formats[scale].codes
                found[f"{block.key}.{item.key}"][version.language] = shown
    return found


def _checks(study: Study) -> Iterator[ExportItem]:
    by_key: dict[str, list[AttentionCheck]] = defaultdict(list)
    rows = study.attention_checks.select_related("block", "response_scale")
    for check in rows.prefetch_related("response_scale__options").order_by("pk"):
        by_key[check.key].append(check)
    for key, checks in by_key.items():
        yield ExportItem(
            ref=f"check.{key}",
            question="attention_check",
            block=checks[0].block.key,
            instrument="",
            version="",
            construct="",
            facet="",
            reverse_keyed=False,
            textual=False,
            minimum=None,
            maximum=None,
            texts={one.language: one.text for one in checks},
            options={
                one.language: tuple(
                    (option.value, option.label) for option in one.response_scale.options.all()
                )
                for one in checks
            },
        )
