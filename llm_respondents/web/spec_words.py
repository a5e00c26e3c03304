"""Why a panel cannot be recruited or steered, in the reader's language.

Services and specifications say no in English, with a code: for programs, logs and commands. Pages
say the same by the code. What is not known here is said as the service says it.
"""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from llm_respondents.design.margins import LineError
from llm_respondents.design.spec import SpecError
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
# What a specification is refused for: its sentence in English, with names for what varies in it.
_SPEC: tuple[tuple[str, Any], ...] = (
    (r"choose a number from (?P<a>\S+) to (?P<b>\S+)", _("Choose a number from %(a)s to %(b)s.")),
    (r"choose a number above 0 and at most 1", _("Choose a number above 0 and at most 1.")),
    (r"choose 1 or more", _("Choose 1 or more.")),
    (r"choose (?P<a>\d+) to (?P<b>\d+)", _("Choose a number from %(a)s to %(b)s.")),
    (r"choose one of (?P<a>.+)", _("Choose one of: %(a)s.")),
    (r"unknown; choose of (?P<a>.+)", _("There is no such field. Those that there are: %(a)s.")),
    (r"name the model to ask", _("Name the model to ask, as the endpoint calls it.")),
    (
        r"a scripted panel needs one, and no other takes one",
        _("A rehearsal needs a profile, and no other panel takes one."),
    ),
    (
        r"name an endpoint, or a profile for a rehearsal",
        _("Name an endpoint, or a profile for a rehearsal; not both."),
    ),
    (
        r"whoever operates the server decides this; name an endpoint",
        _("Whoever operates the server decides this; name an endpoint."),
    ),
    (r"give one with personas = \"table\", and only then", _("Give one for a table, only then.")),
    (
        r"give them with personas = \"margins\", and only then",
        _("Give margins for personas with a population's margins, and only then."),
    ),
    (
        r"a matched session takes its person's direction",
        _("A matched session takes its person's direction; leave this from low to high."),
    ),
    (r"give each label once", _("Give each attribute once.")),
    (r"give each value once", _("Give each value once.")),
    (r"choose shares from 0 to 1", _("Choose shares from 0 to 1.")),
    (
        r"the shares add up to (?P<a>\S+); they have to add up to 1",
        _("The shares add up to %(a)s; they have to add up to 1."),
    ),
    (r"give at least one", _("Give at least one.")),
    (
        r"give 1 or more with history = \"window\", and only then",
        _("Give 1 or more for a history of the last turns, and only then."),
    ),
    (
        r"name the group whose answers are shown with history = \"swapped\", and only then",
        _(
            "Choose the group whose answers are shown for turns with another respondent's answers, "
            "and only then."
        ),
    ),
    (
        r"(?P<a>\S+) enforces no schema; use number",
        _("This endpoint (%(a)s) enforces no schema; let the number of an option be given."),
    ),
    (
        r"(?P<a>\S+) takes at most (?P<b>\S+)",
        _("This endpoint (%(a)s) takes at most %(b)s."),
    ),
    (
        r"\"label\" asks for the words; options have no marks",
        _("An answer in the words of an option goes with numbers only: it names no marks."),
    ),
    (
        r"\"swapped\" answers have no reasons; choose \"schema\"",
        _("Another respondent's answers have no reasons: ask for JSON without a reason."),
    ),
    (r"give a table of keys and values", _("Give a table of keys and values.")),
    (r"give label -> value -> share \(.*\)", _("Give a share for each value of each attribute.")),
    (r"a value has the wrong type \((?P<a>.*)\)", _("A value has the wrong type (%(a)s).")),
    (
        r"no profile is called '(?P<a>.*)'; choose from (?P<b>.+)",
        _("No profile is called %(a)s. Those that there are: %(b)s."),
    ),
)
_LINE: Mapping[str, Any] = {
    "parts": _("write attribute, value and share, set apart by semicolons (found %(about)s parts)"),
    "empty": _("name the attribute and the value"),
    "no_number": _("“%(about)s” is no number; write a share such as 0.4 or 40 %%"),
    "not_a_share": _("“%(about)s” is no share; write 0 to 1, or a percentage with %%"),
    "twice": _("%(about)s stands there twice"),
    "sum": _("the shares have to add up to 1 (%(about)s)"),
}


def error_in_words(error: CounterpartError) -> str:
    """What a service said no to, in the reader's language."""
    return str(_BY_CODE[error.code]) if error.code in _BY_CODE else error.message


def spec_error_in_words(error: SpecError) -> str:
    """What is wrong with one field of a specification, without the field's name."""
    what = str(error).removeprefix(f"{error.where}: ")
    for pattern, words in _SPEC:
        if found := re.fullmatch(pattern, what, re.DOTALL):
            return str(words) % found.groupdict()
    return what


def line_error_in_words(error: LineError) -> str:
    """A mistake in a line of margins."""
    what = str(_LINE[error.mistake]) % {"about": error.about}
    return str(_("Line %(line)s: %(what)s.")) % {"line": error.line, "what": what}
