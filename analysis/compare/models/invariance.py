"""Do the same questions measure the same thing in a model as in people?

Configural, metric, scalar; each step is judged by the change in CFI and RMSEA (guides, not laws:
Cheung & Rensvold 2002; Chen 2007). A step fails where these are beyond the guides and the scaled
difference test rejects it; where the test does not, it cannot be told at this n, and the ladder is
climbed on. The configural model fails where the interval of its CFI or RMSEA lies beyond the guide:
model rows drawn from the people themselves would otherwise fail often. Where a step fails,
equalities are released one by one, the largest improvement first, up to a stated share of them
(Byrne, Shavelson & Muthen 1989).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from analysis.compare.model_fit import LARGEST_RMSEA, SMALLEST_CFI
from analysis.compare.models.attempt import IMPROPER, WITHOUT_SOLUTION, difference_test
from analysis.compare.models.fits import finite
from analysis.compare.models.joint.fit import Joint, JointFit
from analysis.compare.models.joint.syntax import INTERCEPT_LABEL, LOADING_LABEL, Ties
from analysis.compare.plan import Construct
from analysis.compare.results import Invariance, InvarianceStep, InvarianceVerdict
from analysis.language import SOURCE, gettext_noop, language
from analysis.language import gettext as _
from analysis.sem import ModificationIndex, modification_indices, score_tests
from analysis.sem.distributions import noncentrality
from analysis.sem.results import SemFit

# Partial invariance rests on two equal indicators at least (Byrne, Shavelson & Muthen 1989).
FEWEST_EQUAL = 2
LARGEST_CFI_LOSS = 0.010
LARGEST_RMSEA_RISE = 0.015


@dataclass(frozen=True, slots=True)
class Ladder:
    """The steps that were fitted, and the strictest ties that hold."""

    verdict: InvarianceVerdict
    held: JointFit | None


@dataclass(frozen=True, slots=True)
class _Level:
    """One step: what it ties, and which equalities it may release."""

    name: str
    label: str
    ties: Callable[[Ties], Ties]
    candidates: Callable[[Joint, Ties], list[str]]
    release: Callable[[Ties, str], Ties]
    full: Invariance
    partial: Invariance


def _metric_candidates(joint: Joint, ties: Ties) -> list[str]:
    """Tied loadings of constructs that have some to spare; those fixed by the plan stay fixed."""
    return [
        name
        for construct in joint.spec.constructs
        if construct.is_latent and not construct.equal_loadings
        for name in _spare(construct, joint, ties.free_loadings)
    ]


def _scalar_candidates(joint: Joint, ties: Ties) -> list[str]:
    """Tied intercepts of constructs that have some to spare."""
    return [
        name
        for construct in joint.spec.constructs
        if construct.is_latent
        for name in _spare(construct, joint, ties.free_loadings | ties.free_intercepts)
    ]


def _spare(construct: Construct, joint: Joint, free: frozenset[str]) -> list[str]:
    """Indicators that may be freed: none where only the fewest would stay equal."""
    tied = [one.name for one in construct.indicators if one.name in joint.shared]
    tied = [name for name in tied if name not in free]
    return tied if len(tied) > FEWEST_EQUAL else []


METRIC = _Level(
    name="metric",
    label=LOADING_LABEL,
    ties=lambda ties: replace(ties, loadings=True),
    candidates=_metric_candidates,
    release=lambda ties, name: replace(ties, free_loadings=ties.free_loadings | {name}),
    full=Invariance.METRIC,
    partial=Invariance.PARTIAL_METRIC,
)
SCALAR = _Level(
    name="scalar",
    label=INTERCEPT_LABEL,
    ties=lambda ties: replace(ties, intercepts=True),
    candidates=_scalar_candidates,
    release=lambda ties, name: replace(ties, free_intercepts=ties.free_intercepts | {name}),
    full=Invariance.SCALAR,
    partial=Invariance.PARTIAL_SCALAR,
)


def climb_invariance(joint: Joint, freed_share: float, alpha: float = 0.05) -> Ladder:
    """Climb configural, metric, scalar; stop at the first level that not even partly holds.

    ``freed_share`` is the largest share of a level's equalities that may be released, ``alpha`` the
    level of the difference tests.
    """
    configural = joint.fit(Ties())
    steps = [_first_step("configural", configural)]
    reached, held = _from_first(steps[0], configural)
    if configural.attempt.reason in WITHOUT_SOLUTION and (begun := _from_metric(joint)):
        step, held = begun
        steps, reached = [*steps, step], METRIC.full
    partial = False
    for level in (SCALAR,) if reached is METRIC.full else (METRIC, SCALAR):
        if held is None:
            break
        found, more, freed = _climb_level(joint, held, level, freed_share, alpha)
        steps += more
        if found is None:
            break
        held, partial = found, partial or freed
        reached = level.partial if partial else level.full
    if steps[0].improper and reached is Invariance.CONFIGURAL:
        # Nothing that could be a solution was found with these groups.
        steps[0] = replace(steps[0], reason=configural.attempt.reason, holds=False, undecided=False)
        return Ladder(_verdict(joint, steps[:1], Invariance.NOT_TESTED), None)
    return Ladder(_verdict(joint, steps, reached), held)


def _from_first(step: InvarianceStep, found: JointFit) -> tuple[Invariance, JointFit | None]:
    if step.reason is not None:
        return Invariance.NOT_TESTED, None
    return (Invariance.NONE, None) if _fails(step) else (Invariance.CONFIGURAL, found)


def _from_metric(joint: Joint) -> tuple[InvarianceStep, JointFit] | None:
    """The metric model as the first step, judged by its own fit; None where it does not hold.

    What it holds equal is tested with the rest of it.
    """
    found = joint.fit(METRIC.ties(Ties()))
    step = _first_step(METRIC.name, found)
    sound = step.reason is None and not step.improper and not _fails(step)
    return (step, found) if sound else None


def _fails(step: InvarianceStep) -> bool:
    return not (step.holds or step.undecided)


def _climb_level(
    joint: Joint, below: JointFit, level: _Level, freed_share: float, alpha: float
) -> tuple[JointFit | None, list[InvarianceStep], bool]:
    """The fit that holds at this level if any, the steps taken, and whether anything was freed."""
    ties = level.ties(below.ties)
    candidates = level.candidates(joint, ties)
    current = joint.fit(ties)
    step = _next_step(level.name, below, current, (), alpha)
    steps, freed = [step], tuple[str, ...]()
    allowed = int(freed_share * len(candidates))
    while _fails(steps[-1]) and len(freed) < allowed:
        best = _best_release(joint, current, level)
        if best is None:
            break
        name, current = best
        freed = (*freed, name)
        steps.append(_next_step(f"partial {level.name}", below, current, freed, alpha))
    return (None if _fails(steps[-1]) else current), steps, bool(freed)


def _best_release(joint: Joint, current: JointFit, level: _Level) -> tuple[str, JointFit] | None:
    """The release with the largest modification index; None where nothing may be released."""
    candidates = level.candidates(joint, current.ties)
    if not candidates or current.attempt.fit is None or not current.attempt.fit.converged:
        return None
    gains = _gains(current.attempt.fit, joint, level)
    name = max(candidates, key=lambda one: gains.get(one, 0.0))
    return name, joint.fit(level.release(current.ties, name))


def _gains(fit: SemFit, joint: Joint, level: _Level) -> dict[str, float]:
    """Chi-square to be gained by releasing each indicator, the largest over groups.

    Tied parameters have score tests; a marker, fixed at one in every group, has a modification
    index in each of the later ones.
    """
    gains: dict[str, float] = {}
    _, each = score_tests(fit)
    for released in each:
        if released.label.startswith(level.label):
            name = released.label.removeprefix(level.label)
            gains[name] = max(gains.get(name, 0.0), released.score)
    if level is METRIC:
        for freed in modification_indices(fit):
            if freed.op == "=~" and freed.group != joint.groups[0] and _is_marker(freed, joint):
                gains[freed.rhs] = max(gains.get(freed.rhs, 0.0), freed.mi)
    return gains


def _is_marker(freed: ModificationIndex, joint: Joint) -> bool:
    return any(
        (one.key, one.indicators[0].name) == (freed.lhs, freed.rhs) for one in joint.spec.constructs
    )


def index(fit: SemFit, name: str) -> float | None:
    """A fit index, robust or scaled where the estimator gives it."""
    for variant in (f"{name}.robust", f"{name}.scaled", name):
        value = finite(fit.fit.get(variant))
        if value is not None:
            return value
    return None


def _first_step(name: str, found: JointFit) -> InvarianceStep:
    """A step that has none below it, judged by its own fit."""
    step = _describe(name, found)
    fit = found.attempt.fit
    if found.attempt.reason in IMPROPER and fit is not None and fit.converged:
        # Equal loadings may bring a solution that can be: the ladder is climbed on.
        step = replace(step, reason=None, improper=True)
    if step.reason is not None or fit is None or step.cfi is None or step.rmsea is None:
        return step
    holds = step.cfi >= SMALLEST_CFI and step.rmsea <= LARGEST_RMSEA
    lowest = index(fit, "rmsea.ci.lower") or 0.0
    fails = lowest > LARGEST_RMSEA or largest_cfi(fit) < SMALLEST_CFI
    return replace(step, holds=holds, undecided=not holds and not fails)


def largest_cfi(fit: SemFit) -> float:
    """The upper end of CFI's 90 % interval, from the noncentralities of model and baseline.

    1 - c d_.95 / (c_b d_b.05), with d_p the noncentrality at which the observed chi-square is the
    p-quantile (Yuan et al. 2016) and c the scaling factors of robust CFI (Brosseau-Liard & Savalei
    2014), one without a scaled test.
    """
    variant = ".scaled" if "chisq.scaled" in fit.fit else ""
    model, baseline = (
        (fit.fit[f"{name}chisq{variant}"], fit.fit[f"{name}df"]) for name in ("", "baseline.")
    )
    factors = [fit.fit.get(f"{name}chisq.scaling.factor", 1.0) for name in ("", "baseline.")]
    low, high = noncentrality(*model, 0.95), noncentrality(*baseline, 0.05)
    return 1.0 - factors[0] * low / (factors[1] * high) if high > 0.0 else 1.0


def _next_step(
    name: str, below: JointFit, found: JointFit, freed: tuple[str, ...], alpha: float
) -> InvarianceStep:
    step = replace(_describe(name, found), freed=freed)
    under = _describe("", below)
    if found.attempt.reason is not None or found.attempt.fit is None or below.attempt.fit is None:
        return step
    loss = _change(under.cfi, step.cfi)
    rise = _change(step.rmsea, under.rmsea)
    test = difference_test(found.attempt.fit, below.attempt.fit)
    holds = (
        loss is not None
        and rise is not None
        and loss <= LARGEST_CFI_LOSS
        and rise <= LARGEST_RMSEA_RISE
    )
    rejected = test.pvalue is not None and test.pvalue < alpha
    return replace(
        step,
        delta_chisq=test.chisq,
        delta_df=test.df,
        delta_pvalue=test.pvalue,
        delta_cfi=None if loss is None else -loss,
        delta_rmsea=rise,
        holds=holds,
        undecided=not holds and not rejected,
    )


def _change(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else first - second


def _describe(name: str, found: JointFit) -> InvarianceStep:
    fit = found.attempt.fit
    if fit is None or not fit.converged:
        return InvarianceStep(name, None, None, None, None, None, None, reason=found.attempt.reason)
    return InvarianceStep(
        level=name,
        chisq=index(fit, "chisq"),
        df=int(fit.fit["df"]),
        pvalue=index(fit, "pvalue"),
        cfi=index(fit, "cfi"),
        rmsea=index(fit, "rmsea"),
        srmr=finite(fit.fit.get("srmr")),
        reason=found.attempt.reason,
    )


# ---------------------------------------------------------------- the verdict in words

PATHS_COMPARABLE = (
    Invariance.PARTIAL_METRIC,
    Invariance.METRIC,
    Invariance.PARTIAL_SCALAR,
    Invariance.SCALAR,
)
MEANS_COMPARABLE = (Invariance.PARTIAL_SCALAR, Invariance.SCALAR)

CONSEQUENCES = {
    Invariance.NOT_TESTED: gettext_noop(
        "Invariance could not be tested: latent paths and means may not be compared."
    ),
    Invariance.NONE: gettext_noop(
        "The planned structure does not hold in all of these groups: neither paths nor means may "
        "be compared."
    ),
    Invariance.CONFIGURAL: gettext_noop(
        "The same items go together, but not with the same weights: latent paths may not be "
        "compared in size, and latent means may not be compared."
    ),
    Invariance.PARTIAL_METRIC: gettext_noop(
        "Most loadings are equal: latent paths may be compared, with the freed loadings named; "
        "latent means may not."
    ),
    Invariance.METRIC: gettext_noop(
        "Loadings are equal: latent paths may be compared; latent means may not."
    ),
    Invariance.PARTIAL_SCALAR: gettext_noop(
        "Loadings and intercepts are equal but for those named: latent paths and, with care, "
        "latent means may be compared."
    ),
    Invariance.SCALAR: gettext_noop(
        "Loadings and intercepts are equal: latent paths and latent means may be compared."
    ),
}


# What the strictest level says where the next could not be fitted, and so was not tested.
NEXT_NOT_TESTED = {
    Invariance.CONFIGURAL: gettext_noop(
        "The same items go together; whether with the same weights could not be tested: latent "
        "paths and means may not be compared."
    ),
}


def _verdict(
    joint: Joint, steps: Sequence[InvarianceStep], reached: Invariance
) -> InvarianceVerdict:
    return InvarianceVerdict(
        model=joint.spec.name,
        groups=joint.groups,
        steps=tuple(steps),
        reached=reached,
        paths_comparable=reached in PATHS_COMPARABLE,
        means_comparable=reached in MEANS_COMPARABLE,
        sentence=_sentence(steps, reached),
        undecided=tuple(step.level for step in steps if step.undecided),
    )


def told_of(verdict: InvarianceVerdict) -> str:
    """The verdict in words: as stored, which is English; in another language, from its steps."""
    again = verdict.steps and language() != SOURCE
    return _sentence(verdict.steps, verdict.reached) if again else verdict.sentence


def _sentence(steps: Sequence[InvarianceStep], reached: Invariance) -> str:
    untested = next((step for step in reversed(steps) if step.reason is not None), None)
    consequence = CONSEQUENCES[reached]
    if untested:
        consequence = NEXT_NOT_TESTED.get(reached, consequence)
    parts = [_(consequence)]
    if not untested and any(step.improper for step in steps):
        parts.append(_("Without equal loadings the solution is inadmissible, with them it is not."))
    if freed := [name for step in steps if not _fails(step) for name in step.freed]:
        parts.append(_("Freed: {names}.").format(names=", ".join(freed)))
    if open_ := [_(step.level) for step in steps if step.undecided]:
        told = _("At this n it cannot be told whether it holds: {levels}.")
        parts.append(told.format(levels=", ".join(open_)))
    if untested and untested.reason:
        told = _("The {level} model: {reason}.")
        parts.append(told.format(level=_(untested.level), reason=_(untested.reason.sentence)))
    return " ".join(parts)


def not_testable(model: str, groups: tuple[str, ...], why: str) -> InvarianceVerdict:
    """The verdict where a group has no latent measurement model to test."""
    return InvarianceVerdict(
        model=model,
        groups=groups,
        steps=(),
        reached=Invariance.NOT_TESTED,
        paths_comparable=False,
        means_comparable=False,
        sentence=f"Invariance cannot be tested: {why}. Latent paths and means may not be compared.",
    )
