"""Respondents whose latent traits are known, so that an analysis can be checked against the truth.

They answer like any other respondent, from the question as shown, and serve as the simulated people
of the demo and as the scripted model. Everything they do is a function of the profile's name, the
seed and what is asked: the order of asking, the scale direction and other questions change nothing.

The model, in standardised terms:

    outcome trait   z_o = Σ β_p z_p + sqrt(1 − R²) u         along the profile's paths
    trait level     θ   = mean + sd · z
    facet level     φ   = mean + sd · (sqrt(cohesion) z + sqrt(1 − cohesion) u)
    response        y*  = ±λ φ + noise · sqrt(1 − λ²) ε + acquiescence + shift

and the answer is the number of thresholds below y*. Loading λ and shift belong to the item, whoever
answers; the sign is − for reverse-keyed items; acquiescence belongs to the respondent. This is the
graded (ordinal probit) factor model of Muthén (1984), Psychometrika, 49(1), 115-132.

    respondent = SimulatedRespondent(bundled_profile("people"), seed=7)
    codes = respondent.answers(presentation, item_keys(by_block) | check_keys(study))

A profile that contradicts itself, or a name that is unknown, raises `SimulationError`.
"""

from surveys.scoring import ItemKey, item_keys
from surveys.simulation.profiles import (
    PROFILES,
    LatentPath,
    SimulationError,
    TraitProfile,
    bundled_profile,
    even_thresholds,
)
from surveys.simulation.respondents import CheckKey, SimulatedRespondent, check_keys

__all__ = [
    "PROFILES",
    "CheckKey",
    "ItemKey",
    "LatentPath",
    "SimulatedRespondent",
    "SimulationError",
    "TraitProfile",
    "bundled_profile",
    "check_keys",
    "even_thresholds",
    "item_keys",
]
