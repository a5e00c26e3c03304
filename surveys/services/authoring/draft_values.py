"""A draft study as the values of its file, and the draft stored anew from such values."""

from collections.abc import Mapping
from typing import Any

from surveys.instrument_files import study_values
from surveys.models import Study
from surveys.services.audit import Actor
from surveys.services.definitions import study_definition
from surveys.services.drafts import change_draft, read_materials


def draft_values(study: Study) -> dict[str, Any]:
    """The tables of the study's file, for a change of some of them."""
    values = study_values(study_definition(study))
    return {**values, "blocks": list(values.get("blocks", ()))}


def store_draft(*, study: Study, values: Mapping[str, Any], by: Actor) -> Study:
    """Store the draft as these tables have it; an empty one is left out.

    Raises `StudyError` (`study_is_frozen`), `InstrumentFileError` with all that is wrong.
    """
    written = {key: value for key, value in values.items() if value not in ([], {})}
    return change_draft(study=study, materials=read_materials(written), by=by)
