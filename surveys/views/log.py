"""The log of a study: who steered what, when and through which door, latest first."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from surveys.instrument_files.settings import StatedFacts, fact_labels
from surveys.models import (
    Action,
    AuditEntry,
    Door,
    Mailing,
    MissingReason,
    Study,
    WebhookEvent,
)
from surveys.paradata.flags import CALLED as FLAGS_CALLED
from surveys.recruiters import RECRUITERS
from surveys.selectors.log import Wanted, actors_of, entries_of
from surveys.views.membership import member_page
from surveys.views.people.outcomes import CALLED as OUTCOMES_CALLED
from surveys.workspace.lists.tables import Column, Table, csv_line, show
from surveys.workspace.log_words import subject_in_words, subject_with_key

ENTRIES_PER_PAGE = 50

# What the settings in a row are called; see the calls of `surveys.services.audit.record`.
NAMES = {
    "paused": gettext_lazy("paused"),
    "events": gettext_lazy("events"),
    "active": gettext_lazy("switched on"),
    "answers_changed": gettext_lazy("answers changed"),
    "because": gettext_lazy("because"),
    "billed": gettext_lazy("billed"),
    "calls": gettext_lazy("calls"),
    "closes_at": gettext_lazy("closes at"),
    "checks_to_fail": gettext_lazy("failed checks that count as failing"),
    "cancel_requested": gettext_lazy("asked to stop"),
    "changed": gettext_lazy("changed"),
    "checksum": gettext_lazy("checksum"),
    "concurrency": gettext_lazy("calls at once"),
    "archived": gettext_lazy("archived"),
    "content": gettext_lazy("checksum of the content"),
    "created": gettext_lazy("new"),
    "data_checksum": gettext_lazy("checksum of the data"),
    "demographics": gettext_lazy("with demographics"),
    "codes_left": gettext_lazy("codes left"),
    "ended": gettext_lazy("ended"),
    "expires_at": gettext_lazy("ends"),
    "exits": gettext_lazy("outcomes with a way out"),
    "freed_nano": gettext_lazy("free again (billionths)"),
    "formats": gettext_lazy("formats"),
    "groups": gettext_lazy("groups"),
    "exact": gettext_lazy("exact text"),
    # As rows of earlier versions call the opposite.
    "harmless": gettext_lazy("no formulas"),
    "answers_deleted": gettext_lazy("answers deleted as well"),
    "hashes_kept": gettext_lazy("keyed hashes kept"),
    "ids_kept_days": gettext_lazy("days that ids are kept"),
    "kind": gettext_lazy("kind"),
    "links": gettext_lazy("links"),
    "languages": gettext_lazy("languages"),
    "mapping_checksum": gettext_lazy("checksum of the mapping"),
    "minutes_allowed": gettext_lazy("minutes allowed"),
    "model": gettext_lazy("model"),
    "model_answers_when_frozen": gettext_lazy("answers of models at that moment"),
    "paradata": gettext_lazy("with how the pages were answered"),
    "panels": gettext_lazy("panels"),
    "most_people": gettext_lazy("most people"),
    "not_again": gettext_lazy("not again those of"),
    "opens_at": gettext_lazy("opens at"),
    "page_size": gettext_lazy("page size"),
    "parser": gettext_lazy("parser"),
    "people": gettext_lazy("people"),
    "people_may_begin": gettext_lazy("real people may begin"),
    "preview": gettext_lazy("quick look"),
    "quotas": gettext_lazy("quotas"),
    "flag": gettext_lazy("flag"),
    "note": gettext_lazy("note"),
    "recruiter": gettext_lazy("recruiter"),
    "recruiter_ids": gettext_lazy("with recruiters' ids"),
    "redact": gettext_lazy("personas hidden"),
    "recipients": gettext_lazy("recipients"),
    "reasons": gettext_lazy("reasons"),
    "replies": gettext_lazy("replies"),
    "returns_at_once": gettext_lazy("people return at once"),
    "role": gettext_lazy("role"),
    "rows_imported": gettext_lazy("rows imported"),
    "rows_read": gettext_lazy("rows read"),
    "run": gettext_lazy("run"),
    "scopes": gettext_lazy("good for"),
    "seed": gettext_lazy("seed"),
    "sessions": gettext_lazy("sessions"),
    "shared_computer": gettext_lazy("computer shared"),
    "proof_of_work": gettext_lazy("proof of work"),
    "signed_only": gettext_lazy("signed addresses alone"),
    "share": gettext_lazy("copy for others"),
    "set_aside": gettext_lazy("set aside"),
    "sha256": gettext_lazy("checksum"),
    "size": gettext_lazy("size in bytes"),
    "type": gettext_lazy("type"),
    "supplement_sha256": gettext_lazy("checksum of the supplement"),
    "simulated": gettext_lazy("simulated"),
    "spec_hash": gettext_lazy("hash of the specification"),
    "spend_cap": gettext_lazy("spend cap"),
    "spent_nano": gettext_lazy("spent (billionths)"),
    "status": gettext_lazy("status"),
    "turns": gettext_lazy("turns"),
    "version": gettext_lazy("version"),
    "wave": gettext_lazy("wave"),
    "waves": gettext_lazy("waves"),
}


TABLE = Table(
    columns=(
        Column("action", gettext_lazy("What"), order=("action",)),
        Column("name", gettext_lazy("Who"), order=("actor_name",)),
        Column("when", gettext_lazy("When"), order=("at",)),
        Column("door", gettext_lazy("Through"), order=("door",)),
        Column("subject", gettext_lazy("On what"), order=("subject_label",)),
        Column("settings", gettext_lazy("Settings")),
    ),
    first="-when",
)


# The settings whose values are words of the program; of some their pages know what they are called.
STATES = frozenset({"status", "role", "kind"})
_CALLED: Mapping[str, Mapping[Any, Any]] = {
    "events": dict(WebhookEvent.choices),
    "exits": OUTCOMES_CALLED,
    "flag": FLAGS_CALLED,
    "reasons": dict(MissingReason.choices),
    "recipients": dict(Mailing.Recipients.choices),
    "recruiter": {key: one.name for key, one in RECRUITERS.items()},
}
_CHECKSUM = re.compile("[0-9a-f]{40,}")


class Change(NamedTuple):
    """One setting of a row as a reader reads it; `before` is empty where nothing was before."""

    name: str
    before: str
    after: str

    @property
    def is_checksum(self) -> bool:
        """Whether nobody reads it letter by letter, and its beginning is enough."""
        return _CHECKSUM.fullmatch(self.after) is not None


@require_safe
@member_page
def log(request: HttpRequest, study: Study) -> HttpResponse:
    """The study's log, a page at a time, as far as the filter goes."""
    wanted = read_wanted(request)
    table = show(request, TABLE, entries_of(study=study, wanted=wanted), per_page=ENTRIES_PER_PAGE)
    page = table.page or ()
    done = study.log.order_by().values_list("action", flat=True).distinct()
    labels = dict(Action.choices)
    context = {
        "study": study,
        "table": table,
        "rows": [(entry, subject_in_words(entry), list(changes(entry))) for entry in page],
        "wanted": wanted,
        "actors": actors_of(study=study),
        "actions": sorted(((one, labels.get(one, one)) for one in done), key=lambda one: one[1]),
        "doors": Door.choices,
        "filters": urlencode({key: one for key, one in request.GET.items() if key != "page"}),
    }
    return render(request, "surveys/log.html", context)


