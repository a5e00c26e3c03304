"""How people and models were asked, in words: only what the program knows of this study.

What nobody recorded is left out here, so that it is printed as not recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from analysis.compare.plan import Kind, PathSpec, Plan
from analysis.language import gettext as _
from analysis.language import gettext_noop
from analysis.report.content import ReportContent
from analysis.report.typesetting.formatting import NOT_RECORDED, count, listed
from analysis.runs.datasheet import Delivery

_DIRECTIONS = {
    "forward": gettext_noop("options from the lowest to the highest value"),
    "reversed": gettext_noop("options from the highest to the lowest value"),
}


def tallied(counts: Mapping[str, int]) -> str:
    """ "en 200, de 100": names with how many respondents each has."""
    return ", ".join(f"{name} {count(number)}" for name, number in counts.items())


def order_of_asking(
    deliveries: Sequence[Delivery],
    plan: Plan,
    blocks: Mapping[str, str],
    label: Callable[[str], str],
) -> str:
    """In how many sessions of each group predictors were asked before outcomes, in a sentence.

    Empty where it was not recorded how the groups were asked. `blocks` maps an item's name to its
    block.
    """
    if not deliveries:
        return ""
    told = [f"{label(each.group)} {_before(each, plan, blocks)}" for each in deliveries]
    return _(
        "Sessions in which every predictor was asked before its outcome: {groups}. The order of "
        "asking does not establish causation."
    ).format(groups="; ".join(told))


def _before(delivery: Delivery, plan: Plan, blocks: Mapping[str, str]) -> str:
    known = sum(delivery.block_orders.values())
    if not known:
        return _(NOT_RECORDED)
    before = sum(
        number
        for order, number in delivery.block_orders.items()
        if all(_is_before(path, order.split(), plan, blocks) for path in plan.paths)
    )
    elsewhere = delivery.respondents - known
    told = _("{used} of {every}").format(used=count(before), every=count(known))
    if not elsewhere:
        return told
    rest = _("(not recorded for {n} who were imported)").format(n=count(elsewhere))
    return f"{told} {rest}"


def _is_before(path: PathSpec, order: Sequence[str], plan: Plan, blocks: Mapping[str, str]) -> bool:
    """False also where blocks were mixed: then `order` is empty."""
    predictor, outcome = (
        {blocks[item] for item in _items(plan, key)} for key in (path.predictor, path.outcome)
    )
    if not predictor | outcome <= set(order):
        return False
    return max(map(order.index, predictor)) < min(map(order.index, outcome))


def _items(plan: Plan, key: str) -> tuple[str, ...]:
    """The items of a construct; a covariate is an item itself."""
    return next((each.items for each in plan.constructs if each.key == key), (key,))


def page_order(delivery: Delivery, shuffled: Sequence[str]) -> str:
    """What was shuffled for people on the pages, as it came out."""
    parts = [
        _("Items shuffled within {blocks}, by a recorded seed").format(blocks=", ".join(shuffled))
        if shuffled
        else _("No items shuffled")
    ]
    orders = [order for order in delivery.block_orders if order]
    if len(orders) == 1:
        parts.append(_("blocks in one order: {blocks}").format(blocks=", ".join(orders[0].split())))
    elif orders:
        parts.append(_("blocks in {count} orders").format(count=len(orders)))
    directions = [
        _("{order} for {n}").format(order=_(_DIRECTIONS[name]), n=count(number))
        for name, number in delivery.scale_directions.items()
    ]
    return "; ".join([*parts, listed(directions)] if directions else parts)


def same_words(deliveries: Sequence[Delivery], label: Callable[[str], str]) -> str:
    """In which languages each group was asked, where there is more than one; empty otherwise."""
    languages = {language for each in deliveries for language in each.languages}
    if len(languages) < 2:
        return ""
    told = "; ".join(f"{label(each.group)} {tallied(each.languages)}" for each in deliveries)
    return _("Languages in which the groups were asked: {groups}.").format(groups=told)


def seen_by(content: ReportContent) -> frozenset[Kind]:
    """Which kinds of respondent read the words that a report prints, as far as that is known.

    Those words are in one language; whoever was asked in another, or elsewhere, read others.
    """
    kinds = {group.key: group.kind for group in content.comparison.groups}
    return frozenset(kinds[each.group] for each in content.deliveries if _read(each, content))


def share_a_language(content: ReportContent) -> bool:
    """Whether people and models were asked in a common language, as far as languages are known."""
    kinds = {group.key: group.kind for group in content.comparison.groups}
    asked: dict[Kind, set[str]] = {Kind.HUMAN: set(), Kind.LLM: set()}
    for each in content.deliveries:
        asked[kinds[each.group]] |= set(each.languages)
    people, models = asked[Kind.HUMAN], asked[Kind.LLM]
    return bool(people & models) or not (people and models)


def _read(delivery: Delivery, content: ReportContent) -> bool:
    return not delivery.imported and content.items_language in delivery.languages
