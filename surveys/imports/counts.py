"""How often each value and each missing reason occurs among answers that are imported."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from surveys.imports.cells.reading import Missing
from surveys.imports.coding import Coded, CodedPerson
from surveys.presentation import Questionnaire
from surveys.presentation.content import entries_of


@dataclass
class AnswerCounts:
    """By question ref, where options are listed by the ref of each: values, reasons, words.

    Texts and days have no values: `words` says how many there are.
    """

    values: dict[str, Counter[int | float]] = field(default_factory=dict)
    missing: dict[str, Counter[str]] = field(default_factory=dict)
    words: Counter[str] = field(default_factory=Counter)

    def add(self, parts: tuple[str, ...], answer: Coded, count: int) -> None:
        """Count an answer to a question that is stored under `parts`."""
        reason = answer.reason if isinstance(answer, Missing) else ""
        stored = answer if isinstance(answer, tuple) else (answer,) * len(parts)
        for part, value in zip(parts, stored, strict=True):
            if reason:
                self.missing[part][reason] += count
            elif isinstance(value, str):
                self.words[part] += count
            elif isinstance(value, int | float):
                self.values[part][value] += count


def counted(
    people: Sequence[CodedPerson], order: Iterable[str], questionnaire: Questionnaire
) -> AnswerCounts:
    """Count what people answered, in the order of their questions."""
    parts = _parts_by_ref(questionnaire)
    counts = AnswerCounts()
    for ref in order:
        for part in parts[ref]:
            counts.values[part], counts.missing[part] = Counter(), Counter()
        for answer, count in Counter(person.answers[ref] for person in people).items():
            counts.add(parts[ref], answer, count)
    return counts


def _parts_by_ref(questionnaire: Questionnaire) -> dict[str, tuple[str, ...]]:
    """Question ref -> what its answer is stored under."""
    entries = (entry for block in questionnaire.blocks for entry in entries_of(block))
    return {entry.ref: getattr(entry, "refs", (entry.ref,)) for entry in entries}
