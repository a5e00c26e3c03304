"""The populations that simulated respondents are drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


class SimulationError(ValueError):
    """A profile contradicts itself, or no profile has the name."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class LatentPath:
    """A standardised regression weight of one latent trait on another."""

    predictor: str
    outcome: str
    coefficient: float


@dataclass(frozen=True, slots=True)
class TraitProfile:
    """The population that simulated respondents are drawn from.

    Means, sds, acquiescence and thresholds are in standard deviations of the response y* of the
    reference population (mean 0, sd 1, noise 1). A construct that is not named has mean 0, sd 1.

    `thresholds` maps the number of options k to k − 1 rising cut points; where a k is not named,
    `even_thresholds` holds. `constancy` is the probability that an answer is the item's typical
    answer in this profile, whatever the traits; on a share `constant_items` of the items it is 1.
    """

    name: str
    paths: tuple[LatentPath, ...] = ()
    means: Mapping[str, float] = field(default_factory=dict)
    sds: Mapping[str, float] = field(default_factory=dict)
    exogenous_correlation: float = 0.0
    loading: float = 0.66
    cohesion: float = 0.8
    noise: float = 1.0
    thresholds: Mapping[int, tuple[float, ...]] = field(default_factory=dict)
    acquiescence_mean: float = 0.0
    acquiescence_sd: float = 0.0
    constancy: float = 0.0
    constant_items: float = 0.0
    check_failure_rate: float = 0.0
    skip_rate: float = 0.0
    demographic_weights: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shares = ("exogenous_correlation", "cohesion", "constancy", "constant_items",
                  "check_failure_rate", "skip_rate")  # fmt: skip
        for share in shares:
            if not 0 <= getattr(self, share) <= 1:
                raise SimulationError(
                    f"profile {self.name!r}: {share} must lie between 0 and 1", code="not_a_share"
                )
        if not 0 < self.loading < 1:
            raise SimulationError(
                f"profile {self.name!r}: loading must lie between 0 and 1", code="not_a_loading"
            )
        for options, cuts in self.thresholds.items():
            if len(cuts) != options - 1 or list(cuts) != sorted(set(cuts)):
                raise SimulationError(
                    f"profile {self.name!r}: {options} options need {options - 1} rising "
                    f"thresholds, not {cuts}",
                    code="malformed_thresholds",
                )
        self._require_possible_paths()

    def _require_possible_paths(self) -> None:
        outcomes = {path.outcome for path in self.paths}
        for path in self.paths:
            if path.predictor in outcomes:
                raise SimulationError(
                    f"profile {self.name!r}: {path.predictor!r} is predicted and predicts; "
                    "use one layer of paths",
                    code="chained_paths",
                )
        for outcome in outcomes:
            if self.explained_variance(outcome) >= 1:
                raise SimulationError(
                    f"profile {self.name!r}: the paths to {outcome!r} explain all its variance; "
                    "make the coefficients smaller",
                    code="no_residual_variance",
                )

    def paths_to(self, outcome: str) -> tuple[LatentPath, ...]:
        """Return the paths that predict this construct; none if it is exogenous."""
        return tuple(path for path in self.paths if path.outcome == outcome)

    def explained_variance(self, outcome: str) -> float:
        """Return R² of an outcome: Σβ² + r((Σβ)² − Σβ²), r the predictors' correlation."""
        weights = [path.coefficient for path in self.paths_to(outcome)]
        squares = sum(weight * weight for weight in weights)
        return squares + self.exogenous_correlation * (sum(weights) ** 2 - squares)


def even_thresholds(options: int, *, spread: float = 1.6) -> tuple[float, ...]:
    """Return k − 1 evenly spaced cut points from −spread to spread (0 for two options)."""
    if options <= 2:
        return (0.0,) * (options - 1)
    step = 2 * spread / (options - 2)
    return tuple(-spread + step * cut for cut in range(options - 1))


_ADULTS = {
    "gender": {"female": 0.505, "male": 0.48, "diverse": 0.01, "undisclosed": 0.005},
    "education": {
        "none": 0.02,
        "basic": 0.24,
        "vocational": 0.34,
        "upper_secondary": 0.16,
        "university": 0.23,
        "undisclosed": 0.01,
    },
}

PROFILES: Mapping[str, TraitProfile] = MappingProxyType(
    {
        profile.name: profile
        for profile in (
            TraitProfile(
                name="people",
                paths=(
                    LatentPath("privacy", "sharing", -0.35),
                    LatentPath("prosocial", "sharing", 0.30),
                ),
                means={"privacy": 1.2, "prosocial": 0.9, "sharing": 0.1},
                exogenous_correlation=0.10,
                acquiescence_mean=0.1,
                acquiescence_sd=0.25,
                check_failure_rate=0.04,
                skip_rate=0.005,
                demographic_weights=_ADULTS,
            ),
            TraitProfile(
                name="people-like",
                paths=(
                    LatentPath("privacy", "sharing", -0.33),
                    LatentPath("prosocial", "sharing", 0.28),
                ),
                means={"privacy": 1.3, "prosocial": 1.4, "sharing": 0.4},
                sds={"privacy": 0.8, "prosocial": 0.8, "sharing": 0.8},
                exogenous_correlation=0.15,
                noise=0.8,
                acquiescence_mean=0.2,
                acquiescence_sd=0.15,
                check_failure_rate=0.01,
                demographic_weights=_ADULTS,
            ),
            TraitProfile(
                name="reversed",
                paths=(
                    LatentPath("privacy", "sharing", 0.35),
                    LatentPath("prosocial", "sharing", 0.30),
                ),
                means={"privacy": 1.4, "prosocial": 1.5, "sharing": 0.6},
                sds={"privacy": 0.8, "prosocial": 0.8, "sharing": 0.8},
                exogenous_correlation=0.10,
                noise=0.8,
                acquiescence_mean=0.2,
                acquiescence_sd=0.2,
                check_failure_rate=0.02,
                demographic_weights=_ADULTS,
            ),
            TraitProfile(
                name="near-constant",
                paths=(
                    LatentPath("privacy", "sharing", -0.30),
                    LatentPath("prosocial", "sharing", 0.25),
                ),
                means={"privacy": 1.5, "prosocial": 1.6, "sharing": 0.4},
                sds={"privacy": 0.6, "prosocial": 0.6, "sharing": 0.6},
                noise=0.6,
                acquiescence_mean=0.2,
                acquiescence_sd=0.1,
                constancy=0.9,
                constant_items=0.12,
                demographic_weights=_ADULTS,
            ),
        )
    }
)
"""The bundled profiles by name; their coefficients are latent and standardised."""


def bundled_profile(name: str) -> TraitProfile:
    """Return one bundled profile; `SimulationError` with the known names if there is none."""
    try:
        return PROFILES[name]
    except KeyError:
        raise SimulationError(
            f"no profile is called {name!r}; choose from {', '.join(sorted(PROFILES))}",
            code="unknown_profile",
        ) from None
