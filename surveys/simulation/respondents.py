"""One simulated respondent: traits drawn from a profile, answers worked out from the traits."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

from surveys.instrument_files import DemographicField, StudyDefinition, check_ref
from surveys.presentation import Presentation, Question
from surveys.questions import Given
from surveys.scoring import ItemKey
from surveys.simulation.profiles import TraitProfile, even_thresholds

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class CheckKey:
    """What passes an attention check: the expected scored values."""

    expected: tuple[int, ...]


def check_keys(study: StudyDefinition) -> dict[str, CheckKey]:
    """Return reference -> check key for the attention checks of a study."""
    return {check_ref(check.key): CheckKey(check.expected) for check in study.attention_checks}


class _ItemParameters(NamedTuple):
    loading_offset: float
    shift: float


@lru_cache(maxsize=4096)
def _item_parameters(ref: str) -> _ItemParameters:
    """Make items differ: loadings by up to ±.08, difficulty by a standard deviation of .25.

    They depend on the item alone, so that groups share them and measurement invariance is true.
    """
    draws = _uniforms(hashlib.sha256(f"item:{ref}".encode()).digest())
    return _ItemParameters(0.16 * (draws[0] - 0.5), 0.25 * _NORMAL.inv_cdf(draws[1]))


def _uniforms(digest: bytes) -> tuple[float, float, float, float]:
    """Cut a SHA-256 digest into four numbers strictly between 0 and 1."""
    first, second, third, fourth = (
        # 52 bits and a half: neither 0 nor, after rounding, 1, where inv_cdf has no value.
        ((int.from_bytes(digest[start : start + 8]) >> 12) + 0.5) / 2**52
        for start in (0, 8, 16, 24)
    )
    return first, second, third, fourth


class SimulatedRespondent:
    """One respondent drawn from a profile; equal (profile name, seed) is the same respondent."""

    def __init__(self, profile: TraitProfile, seed: int) -> None:
        self.profile = profile
        self.seed = seed
        self._stem = hashlib.sha256(f"{profile.name}:{seed}:".encode())
        self._standardised: dict[str, float] = {}
        self._facets: dict[tuple[str, str | None], float] = {}
        self._acquiescence = profile.acquiescence_mean + profile.acquiescence_sd * self._normal(
            "acquiescence"
        )

    def trait(self, construct: str) -> float:
        """Return the true level of a construct (θ)."""
        return self._level(construct, self._z(construct))

    def answer(self, question: Question, key: ItemKey | CheckKey) -> Given:
        """Return the answer to a question as shown; of a choice its displayed code."""
        values = sorted(option.value for option in question.options)
        draws = self._draws(question.ref)
        if question.open and isinstance(key, ItemKey):
            return question.open.simulated(self._response(question.ref, key, draws), draws)
        if isinstance(key, CheckKey):
            return question.code_of(self._checked(values, key.expected, draws))
        thresholds = self.profile.thresholds.get(len(values)) or even_thresholds(len(values))
        response = self._response(question.ref, key, draws)
        return question.code_of(values[sum(cut < response for cut in thresholds)])

    def answers(
        self, presentation: Presentation, keys: Mapping[str, ItemKey | CheckKey]
    ) -> dict[str, Given]:
        """Answer every question that is not skipped: reference -> what is given, as shown."""
        return {
            question.ref: self.answer(question, keys[question.ref])
            for question in presentation.questions
            if not self.skips(question.ref)
        }

    def skips(self, ref: str) -> bool:
        """Tell whether this respondent leaves the question unanswered."""
        return self._draws(f"skip:{ref}")[0] < self.profile.skip_rate

    def demographics(self, fields: Sequence[DemographicField]) -> dict[str, int | str]:
        """Return a value for every field: numbers around the lower third of the range allowed,
        choices by the profile's weights (equal where it has none).
        """
        return {
            one.key: self._number(one) if one.kind == "integer" else self._choice(one)
            for one in fields
        }

    def _draws(self, purpose: str) -> tuple[float, float, float, float]:
        state = self._stem.copy()
        state.update(purpose.encode())
        return _uniforms(state.digest())

    def _normal(self, purpose: str) -> float:
        return _NORMAL.inv_cdf(self._draws(purpose)[0])

    def _z(self, construct: str) -> float:
        if construct not in self._standardised:
            paths = self.profile.paths_to(construct)
            unique = self._normal(f"trait:{construct}")
            if paths:
                residual = sqrt(1 - self.profile.explained_variance(construct))
                explained = sum(path.coefficient * self._z(path.predictor) for path in paths)
                value = explained + residual * unique
            else:
                shared = self.profile.exogenous_correlation
                value = sqrt(shared) * self._normal("shared") + sqrt(1 - shared) * unique
            self._standardised[construct] = value
        return self._standardised[construct]

    def _level(self, construct: str, z: float) -> float:
        return self.profile.means.get(construct, 0.0) + self.profile.sds.get(construct, 1.0) * z

    def _facet_level(self, construct: str, facet: str | None) -> float:
        if facet is None:
            return self.trait(construct)
        if (construct, facet) not in self._facets:
            cohesion = self.profile.cohesion
            unique = self._normal(f"facet:{construct}:{facet}")
            z = sqrt(cohesion) * self._z(construct) + sqrt(1 - cohesion) * unique
            self._facets[construct, facet] = self._level(construct, z)
        return self._facets[construct, facet]

    def _response(self, ref: str, key: ItemKey, draws: Sequence[float]) -> float:
        """Return y*, the response before it is cut into options."""
        profile = self.profile
        item = _item_parameters(ref)
        loading = min(max(profile.loading + item.loading_offset, 0.05), 0.95)
        sign = -1.0 if key.reverse_keyed else 1.0
        if draws[1] < self._constancy_of(ref):
            typical = sign * loading * profile.means.get(key.construct, 0.0)
            return typical + profile.acquiescence_mean + item.shift
        noise = profile.noise * sqrt(1 - loading * loading) * _NORMAL.inv_cdf(draws[0])
        level = self._facet_level(key.construct, key.facet)
        return sign * loading * level + noise + self._acquiescence + item.shift

    def _constancy_of(self, ref: str) -> float:
        share = self.profile.constant_items
        if share and _uniforms(hashlib.sha256(f"constant:{ref}".encode()).digest())[0] < share:
            return 1.0
        return self.profile.constancy

    def _checked(
        self, values: Sequence[int], expected: Sequence[int], draws: Sequence[float]
    ) -> int:
        wrong = [value for value in values if value not in expected]
        fails = bool(wrong) and draws[0] < self.profile.check_failure_rate
        candidates = wrong if fails else expected
        return candidates[int(draws[1] * len(candidates))]

    def _number(self, one: DemographicField) -> int:
        low, high = one.minimum or 0, one.maximum if one.maximum is not None else 120
        spread = NormalDist(low + 0.3 * (high - low), max((high - low) / 6, 1e-9))
        lowest, highest = spread.cdf(low - 0.5), spread.cdf(high + 0.5)
        drawn = lowest + self._draws(f"demographic:{one.key}")[0] * (highest - lowest)
        return min(max(round(spread.inv_cdf(drawn)), low), high)

    def _choice(self, one: DemographicField) -> str:
        values = [value for value, _ in one.options]
        weights = self.profile.demographic_weights.get(one.key, {})
        shares = [weights.get(value, 0.0) for value in values]
        if not any(shares):
            shares = [1.0] * len(values)
        drawn = self._draws(f"demographic:{one.key}")[0] * sum(shares)
        reached = (
            value for value, top in zip(values, accumulate(shares), strict=True) if drawn < top
        )
        return next(reached, values[-1])
