"""What of a look somebody should know before any path is estimated. A remark removes nobody."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from analysis.quality.looks import GroupLook, QualityLook
from surveys.codes import SentenceCode
from surveys.codes import marked as _
from surveys.models import Kind, MissingReason, RespondentGroup
from surveys.templatetags.survey_text import decimal

# Shares from which on something is remarked, 0 to 1.
MANY_LINES = 0.05
MANY_MISSING = 0.05
MANY_CONSTANT = 0.5
# Nunnally & Bernstein 1994 call .70 modest; below .60 a scale hardly measures one thing.
POOR_ALPHA = 0.60
FEWEST_ROWS = 20


class Remark(SentenceCode):
    """What was seen; arguments by name."""

    NEARLY_CONSTANT = (
        "nearly_constant",
        _(
            "%(group)s gives one answer to %(items)s of %(all)s items, whoever it speaks as: "
            "most paths will not be estimable on latent variables."
        ),
    )
    CONSTANT_ITEMS = (
        "constant_items",
        _("%(group)s gives one answer to some items: %(names)s."),
    )
    STRAIGHT_LINES = (
        "straight_lines",
        _("%(group)s: %(lines)s of %(n)s gave one option throughout every scale."),
    )
    RUNS_AGAINST = (
        "runs_against",
        _(
            "%(group)s: %(item)s runs against the rest of %(scale)s (r = %(r)s). "
            "Is its key turned the wrong way round?"
        ),
    )
    POOR_SCALE = (
        "poor_scale",
        _("%(group)s: the items of %(scale)s hardly hang together (alpha %(alpha)s)."),
    )
    REPEATED_ROWS = (
        "repeated_rows",
        _(
            "%(group)s: %(rows)s of %(n)s rows repeat an earlier one answer by answer; "
            "chance would give %(chance)s. Were some entered twice?"
        ),
    )
    FAILED_CHECKS = (
        "failed_checks",
        _("%(group)s: %(failed)s of %(n)s failed an attention check."),
    )
    REFUSALS = (
        "refusals",
        _("%(group)s refused %(refused)s of %(asked)s questions."),
    )
    MISSING = (
        "missing",
        _("%(group)s: %(share)s %% of the answers are missing."),
    )


@dataclass(frozen=True, slots=True)
class Remarked:
    """One remark on one group, with what fills its sentence."""

    code: Remark
    group: str
    arguments: Mapping[str, Any]

    @property
    def blocks(self) -> bool:
        """Whether an analysis as planned is in danger."""
        return self.code in (Remark.NEARLY_CONSTANT, Remark.RUNS_AGAINST, Remark.REPEATED_ROWS)


def remarks_on(look: QualityLook, groups: Mapping[str, RespondentGroup]) -> list[Remarked]:
    """All remarks, those first that endanger an analysis; `groups` by key."""
    found = [
        Remarked(code, one.key, {"group": groups[one.key].label, **arguments})
        for one in look.groups
        if one.n >= FEWEST_ROWS and one.key in groups
        for code, arguments in _of_group(one, groups[one.key].kind, len(look.items))
    ]
    return sorted(found, key=lambda remarked: not remarked.blocks)


def _of_group(look: GroupLook, kind: str, items: int) -> Iterator[tuple[Remark, dict[str, Any]]]:
    if items and len(look.constant) >= MANY_CONSTANT * items:
        yield Remark.NEARLY_CONSTANT, {"items": len(look.constant), "all": items}
    elif look.constant:
        yield Remark.CONSTANT_ITEMS, {"names": ", ".join(look.constant)}
    if look.straight_lines >= MANY_LINES * look.n:
        yield Remark.STRAIGHT_LINES, {"lines": look.straight_lines, "n": look.n}
    if kind == Kind.HUMAN:
        yield from _of_people(look)
    yield from _of_missing(look)


def _of_people(look: GroupLook) -> Iterator[tuple[Remark, dict[str, Any]]]:
    """What is asked of people alone: models are measured by them."""
    for scale in look.scales:
        for item, r in scale.against:
            yield Remark.RUNS_AGAINST, {"item": item, "scale": scale.scale, "r": decimal(r)}
        if scale.alpha is not None and scale.alpha < POOR_ALPHA:
            yield Remark.POOR_SCALE, {"scale": scale.scale, "alpha": decimal(scale.alpha)}
    if look.repeated is not None:
        told = {"rows": look.repeated, "n": look.n, "chance": look.by_chance}
        yield Remark.REPEATED_ROWS, told
    if look.failed_checks:
        yield Remark.FAILED_CHECKS, {"failed": look.failed_checks, "n": look.n}


def _of_missing(look: GroupLook) -> Iterator[tuple[Remark, dict[str, Any]]]:
    refused = sum(look.missing.get(why, 0) for why in REFUSED)
    if refused:
        yield Remark.REFUSALS, {"refused": refused, "asked": look.asked}
    if look.missing_share >= MANY_MISSING:
        yield Remark.MISSING, {"share": f"{100 * look.missing_share:.0f}"}


REFUSED = (MissingReason.REFUSED, MissingReason.CONTENT_FILTER)
