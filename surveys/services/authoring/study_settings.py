"""What is agreed beside the questions of a draft, changed one setting at a time."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from surveys.models import Study
from surveys.services.audit import Actor
from surveys.services.authoring.draft_values import draft_values, store_draft


@transaction.atomic
def change_settings(*, study: Study, settings: Mapping[str, Any], by: Actor) -> Study:
    """Give settings of a draft other values (`instrument_files.settings.StudySettings`).

    None takes one out; what is not named stays as it is written, and the same again changes
    nothing. Raises `StudyError` (`study_is_frozen`), `InstrumentFileError`.
    """
    values = draft_values(study)
    agreed = {**values.get("settings", {}), **settings}
    stated = {key: value for key, value in agreed.items() if value is not None}
    return store_draft(study=study, values={**values, "settings": stated}, by=by)
