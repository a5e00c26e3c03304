"""The frozen plan: constructs, paths with expected signs, and the rules of the comparison.

A plan is written, hashed and dated before any model data are looked at; nothing in it may depend on
what the models answered.

Items are *oriented* in the data a plan is applied to: high means more concern, more prosocial, more
sharing. ``ItemSpec`` remembers which items were reverse-keyed, so that response style can be read
from the answers as they were given.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from analysis.compare.errors import PlanError

Sign = Literal[-1, 0, 1]
ORDINAL = ("WLSMV", "DWLS")
# How the name of an item or a construct ends that is one of a wave.
WAVE = re.compile(r"\.w[0-9]+$")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


class Kind(StrEnum):
    """Who answered: people, or sessions of a language model."""

    HUMAN = "human"
    LLM = "llm"


class SignSource(StrEnum):
    """Where an expected sign comes from."""

    THEORY = "T"
    HUMAN = "H"


class Rung(StrEnum):
    """How a path was estimated; later rungs stand in when earlier ones cannot be had.

    ``FIT_NOT_SHOWN`` is the planned model of a group in which it has no acceptable fit.
    """

    FULL = "full"
    FIT_NOT_SHOWN = "fit_not_shown"
    ITEMS_DROPPED = "items_dropped"
    COMPOSITE = "composite"
    SINGLE_INDICATOR = "single_indicator"
    NONE = "none"


# A wide range, of amounts of money perhaps, is counted in so many steps.
MOST_STEPS = 100


@dataclass(frozen=True, slots=True)
class ItemSpec:
    """One questionnaire item: its response range and keying."""

    name: str
    # Whole numbers stay whole in what is stored: equal plans have equal bytes.
    minimum: int | float
    maximum: int | float
    reverse_keyed: bool = False

    @property
    def step(self) -> float:
        """How far classes of answers lie apart: 1, but where that made more than a hundred."""
        return max(1.0, (self.maximum - self.minimum) / MOST_STEPS)

    @property
    def scale(self) -> tuple[int, ...]:
        """The classes of answers from the lowest to the highest, to whole numbers."""
        steps = round((self.maximum - self.minimum) / self.step)
        return tuple(round(self.minimum + at * self.step) for at in range(steps + 1))


@dataclass(frozen=True, slots=True)
class Indicator:
    """One observed indicator of a construct: a single item, or the mean of a facet's items."""

    name: str
    items: tuple[str, ...]
    facet: str = ""


@dataclass(frozen=True, slots=True)
class Construct:
    """A latent variable. The first indicator is the marker, its loading fixed to one.

    ``equal_loadings`` fixes every loading to one, which identifies a construct of two indicators.
    """

    key: str
    label: str
    indicators: tuple[Indicator, ...]
    orientation: str = ""
    equal_loadings: bool = False

    @property
    def is_latent(self) -> bool:
        """True where it has more than one indicator; otherwise it is that indicator."""
        return len(self.indicators) > 1

    @property
    def items(self) -> tuple[str, ...]:
        """Every item of the construct, in indicator order."""
        return tuple(item for indicator in self.indicators for item in indicator.items)


@dataclass(frozen=True, slots=True)
class PathSpec:
    """One path of the set P: an expected sign with its source, frozen before model data are seen.

    ``expected_sign`` 0 is allowed for source H only: the sign of the human estimate.
    Paths that share ``model`` are estimated together; constructs enter a model through its paths.
    """

    outcome: str
    predictor: str
    expected_sign: Sign
    source: SignSource
    family: str
    reference: str = ""
    model: str = "main"
    facet: str = ""
    scenario: str = ""

    @property
    def key(self) -> str:
        """Unique name of the path: ``model:predictor->outcome``, the model left out for "main"."""
        arrow = f"{self.predictor}->{self.outcome}"
        return arrow if self.model == "main" else f"{self.model}:{arrow}"


@dataclass(frozen=True, slots=True)
class Subgroups:
    """People divided by what they said of themselves, the column ``by``.

    Without ``cuts`` every value is a subgroup; n ascending cuts make n + 1 of a number, a cut
    belonging to the subgroup above it. ``moderates`` are the paths, by key, that are tested for
    being equal in all subgroups.
    """

    by: str
    cuts: tuple[float, ...] = ()
    moderates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What people said of themselves as a predictor of ``outcomes``, beside the paths.

    A choice enters as one column of 0 and 1 for each of its ``levels``, which are its options but
    for the ``reference``; a number enters as it is, and has neither.
    """

    by: str
    outcomes: tuple[str, ...]
    reference: str = ""
    levels: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of data that hold it."""
        return tuple(f"about_{self.by}_{level}" for level in self.levels) or (f"about_{self.by}",)


