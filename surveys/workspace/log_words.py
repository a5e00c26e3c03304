"""On what somebody acted, in the reader's language: the log keeps a kind, a key and a name."""

import re
from collections.abc import Callable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from surveys.jobs.kinds import kind_named
from surveys.models import AuditEntry
from surveys.roles import Role

# What a row can be about, by the name of the kind in it; see `surveys.services.audit.record`.
SUBJECTS: Mapping[str, Promise] = {
    "administration": gettext_lazy("Person"),
    "analysisplan": gettext_lazy("Plan"),
    "analysisrun": gettext_lazy("Run"),
    "apitoken": gettext_lazy("Token"),
    "batch": gettext_lazy("Batch"),
    "endpoints": gettext_lazy("List of endpoints"),
    "importedfile": gettext_lazy("Imported file"),
    "instrumentdraft": gettext_lazy("Draft of an instrument"),
    "instrumentversion": gettext_lazy("Instrument"),
    "invitation": gettext_lazy("Invitation"),
    "job": gettext_lazy("Job"),
    "linklist": gettext_lazy("List of links"),
    "mediafile": gettext_lazy("File"),
    "panel": gettext_lazy("Panel"),
    "plandraft": gettext_lazy("Draft of a plan"),
    "recruitinglink": gettext_lazy("Link"),
    "report": gettext_lazy("Report"),
    "respondent": gettext_lazy("Person"),
    "respondentgroup": gettext_lazy("Group"),
    "study": gettext_lazy("Study"),
    "user": gettext_lazy("User"),
    "webhook": gettext_lazy("Webhook"),
}


def _job(kind: str) -> str:
    return str(kind_named(kind).label)


def _role(role: str) -> str:
    return gettext(Role(role).sentence) if role in set(Role) else role


# Of these the name is a code of the program.
_NAMES_OF: Mapping[str, Callable[[str], str]] = {"job": _job, "invitation": _role}
# What earlier versions wrote as a sentence: it says kind and key, in English, beside a name.
_SENTENCES = re.compile(r"(administration|human|llm|report|run) (\d+)(?: of (.*))?")
_KINDS = {"llm": gettext_lazy("Session")}


def subject_in_words(entry: AuditEntry) -> str:
    """What kind of thing it was and how it was called, without its key."""
    label, kind = entry.subject_label, SUBJECTS.get(entry.subject_kind, "")
    if (found := _SENTENCES.fullmatch(label)) and found[2] == str(entry.subject_id):
        label, kind = _within(found[3] or ""), _KINDS.get(found[1], kind)
    name = _NAMES_OF.get(entry.subject_kind, str)(label)
    return " ".join(one for one in (str(kind), name) if one)


def subject_with_key(entry: AuditEntry) -> str:
    """The same with the key behind it, where there is one."""
    words = subject_in_words(entry)
    return words if entry.subject_id is None else f"{words} #{entry.subject_id}"


def _within(name: str) -> str:
    """What a report is of: its run, by the number."""
    of_run = re.fullmatch(r"run (\d+)(?: of (.*))?", name)
    return f"({SUBJECTS['analysisrun']} #{of_run[1]})" if of_run else name
