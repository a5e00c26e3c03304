"""The receipt of a person: everything that is stored about them, for nobody but themselves."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from surveys.models import Administration
from surveys.paradata.visits import Visit
from surveys.presentation import Question
from surveys.selectors import StoredAnswer, walk_of
from surveys.services.flagging.looking import flags_by_person
from surveys.services.flagging.passages import visits_of


@dataclass(frozen=True, slots=True)
class OwnAnswer:
    """A question as it was asked, and the words of what is stored; None if it was left open."""

    page: str
    question: str
    answer: str | None


@dataclass(frozen=True, slots=True)
class OwnPage:
    """A page as it was sent: seconds by the server's clock, and what the browser reported.

    Page 0 is the consent, where it asked for a proof of work (`calculation`).
    """

    page: int
    seconds: float | None
    reported: bool
    device: str
    times_left: int | None
    seconds_away: float | None
    questions: Mapping[str, Mapping[str, int | None]]
    hidden_fields_filled: tuple[str, ...] | None
    calculation: str | None = None
    calculation_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class OwnData:
    """What is stored about one person; texts are in the language that they answered in."""

    study: str
    language: str
    status: str
    consent_version: str
    consent_given: bool
    consent_at: datetime | None
    began_at: datetime
    ended_at: datetime | None
    recruiter: str
    recruiter_id: str
    parameters: Mapping[str, str]
    about_you: Mapping[str, str]
    answers: tuple[OwnAnswer, ...]
    completion_code: str
    pages: tuple[OwnPage, ...] = ()
    flags: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain values, for a file."""
        return asdict(self)


def own_data(*, administration: Administration) -> OwnData:
    """Everything that the study holds of this person."""
    respondent = administration.respondent
    consent = getattr(respondent, "consent", None)
    beside = getattr(respondent, "recruiter_parameters", None)
    return OwnData(
        study=administration.study.title(administration.language),
        language=administration.language,
        status=administration.status,
        consent_version=consent.text.version if consent else "",
        consent_given=bool(consent and consent.given),
        consent_at=consent.decided_at if consent else None,
        began_at=administration.started_at,
        ended_at=administration.ended_at,
        recruiter=respondent.link.sender.name if respondent.link and respondent.recruiter else "",
        recruiter_id=respondent.recruiter_id,
        parameters=dict(beside.values) if beside else {},
        about_you=_about(administration),
        answers=tuple(_answers(administration)),
        completion_code=administration.completion_code,
        pages=tuple(map(_page, visits_of([administration.pk]).get(administration.pk, ()))),
        flags=tuple(
            one.said(gettext)
            for one in flags_by_person([administration.pk]).get(administration.pk, ())
        ),
    )


def _page(visit: Visit) -> OwnPage:
    return OwnPage(
        page=visit.page,
        seconds=None if visit.elapsed_ms is None else visit.elapsed_ms / 1000,
        reported=visit.reported,
        device=visit.device,
        times_left=visit.left,
        seconds_away=None if visit.away_ms is None else visit.away_ms / 1000,
        questions={ref: asdict(one) for ref, one in visit.touched.items()},
        hidden_fields_filled=visit.traps,
        calculation=visit.work,
        calculation_seconds=None if visit.work_ms is None else visit.work_ms / 1000,
    )


def _about(administration: Administration) -> dict[str, str]:
    """Questions about the person with what they said, in the words that they read."""
    said = administration.respondent.demographics
    language = administration.language
    told = {}
    for question in administration.study.demographics:
        value = said.get(question["key"])
        if value is not None:
            options = {one["value"]: one["label"][language] for one in question["options"]}
            told[question["label"][language]] = str(options.get(value, value))
    return told


def _answers(administration: Administration) -> list[OwnAnswer]:
    if not administration.realised_order:
        return []
    walk = walk_of(administration)
    return [
        OwnAnswer(page.title, question.text, _words(question, walk.told[question.ref]))
        for page in map(walk.page, range(1, len(walk.presentation.pages) + 1))
        for question in page.questions
        if question.ref in walk.told
    ]


def _words(question: Question, stored: StoredAnswer) -> str | None:
    if not stored.values:
        declared = stored.reason in question.declarable
        return question.format.label_of(stored.reason) if declared else None
    if question.open:
        return question.open.shown(question.open.given(stored.values))
    return question.option(question.code_of(int(stored.values[0]))).label
