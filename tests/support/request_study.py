"""The study of conditions and rules: the example of docs/instruments.md, open in two languages."""

import re
from functools import cache

from every_kind import DOCS
from factories import TESTER

from surveys import services
from surveys.instrument_files import InstrumentDefinition, parse_draft, parse_instrument
from surveys.models import Study

AGE, SHARE, WHY_NOT, FIRM = (f"request.{key}" for key in ("age", "share", "why_not", "firm"))


@cache
def request_files() -> tuple[str, str]:
    """The instrument and the study, as they are written."""
    examples = re.findall(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    (instrument,) = [one for one in examples if 'slug = "a-request"' in one]
    (study,) = [one for one in examples if 'slug = "request-study"' in one]
    return instrument, study


@cache
def request_instrument() -> InstrumentDefinition:
    return parse_instrument(request_files()[0])


def open_request_study(owner, *, change=lambda text: text) -> Study:
    instrument = request_instrument()
    services.publish_instrument(definition=instrument, by=TESTER)
    draft = parse_draft(change(request_files()[1]), instruments=[instrument])
    study = services.create_study(definition=draft.definition, owner=owner, by=TESTER)
    return services.open_study(study=study, by=TESTER)
