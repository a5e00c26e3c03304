"""Before data: how likely is each sign to be decided, and how wide will VAAR's interval be?

Answers come from simulation through the same engine: data are drawn from the expected model, fitted
and scored like real ones, many times over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from analysis.compare.comparison import analyse, scores
from analysis.compare.data.measurement import model_spec
from analysis.compare.errors import PlanError
from analysis.compare.intervals import Interval
from analysis.compare.parallel import Work
from analysis.compare.plan import (
    Construct,
    GroupSpec,
    Indicator,
    ItemSpec,
    PeopleDesign,
    Plan,
    SignSource,
)
from analysis.compare.results import Comparison, Decision
from analysis.compare.uncertainty.draws import Array, Purpose, stream
from analysis.sem.simulation import simulate

MEASURES = ("hard", "agree", "contradict", "undetermined", "evidence", "joint")
CHUNK = 10


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected of one group.

    ``paths`` are standardised slopes by path key; ``reliabilities`` (omega of the indicators' sum)
    are by construct, ``predictor_correlation`` is that of every pair of predictors.
    """

    group: GroupSpec
    n: int
    paths: Mapping[str, float]
    reliabilities: Mapping[str, float] = field(default_factory=dict)
    predictor_correlation: float = 0.0


@dataclass(frozen=True, slots=True)
class PathPower:
    """Shares of simulated studies in which one path of one group came out this way."""

    group: str
    path: str
    expected: float
    n: int
    agree: float
    contradict: float
    undetermined: float
    not_estimable: float
    mean: float | None


@dataclass(frozen=True, slots=True)
class VaarPower:
    """What one number of VAAR will be: its mean and the interval of 95 % of simulated studies."""

    group: str
    measure: str
    mean: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Power:
    """A power analysis; the same inputs and seed give the same numbers."""

    paths: tuple[PathPower, ...]
    vaar: tuple[VaarPower, ...]
    studies: int
    seed: int


DEFAULT_RELIABILITY = 0.80


