"""A study of six items on three pages, two more words about the person, for tests of its pages."""

import json
from functools import cache

from factories import TESTER

from surveys import services
from surveys.instrument_files import InstrumentDefinition, parse_draft, parse_instrument
from surveys.models import Study

ITEMS, PER_PAGE, OPTIONS = 6, 2, 3
PAGES = ITEMS // PER_PAGE


def instrument_text(text: str = "Statement", label: str = "Step") -> str:
    options = ", ".join(
        f"{{ value = {n}, label.en = {json.dumps(f'{label} {n}')} }}" for n in range(1, OPTIONS + 1)
    )
    items = "".join(
        f'[[items]]\nkey = "i{n}"\nresponse_scale = "steps"\n'
        f"text.en = {json.dumps(f'{text} {n}')}\n"
        for n in range(ITEMS)
    )
    return f"""slug = "small"
version = "1.0"
construct = "small"
languages = ["en"]
licence = "CC0-1.0"
citation = "Written for a test."
wording_note = "Own wording."
reverse_keyed = []
title.en = {json.dumps(text)}
instruction.en = {json.dumps(text)}
orientation.en = "High: more."
[[response_scales]]
key = "steps"
options = [{options}]
{items}"""


def study_text(text: str = "Small") -> str:
    said = json.dumps(text)
    return f"""slug = "small"
version = "1.0"
languages = ["en"]
title.en = {said}
[consent]
version = "1.0"
contact = {said}
information.en = {said}
statement.en = {said}
[[blocks]]
key = "small"
instrument = "small"
version = "1.0"
items_per_page = {PER_PAGE}
"""


@cache
def _instrument(text: str, label: str) -> InstrumentDefinition:
    return parse_instrument(instrument_text(text, label))


def open_small_study(owner, *, said: str = "Small") -> Study:
    """The study, open; `said` is what every text of it says."""
    instrument = _instrument(said, said)
    services.publish_instrument(definition=instrument, by=TESTER)
    draft = parse_draft(study_text(said), instruments=[instrument])
    study = services.create_study(definition=draft.definition, owner=owner, by=TESTER)
    return services.open_study(study=study, by=TESTER)
