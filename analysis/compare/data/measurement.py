"""From a plan to the model that is fitted: observed columns, and lavaan syntax for each rung.

Constructs with several indicators become latent variables; a construct with one indicator enters
as that observed variable. Single-indicator latents (``=~`` with a fixed residual) belong to the
last rung only.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from analysis.compare.data.samples import Array, GroupSample, is_constant
from analysis.compare.plan import WAVE, Construct, Indicator, PathSpec, Plan, Rung


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One separately estimated model of a plan: its paths and the constructs they name.

    ``covariates`` enter every regression; ``adjusted`` maps outcomes to what people said of
    themselves that predicts them, too.
    """

    name: str
    paths: tuple[PathSpec, ...]
    constructs: tuple[Construct, ...]
    covariates: tuple[str, ...]
    correlate_observed: bool
    adjusted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Outcomes in order of first appearance."""
        return tuple(dict.fromkeys(path.outcome for path in self.paths))

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        """Every indicator, construct by construct."""
        return tuple(one for construct in self.constructs for one in construct.indicators)

    @property
    def items(self) -> tuple[str, ...]:
        """Every item that the model rests on."""
        return tuple(dict.fromkeys(item for one in self.indicators for item in one.items))

    @property
    def observed(self) -> tuple[str, ...]:
        """Every observed column that predicts beside the paths."""
        both = (*self.covariates, *(name for names in self.adjusted.values() for name in names))
        return tuple(dict.fromkeys(both))

    def beside(self, outcome: str) -> tuple[str, ...]:
        """The observed columns that predict one outcome beside its paths."""
        return (*self.covariates, *self.adjusted.get(outcome, ()))

    def without(self, columns: Collection[str]) -> "ModelSpec":
        """The same model without some of the columns that are adjusted for."""
        left = {
            outcome: tuple(name for name in names if name not in columns)
            for outcome, names in self.adjusted.items()
        }
        return replace(self, adjusted=left)

    def paths_of(self, outcome: str) -> tuple[PathSpec, ...]:
        """Paths into one outcome."""
        return tuple(path for path in self.paths if path.outcome == outcome)

    @property
    def stages(self) -> tuple[tuple[str, ...], ...]:
        """The outcomes in stages: none is predicted by another of its own stage."""
        found, left = [], self.outcomes
        while left:
            ready = [key for key in left if not self._predictors(key) & set(left)]
            found.append(tuple(ready or left[:1]))  # outcomes in a circle come one by one
            left = tuple(key for key in left if key not in found[-1])
        return tuple(found)

    def _predictors(self, outcome: str) -> set[str]:
        return {path.predictor for path in self.paths_of(outcome)}


def model_spec(plan: Plan, name: str) -> ModelSpec:
    """Pick one model out of the plan."""
    outcomes = {path.outcome for path in plan.paths if path.model == name}
    paths = tuple(path for path in plan.paths if path.model == name)
    named = {key for path in paths for key in (path.predictor, path.outcome)}
    return ModelSpec(
        name=name,
        paths=paths,
        constructs=tuple(one for one in plan.constructs if one.key in named),
        covariates=plan.covariates,
        correlate_observed=plan.correlate_observed,
        adjusted={
            outcome: plan.people.beside(outcome)
            for outcome in sorted(outcomes)
            if plan.people.beside(outcome)
        },
    )


def spec_for(sample: GroupSample, plan: Plan, name: str) -> ModelSpec:
    """A model of the plan as one group can have it: who was told nothing has no demographics.

    A column that does not vary in the group is not adjusted for.
    """
    columns = plan.people.adjusted
    alike = {column for column in columns if is_constant(sample.column(column))}
    return model_spec(plan, name).without(alike)


def variable(construct: Construct) -> str:
    """The name under which a construct enters regressions."""
    return construct.key if construct.is_latent else construct.indicators[0].name


# ---------------------------------------------------------------- observed columns


def indicator_columns(
    sample: GroupSample, spec: ModelSpec, dropped: Collection[str] = ()
) -> dict[str, Array]:
    """Indicator scores of one group, and its covariates; items in ``dropped`` are left out.

    An indicator none of whose items are left has no column.
    """
    columns = {}
    for indicator in spec.indicators:
        if kept := tuple(item for item in indicator.items if item not in dropped):
            columns[indicator.name] = sample.mean_score(kept)
    return columns | {name: sample.column(name) for name in spec.observed}


def composite_columns(
    sample: GroupSample, spec: ModelSpec, dropped: Collection[str] = ()
) -> dict[str, Array]:
    """One mean score per construct, under `composite_name`, and the covariates.

    A latent construct's composite is the mean of its indicators, so that every facet weighs alike.
    A construct none of whose items are left has no column.
    """
    indicators = indicator_columns(sample, spec, dropped)
    columns = {}
    for construct in spec.constructs:
        scores = [indicators[one.name] for one in construct.indicators if one.name in indicators]
        if scores:
            columns[composite_name(construct.key)] = sum(scores[1:], scores[0]) / len(scores)
    return columns | {name: sample.column(name) for name in spec.observed}


# ---------------------------------------------------------------- syntax


def latent_syntax(spec: ModelSpec, absent: Collection[str] = ()) -> str:
    """The planned model for one group that lacks the indicators in ``absent``."""
    lines = [
        _loadings(construct, [one.name for one in construct.indicators if one.name not in absent])
        for construct in spec.constructs
        if construct.is_latent
    ]
    names = {one.key: variable(one) for one in spec.constructs}
    covariances = (*latent_covariances(spec), *waves_covariances(spec, absent))
    return "\n".join([*lines, *regressions(spec, names), *covariances])


def composite_syntax(spec: ModelSpec, present: Collection[str]) -> str:
    """Regressions among composites, leaving out constructs that have none."""
    names = {one.key: composite_name(one.key) for one in spec.constructs if one.key in present}
    return "\n".join(regressions(spec, names))


def single_indicator_syntax(
    spec: ModelSpec, present: Collection[str], error_variances: Mapping[str, float]
) -> str:
    """Each construct a latent measured by its composite, the error variance fixed.

    ``error_variances`` maps a construct to (1 - reliability) times the composite's variance.
    """
    lines = []
    names = {}
    for construct in spec.constructs:
        if construct.key in present:
            score = composite_name(construct.key)
            names[construct.key] = latent_name(construct.key)
            lines.append(f"{names[construct.key]} =~ 1*{score}")
            lines.append(f"{score} ~~ {error_variances[construct.key]!r}*{score}")
    lines += regressions(spec, names)
    if spec.correlate_observed:
        exogenous = [name for key, name in names.items() if key not in spec.outcomes]
        lines += _covariances(exogenous, spec.observed)
    return "\n".join(lines)


def composite_name(key: str) -> str:
    """Name of a construct's mean score: never that of a latent variable, nor of an item.

    Names of items hold no dot.
    """
    return f"{key}.mean"


def latent_name(key: str) -> str:
    """Name of the latent variable behind a composite."""
    return f"{key}_latent"


def name_on(construct: Construct, rung: Rung) -> str:
    """What a construct is called in the syntax of a rung."""
    if rung is Rung.COMPOSITE:
        return composite_name(construct.key)
    if rung is Rung.SINGLE_INDICATOR:
        return latent_name(construct.key)
    return variable(construct)


def _loadings(construct: Construct, names: Sequence[str]) -> str:
    fixed = "1*" if construct.equal_loadings else ""
    return f"{construct.key} =~ " + " + ".join(f"{fixed}{name}" for name in names)


def regressions(
    spec: ModelSpec, names: Mapping[str, str], labels: Mapping[str, str] | None = None
) -> list[str]:
    """One line per outcome; constructs without a name have no place in it.

    ``labels`` maps path keys to the label of their slope.
    """
    lines = []
    for outcome in spec.outcomes:
        terms = []
        for path in spec.paths_of(outcome):
            if path.predictor in names:
                label = (labels or {}).get(path.key)
                terms.append(f"{label}*{names[path.predictor]}" if label else names[path.predictor])
        if outcome in names and terms:
            lines.append(f"{names[outcome]} ~ " + " + ".join([*terms, *spec.beside(outcome)]))
    return lines


def waves_covariances(spec: ModelSpec, absent: Collection[str] = ()) -> list[str]:
    """What one indicator has of its own in two waves covaries; so do outcomes of one wave.

    Without the first, what an item shares with itself is taken for stability of the construct.
    Outcomes between which a path leads covary by it.
    """
    latent = [one for one in spec.constructs if one.is_latent]
    same: dict[str, list[str]] = {}
    for one in (each for construct in latent for each in construct.indicators):
        if WAVE.search(one.name) and one.name not in absent:
            same.setdefault(WAVE.sub("", one.name), []).append(one.name)
    pairs = [pair for names in same.values() for pair in combinations(names, 2)]
    return [f"{left} ~~ {right}" for left, right in (*pairs, *_outcomes_of_waves(spec))]


def _outcomes_of_waves(spec: ModelSpec) -> Iterator[tuple[str, str]]:
    """Outcomes of one wave, two by two, where no path leads from one to the other."""
    linked = {frozenset((path.predictor, path.outcome)) for path in spec.paths}
    outcomes = [one for one in spec.constructs if one.key in spec.outcomes]
    for left, right in combinations(outcomes, 2):
        wave = WAVE.search(left.key)
        alike = wave is not None and right.key.endswith(wave[0])
        if alike and {left.key, right.key} not in linked:
            yield variable(left), variable(right)


def latent_covariances(spec: ModelSpec) -> list[str]:
    """Covariances of observed with latent predictors, where the plan has them."""
    if not spec.correlate_observed:
        return []
    exogenous = [one for one in spec.constructs if one.key not in spec.outcomes]
    latent = [one.key for one in exogenous if one.is_latent]
    observed = [variable(one) for one in exogenous if not one.is_latent]
    return _covariances(latent, [*observed, *spec.observed])


def _covariances(latent: Sequence[str], observed: Sequence[str]) -> list[str]:
    """Covariances of observed with latent predictors, zero in lavaan unless written out.

    Naming an observed predictor in a covariance makes its own moments parameters, so those among
    the observed have to be written out too.
    """
    if not latent or not observed:
        return []
    crossed = [f"{left} ~~ {right}" for left in latent for right in observed]
    return crossed + [f"{left} ~~ {right}" for left, right in combinations(observed, 2)]
