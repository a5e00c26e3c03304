"""What a plan of a study can name, read from the database."""

from collections.abc import Sequence

from analysis.plans.drafting.checking import Asked
from surveys.models import Kind, RespondentGroup, Study
from surveys.selectors import (
    codebook_rows,
    groups_of_later_waves,
    items_in_blocks,
    person_fields,
    study_groups,
)


def groups_of(study: Study) -> list[RespondentGroup]:
    """The groups of a study; nobody has begun one that was never opened."""
    return [] if study.status == Study.Status.DRAFT else study_groups(study)


def asked_of(study: Study, groups: Sequence[RespondentGroup] | None = None) -> Asked:
    """Everything that a plan of the study is held against; `groups` if they were read already."""
    known = groups_of(study) if groups is None else groups
    return Asked(
        study=study.slug,
        codebook=codebook_rows(items_in_blocks(study), study.default_language),
        demographics=person_fields(study),
        people=[group.key for group in known if group.kind == Kind.HUMAN],
        waves=list(study.waves.order_by("number").values_list("number", flat=True)),
        came_again=groups_of_later_waves(study),
    )
