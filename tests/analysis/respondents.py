"""Whole groups of known-truth respondents, stored through the services."""

from collections.abc import Callable, Sequence

from analysis.plans.files import Exclusions
from analysis.runs.answers import answer_sheet
from analysis.runs.frames import ScoredFrame, scored_frame
from analysis.runs.snapshot import StudySnapshot
from surveys import services
from surveys.models import Administration, Respondent, RespondentGroup, Study
from surveys.presentation import Question
from surveys.selectors import presentation_of
from surveys.services import AnswerSubmission, GivenAnswer, Start
from surveys.services.rehearsal import answer_keys
from surveys.simulation import SimulatedRespondent, bundled_profile

# The displayed code that a respondent gives to a question as shown.
Answering = Callable[[Question], int]


def make_group(study: Study, key: str, kind: str) -> RespondentGroup:
    return RespondentGroup.objects.create(
        study=study, key=key, label=key.replace("-", " ").capitalize(), kind=kind, simulated=True
    )


def answer_as(
    study: Study, group: RespondentGroup, *, profile: str, n: int, seed: int = 1
) -> list[Administration]:
    """`n` respondents of a group answer everything and finish, as `profile` has it."""
    return answer_with(study, group, known_truth(study, profile, n=n, seed=seed), seed=seed)


def known_truth(study: Study, profile: str, *, n: int, seed: int = 1) -> list[Answering]:
    """How `n` respondents with the traits of `profile` answer."""
    keys = answer_keys(study)
    people = [SimulatedRespondent(bundled_profile(profile), seed + i) for i in range(n)]
    return [lambda question, one=one: one.answer(question, keys[question.ref]) for one in people]


def answer_with(
    study: Study, group: RespondentGroup, answering: Sequence[Answering], *, seed: int = 1
) -> list[Administration]:
    """One respondent of the group for each way of answering; all answer everything and finish."""
    respondents = Respondent.objects.bulk_create(
        Respondent(study=study, group=group, kind=group.kind, simulated=True) for _ in answering
    )
    administrations = services.begin_administrations(
        study=study,
        starts=[Start(one, seed + i, study.default_language) for i, one in enumerate(respondents)],
    )
    services.record_answer_batch(
        submissions=[
            _submission(one, answer) for one, answer in zip(administrations, answering, strict=True)
        ]
    )
    return services.complete_administrations(administrations=administrations)


def frame_of(study: Study, *, exclusions: Exclusions | None = None) -> ScoredFrame:
    """The scored frame of all groups of a study, as it is now."""
    sheet = answer_sheet(StudySnapshot.of(study), rules=exclusions)
    return scored_frame(sheet, exclusions=exclusions)


def _submission(administration: Administration, answer: Answering) -> AnswerSubmission:
    questions = presentation_of(administration).questions
    answers = [GivenAnswer(question.ref, answer(question)) for question in questions]
    return AnswerSubmission(administration.pk, answers, "all")
