"""A respondent without a network, whose latent traits and paths are known.

It is a feature of the product: a study can be rehearsed, and an analysis checked against the truth,
before a single call is paid for. It reads the question and its options as a model would, replies in
the form asked for, and its replies go through the same parser and the same store. Its rows are
labelled as simulated everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from llm_respondents.conversation.replies import reply_text
from llm_respondents.providers.base import Reply, Request
from surveys.scoring import ItemKey
from surveys.simulation import CheckKey, SimulatedRespondent, TraitProfile

# Sessions in progress at once, with room to spare: a respondent is drawn once per session.
_REMEMBERED = 256


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

    async def ask(self, request: Request, parameters: Mapping[str, Any]) -> Reply:  # noqa: ARG002
        """Reply at once, in the form that the arm asks for."""
        respondent: SimulatedRespondent = self._respondent(request.session_seed)
        given = {
            question.ref: respondent.answer(question, self._keys[question.ref])
            for question in request.turn.questions
        }
        text = reply_text(given, request.turn, request.arm, reason="scripted")
        return Reply(text=text, model=self._profile.name)

    async def aclose(self) -> None:
        """Nothing is held open."""