def plan_power(
    plan: Plan,
    expectations: Sequence[Expectation],
    *,
    studies: int = 500,
    seed: int = 1,
    work: Work | None = None,
) -> Power:
    """Simulate ``studies`` studies and see how often each sign is decided.

    The plan's reference group must be among ``expectations``. Indicators are drawn as normal, with
    equal loadings that give the expected reliability. Raises ``PlanError`` where an expectation is
    missing or impossible (explained variance of one or more, reliability outside 0 to 1).
    """
    drawn_plan = indicator_plan(plan)
    texts = {one.group.key: population(plan, one) for one in expectations}
    if plan.reference_group not in texts:
        raise PlanError(
            f"Say what is expected of {plan.reference_group} as well.", code="no_reference_group"
        )
    worker = _Study(drawn_plan, tuple(expectations), texts, seed)
    chunks = [range(k, min(k + CHUNK, studies)) for k in range(0, studies, CHUNK)]
    done = (work or Work()).carry_out(worker, chunks)
    outcomes = [outcome for part in done for outcome in part]
    return Power(
        paths=tuple(_path_powers(plan, expectations, outcomes)),
        vaar=tuple(_vaar_powers(plan, expectations, outcomes)),
        studies=studies,
        seed=seed,
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """One simulated study: decision and estimate by (group, path), numbers by (group, measure)."""

    decisions: Mapping[tuple[str, str], Decision]
    estimates: Mapping[tuple[str, str], float | None]
    numbers: Mapping[tuple[str, str], float | None]


@dataclass(frozen=True, slots=True)
class _Study:
    """Runs some studies; sent to every process once."""

    plan: Plan
    expectations: tuple[Expectation, ...]
    texts: Mapping[str, Mapping[str, str]]
    seed: int

    def __call__(self, numbers: range) -> list[Outcome]:
        """Simulate, fit and score the studies of these numbers."""
        return [self._run(number) for number in numbers]

    def _run(self, number: int) -> Outcome:
        parts = [self._draw(k, one, number) for k, one in enumerate(self.expectations)]
        data = {
            item.name: np.concatenate([part[item.name] for part in parts])
            for item in self.plan.items
        }
        specs = [one.group for one in self.expectations]
        labels = np.repeat([spec.key for spec in specs], [one.n for one in self.expectations])
        return _outcome(scores(analyse(data, self.plan, group=labels, groups=specs)))

    def _draw(self, group: int, one: Expectation, number: int) -> dict[str, Array]:
        """Indicators of one group; models that share constructs are drawn apart, the first wins."""
        data: dict[str, Array] = {}
        texts = self.texts[one.group.key]
        for k, text in enumerate(texts.values()):
            rng = stream(self.seed, Purpose.POWER, group, number * len(texts) + k)
            drawn = simulate(text, one.n, seed=int(rng.integers(0, 2**63 - 1)), standardized=True)
            data = {**drawn.data, **data}
        return data


def indicator_plan(plan: Plan) -> Plan:
    """The plan with every indicator an item of its own, as it is simulated.

    Constructs that no path names are left out; people are drawn one by one with equal chances.
    """
    named = {key for path in plan.paths for key in (path.predictor, path.outcome)}
    constructs = tuple(
        replace(
            one,
            indicators=tuple(
                Indicator(each.name, (each.name,), each.facet) for each in one.indicators
            ),
        )
        for one in plan.constructs
        if one.key in named
    )
    items = [each.name for one in constructs for each in one.indicators]
    return replace(
        plan,
        constructs=constructs,
        items=tuple(ItemSpec(name, -5, 5) for name in items),
        covariates=(),
        people=PeopleDesign(),
    )


def population(plan: Plan, one: Expectation) -> dict[str, str]:
    """The expected model of one group as text with values, by model of the plan."""
    return {name: _population(plan, name, one) for name in plan.models}


def _population(plan: Plan, name: str, one: Expectation) -> str:
    spec = model_spec(plan, name)
    lines = [
        _measured(construct, one.reliabilities.get(construct.key, DEFAULT_RELIABILITY))
        for construct in spec.constructs
    ]
    for outcome in spec.outcomes:
        terms = []
        for path in spec.paths_of(outcome):
            if path.key not in one.paths:
                raise PlanError(
                    f"Say how large {path.key} is expected to be in {one.group.label}.",
                    code="missing_expectation",
                )
            terms.append(f"{one.paths[path.key]!r}*{path.predictor}")
        lines.append(f"{outcome} ~ " + " + ".join(terms))
    exogenous = [each.key for each in spec.constructs if each.key not in spec.outcomes]
    _check_explained(plan, name, one)
    lines += [
        f"{left} ~~ {one.predictor_correlation!r}*{right}"
        for k, left in enumerate(exogenous)
        for right in exogenous[k + 1 :]
    ]
    return "\n".join(lines)


def _measured(construct: Construct, reliability: float) -> str:
    """Equal standardised loadings that give the sum of k indicators its reliability.

    omega = k l^2 / (k l^2 + 1 - l^2), so l^2 = omega / (k - (k - 1) omega).
    """
    if not 0.0 < reliability < 1.0:
        raise PlanError(
            f"The reliability of {construct.key} must lie between 0 and 1.", code="bad_reliability"
        )
    k = len(construct.indicators)
    loading = float(np.sqrt(reliability / (k - (k - 1) * reliability)))
    terms = " + ".join(f"{loading!r}*{each.name}" for each in construct.indicators)
    return f"{construct.key} =~ {terms}"


def _check_explained(plan: Plan, name: str, one: Expectation) -> None:
    spec = model_spec(plan, name)
    for outcome in spec.outcomes:
        slopes = np.array([one.paths[path.key] for path in spec.paths_of(outcome)])
        r = one.predictor_correlation
        explained = (1.0 - r) * float(np.sum(slopes**2)) + r * float(slopes.sum()) ** 2
        if explained >= 1.0:
            raise PlanError(
                f"Paths into {outcome} in {one.group.label} explain {explained:.2f} of its "
                "variance; expect smaller ones.",
                code="impossible_paths",
            )


def _outcome(comparison: Comparison) -> Outcome:
    signs = {path.key: float(path.expected_sign) for path in comparison.plan.paths}
    decisions, estimates = {}, {}
    for row in comparison.paths:
        key = row.group, row.path
        if key in decisions:
            continue
        sign = signs[row.path] or 1.0
        estimates[key] = row.std
        decisions[key] = _decide(sign, row.std_ci_lower, row.std_ci_upper)
    numbers = {
        (score.group, measure): getattr(score, measure)
        for score in comparison.vaar
        if score.signs is SignSource.THEORY
        for measure in MEASURES
    }
    return Outcome(decisions, estimates, numbers)


def _decide(sign: float, lower: float | None, upper: float | None) -> Decision:
    if lower is None or upper is None:
        return Decision.NOT_ESTIMABLE
    if min(sign * lower, sign * upper) > 0.0:
        return Decision.AGREE
    if max(sign * lower, sign * upper) < 0.0:
        return Decision.CONTRADICT
    return Decision.UNDETERMINED


def _path_powers(
    plan: Plan, expectations: Sequence[Expectation], outcomes: Sequence[Outcome]
) -> list[PathPower]:
    rows = []
    for one in expectations:
        for path in plan.paths:
            key = one.group.key, path.key
            decided = [outcome.decisions[key] for outcome in outcomes]
            found = [outcome.estimates[key] for outcome in outcomes]
            known = [value for value in found if value is not None]
            share = {each: decided.count(each) / len(decided) for each in Decision}
            rows.append(
                PathPower(
                    group=one.group.key,
                    path=path.key,
                    expected=one.paths[path.key],
                    n=one.n,
                    agree=share[Decision.AGREE],
                    contradict=share[Decision.CONTRADICT],
                    undetermined=share[Decision.UNDETERMINED],
                    not_estimable=share[Decision.NOT_ESTIMABLE],
                    mean=float(np.mean(known)) if known else None,
                )
            )
    return rows


def _vaar_powers(
    plan: Plan, expectations: Sequence[Expectation], outcomes: Sequence[Outcome]
) -> list[VaarPower]:
    rows = []
    for one in expectations:
        if one.group.key == plan.reference_group:
            continue
        for measure in MEASURES:
            found = [outcome.numbers[one.group.key, measure] for outcome in outcomes]
            known = np.array([value for value in found if value is not None])
            if known.size:
                lower, upper = np.quantile(known, [0.025, 0.975])
                interval = Interval(float(lower), float(upper), 0.95, "simulated studies")
                rows.append(VaarPower(one.group.key, measure, float(known.mean()), interval))
    return rows
