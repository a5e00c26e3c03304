"""From a plan to the model that is fitted: observed columns, and lavaan syntax for each rung.

Constructs with several indicators become latent variables; a construct with one indicator enters
as that observed variable. Single-indicator latents (``=~`` with a fixed residual) belong to the
last rung only.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from analysis.compare.plan import Construct, Indicator, PathSpec, Plan
from analysis.compare.samples import Array, Sample


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One separately estimated model of a plan: its paths and the constructs they name."""

    name: str
    paths: tuple[PathSpec, ...]
    constructs: tuple[Construct, ...]
    covariates: tuple[str, ...]
    correlate_observed: bool

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

    def paths_of(self, outcome: str) -> tuple[PathSpec, ...]:
        """Paths into one outcome."""
        return tuple(path for path in self.paths if path.outcome == outcome)


def model_spec(plan: Plan, name: str) -> ModelSpec:
    """Pick one model out of the plan."""
    paths = tuple(path for path in plan.paths if path.model == name)
    named = {key for path in paths for key in (path.predictor, path.outcome)}
    return ModelSpec(
        name=name,
        paths=paths,
        constructs=tuple(one for one in plan.constructs if one.key in named),
        covariates=plan.covariates,
        correlate_observed=plan.correlate_observed,
    )


def variable(construct: Construct) -> str:
    """The name under which a construct enters regressions."""
    return construct.key if is_latent(construct) else construct.indicators[0].name


def is_latent(construct: Construct) -> bool:
    """True where the construct has more than one indicator."""
    return len(construct.indicators) > 1


# ---------------------------------------------------------------- observed columns


def indicator_columns(
    sample: Sample, spec: ModelSpec, dropped: Collection[str] = ()
) -> dict[str, Array]:
    """Indicator scores of one group, and its covariates; items in ``dropped`` are left out.

    An indicator none of whose items are left has no column.
    """
    columns = {}
    for indicator in spec.indicators:
        if kept := tuple(item for item in indicator.items if item not in dropped):
            columns[indicator.name] = sample.mean_score(kept)
    return columns | {name: sample.column(name) for name in spec.covariates}


def composite_columns(
    sample: Sample, spec: ModelSpec, dropped: Collection[str] = ()
) -> dict[str, Array]:
    """One mean score per construct, under the construct's own key, and the covariates.

    A latent construct's composite is the mean of its indicators, so that every facet weighs alike.
    A construct none of whose items are left has no column.
    """
    indicators = indicator_columns(sample, spec, dropped)
    columns = {}
    for construct in spec.constructs:
        scores = [indicators[one.name] for one in construct.indicators if one.name in indicators]
        if scores:
            columns[construct.key] = sum(scores[1:], scores[0]) / len(scores)
    return columns | {name: sample.column(name) for name in spec.covariates}


# ---------------------------------------------------------------- syntax


def latent_syntax(
    spec: ModelSpec, absent: Collection[str] = (), *, equal_paths: Collection[str] = ()
) -> str:
    """The planned model for one group, or for groups that all lack the same indicators.

    Slopes of ``equal_paths`` (path keys) get a label and are thereby equal in all groups.
    """
    lines = [
        _loadings(construct, _present(construct, absent))
        for construct in spec.constructs
        if is_latent(construct)
    ]
    return "\n".join([*lines, *_latent_structure(spec, equal_paths)])


def tied_blocks_syntax(
    spec: ModelSpec,
    absent: Sequence[Collection[str]],
    *,
    tie: bool,
    equal_paths: Collection[str] = (),
) -> str:
    """One ``group:`` block per group, loadings tied by label, each block without what it lacks.

    ``absent`` holds the indicators that each group lacks, in the order of the groups in the data.
    With ``tie`` off each block is identified by its own first indicator.
    """
    blocks = []
    for number, missing in enumerate(absent, start=1):
        lines = [
            (_tied_loadings if tie else _loadings)(construct, _present(construct, missing))
            for construct in spec.constructs
            if is_latent(construct)
        ]
        structure = _latent_structure(spec, equal_paths)
        blocks.append("\n".join([f"group: {number}", *lines, *structure]))
    return "\n\n".join(blocks)


def composite_syntax(spec: ModelSpec, present: Collection[str]) -> str:
    """Regressions among composites, leaving out constructs that have none."""
    names = {one.key: one.key for one in spec.constructs if one.key in present}
    return "\n".join(_regressions(spec, names))


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
            names[construct.key] = latent_name(construct.key)
            lines.append(f"{names[construct.key]} =~ 1*{construct.key}")
            lines.append(f"{construct.key} ~~ {error_variances[construct.key]!r}*{construct.key}")
    lines += _regressions(spec, names)
    if spec.correlate_observed:
        exogenous = [name for key, name in names.items() if key not in spec.outcomes]
        lines += _covariances(exogenous, spec.covariates)
    return "\n".join(lines)


def latent_name(key: str) -> str:
    """Name of the latent variable behind a composite."""
    return f"{key}_latent"


def path_label(path: PathSpec) -> str:
    """Label of a slope where it has to be named in a constraint."""
    return f"b_{path.predictor}_{path.outcome}"


def _present(construct: Construct, absent: Collection[str]) -> list[str]:
    return [one.name for one in construct.indicators if one.name not in absent]


def _loadings(construct: Construct, names: Sequence[str]) -> str:
    fixed = "1*" if construct.equal_loadings else ""
    return f"{construct.key} =~ " + " + ".join(f"{fixed}{name}" for name in names)


def _tied_loadings(construct: Construct, names: Sequence[str]) -> str:
    """The marker stays at one where it is present; elsewhere the tied loadings set the metric."""
    marker = construct.indicators[0].name
    terms: list[str] = []
    for name in names:
        if name == marker or construct.equal_loadings:
            terms.append(f"1*{name}")
        else:
            free = "" if terms else "NA*"
            terms.append(f"{free}l_{name}*{name}")
    return f"{construct.key} =~ " + " + ".join(terms)


def _latent_structure(spec: ModelSpec, equal_paths: Collection[str]) -> list[str]:
    names = {one.key: variable(one) for one in spec.constructs}
    lines = _regressions(spec, names, equal_paths)
    if not spec.correlate_observed:
        return lines
    exogenous = [one for one in spec.constructs if one.key not in spec.outcomes]
    latent = [one.key for one in exogenous if is_latent(one)]
    observed = [variable(one) for one in exogenous if not is_latent(one)]
    return lines + _covariances(latent, [*observed, *spec.covariates])


def _regressions(
    spec: ModelSpec, names: Mapping[str, str], equal_paths: Collection[str] = ()
) -> list[str]:
    """One line per outcome; constructs without a name have no place in it."""
    lines = []
    for outcome in spec.outcomes:
        terms = [
            f"{path_label(path)}*{names[path.predictor]}"
            if path.key in equal_paths
            else names[path.predictor]
            for path in spec.paths_of(outcome)
            if path.predictor in names
        ]
        if outcome in names and terms:
            lines.append(f"{names[outcome]} ~ " + " + ".join([*terms, *spec.covariates]))
    return lines


def _covariances(latent: Sequence[str], observed: Sequence[str]) -> list[str]:
    """Covariances of observed with latent predictors, zero in lavaan unless written out.

    Naming an observed predictor in a covariance makes its own moments parameters, so those among
    the observed have to be written out too.
    """
    if not latent or not observed:
        return []
    crossed = [f"{left} ~~ {right}" for left in latent for right in observed]
    return crossed + [f"{left} ~~ {right}" for left, right in combinations(observed, 2)]
