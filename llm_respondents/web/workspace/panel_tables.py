"""The tables of panels and of their sessions: what they are sorted, filtered and written by."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from llm_respondents.endpoints.file import NANO
from llm_respondents.models import Panel
from llm_respondents.web.words import in_words
from surveys.models import Administration
from surveys.workspace.lists.tables import Column, Filter, Table


def panel_table(*, priced: bool) -> Table:
    """Of rows (panel, progress, minutes left)."""
    return Table(
        columns=(
            Column("panel", _("Panel"), lambda row: str(row[0])),
            Column("model", _("Model"), lambda row: row[0].model),
            Column("state", _("State"), lambda row: row[0].get_status_display()),
            Column("progress", _("Progress"), lambda row: row[1].percent),
            Column("sessions", _("Sessions"), lambda row: row[1].completed, number=True),
            Column("missing", _("Missing"), lambda row: row[1].missing_total, number=True),
            *((Column("spent", _("Spent / cap"), _spent, number=True),) if priced else ()),
        ),
        filters=(
            Filter(
                "state", _("State"), Panel.Status.choices, _("any"), value=lambda row: row[0].status
            ),
        ),
        searches=True,
    )


def _spent(row: Any) -> Decimal:
    return Decimal(row[0].spent_nano) / NANO


def session_table(languages: list[str]) -> Table:
    """Of the members of a panel."""
    administration = "respondent__administration"
    return Table(
        columns=(
            Column("number", _("Session"), lambda one: one.number, ("number",)),
            Column(
                "state",
                _("State"),
                lambda one: in_words("session", _of(one).status),
                (f"{administration}__status",),
            ),
            Column(
                "scale",
                _("Scale"),
                lambda one: in_words("direction", _of(one).scale_direction),
                (f"{administration}__scale_direction",),
            ),
            Column(
                "language",
                _("Language"),
                lambda one: _of(one).language,
                (f"{administration}__language",),
            ),
            Column("answers", _("Answers"), lambda one: one.answered, number=True),
            Column("missing", _("Missing"), lambda one: one.missing, number=True),
        ),
        filters=(
            Filter(
                "state",
                _("State"),
                [(one, in_words("session", one)) for one in Administration.Status.values],
                _("any"),
                field=f"{administration}__status",
            ),
            *(
                (
                    Filter(
                        "language",
                        _("Language"),
                        [(one, one) for one in languages],
                        _("any"),
                        field=f"{administration}__language",
                    ),
                )
                if len(languages) > 1
                else ()
            ),
        ),
        first="number",
    )


def _of(member: Any) -> Any:
    return member.respondent.administration
