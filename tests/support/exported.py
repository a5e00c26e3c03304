"""A small study with everything that an export must keep: two kinds of missing answers, a reverse
key, signs of all sorts in its words; with people, simulated people and sessions of a model.
"""

import json
from pathlib import Path
from typing import Any

import tea
from django.contrib.auth.base_user import AbstractBaseUser
from factories import TESTER

from surveys.exports.content import ExportChoice
from surveys.imports import parse_data, parse_mapping
from surveys.models import (
    Administration,
    Answer,
    Kind,
    Respondent,
    RespondentGroup,
    ScaleDirection,
    Study,
)
from surveys.selectors import study_content
from surveys.services.answers import record_answers
from surveys.services.data.exports import export_data
from surveys.services.data.imports import import_responses
from surveys.services.enrolment import complete_administration
from surveys.services.recording.beginning import begin_administration
from surveys.services.submissions import GivenAnswer

_DATA = """\
[data]
respondents = "people"
id_column = "id"
missing = { NA = "not_shown", R = "refused", X = "skipped" }
"""
_COLUMNS = """\
[[columns]]
name = "q1"
item = "liking.good"
[[columns]]
name = "q2"
item = "liking.bitter"
[[columns]]
name = "age"
demographic = "age"
[[columns]]
name = "w"
sampling = "weight"
"""
_WORDS = {
    "A study of tea": "Tea & <biscuits>",
    '"Disagree"': '"Not at \\"all\\""',
    '"Agree"': '"Völlig & ganz"',
    "Tea tastes good.": "Tea “tastes” good, <b>always</b>.",
    "Tea is bitter.": "=Tea is bitter",
}


def _in_words(text: str) -> str:
    for plain, odd in _WORDS.items():
        text = text.replace(plain, odd)
    return text


MAPPING = _in_words(
    tea.mapping_of(tea.SOURCE, _DATA, tea.STUDY, tea.AGE, tea.LIKING_BLOCK, tea.LIKING, _COLUMNS)
)
DATA = "id,q1,q2,age,w\np1,1,3,34,1.5\np2,R,2,,0.5\np3,NA,1,20,\n"
REFS = ("liking.good", "liking.bitter")


def tea_study(owner: AbstractBaseUser, people: str = DATA) -> Study:
    """Three imported people, one simulated person, two sessions of a model."""
    mapping = parse_mapping(MAPPING, file="tea.toml")
    data = parse_data(people.encode(), mapping.layout)
    study = import_responses(mapping=mapping, data=data, owner=owner, by=TESTER).study
    simulated = RespondentGroup.objects.create(
        study=study, key="rehearsal", label="Rehearsal", kind=Kind.HUMAN, simulated=True
    )
    model = RespondentGroup.objects.create(study=study, key="m", label="A model", kind=Kind.LLM)
    passage(study, simulated, [1, 1])
    passage(study, model, [3, "unparsable"], ScaleDirection.REVERSED)
    passage(study, model, [2, "content_filter"])
    return study


def passage(
    study: Study, group: RespondentGroup, answers: list[Any], direction: str = "forward"
) -> Administration:
    """A respondent of the group who gave these answers, values or reasons, and completed."""
    respondent = Respondent.objects.create(
        study=study, group=group, kind=group.kind, simulated=group.simulated
    )
    begun = begin_administration(
        respondent=respondent, study=study, seed=1, language="en", scale_direction=direction
    )
    codes = (lambda v: 4 - v) if direction == ScaleDirection.REVERSED else (lambda v: v)
    given = [
        GivenAnswer(ref, None, one) if isinstance(one, str) else GivenAnswer(ref, codes(one))
        for ref, one in zip(REFS, answers, strict=True)
    ]
    record_answers(administration=begun, answers=given, idempotency_key="all")
    return complete_administration(administration=begun)


def exported(study: Study, folder: Path, **choice: Any) -> dict[str, Any]:
    """Export into `folder`; returns the manifest."""
    export_data(study=study, choice=ExportChoice(**choice), folder=folder, by=TESTER)
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def in_database(study: Study) -> dict[tuple[int, str], int | str]:
    """(respondent, column) -> value, or the reason why there is none: what is really there."""
    targets = study_content(study, "en").targets
    refs = {target.item_id: ref.replace(".", "_") for ref, target in targets.items()}
    rows = Answer.objects.filter(administration__study=study)
    found = rows.values_list("administration__respondent", "item", "value", "missing_reason")
    return {(of, refs[item]): reason or value for of, item, value, reason in found}
