"""The rules that leave respondents out: what each is called, where it ends, and for whom it is."""

from collections.abc import Mapping

from analysis.language import gettext_noop
from analysis.plans.drafts import Exclusions

# The rule that leaves out whose answers ended the questionnaire, and the one that leaves out whom
# a plan's sampling design cannot count.
SCREENED_OUT = "screened_out"
NOT_PLACED = "not_placed"
# In the order in which they are applied: somebody to whom several apply is counted under the first.
RULES: Mapping[str, str] = {
    SCREENED_OUT: gettext_noop("Screened out by their answers"),
    "incomplete": gettext_noop("Did not finish"),
    "attention_checks": gettext_noop("Failed attention checks"),
    "too_fast": gettext_noop("Faster than the time cut-off"),
    NOT_PLACED: gettext_noop("No weight, cluster or stratum recorded"),
    "straight_lining": gettext_noop("One option throughout"),
    "pace": gettext_noop("A page faster than it can be read"),
    "long_run": gettext_noop("One option in a long run"),
    "repeated": gettext_noop("Same answers as an earlier respondent"),
    "traps": gettext_noop("Filled in a field that nobody sees"),
    "pasted": gettext_noop("Pasted texts"),
    "left_page": gettext_noop("Left the pages too often"),
    "proof_of_work": gettext_noop("No valid proof of work"),
}
# Printed with a count of nought where a plan has them; every other rule only where it has.
ALWAYS_PRINTED = ("incomplete", "attention_checks", "too_fast", "straight_lining")
# What only somebody who is shown pages can do.
OF_PAGES = ("too_fast", "pace", "traps", "pasted", "left_page", "proof_of_work")
# What a pattern of answers is, whoever gave them.
OF_PATTERNS = ("straight_lining", "long_run", "repeated")
NOT_APPLIED = gettext_noop("not applied")
NO_PAGES = gettext_noop("not applied: a model is shown no page")
AS_MODELS_DO = gettext_noop("not applied: how a model answers")
NOT_RECORDED = gettext_noop("not applied: nobody's pages recorded it")
NOBODY_TIMED = gettext_noop("not applied: nobody was timed")


# Keys of a plan's exclusions that go by more than a sheet of answers has.
OF_SIGNALS = (
    *("seconds_per_answer", "long_run", "repeated", "traps", "pasted_texts", "times_left"),
    "proof_of_work",
)


def reads_signals(rules: Exclusions) -> bool:
    """Whether a rule goes by more than a sheet of answers has."""
    return any(getattr(rules, name) for name in OF_SIGNALS)


def cutoffs(rules: Exclusions) -> dict[str, str]:
    """Rule -> its bound in words, of those that a plan has and of those that are always printed."""
    written = {
        "attention_checks": _from(rules.attention_checks_failed, "{} or more failed"),
        "too_fast": _from(rules.minimum_seconds, "under {} s"),
        "straight_lining": _from(
            rules.straight_lining and f"{rules.straight_lining:.0%}", "in {} of the scales or more"
        ),
    }
    asked = {
        "pace": rules.seconds_per_answer and f"under {rules.seconds_per_answer:g} s an answer",
        "long_run": rules.long_run and f"{rules.long_run} answers in a row or more",
        "repeated": rules.repeated and "all answers alike, 15 or more of them",
        "traps": rules.traps and "one or more",
        "pasted": rules.pasted_texts and f"{rules.pasted_texts} or more",
        "left_page": rules.times_left and f"{rules.times_left} times or more",
        "proof_of_work": rules.proof_of_work and gettext_noop("absent, wrong or late"),
    }
    return {**written, **{rule: str(words) for rule, words in asked.items() if words}}


def for_models(rules: Exclusions, bounds: Mapping[str, str]) -> dict[str, str]:
    """The same for sessions of models: why a rule does not apply to them, where it does not."""
    apart = dict.fromkeys(OF_PAGES, NO_PAGES)
    if not rules.models_too:
        apart |= dict.fromkeys(OF_PATTERNS, AS_MODELS_DO)
    shown = {rule for rule, words in bounds.items() if words != NOT_APPLIED}
    return {**bounds, **{rule: why for rule, why in apart.items() if rule in shown}}


def _from(bound: object, words: str) -> str:
    return words.format(bound) if bound else NOT_APPLIED
