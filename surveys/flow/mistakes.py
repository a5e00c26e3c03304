"""What can be wrong with conditions, rules and placeholders of a study."""

from __future__ import annotations

from surveys.codes import SentenceCode
from surveys.codes import marked as _


class FlowMistake(SentenceCode):
    """Mistakes of a study file that belong to who is shown what."""

    NOT_AN_EXPRESSION = (
        "not_an_expression",
        _(
            "this cannot be read from %(rest)r on; write comparisons such as "
            "block.item >= 3 and condition in ['a', 'b'], joined by and, or, not"
        ),
    )
    TOO_DEEP = (
        "too_deep",
        _("this is nested more than %(most)s times; write it with fewer brackets"),
    )
    UNKNOWN_CONDITION = "unknown_condition", _("there is no condition %(given)r; %(advice)s")
    UNKNOWN_TARGET = (
        "unknown_target",
        _("there is no item, information, check or block %(given)r; %(advice)s"),
    )
    LATER_ITEM = (
        "later_item",
        _(
            "%(given)r is not asked before %(target)r, or a shuffled order decides which comes "
            "first; ask it in an earlier block that keeps its place, or without shuffling"
        ),
    )
    IMPOSSIBLE_VALUE = (
        "impossible_value",
        _("%(name)r can never be %(given)s; use %(known)s"),
    )
    NOT_COMPARABLE = (
        "not_comparable",
        _("answers to %(name)r are words, which no rule can compare; ask with options"),
    )
    NOT_ORDERED = (
        "not_ordered",
        _("%(name)r has no order; compare it with ==, !=, in or not in"),
    )
    PART_NEEDED = (
        "part_needed",
        _("%(given)r has several answers; name the one that is meant: %(known)s"),
    )
    UNKNOWN_PLACEHOLDER = (
        "unknown_placeholder",
        _(
            "%(given)s would be read as it stands here; write {condition:key} or "
            "{answer:block.item}, or no curly brackets"
        ),
    )
    TOO_MANY_CELLS = (
        "too_many_cells",
        _("the levels make %(cells)s combinations, and %(most)s is the most; vary less"),
    )
    NAME_OF_A_QUESTION = (
        "name_of_a_question",
        _("a question about the person is called %(given)r too; give each a name of its own"),
    )