@dataclass(frozen=True, slots=True)
class PeopleDesign:
    """How the people were sampled, how they divide, and what of them is adjusted for.

    ``weight`` and ``stratum`` name columns of the data, ``cluster`` what people are clustered in;
    each is empty where people were sampled one by one with equal chances.
    """

    weight: str = ""
    cluster: str = ""
    stratum: str = ""
    subgroups: tuple[Subgroups, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()

    @property
    def adjusted(self) -> tuple[str, ...]:
        """Every column that is adjusted for, in order."""
        return tuple(dict.fromkeys(name for one in self.adjustments for name in one.columns))

    def beside(self, outcome: str) -> tuple[str, ...]:
        """The columns that predict an outcome beside its paths."""
        return tuple(
            name for one in self.adjustments if outcome in one.outcomes for name in one.columns
        )


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a plan asks of factors and items beside the invariance ladder.

    ``latent_means``: differences of factor means; ``alignment``: fixed or free, of all groups at
    once; ``item_bias``: dMACS; ``fit_sizes``: T-size RMSEA and CFI; ``reliability``: intervals of
    omega, AVE and HTMT.
    """

    latent_means: bool = False
    alignment: Literal["none", "fixed", "free"] = "none"
    item_bias: bool = False
    fit_sizes: bool = False
    reliability: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """The frozen analysis plan.

    ``covariates`` are observed columns that enter every regression of their model's outcomes but
    are not in P. ``correlate_observed`` adds the covariances of observed with latent predictors,
    which lavaan leaves at zero unless they are written out. ``reliabilities`` are the fixed values
    of the single-indicator rung; a construct left out takes the reliability seen in the people.
    ``people`` is how the reference group was sampled; ``measurement`` what is told of factors.
    ``waves`` are those in which the same people answered, where constructs are those of a wave.
    """

    constructs: tuple[Construct, ...]
    paths: tuple[PathSpec, ...]
    items: tuple[ItemSpec, ...]
    reference_group: str
    delta: float = 0.05
    equivalence_bound: float = 0.10
    estimator: str = "MLR"
    missing: str = "listwise"
    level: float = 0.95
    rungs: tuple[Rung, ...] = (
        Rung.FULL,
        Rung.ITEMS_DROPPED,
        Rung.COMPOSITE,
        Rung.SINGLE_INDICATOR,
    )
    minimum_effective_n: int = 200
    maximum_refusal_share: float = 0.20
    maximum_freed_share: float = 0.20
    covariates: tuple[str, ...] = ()
    correlate_observed: bool = True
    reliabilities: Mapping[str, float] = field(default_factory=dict)
    people: PeopleDesign = PeopleDesign()
    measurement: Measurement = Measurement()
    waves: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a plan that cannot be carried out."""
        check_plan(self)

    @property
    def is_ordinal(self) -> bool:
        """True where items are taken as ordered categories."""
        return self.estimator.upper() in ORDINAL

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the separately estimated models, in order of first appearance."""
        return tuple(dict.fromkeys(path.model for path in self.paths))

    @property
    def families(self) -> tuple[str, ...]:
        """Path families, in order of first appearance."""
        return tuple(dict.fromkeys(path.family for path in self.paths))

    def construct(self, key: str) -> Construct:
        """Look one construct up by key."""
        return next(construct for construct in self.constructs if construct.key == key)

    def item(self, name: str) -> ItemSpec:
        """Look one item up by name."""
        return next(item for item in self.items if item.name == name)

    def path(self, key: str) -> PathSpec:
        """Look one path up by key."""
        return next(path for path in self.paths if path.key == key)


def check_plan(plan: Plan) -> None:
    """Raise ``PlanError`` for unknown constructs or items, repeated keys or missing signs."""
    keys = [construct.key for construct in plan.constructs]
    known = {item.name for item in plan.items}
    if not plan.paths:
        raise PlanError("The plan has no path. Name at least one.", code="no_paths")
    for kind, names in (("construct", keys), ("path", [path.key for path in plan.paths])):
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise PlanError(f"The {kind} {repeated[0]} is named twice.", code=f"repeated_{kind}")
    for path in plan.paths:
        if unknown := {path.outcome, path.predictor} - set(keys):
            name = min(unknown)
            raise PlanError(f"Path {path.key} names no construct {name}.", code="unknown_construct")
        if path.expected_sign == 0 and path.source is not SignSource.HUMAN:
            raise PlanError(f"Path {path.key} has no expected sign.", code="missing_sign")
    for construct in plan.constructs:
        _check_construct(construct, known)
        if plan.is_ordinal and any(len(one.items) > 1 for one in construct.indicators):
            raise PlanError(
                f"{plan.estimator} needs items as indicators, and {construct.key} has mean scores. "
                "Use MLR, or name its items.",
                code="ordinal_needs_items",
            )


def _check_construct(construct: Construct, known: set[str]) -> None:
    if not construct.items:
        raise PlanError(f"Construct {construct.key} has no items.", code="empty_construct")
    if unknown := set(construct.items) - known:
        name = min(unknown)
        raise PlanError(f"{construct.key} names no item {name}.", code="unknown_item")
    for name in (construct.key, *(one.name for one in construct.indicators)):
        if not NAME.fullmatch(name):
            raise PlanError(
                f"{name!r} is no variable name. Use letters, digits, dots and underscores.",
                code="bad_name",
            )


@dataclass(frozen=True, slots=True)
class GroupSpec:
    """One analysis group: the people, or one panel. ``refusal_shares`` are per item, 0 to 1.

    ``shared`` names what rows of one cluster share (a person, a persona), "" where nothing is.
    ``told`` names what a panel's sessions were told of whom they speak as; None: not recorded.
    ``answers_told``: some were told a person's answers to questions of the study besides.
    """

    key: str
    label: str
    kind: Kind
    simulated: bool = False
    refusal_shares: Mapping[str, float] = field(default_factory=dict)
    shared: str = ""
    told: tuple[str, ...] | None = None
    answers_told: bool = False


def told_column(name: str) -> str:
    """The column of something that sessions were told, which no item can be called."""
    return f"told {name}"
