"""What can be wrong with a kind of question in a file, and with an answer to one."""

from __future__ import annotations

from surveys.codes import SentenceCode
from surveys.codes import marked as _


class KindMistake(SentenceCode):
    """Mistakes of an instrument file that belong to a kind of question."""

    UNKNOWN_REASON = (
        "unknown_reason",
        _("%(given)r is no reason for an unscored answer; use one of %(known)s"),
    )
    REPEATED_REASON = (
        "repeated_reason",
        _("two unscored answers have the reason %(given)r; give each its own"),
    )
    NO_SPAN = (
        "no_span",
        _("the minimum %(minimum)s must be below the maximum %(maximum)s; exchange or widen them"),
    )
    TOO_MANY_POINTS = (
        "too_many_points",
        _("a numbered scale has at most %(most)s numbers; use the kind 'number' or 'slider'"),
    )
    POINT_OUTSIDE = (
        "point_outside",
        _("the label stands at %(given)s, which is not on the scale; use %(least)s to %(most)s"),
    )
    NUMBER_BEFORE_LABEL = (
        "number_before_label",
        _("the label %(label)r begins with a number beside the scale's own; begin with a word"),
    )
    NO_OPTIONS_TO_CHOOSE = (
        "no_options_to_choose",
        _("this needs two options or more; give each a key and a label"),
    )
    TOO_MANY_OPTIONS = (
        "too_many_options",
        _("people rank at most %(most)s options; give fewer"),
    )
    NOT_A_DATE = "not_a_date", _("%(given)r is no date; write it as 2026-03-31, in quotation marks")
    NOT_REVERSIBLE = (
        "not_reversible",
        _("an answer of the kind %(kind)r cannot be turned round; remove it from `reverse_keyed`"),
    )
    NOTHING_AFTER = (
        "nothing_after",
        _("nothing is asked after this information; put it before the items that it belongs to"),
    )
    NEEDS_OPTIONS = (
        "needs_options",
        _("an attention check needs labelled options or a numbered scale, not %(kind)r"),
    )


class EntryMistake(SentenceCode):
    """Why what somebody entered is no answer, said to them."""

    WHOLE_NUMBER = (
        "whole_number",
        _("Please enter a whole number from %(minimum)s to %(maximum)s."),
    )
    NUMBER = (
        "number",
        _(
            "Please enter a number from %(minimum)s to %(maximum)s, with at most %(decimals)s "
            "digits behind the point."
        ),
    )
    TOO_LONG = "too_long", _("Please shorten this to %(most)s characters; it has %(given)s.")
    DATE = "date", _("Please enter a date as year-month-day, from %(earliest)s to %(latest)s.")
    RANKS = "ranks", _("Please give every option a rank, each rank once.")
    OPTION = "option", _("Please choose among the options shown.")
    EITHER = "either", _("Please give either an answer or one of the statements below it.")
    EMPTY = "empty", _("Please enter something.")
