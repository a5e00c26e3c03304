"""Why a panel cannot be recruited or steered, in the reader's language.

Services say no in English, with a code: for programs, logs and commands. Pages say the same by the
code. What is not known here is said as the service says it.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from surveys.errors import CounterpartError

_BY_CODE: Mapping[str, Any] = {
    "batch_not_offered": _(
        "Nothing is known of batches at this panel's endpoint. If it takes them, whoever operates "
        "the server can write batch = true with the endpoint; else run the panel without."
    ),
    "batch_scripted": _("A scripted panel replies at once; run it without batches."),
    "cap_negative": _("A spend cap is 0 or more."),
    "endpoint_unknown": _(
        "There is no such endpoint any more. Choose one of those listed; whoever operates the "
        "server lists them in endpoints.toml."
    ),
    "endpoints_unreadable": _(
        "The list of endpoints cannot be read, so that no endpoint is called. Whoever operates the "
        "server can mend it: manage.py check says what is wrong with it."
    ),
    "group_key_taken": _("The study has a group of this name already; choose another one."),
    "history_group_empty": _(
        "Nobody of this group has completed the study yet; recruit the panel when somebody has."
    ),
    "history_group_unknown": _("The study has no such group to take a history from."),
    "language_not_offered": _("The study is not available in this language."),
    "language_without_prompts": _("There are no prompts in this language yet."),
    "nobody_to_match": _("Nobody has completed this study yet; match the panel when people have."),
    "panel_cancelled": _("This panel was cancelled; recruit a new one."),
    "panel_over": _("This panel is over; recruit a new one to go on."),
    "panel_unknown": _("There is no such panel any more."),
    "price_unknown": _(
        "There is a spend cap, and no price is known for this model. Lift the cap, or let whoever "
        "operates the server list the price with the endpoint's models."
    ),
    "prompt_version_changed": _(
        "This panel was recruited for another version of the prompts. Finish it with the version "
        "that it began with, or recruit anew."
    ),
    "study_not_open": _("Panels are recruited for an open study only."),
}


def error_in_words(error: CounterpartError) -> str:
    """What a service said no to, in the reader's language."""
    return str(_BY_CODE[error.code]) if error.code in _BY_CODE else error.message
