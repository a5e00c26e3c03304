"""A study of every kind of question: the example of docs/instruments.md, open in two languages."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

from factories import TESTER, asked_by_somebody

import surveys
from surveys import services
from surveys.instrument_files import (
    BlockDefinition,
    InstrumentDefinition,
    bundled_study,
    parse_instrument,
)
from surveys.models import Study

DOCS = Path(surveys.__file__).parents[1] / "docs" / "instruments.md"


@cache
def every_kind() -> InstrumentDefinition:
    """The instrument of the example."""
    examples = re.findall(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    (text,) = [one for one in examples if 'slug = "a-day"' in one]
    return parse_instrument(text)


def open_day_study(owner, *, slug="day", shuffle=False, items_per_page=8, **settings) -> Study:
    """The study that asks it, open, in one block called ``day``."""
    services.publish_instrument(definition=every_kind(), by=TESTER)
    block = BlockDefinition("day", "a-day", "1.0", items_per_page, shuffle)
    definition = replace(
        asked_by_somebody(bundled_study("privacy-prosocial")),
        slug=slug,
        blocks=(block,),
        attention_checks=(),
        demographics=(),
        settings=settings,
    )
    study = services.create_study(definition=definition, owner=owner, by=TESTER)
    return services.open_study(study=study, by=TESTER)


# What somebody means, in the words of the stored values: item -> value.
OPINION = {
    "day.like_anna": 7,
    "day.sleep": 7.5,
    "day.feeling": 64.0,
    "day.drank_tea": 1,
    "day.drank_coffee": 0,
    "day.drank_water": 1,
    "day.best_breakfast": 2,
    "day.best_lunch": 3,
    "day.best_dinner": 1,
    "day.said": "A walk, with a friend.",
    "day.holiday": "2026-03-29",
}
