"""Whole groups of known-truth respondents, stored through the services."""

from surveys import services
from surveys.models import Administration, Respondent, RespondentGroup, Study
from surveys.rehearsal import answer_keys
from surveys.selectors import presentation_of
from surveys.services import AnswerSubmission, GivenAnswer, Start
from surveys.simulation import SimulatedRespondent, bundled_profile


def make_group(study: Study, key: str, kind: str) -> RespondentGroup:
    return RespondentGroup.objects.create(
        study=study, key=key, label=key.replace("-", " ").capitalize(), kind=kind, simulated=True
    )


def answer_as(
    study: Study, group: RespondentGroup, *, profile: str, n: int, seed: int = 1
) -> list[Administration]:
    """`n` respondents of a group answer everything and finish, as `profile` has it."""
    respondents = Respondent.objects.bulk_create(
        Respondent(study=study, group=group, kind=group.kind, simulated=True) for _ in range(n)
    )
    administrations = services.begin_administrations(
        study=study,
        starts=[Start(one, seed + i, study.default_language) for i, one in enumerate(respondents)],
    )
    keys = answer_keys(study)
    traits = bundled_profile(profile)
    services.record_answer_batch(
        submissions=[
            _submission(one, SimulatedRespondent(traits, seed + i), keys)
            for i, one in enumerate(administrations)
        ]
    )
    return [services.complete_administration(administration=one) for one in administrations]


def _submission(administration, respondent, keys) -> AnswerSubmission:
    questions = presentation_of(administration).questions
    answers = [
        GivenAnswer(question.ref, respondent.answer(question, keys[question.ref]))
        for question in questions
    ]
    return AnswerSubmission(administration.pk, answers, "all")
