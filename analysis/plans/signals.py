"""What rules of a plan go by beside answers: how pages were answered, runs, and copies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis.compare.plan import Kind
from analysis.plans.drafts import Exclusions
from analysis.plans.exclusions import reads_signals
from surveys.models import Administration, Study
from surveys.paradata.figures import Behaviour
from surveys.services.flagging.passages import Book, answered_by, behaviour, visits_of

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Signals:
    """Of one respondent. `repeated`: all answers are those of an earlier one of the same group."""

    behaviour: Behaviour
    longest_run: int
    repeated: bool


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose signals are read: by administration, in the order in which they began."""

    administration: int
    group: str
    kind: Kind


def read_signals(
    study: Study, sessions: Sequence[Whose], rules: Exclusions
) -> dict[int, Signals] | None:
    """Administration -> its signals; None where no rule goes by any.

    Sessions of models have some only where the plan leaves them out by patterns too. A handful of
    queries for every 500 respondents.
    """
    if not reads_signals(rules):
        return None
    wanted = [one for one in sessions if one.kind == Kind.HUMAN or rules.models_too]
    book, found, seen = Book(study), dict[int, Signals](), set[tuple[str, str]]()
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        ids = [one.administration for one in part]
        answered, visits = answered_by(book, ids), visits_of(ids)
        of = Administration.objects.select_related("study").in_bulk(ids) if visits else {}
        for one in part:
            pk = one.administration
            pattern, texts = answered[pk].pattern, answered[pk].texts
            key = (one.group, pattern.signature)
            how = behaviour(of[pk], visits[pk], texts) if pk in visits else Behaviour()
            found[pk] = Signals(how, pattern.longest, bool(key[1]) and key in seen)
            seen.add(key)
    return found


def signal_rule(rules: Exclusions, read: Mapping[int, Signals] | None, administration: int) -> str:
    """The first rule that goes by signals and leaves this respondent out; empty for none.

    Nobody is left out by what was not recorded of them.
    """
    signals = (read or {}).get(administration)
    if signals is None:
        return ""
    how = signals.behaviour
    true = {
        "pace": how.fastest is not None and how.fastest < rules.seconds_per_answer,
        "long_run": 0 < rules.long_run <= signals.longest_run,
        "repeated": rules.repeated and signals.repeated,
        "traps": rules.traps and bool(how.traps),
        "pasted": 0 < rules.pasted_texts <= (how.pasted or 0),
        "left_page": 0 < rules.times_left <= (how.left or 0),
        "proof_of_work": rules.proof_of_work and how.work not in (None, "done"),
    }
    return next((rule for rule, applies in true.items() if applies), "")


def is_recorded(rule: str, signals: Signals) -> bool:
    """Whether of one person something is known that a rule of pages goes by."""
    how = signals.behaviour
    told = {
        "pace": how.fastest,
        "traps": how.traps,
        "pasted": how.pasted,
        "left_page": how.left,
        "proof_of_work": how.work,
    }
    return told.get(rule) is not None
