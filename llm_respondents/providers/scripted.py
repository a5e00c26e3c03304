"""A respondent without a network, whose latent traits and paths are known.

It is a feature of the product: a study can be rehearsed, and an analysis checked against the truth,
before a single call is paid for. It reads the question and its options as a model would, replies in
the form asked for, and its replies go through the same parser and the same store. Its rows are
labelled as simulated everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache

from llm_respondents.prompts import Arm, Turn
from llm_respondents.providers.base import Reply, Request
from surveys.presentation import Question
from surveys.scoring import ItemKey
from surveys.simulation import CheckKey, SimulatedRespondent, TraitProfile

# Sessions in progress at once, with room to spare: a respondent is drawn once per session.
_REMEMBERED = 4096


class ScriptedProvider:
    """Answers from a trait profile; equal (profile, session seed, reference) is an equal answer."""

    name = "scripted"

    def __init__(self, *, profile: TraitProfile, keys: Mapping[str, ItemKey | CheckKey]) -> None:
        self._profile = profile
        self._keys = keys
        self._respondent = lru_cache(maxsize=_REMEMBERED)(
            lambda seed: SimulatedRespondent(profile, seed)
        )

    def parameters(self, request: Request) -> dict[str, str | int]:
        """The profile and the seed, which are all that the answers depend on."""
        return {"profile": self._profile.name, "seed": request.session_seed}

    async def ask(self, request: Request) -> Reply:
        """Reply at once, in the form that the arm asks for."""
        respondent: SimulatedRespondent = self._respondent(request.session_seed)
        codes = {
            question.position: respondent.answer(question, self._keys[question.ref])
            for question in request.turn.questions
        }
        return Reply(text=_in_form(codes, request.turn, request.arm), model=self._profile.name)

    async def aclose(self) -> None:
        """Nothing is held open."""


def _in_form(codes: Mapping[int, int], turn: Turn, arm: Arm) -> str:
    if arm.elicitation in ("schema", "reason"):
        return json.dumps(_as_object(codes, arm))
    texts = [_in_words(q, codes[q.position], arm) for q in turn.questions]
    if len(texts) == 1:
        return texts[0]
    positions = (question.position for question in turn.questions)
    return "\n".join(f"{position}: {text}" for position, text in zip(positions, texts, strict=True))


def _as_object(codes: Mapping[int, int], arm: Arm) -> dict[str, object]:
    if len(codes) > 1:
        return {"answers": {str(position): code for position, code in codes.items()}}
    (code,) = codes.values()
    return (
        {"reason": "scripted", "answer": code} if arm.elicitation == "reason" else {"answer": code}
    )


def _in_words(question: Question, code: int, arm: Arm) -> str:
    return question.option(code).label if arm.elicitation == "label" else str(code)
