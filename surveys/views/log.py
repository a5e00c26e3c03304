"""The log of a study: who steered what, when and through which door, latest first."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from surveys.instrument_files.settings import StatedFacts, fact_labels
from surveys.models import AuditEntry, Study
from surveys.views.membership import member_page

ENTRIES_PER_PAGE = 50

# What the settings in a row are called; see the calls of `surveys.services.audit.record`.
NAMES = {
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
    "content": gettext_lazy("checksum of the content"),
    "created": gettext_lazy("new"),
    "data_checksum": gettext_lazy("checksum of the data"),
    "demographics": gettext_lazy("with demographics"),
    "expires_at": gettext_lazy("ends"),
    "exits": gettext_lazy("outcomes with a way out"),
    "freed_nano": gettext_lazy("free again (billionths)"),
    "formats": gettext_lazy("formats"),
    "groups": gettext_lazy("groups"),
    "harmless": gettext_lazy("no formulas"),
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
    "share": gettext_lazy("copy for others"),
    "set_aside": gettext_lazy("set aside"),
    "sha256": gettext_lazy("checksum"),
    "supplement_sha256": gettext_lazy("checksum of the supplement"),
    "simulated": gettext_lazy("simulated"),
    "spec_hash": gettext_lazy("hash of the specification"),
    "spend_cap": gettext_lazy("spend cap"),
    "spent_nano": gettext_lazy("spent (billionths)"),
    "status": gettext_lazy("status"),
    "turns": gettext_lazy("turns"),
    "version": gettext_lazy("version"),
    "waves": gettext_lazy("waves"),
}


class Change(NamedTuple):
    """One setting of a row as a reader reads it; `before` is empty where nothing was before."""

    name: str
    before: str
    after: str


@require_safe
@member_page
def log(request: HttpRequest, study: Study) -> HttpResponse:
    """The study's log, a page at a time."""
    page = Paginator(study.log.order_by("-at", "-pk"), ENTRIES_PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "study": study,
        "page": page,
        "rows": [(entry, list(changes(entry))) for entry in page],
    }
    return render(request, "surveys/log.html", context)


def changes(entry: AuditEntry) -> Iterator[Change]:
    """The settings of a row in the order they were written, in the reader's language."""
    for name in {**entry.before, **entry.after}:
        before = _in_words(entry.before[name]) if name in entry.before else ""
        after = _in_words(entry.after[name]) if name in entry.after else ""
        yield Change(_called(name), before, after)


def _called(name: str) -> str:
    """What a setting is called; facts are called as on their own page."""
    facts = fact_labels(StatedFacts)
    return _(facts[name]) if name in facts and name not in NAMES else str(NAMES.get(name, name))


def _in_words(value: Any) -> str:
    if value is None or value == "":
        return _("none")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_in_words(one)}" for key, one in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
