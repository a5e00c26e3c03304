"""The study of the load benchmark, for both programs: a consent page and 33 items on five pages.

    DATABASE_URL=… DATA_DIR=… python benchmarks/people_runs/study.py

makes an installation of ours with it and prints the token of a recruiting link.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ITEMS, PER_PAGE = 33, 7
OPTIONS = ("Does not apply", "Hardly applies", "Partly applies", "Mostly applies", "Fully applies")
CONSENT = (
    "We would like to know how people organise their days. The questionnaire takes about five "
    "minutes. Taking part is voluntary, and you can stop at any time without a disadvantage.\n\n"
    "Your answers are stored without your name and are used for research alone. For questions "
    "please write to the Laboratory of Load, load@example.org."
)
_THINGS = ("my mornings", "meals", "errands", "letters", "books", "walks", "evenings", "guests")
_SAYINGS = (
    "I plan {} some days in advance and like it when the plan holds.",
    "When it comes to {}, I decide in the very moment what I would like.",
    "Others would say of me that I take {} more seriously than is needed.",
    "I would rather have more time for {} than more money for them.",
    "Even on busy days I find some quiet minutes for {}.",
)


def statements() -> list[str]:
    """The items, in words."""
    said = (saying.format(thing) for saying in _SAYINGS for thing in _THINGS)
    return [next(said) for _ in range(ITEMS)]


def pages() -> list[list[int]]:
    """Which items, counted from 0, share a page."""
    return [list(range(at, min(at + PER_PAGE, ITEMS))) for at in range(0, ITEMS, PER_PAGE)]


def _instrument() -> Iterator[str]:
    yield """slug = "days"
version = "1.0"
construct = "days"
languages = ["en"]
licence = "CC0-1.0"
citation = "Written for a benchmark."
wording_note = "Own wording."
reverse_keyed = []
title = { en = "Your days" }
instruction = { en = "How much does this apply to you?" }
orientation = { en = "High: it applies." }
[[response_scales]]
key = "applies"
options = ["""
    for value, label in enumerate(OPTIONS, start=1):
        yield f'  {{ value = {value}, label = {{ en = "{label}" }} }},'
    yield "]"
    for number, text in enumerate(statements()):
        yield f'[[items]]\nkey = "q{number}"\nresponse_scale = "applies"\ntext.en = "{text}"'


def _study() -> str:
    return f"""slug = "load"
version = "1.0"
languages = ["en"]
title = {{ en = "Your days" }}
[consent]
version = "1.0"
contact = "Laboratory of Load, load@example.org"
information = {{ en = {json.dumps(CONSENT)} }}
statement = {{ en = "I have read this and agree to take part." }}
[[blocks]]
key = "days"
instrument = "days"
version = "1.0"
items_per_page = {PER_PAGE}
"""


def make() -> str:
    """Migrate, open the study, and return the token of a link."""
    import os

    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    from surveys import services
    from surveys.instrument_files import parse_draft, parse_instrument
    from surveys.services.audit import command_actor

    call_command("migrate", verbosity=0)
    by, owner = command_actor(), get_user_model().objects.create_user("bench")
    instrument = parse_instrument("\n".join(_instrument()))
    services.publish_instrument(definition=instrument, by=by)
    draft = parse_draft(_study(), instruments=[instrument])
    study = services.create_study(definition=draft.definition, owner=owner, by=by)
    study = services.open_study(study=study, by=by)
    return str(services.create_link(study=study, label="load", by=by).token)


if __name__ == "__main__":
    print(make())
