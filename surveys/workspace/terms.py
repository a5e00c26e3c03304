"""The words of the workspace that a newcomer asks about, each with a sentence in its place.

Every key is a place in docs/glossary.md, which says more.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Key -> what it is called, and what it is.
TERMS: Mapping[str, tuple[str | Promise, str | Promise]] = {
    "arm": (
        _("Arm"),
        _(
            "How a session with a model is conducted: what it sees of its earlier answers, in "
            "which form it replies, how many questions come at once."
        ),
    ),
    "exclusion": (
        _("Exclusion"),
        _(
            "A rule of the plan that leaves respondents out of the analysis. They stay in the "
            "data, and the report counts them."
        ),
    ),
    "flag": (
        _("Flag"),
        _(
            "A signal that answers may not be a person’s own, with its reason. It removes "
            "nobody: a member looks and decides."
        ),
    ),
    "frozen": (
        _("Frozen"),
        _(
            "Never changed again, with a checksum that shows it. A change needs a new version, "
            "or a plan with another name."
        ),
    ),
    "funnel": (
        _("Funnel"),
        _(
            "How far people came: loaded the page, agreed, completed, were kept by the plan’s "
            "exclusions in the latest run."
        ),
    ),
    "instrument": (
        _("Instrument"),
        _(
            "A questionnaire or vignette with its words, response scales and licence. A "
            "published version is never changed."
        ),
    ),
    "link": (
        _("Link"),
        _("An address through which people begin: open, single use, personal, or for a recruiter."),
    ),
    "panel": (
        _("Panel"),
        _("Sessions of one language model with one study, recruited together. Never people."),
    ),
    "plan": (
        _("Plan"),
        _(
            "What is to be compared, written down and frozen beforehand: constructs, paths with "
            "expected signs, exclusions."
        ),
    ),
    "quota": (
        _("Quota"),
        _("How many people of whom are wanted. Whoever finds it full is thanked and led back."),
    ),
    "run": (
        _("Run"),
        _("One carrying out of a frozen plan on the answers that there are at that moment."),
    ),
    "session": (
        _("Session"),
        _(
            "The questionnaire answered once by a model: one conversation in which it answers "
            "every question in order."
        ),
    ),
    "set-aside": (
        _("Set aside"),
        _(
            "Left out of comparisons from now on, with a reason that every later report prints. "
            "It can be taken back."
        ),
    ),
    "spend-cap": (_("Spend cap"), _("The most that panels may cost. Nothing is asked beyond it.")),
    "vaar": (
        "VAAR",
        _(
            "Value-action alignment rate: the share of expected directions that a group shows. "
            "It is read beside what chance and people reach, never alone."
        ),
    ),
    "wave": (
        _("Wave"),
        _("One of several times at which the same people are asked. Each is a group of its own."),
    ),
    "worker": (
        _("Worker"),
        _(
            "The program that does long work, such as fits, reports and panels, beside the web "
            "pages."
        ),
    ),
}
