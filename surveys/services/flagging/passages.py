"""What is stored of people who have ended, as flags and rules of plans go by it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models.functions import Length

from surveys.models import Administration, Answer, MissingReason, Study, Submission
from surveys.paradata.figures import Behaviour, behaviour_of
from surveys.paradata.patterns import Pattern
from surveys.paradata.visits import Visit, stored_visit
from surveys.selectors import codebook_rows, presentation_of, study_blocks, study_content

_VISIT = ("administration_id", "page", "elapsed_ms", "answers", "paradata")


@dataclass(slots=True)
class Answered:
    """The answers of one person: their pattern, texts by question with their lengths, checks."""

    pattern: Pattern = field(default_factory=Pattern)
    texts: dict[str, int] = field(default_factory=dict)


class Book:
    """What the items of a study are, by their rows: ref, scale and key; read once."""

    def __init__(self, study: Study) -> None:
        rows = codebook_rows(study_blocks(study), study.default_language)
        self._rows = {row["ref"]: row for row in rows}
        self._refs = {
            target.item_id: ref
            for language in study.languages
            for ref, target in study_content(study, language).targets.items()
            if target.item_id is not None
        }

    def row(self, item: int) -> Mapping[str, Any] | None:
        """The codebook's row of an item."""
        return self._rows.get(self._refs.get(item, ""))


def visits_of(administrations: Iterable[int] | None, **of: Any) -> dict[int, list[Visit]]:
    """Administration -> the pages that it sent, in order; of all that `of` selects, if None."""
    rows = Submission.objects.filter(page__isnull=False, **of).order_by("pk")
    if administrations is not None:
        rows = rows.filter(administration__in=administrations)
    found: dict[int, list[Visit]] = defaultdict(list)
    for administration, page, elapsed, answers, kept in rows.values_list(*_VISIT).iterator(5000):
        found[administration].append(stored_visit(page, elapsed, answers or 0, kept))
    return found


def answered_by(book: Book, administrations: Collection[int]) -> dict[int, Answered]:
    """Administration -> its answers, in the order in which they were asked."""
    rows = Answer.objects.filter(administration__in=administrations, item__isnull=False)
    read = rows.order_by("administration", "position", "pk").values_list(
        "administration_id", "item_id", "value", "number", "missing_reason", Length("text")
    )
    found: dict[int, Answered] = defaultdict(Answered)
    for administration, item, value, number, reason, length in read.iterator(chunk_size=5000):
        row = book.row(item)
        if row is None or reason == MissingReason.NOT_SHOWN:
            continue
        take_answer(found[administration], row, number if value is None else value, length)
    return found


def take_answer(
    into: Answered, row: Mapping[str, Any], given: float | None, length: int | None
) -> None:
    """Take one answer, of the codebook's `row`, into the answers of its person."""
    if length:
        into.texts[row["question"]] = length
    if not row["scored"]:
        return
    if given is None:
        into.pattern.pass_over()
        return
    scale = (row["block"], row["minimum"], row["maximum"])
    into.pattern.take(row["ref"], scale, given, reverse_keyed=row["reverse_keyed"])


def behaviour(
    administration: Administration, visits: Iterable[Visit], texts: Mapping[str, int]
) -> Behaviour:
    """How one person went through the pages."""
    pages: dict[str, int] = {}
    if texts and administration.realised_order:
        pages = {
            question.ref: page.number
            for page in presentation_of(administration).pages
            for question in page.questions
        }
    return behaviour_of(list(visits), texts, pages)