@require_safe
@member_page
def log_file(request: HttpRequest, study: Study) -> StreamingHttpResponse:
    """The same rows as CSV, all of them, in the reader's language."""
    rows = entries_of(study=study, wanted=read_wanted(request)).iterator(chunk_size=500)
    language = get_language() or "en"
    return StreamingHttpResponse(
        _lines(rows, language),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{study.slug}-log.csv"'},
    )


def _lines(rows: Iterable[AuditEntry], language: str) -> Iterator[str]:
    """CSV with a byte order mark, by which spreadsheets know the letters."""
    # Nobody's language is known any more when a stream is read.
    with override(language):
        head = [_("When"), _("Who"), _("What"), _("Through"), _("On what"), _("Settings")]
        yield "\ufeff" + csv_line(head)
        for entry in rows:
            settings = "; ".join(_change_in_words(one) for one in changes(entry))
            subject = subject_with_key(entry)
            words = [entry.actor_name, entry.get_action_display(), entry.get_door_display()]
            cells = [entry.at.isoformat(), *map(str, words), subject, settings]
            yield csv_line(cells)


def _change_in_words(change: Change) -> str:
    arrow = f"{change.before} → " if change.before else ""
    return f"{change.name}: {arrow}{change.after}"


def read_wanted(request: HttpRequest) -> Wanted:
    """Which rows an address asks for; what it cannot mean is left out."""
    given = {name: request.GET.get(name, "").strip()[:120] for name in ("who", "q")}
    action, door = request.GET.get("what", ""), request.GET.get("door", "")
    return Wanted(
        who=given["who"],
        text=given["q"],
        action=action if action in Action.values else "",
        door=door if door in Door.values else "",
        since=_date(request.GET.get("since", "")),
        until=_date(request.GET.get("until", "")),
    )


def _date(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def changes(entry: AuditEntry) -> Iterator[Change]:
    """The settings of a row in the order they were written, in the reader's language."""
    for name in {**entry.before, **entry.after}:
        before = _value_in_words(name, entry.before[name]) if name in entry.before else ""
        after = _value_in_words(name, entry.after[name]) if name in entry.after else ""
        yield Change(_called(name), before, after)


def _value_in_words(name: str, value: Any) -> str:
    if name in STATES:
        return _state_in_words(value)
    called = _CALLED.get(name, {})
    given = value if isinstance(value, list) else [value]
    return ", ".join(_code_in_words(called, one) for one in given)


def _code_in_words(called: Mapping[Any, Any], code: Any) -> str:
    words = called.get(code) if isinstance(code, str) else None
    return _in_words(code) if words is None else _(str(words))


def _called(name: str) -> str:
    """What a setting is called; facts are called as on their own page."""
    facts = fact_labels(StatedFacts)
    return _(facts[name]) if name in facts and name not in NAMES else str(NAMES.get(name, name))


def _state_in_words(value: Any) -> str:
    """A state, role or kind as its pages say it; some of them begin there with a capital."""
    if not isinstance(value, str) or not value:
        return _in_words(value)
    words = value.replace("_", " ")
    said = _(words)
    return said if said != words else _(words.capitalize()).lower()


def _in_words(value: Any) -> str:
    if value is None or value == "":
        return _("none")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_in_words(one)}" for key, one in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
