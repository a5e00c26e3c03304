"""A plan as it is written: the one model to which page, REST, command and file are held."""

from collections.abc import Mapping
from typing import Annotated, Literal, get_args

from pydantic import Field
from pydantic.dataclasses import dataclass

from analysis.compare.plan import Measurement, PathSpec, Sign, SignSource
from analysis.plans.paths.waves import End, called
from analysis.plans.people import AdjustmentDraft, PeopleDraft, SubgroupsDraft
from surveys.instrument_files.strict import (
    STRICT,
    Count,
    Distinct,
    NotEmpty,
    OptionalText,
    Seed,
    Share,
    Slug,
    Text,
    Variable,
)

SIGNS: Mapping[str, Sign] = {"+": 1, "-": -1, "human": 0}
# A table of a list is called by this key where a mistake in it is told.
NAMED_BY = {
    "constructs": "key",
    "paths": "predictor",
    "sensitivity": "choice",
    "subgroups": "by",
    "adjustments": "by",
}

Estimator = Literal["ML", "MLM", "MLR", "DWLS", "WLSMV"]
Missing = Literal["listwise", "pairwise", "fiml", "ml", "direct"]
# What counts of a distribution that was stated in place of an answer: the answer that was drawn
# from it, or its mean.
StatedDistributions = Literal["drawn", "mean"]
# What may vary between respondents of a study, and what a sensitivity grid may vary in all.
Varied = Literal[
    "scale_direction", "history", "elicitation", "items_per_turn", "block_order", "wording"
]
VARIED: tuple[str, ...] = get_args(Varied)
_strict = dataclass(frozen=True, slots=True, config=STRICT)


@_strict
class ConstructDraft:
    """A construct as a plan file names it: items of one block.

    Its indicators are the means of ``facets`` or the single ``items``; ``mean`` is a composite, the
    mean of all of them, which is taken as it is.
    """

    key: Variable
    label: Text
    block: Text
    indicators: Literal["facets", "items", "mean"]
    items: Annotated[tuple[Text, ...], Distinct] = ()
    equal_loadings: bool = False


@_strict
class PathDraft:
    """A path as a plan file names it; a facet, a scenario or a model of its own are optional.

    An end is the key of a construct, in a study with waves followed by its wave: ``PRI@1``.
    """

    outcome: End
    predictor: End
    sign: Literal["+", "-", "human"]
    source: Literal["T", "H"]
    family: Text
    reference: OptionalText = ""
    model: Text = "main"
    facet: OptionalText = ""
    scenario: OptionalText = ""

    @property
    def spec(self) -> PathSpec:
        """The path as it is carried out."""
        return PathSpec(
            outcome=called(self.outcome),
            predictor=called(self.predictor),
            expected_sign=SIGNS[self.sign],
            source=SignSource(self.source),
            family=self.family,
            reference=self.reference,
            model=self.model,
            facet=self.facet,
            scenario=self.scenario,
        )


@_strict
class Exclusions:
    """Who is left out of the analysis, beside those who did not finish. 0 switches a rule off.

    `straight_lining` leaves out people who gave one option throughout in at least this share of
    their scales; a scale is a block of three answers or more. `seconds_per_answer`: who sent a page
    of three answers or more faster than so many seconds an answer. `long_run`: who gave one option
    so many times in a row. `repeated`: whose answers are all those of an earlier one. `traps`: who
    filled in a field that nobody sees. `pasted_texts`: who pasted most of so many texts.
    `times_left`: who left the pages so many times. `proof_of_work`: whose browser was asked for one
    and did none that counts, which is also whoever has no JavaScript. Rules of patterns (straight
    lines, runs, repeated answers) hold for people, with `models_too` for sessions of models too.
    """

    attention_checks_failed: Count = 0
    minimum_seconds: Count = 0
    straight_lining: Share = 0.0
    seconds_per_answer: Annotated[float, Field(ge=0, le=3600)] = 0.0
    long_run: Count = 0
    repeated: bool = False
    traps: bool = False
    pasted_texts: Count = 0
    times_left: Count = 0
    proof_of_work: bool = False
    models_too: bool = False


@_strict
class Draws:
    """How often uncertainty is drawn; 0 leaves a part out. ``seed`` makes it repeatable."""

    seed: Seed = 1
    bootstrap: Count = 1000
    permutations: Count = 1000
    noise_draws: Count = 200


@_strict
class Alternatives:
    """One declared choice of the sensitivity grid; the planned option comes first."""

    choice: Literal["estimator", "missing", "exclusions", Varied]
    options: Annotated[tuple[Text, ...], NotEmpty, Distinct]


@_strict
class MeasurementDraft:
    """What is told of factors and items beside the invariance ladder.

    `equivalence_bound`: a standardised path is as in people where its difference lies within it.
    """

    latent_means: bool = False
    alignment: Literal["none", "fixed", "free"] = "none"
    item_bias: bool = False
    fit_sizes: bool = False
    reliability: bool = False
    equivalence_bound: Annotated[float, Field(ge=0.01, le=1)] = 0.10

    @property
    def asked(self) -> Measurement:
        """The same as it is carried out."""
        return Measurement(
            self.latent_means, self.alignment, self.item_bias, self.fit_sizes, self.reliability
        )


@_strict
class PlanFacts:
    """What was decided beforehand beside paths and rules, as a report prints it."""

    direction_rationale: OptionalText = ""
    equivalent_models: OptionalText = ""
    estimator_reason: OptionalText = ""
    missing_mechanism: OptionalText = ""
    fit_criteria: OptionalText = ""
    planned_n: OptionalText = ""
    detectable_path: OptionalText = ""


@_strict
class PlanFile:
    """A plan as it is written. `reference_group` is empty where the study decides it.

    `covariates` are references of single items, ``block.item``; like every item they are oriented.
    """

    name: Slug
    study: Slug
    constructs: Annotated[tuple[ConstructDraft, ...], NotEmpty]
    paths: Annotated[tuple[PathDraft, ...], NotEmpty]
    reference_group: OptionalText = ""
    estimator: Estimator = "MLR"
    missing: Missing = "listwise"
    stated_distributions: StatedDistributions = "drawn"
    exclusions: Exclusions = Exclusions()
    draws: Draws = Draws()
    sensitivity: tuple[Alternatives, ...] = ()
    covariates: Annotated[tuple[Text, ...], Distinct] = ()
    correlate_observed: bool = True
    people: PeopleDraft = PeopleDraft()
    subgroups: tuple[SubgroupsDraft, ...] = ()
    adjustments: tuple[AdjustmentDraft, ...] = ()
    measurement: MeasurementDraft = MeasurementDraft()
    facts: PlanFacts = PlanFacts()
