"""The study of the load benchmark as an oTree app; `study.json` stands in the project's folder."""

import json
from pathlib import Path

from otree.api import BaseConstants, BaseGroup, BasePlayer, BaseSubsession, Page, models, widgets

_STUDY = json.loads(Path("study.json").read_text(encoding="utf-8"))
_CHOICES = [[code, label] for code, label in enumerate(_STUDY["options"], start=1)]


class C(BaseConstants):
    """As oTree asks for it."""

    NAME_IN_URL = "statements"
    PLAYERS_PER_GROUP = None
    NUM_ROUNDS = 1


class Subsession(BaseSubsession):
    """As oTree asks for it."""


class Group(BaseGroup):
    """As oTree asks for it."""


_items = {
    f"q{number}": models.IntegerField(label=text, choices=_CHOICES, widget=widgets.RadioSelect)
    for number, text in enumerate(_STUDY["statements"])
}
Player = type("Player", (BasePlayer,), {"__module__": __name__, **_items})


class Consent(Page):
    """Information and consent."""

    @staticmethod
    def vars_for_template(_player: object) -> dict[str, list[str]]:
        """As oTree asks for it."""
        return {"paragraphs": _STUDY["consent"]}


def _page(number, items):  # noqa: ANN001, ANN202
    fields = [f"q{item}" for item in items]
    body = {
        "form_model": "player",
        "form_fields": fields,
        "template_name": "statements/Statements.html",
    }
    return type(f"Page{number}", (Page,), {"__module__": __name__, **body})


class End(Page):
    """Thanks."""


page_sequence = [
    Consent,
    *(_page(number, items) for number, items in enumerate(_STUDY["pages"], start=1)),
    End,
]
