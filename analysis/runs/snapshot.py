"""A study as one run, report or archive reads it: once, whole, in a fixed number of queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max

from surveys.models import (
    Administration,
    AttentionCheck,
    Block,
    ConsentText,
    ImportedFile,
    InstrumentVersion,
    Kind,
    RecruitingLink,
    RespondentGroup,
    Study,
    Submission,
)
from surveys.selectors import (
    asked_items,
    block_version,
    codebook_rows,
    study_blocks,
    study_groups,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StudySnapshot:
    """What a study asks and of whom; its answers are columns of their own (`AnswerSheet`).

    `blocks` are in the order of the study, with everything of their versions (`study_blocks`);
    `groups` are people, simulated people, then panels. Whoever has a snapshot asks the database
    nothing more about the study.
    """

    study: Study
    blocks: tuple[Block, ...]
    groups: tuple[RespondentGroup, ...]
    checks: tuple[AttentionCheck, ...]
    consent_texts: tuple[ConsentText, ...]
    links: tuple[RecruitingLink, ...]
    imported_files: tuple[ImportedFile, ...]

    @classmethod
    def of(cls, study: Study) -> "StudySnapshot":
        """Read the study: eleven queries, whatever is in it."""
        return cls(
            study=study,
            blocks=tuple(study_blocks(study)),
            groups=tuple(study_groups(study)),
            checks=tuple(
                study.attention_checks.select_related("block").order_by("key", "language")
            ),
            consent_texts=tuple(study.consent_texts.order_by("version", "language")),
            links=tuple(study.links.order_by("pk")),
            imported_files=tuple(
                study.imported_files.filter(respondents="people").order_by("imported_at", "pk")
            ),
        )

    def codebook(self, language: str | None = None) -> list[dict[str, Any]]:
        """One row per item, in the study's first language or in `language`."""
        return codebook_rows(self.blocks, language or self.study.default_language)

    def shown(self, block: Block) -> InstrumentVersion:
        """The version that a block shows in the study's first language."""
        return block_version(block, self.study.default_language)

    def refs(self) -> Mapping[int, str]:
        """Item's row -> its ref, ``block.item``; one item of each language has the same ref."""
        return {
            item.pk: f"{block.key}.{item.key}"
            for block in self.blocks
            for version in block.versions.all()
            for item in asked_items(version)
        }


def data_state(study: Study) -> list[Any]:
    """What changes whenever an answer of people does, in two counts of rows: for what is kept."""
    people = Administration.objects.filter(study=study, group__kind=Kind.HUMAN, group__test=False)
    states = people.order_by("status").values_list("status").annotate(n=Count("pk"))
    written = Submission.objects.filter(administration__study=study).aggregate(n=Max("pk"))
    return [[*map(list, states)], written["n"], study.checksum]
