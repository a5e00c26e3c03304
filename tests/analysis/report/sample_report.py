"""A realistic report content: 300 people and three models of 200 sessions, all simulated.

One model resembles the people, one has a path reversed, one is nearly constant, so that every kind
of result occurs: agreement, contradiction, indecision and paths that cannot be estimated.
"""

from dataclasses import fields, replace
from functools import cache
from math import exp, sqrt
from random import Random
from statistics import NormalDist, fmean

from sample_facts import flows, model_arms, modelling, people_arm, provenance, study
from sample_wording import AGREEMENT, FREQUENCY, PRIVACY, PROSOCIAL, SCENARIOS, SHARING

from analysis.compare.codes import Equivalence
from analysis.compare.companions import ConditionValue
from analysis.compare.results import (
    _NO_TABLES,
    CalibrationLine,
    Comparison,
    Construct,
    Decision,
    Estimability,
    FamilyScore,
    FitSummary,
    GroupFidelity,
    GroupSummary,
    Htmt,
    Indicator,
    Interval,
    Invariance,
    InvarianceStep,
    InvarianceVerdict,
    ItemFidelity,
    ItemSpec,
    NoModel,
    NoModelScore,
    OutcomeFidelity,
    PathDifference,
    PathEstimate,
    PathEvidence,
    PathSpec,
    PathSpread,
    Plan,
    RankEntry,
    Reason,
    Reliability,
    Resampling,
    ResponseStyle,
    Rung,
    RungAttempt,
    SignSource,
    SizeBesideSign,
    SlopeRatio,
    VaarScore,
    _groups_of,
)
from analysis.report.content import (
    InstrumentFacts,
    ItemWording,
    ReportContent,
    Residual,
    Specification,
)
from analysis.runs.datasheet import AnswerDistribution, Correlations, ItemMissing, MissingPattern

NORMAL = NormalDist()
PEOPLE, LIKE, REVERSED, CONSTANT = "people", "people-like", "reversed", "near-constant"
LABELS = {
    PEOPLE: "People",
    LIKE: "Scripted A (people-like)",
    REVERSED: "Scripted B (reversed)",
    CONSTANT: "Scripted C (near-constant)",
}
MODELS = (LIKE, REVERSED, CONSTANT)
CONSTANT_ITEMS = ("DS1", "DS2", "DS4", "PA1", "PS2")

PRV_SHA, PRO_SHA = "privacy→sharing", "prosocial→sharing"
BETAS = {
    PEOPLE: {"PRV": -0.36, "PRO": 0.21},
    LIKE: {"PRV": -0.31, "PRO": 0.17},
    REVERSED: {"PRV": 0.24, "PRO": 0.09},
}


def _items(rows, top):
    return tuple(ItemSpec(ref, 1, top, reverse) for ref, _, _, reverse in rows)


def _facets(rows):
    facets = dict.fromkeys(facet for _, _, facet, _ in rows)
    return tuple(
        Indicator(facet, tuple(row[0] for row in rows if row[2] == facet), facet)
        for facet in facets
    )


def _parcels(rows):
    return tuple(
        Indicator(f"parcel{at + 1}", tuple(row[0] for row in rows[at::4])) for at in range(4)
    )


def _path(predictor, sign, family, scenario):
    outcome = "SHA" if not scenario else f"SHA_{scenario}"
    return PathSpec(
        outcome=outcome,
        predictor=predictor,
        expected_sign=sign,
        source=SignSource.THEORY,
        family=family,
        reference="Baruch et al., 2017, meta-analysis" if sign < 0 else "theory of helping",
        model=scenario or "main",
        scenario=scenario,
    )


def sample_plan(scenarios=SCENARIOS):
    """The frozen plan: the two main paths and, by scenario, eight sub-paths."""
    sharing = tuple(
        Construct(
            f"SHA_{scene}",
            f"Sharing: {scene}",
            tuple(Indicator(row[0], (row[0],)) for row in SHARING if row[2] == scene),
            "high = more willing to share",
        )
        for scene in scenarios
    )
    main = (
        Construct("PRV", "Privacy concern", _facets(PRIVACY), "high = more concern"),
        Construct("PRO", "Prosocialness", _parcels(PROSOCIAL), "high = more prosocial"),
        Construct("SHA", "Data sharing", _facets(SHARING), "high = more willing to share"),
    )
    paths = tuple(
        _path(predictor, sign, family, scenario)
        for scenario in ("", *scenarios)
        for predictor, sign, family in (("PRV", -1, PRV_SHA), ("PRO", 1, PRO_SHA))
    )
    return Plan(
        constructs=main + sharing,
        paths=paths,
        items=_items(PRIVACY, 7) + _items(PROSOCIAL, 5) + _items(SHARING, 7),
        reference_group=PEOPLE,
        estimator="MLR",
        missing="fiml",
    )


def _groups():
    people = GroupSummary(
        PEOPLE, LABELS[PEOPLE], "human", True, 300, 284, 284, 1.0, None, 1.0, 284.0, 284, 0.0
    )
    models = tuple(
        GroupSummary(
            key, LABELS[key], "llm", True, 200, 200, 200, 1.0, icc, 1.0, 200.0, rows, 0.004
        )
        for key, icc, rows in ((LIKE, 0.02, 200), (REVERSED, 0.03, 199), (CONSTANT, 0.41, 17))
    )
    return (people, *models)


def _estimate(group, path):
    n = 284 if group == PEOPLE else 200
    if group == CONSTANT:
        reason = Reason.CONSTANT_COMPOSITE if path.scenario != "science" else Reason.NON_CONVERGENCE
        return PathEstimate(group, path.key, Rung.NONE, reason, n=n)
    draw = Random(f"{group}{path.key}")
    std = BETAS[group][path.predictor] * (1 if not path.scenario else 0.82) + (
        draw.gauss(0, 0.035) if path.scenario else 0
    )
    se = 0.058 if group == PEOPLE else 0.071
    raw = std * 0.9
    p = 2 * (1 - NORMAL.cdf(abs(std / se)))
    return PathEstimate(
        group=group,
        path=path.key,
        rung=Rung.FULL,
        est=raw,
        se=se * 0.9,
        ci_lower=raw - 1.96 * se * 0.9,
        ci_upper=raw + 1.96 * se * 0.9,
        std=std,
        std_se=se,
        std_ci_lower=std - 1.96 * se,
        std_ci_upper=std + 1.96 * se,
        pvalue=p,
        pvalue_holm=min(1.0, 2 * p),
        n=n,
        zero_order_r=std * 0.8,
        suppressed=group == REVERSED and path.key == "PRO->SHA",
        positive_share=NORMAL.cdf(std / se),
        nonconverged_share=0.004,
    )


def _decision(path, estimate):
    if not estimate.estimable:
        return Decision.NOT_ESTIMABLE
    ends = sorted(
        path.expected_sign * end for end in (estimate.std_ci_lower, estimate.std_ci_upper)
    )
    if ends[0] > 0:
        return Decision.AGREE
    return Decision.CONTRADICT if ends[1] < 0 else Decision.UNDETERMINED


def _expected_share(path, estimate):
    if not estimate.estimable:
        return 0.5
    return NORMAL.cdf(path.expected_sign * estimate.std / estimate.std_se)


def _evidence(path, human, model):
    human_share = _expected_share(path, human)
    model_share = _expected_share(path, model)
    return PathEvidence(
        path=path.key,
        family=path.family,
        sign=path.expected_sign,
        human_share=human_share,
        model_share=model_share,
        weight=max(0.0, 2 * human_share - 1),
        hard=model.std is not None and path.expected_sign * model.std > 0,
        decision=_decision(path, model),
        human_resolved=human_share > 0.975,
        null_expected=False,
    )


def _family(name, rows):
    share = {each: fmean(row.decision is each for row in rows) for each in Decision}
    weight = sum(row.weight for row in rows)
    return FamilyScore(
        name=name,
        paths=len(rows),
        estimable=sum(row.decision is not Decision.NOT_ESTIMABLE for row in rows),
        hard=fmean(row.hard for row in rows),
        agree=share[Decision.AGREE],
        contradict=share[Decision.CONTRADICT],
        undetermined=share[Decision.UNDETERMINED],
        not_estimable=share[Decision.NOT_ESTIMABLE],
        evidence=sum(row.weight * row.model_share for row in rows) / weight if weight else None,
        joint=fmean(
            row.human_share * row.model_share + (1 - row.human_share) * (1 - row.model_share)
            for row in rows
        ),
    )


def _score(plan, group, estimates):
    rows = tuple(
        _evidence(path, estimates[PEOPLE, path.key], estimates[group, path.key])
        for path in plan.paths
    )
    families = tuple(
        _family(name, [row for row in rows if row.family == name]) for name in plan.families
    )
    scenes = dict.fromkeys(path.scenario for path in plan.paths if path.scenario)
    by_scenario = tuple(
        _family(
            scene,
            [row for row in rows if plan.path(row.path).scenario == scene],
        )
        for scene in scenes
    )
    mean = {
        name: fmean(getattr(family, name) for family in families)
        for name in ("hard", "agree", "contradict", "undetermined", "not_estimable", "joint")
    }
    evidence = fmean(family.evidence for family in families)
    spread = 0.0 if group == CONSTANT else 0.06
    band = {
        name: Interval(max(0.0, value - spread), min(1.0, value + spread), method="percentile")
        for name, value in (mean | {"evidence": evidence}).items()
    }
    missing = group == CONSTANT
    return VaarScore(
        group=group,
        signs=SignSource.THEORY,
        evidence=evidence,
        ceiling=0.997,
        joint_normalised=(mean["joint"] - 0.5) / 0.497,
        bounds={
            name: Interval(0.0, 1.0, method="bounds") if missing else Interval(value, value)
            for name, value in (("hard", mean["hard"]), ("evidence", evidence))
        },
        null_concordance=None,
        null_paths=(),
        unresolved=tuple(row.path for row in rows if not row.human_resolved),
        effective_paths=3.4,
        chance_all_hard=2.0 ** -len(rows),
        paths=rows,
        by_family=families,
        by_scenario=by_scenario,
        intervals=band,
        noise_ceiling={"hard": Interval(0.9, 1.0), "evidence": Interval(0.95, 1.0)},
        permutation_p={"hard": 1.0 if missing else 0.002, "evidence": 1.0 if missing else 0.001},
        failed_refit_share=1.0 if missing else 0.004,
        log=0.0 if missing else 0.41,
        sample_n=200,
        noise_mean={"hard": 0.97, "agree": 0.26},
        floor={"hard": Interval(0.1, 0.9), "agree": Interval(0.0, 0.2)},
        floor_mean={"hard": 0.5, "agree": 0.03},
        no_model=NoModelScore(NoModel.NOTHING_TOLD),
        **mean,
    )


def _difference(path, human, model):
    if not model.estimable:
        return PathDifference(model.group, path.key, False, "path not estimable")
    if model.group == REVERSED:
        return PathDifference(model.group, path.key, False, "metric invariance does not hold")
    gap = model.std - human.std
    se = sqrt(model.std_se**2 + human.std_se**2)
    ci = Interval(gap - 1.96 * se, gap + 1.96 * se)
    tost = 1 - NORMAL.cdf((0.10 - abs(gap)) / se)
    wald = (gap / se) ** 2
    p = 2 * (1 - NORMAL.cdf(abs(gap / se)))
    return PathDifference(
        model.group,
        path.key,
        True,
        "",
        gap * 0.9,
        Interval(ci.lower * 0.9, ci.upper * 0.9),
        gap,
        ci,
        tost,
        Equivalence.EQUIVALENT if tost < 0.05 else Equivalence.CANNOT_TELL,
        wald,
        p,
        wald * 0.98,
        1,
        min(1.0, p * 1.02),
        gap * 1.05,
        Interval(ci.lower * 1.05, ci.upper * 1.05),
    )


def _rows():
    return (
        *((row, 7, 4.9, 1.35) for row in PRIVACY),
        *((row, 5, 3.6, 0.95) for row in PROSOCIAL),
        *((row, 7, 3.9, 1.6) for row in SHARING),
    )


def _counts(group, row, top, centre, spread):
    n = 284 if group == PEOPLE else 200
    if group == CONSTANT:
        if row[0] in CONSTANT_ITEMS:
            return {top - 1: n}
        return {top - 1: n - 9, top: 6, top - 2: 3}
    draw = Random(f"{group}{row[0]}")
    shift = draw.gauss(0, 0.35) + {PEOPLE: 0, LIKE: 0.25, REVERSED: 0.45}[group]
    width = spread * {PEOPLE: 1, LIKE: 0.72, REVERSED: 0.6}[group]
    weight = {v: exp(-((v - centre - shift) ** 2) / (2 * width**2)) for v in range(1, top + 1)}
    total = sum(weight.values())
    counts = {value: round(n * part / total) for value, part in weight.items()}
    fullest = max(counts, key=counts.get)
    counts[fullest] += n - sum(counts.values())
    return {value: count for value, count in counts.items() if count}


def _moments(counts):
    n = sum(counts.values())
    mean = sum(v * c for v, c in counts.items()) / n
    central = {k: sum(c * (v - mean) ** k for v, c in counts.items()) / n for k in (2, 3, 4)}
    sd = sqrt(central[2] * n / (n - 1))
    if central[2] == 0:
        return n, mean, 0.0, None, None
    return n, mean, sd, central[3] / central[2] ** 1.5, central[4] / central[2] ** 2 - 3


def _item_rows():
    made = []
    for row, top, centre, spread in _rows():
        people = _counts(PEOPLE, row, top, centre, spread)
        _, mean_h, sd_h, _, _ = _moments(people)
        for group in (PEOPLE, *MODELS):
            counts = _counts(group, row, top, centre, spread)
            n, mean, sd, skew, kurtosis = _moments(counts)
            model = group != PEOPLE
            made.append(
                ItemFidelity(
                    group,
                    row[0],
                    n,
                    mean,
                    sd,
                    skew,
                    kurtosis,
                    len(counts),
                    counts.get(1, 0) / n,
                    counts.get(top, 0) / n,
                    0.6,
                    abs(mean - mean_h) + 0.1 if model else None,
                    0.08 if model else None,
                    sd**2 / sd_h**2 if model else None,
                )
            )
    return tuple(made)


def _distributions():
    return tuple(
        AnswerDistribution(group, row[0], _counts(group, row, top, centre, spread))
        for row, top, centre, spread in _rows()
        for group in (PEOPLE, *MODELS)
    )


def _indices(chisq, df, cfi, rmsea, srmr):
    return {
        "chisq": chisq,
        "df": float(df),
        "pvalue": 0.004,
        "chisq_scaled": chisq * 0.94,
        "cfi": cfi,
        "tli": cfi - 0.011,
        "cfi_robust": cfi + 0.002,
        "rmsea": rmsea,
        "rmsea_ci_lower": max(0.0, rmsea - 0.012),
        "rmsea_ci_upper": rmsea + 0.012,
        "srmr": srmr,
    }


def _parameters(plan, group):
    rows = []
    draw = Random(f"parameters {group}")
    for construct in plan.constructs[:3]:
        for at, indicator in enumerate(construct.indicators):
            std = 0.62 + 0.2 * draw.random()
            rows.append(
                {
                    "lhs": construct.key,
                    "op": "=~",
                    "rhs": indicator.name,
                    "free": 0 if at == 0 else 1,
                    "label": "",
                    "est": 1.0 if at == 0 else 0.8 + 0.4 * draw.random(),
                    "se": None if at == 0 else 0.09,
                    "pvalue": None if at == 0 else 0.0,
                    "std_all": std,
                }
            )
    for predictor in ("PRV", "PRO"):
        beta = BETAS[group][predictor]
        rows.append(
            {
                "lhs": "SHA",
                "op": "~",
                "rhs": predictor,
                "free": 1,
                "label": "",
                "est": beta * 0.9,
                "se": 0.055,
                "pvalue": 0.0003,
                "std_all": beta,
            }
        )
    rows.append(
        {
            "lhs": "PRV",
            "op": "~~",
            "rhs": "PRO",
            "free": 1,
            "label": "",
            "est": 0.061,
            "se": 0.04,
            "pvalue": 0.127,
            "std_all": 0.108,
        }
    )
    rows.extend(
        {
            "lhs": indicator.name,
            "op": "~~",
            "rhs": indicator.name,
            "free": 1,
            "label": "",
            "est": 0.3 + 0.2 * draw.random(),
            "se": 0.045,
            "pvalue": 0.0,
            "std_all": 0.5,
        }
        for construct in plan.constructs[:3]
        for indicator in construct.indicators
    )
    return tuple(rows)


SYNTAX = """PRV =~ control + awareness + collection
PRO =~ parcel1 + parcel2 + parcel3 + parcel4
SHA =~ health + transport + city + science
SHA ~ PRV + PRO
PRV ~~ PRO"""


def _fits(plan):
    return tuple(
        FitSummary(
            "main",
            f"Main model, {LABELS[key]}",
            (key,),
            Rung.FULL,
            SYNTAX,
            (),
            (),
            "MLR",
            "fiml",
            (n,),
            25,
            True,
            True,
            _indices(chisq, 41, cfi, rmsea, srmr),
            {key: {"SHA": r2}},
            warnings,
            _parameters(plan, key),
        )
        for key, n, chisq, cfi, rmsea, srmr, r2, warnings in (
            (PEOPLE, 284, 68.21, 0.972, 0.048, 0.039, 0.171, ()),
            (LIKE, 200, 58.40, 0.968, 0.046, 0.044, 0.124, ()),
            (
                REVERSED,
                200,
                91.77,
                0.921,
                0.079,
                0.067,
                0.068,
                ("The residual variance of parcel3 is small (.02).",),
            ),
        )
    )


def _invariance(scenarios):
    main = _main_invariance()
    return main + tuple(replace(each, model=scene) for scene in scenarios for each in main)


def _main_invariance():
    def step(level, chisq, df, cfi, rmsea, delta, holds, freed=()):
        return InvarianceStep(level, chisq, df, 0.003, cfi, rmsea, 0.046, *delta, holds, freed)

    none = (None, None, None, None, None)
    return (
        InvarianceVerdict(
            "main",
            (PEOPLE, LIKE),
            (
                step("configural", 126.6, 82, 0.970, 0.047, none, True),
                step("metric", 136.0, 90, 0.968, 0.046, (9.4, 8, 0.310, -0.002, -0.001), True),
                step("scalar", 171.9, 98, 0.949, 0.056, (35.9, 8, 0.00002, -0.019, 0.010), False),
            ),
            Invariance.METRIC,
            True,
            False,
            "Loadings are equal; intercepts are not. Paths may be compared, latent means may not.",
        ),
        InvarianceVerdict(
            "main",
            (PEOPLE, REVERSED),
            (
                step("configural", 160.0, 82, 0.952, 0.063, none, True),
                step(
                    "metric",
                    201.3,
                    90,
                    0.929,
                    0.073,
                    (41.3, 8, 0.000002, -0.023, 0.010),
                    False,
                    ("PRV=~collection",),
                ),
            ),
            Invariance.CONFIGURAL,
            False,
            False,
            "Loadings differ. Signs may be compared; the size of latent paths may not.",
        ),
        InvarianceVerdict(
            "main",
            (PEOPLE, CONSTANT),
            (
                InvarianceStep(
                    "configural",
                    None,
                    None,
                    None,
                    None,
                    None,
                    None,
                    reason=Reason.CONSTANT_COMPOSITE,
                ),
            ),
            Invariance.NONE,
            False,
            False,
            "The model could not be fitted in both groups. Nothing may be compared.",
        ),
    )


def _reliability():
    values = {
        PEOPLE: (0.84, 0.88, 0.81),
        LIKE: (0.80, 0.86, 0.79),
        REVERSED: (0.66, 0.83, 0.74),
        CONSTANT: (None, None, None),
    }
    return tuple(
        Reliability(
            group,
            construct,
            size,
            omega,
            None if omega is None else omega - 0.01,
            None if omega is None else Interval(omega - 0.045, omega + 0.025),
            None if omega is None else omega**2 * 0.75,
        )
        for group, row in values.items()
        for construct, size, omega in zip(("PRV", "PRO", "SHA"), (10, 16, 12), row, strict=True)
    )


def _fidelity():
    def outcome(group, r2):
        human = 0.171
        ratio = None if r2 is None else r2 / human
        ci = None if ratio is None else Interval(ratio * 0.55, ratio * 1.6, method="percentile")
        return (OutcomeFidelity(group, "SHA", "main", r2, human, ratio, ci),)

    return (
        GroupFidelity(
            LIKE,
            0.52,
            0.38,
            0.06,
            0.83,
            Interval(0.61, 0.93),
            outcome(LIKE, 0.124),
            variance_ratio_ci=Interval(0.46, 0.58),
        ),
        GroupFidelity(
            REVERSED, 0.36, 0.55, 0.11, 0.42, Interval(0.05, 0.7), outcome(REVERSED, 0.068)
        ),
        GroupFidelity(
            CONSTANT, 0.02, 1.21, 0.47, 0.11, Interval(-0.2, 0.4), outcome(CONSTANT, None)
        ),
    )


def _sizes():
    ratio = SlopeRatio("PRV->SHA", 1.12, Interval(0.7, 1.6, method="Fieller"))
    return (SizeBesideSign(LIKE, 1.1, Interval(0.8, 1.5), (ratio,), CalibrationLine(2)),)


def sample_comparison(scenarios=SCENARIOS):
    """What the comparison of the sample study found."""
    plan = sample_plan(scenarios)
    paths = tuple(_estimate(g, path) for path in plan.paths for g in (PEOPLE, *MODELS))
    estimates = {(row.group, row.path): row for row in paths}
    ladder = tuple(RungAttempt(rung, Reason.CONSTANT_COMPOSITE, "") for rung in plan.rungs)
    return Comparison(
        plan=plan,
        groups=_groups(),
        fits=_fits(plan),
        estimability=(
            *(Estimability(key, "main", Rung.FULL, None) for key in (PEOPLE, LIKE, REVERSED)),
            Estimability(
                CONSTANT,
                "main",
                Rung.NONE,
                Reason.CONSTANT_COMPOSITE,
                CONSTANT_ITEMS,
                CONSTANT_ITEMS,
                ladder,
            ),
        ),
        paths=paths,
        vaar=tuple(_score(plan, group, estimates) for group in MODELS),
        invariance=_invariance(scenarios),
        differences=tuple(
            _difference(path, estimates[PEOPLE, path.key], estimates[group, path.key])
            for group in MODELS
            for path in plan.paths
        ),
        items=_item_rows(),
        styles=(
            ResponseStyle(PEOPLE, 0.02, 0.21, 0.04, 6, 0.91),
            ResponseStyle(LIKE, 0.0, 0.19, 0.09, 6, 0.84),
            ResponseStyle(REVERSED, 0.01, 0.27, 0.21, 6, 0.55),
            ResponseStyle(CONSTANT, 0.88, 0.94, None, 6, 0.03),
        ),
        fidelity=_fidelity(),
        sizes=_sizes(),
        conditions=(
            PathSpread(
                LIKE,
                plan.paths[0].key,
                "wording",
                (
                    ConditionValue("own", 96, -0.31, Interval(-0.49, -0.13)),
                    ConditionValue("standard", 100, -0.12, Interval(-0.31, 0.07)),
                    ConditionValue("short", 8, reason="too_few"),
                ),
                -0.31,
                -0.12,
            ),
        ),
        reliability=_reliability(),
        htmt=tuple(
            Htmt(group, first, second, value)
            for group, values in (
                (PEOPLE, (0.13, 0.42, 0.27)),
                (LIKE, (0.18, 0.44, 0.25)),
                (REVERSED, (0.61, 0.35, 0.30)),
                (CONSTANT, (None, None, None)),
            )
            for (first, second), value in zip(
                (("PRV", "PRO"), ("PRV", "SHA"), ("PRO", "SHA")), values, strict=True
            )
        ),
        ranking=(
            RankEntry(LIKE, 0.98, 0.96, 1, 1),
            RankEntry(REVERSED, 0.44, 0.46, 2, 3),
            RankEntry(CONSTANT, 0.5, 0.5, 2, 3),
        ),
        resampling=Resampling(20261124, 1000, 1000, 500),
    )


def _instruments():
    def items(rows):
        return tuple(ItemWording(ref, text, facet, reverse) for ref, text, facet, reverse in rows)

    shared = {
        "version": "1.0",
        "translation": "English and German, written in parallel",
        "licence": "CC BY 4.0",
        "wording_note": "Wording written for this project.",
    }
    sharing = list(items(SHARING))
    sharing[2] = ItemWording(
        "DS3", sharing[2].text, "health", True, sharing[2].text.replace("that asks", "which asks")
    )
    return (
        InstrumentFacts(
            key="privacy-attitudes",
            title="Privacy attitudes",
            construct="PRV",
            items=items(PRIVACY),
            source="parallel in content to Malhotra, Kim and Agarwal (2004)",
            orientation="high = more concern",
            anchors=AGREEMENT,
            sha256="5d0c" + "1f" * 30,
            instruction="How far do you agree with each statement?",
            **shared,
        ),
        InstrumentFacts(
            key="prosocialness",
            title="Prosocialness",
            construct="PRO",
            items=items(PROSOCIAL),
            source="parallel in content to Caprara, Steca, Zelli and Capanna (2005)",
            orientation="high = more prosocial",
            anchors=FREQUENCY,
            sha256="77ab" + "2e" * 30,
            instruction="How often does each statement apply to you?",
            **shared,
        ),
        InstrumentFacts(
            key="data-sharing",
            title="Acceptance of data sharing",
            construct="SHA",
            items=tuple(sharing),
            source=None,
            orientation="high = more willing to share",
            anchors=AGREEMENT,
            sha256="c3d9" + "3d" * 30,
            instruction="How far do you agree with each statement?",
            **shared,
        ),
    )


def _missing():
    draw = Random("missing")
    rows = []
    for row, _, _, _ in _rows():
        rows.append(ItemMissing(PEOPLE, row[0], 284, {"skipped": draw.choice((0, 1, 1, 2, 4))}))
        rows.extend(
            ItemMissing(
                group,
                row[0],
                200,
                {"refused": draw.choice((0, 0, 1)), "unparsable": draw.choice((0, 0, 0, 2))},
            )
            for group in MODELS
        )
    return tuple(rows)


def _correlations():
    names = (
        "control",
        "awareness",
        "collection",
        "parcel1",
        "parcel2",
        "parcel3",
        "parcel4",
        "health",
        "transport",
        "city",
        "science",
    )
    block = {name: 0 if at < 3 else 1 if at < 7 else 2 for at, name in enumerate(names)}
    between = {(0, 1): 0.09, (0, 2): -0.25, (1, 2): 0.15}

    def r(group, one, two):
        if one == two:
            return 1.0
        if group == CONSTANT:
            return None
        pair = tuple(sorted((block[one], block[two])))
        base = 0.52 if pair[0] == pair[1] else between[pair]
        return base + Random(f"{group}{sorted((one, two))}").gauss(0, 0.04)

    return tuple(
        Correlations(
            group,
            284 if group == PEOPLE else 200,
            names,
            tuple(4.0 + 0.1 * at for at in range(len(names))),
            tuple(0.0 if group == CONSTANT else 0.9 + 0.05 * at for at in range(len(names))),
            tuple(tuple(r(group, one, two) for two in names) for one in names),
        )
        for group in (PEOPLE, *MODELS)
    )


CHOICES = {
    "Estimator": ("MLR", "ML", "WLSMV"),
    "Exclusions": ("as planned", "none"),
    "History": ("full", "none"),
    "Scale direction": ("both", "forward"),
}


def _specifications(comparison):
    made = []
    for group in (LIKE, REVERSED):
        draw = Random(f"grid {group}")
        score = comparison.score(group)
        for at in range(24):
            choices = {
                "Estimator": CHOICES["Estimator"][at % 3],
                "Exclusions": CHOICES["Exclusions"][at // 3 % 2],
                "History": CHOICES["History"][at // 6 % 2],
                "Scale direction": CHOICES["Scale direction"][at // 12 % 2],
            }
            shift = -0.12 * (choices["History"] == "none") + draw.gauss(0, 0.03)
            value = min(1.0, max(0.0, score.evidence + (shift if at else 0)))
            band = Interval(max(0.0, value - 0.08), min(1.0, value + 0.06))
            failed = at == 17
            made.append(
                Specification(
                    group,
                    "evidence",
                    choices,
                    None if failed else value,
                    None if failed else band,
                    at == 0,
                    "non_convergence" if failed else "",
                )
            )
    return tuple(made)


@cache
def sample_content(scenarios=SCENARIOS):
    """The whole report; without scenarios the plan has the two main paths only."""
    comparison = sample_comparison(scenarios)
    people_flow, model_flow = flows(PEOPLE, MODELS)
    return ReportContent(
        study=study(),
        comparison=comparison,
        instruments=_instruments(),
        people=people_arm(),
        people_flow=people_flow,
        model_arms=model_arms(MODELS),
        model_flow=model_flow,
        modelling=modelling(),
        missing=_missing(),
        missing_patterns=(
            MissingPattern(PEOPLE, (), 251),
            MissingPattern(PEOPLE, ("PA5",), 12),
            MissingPattern(PEOPLE, ("DS3", "DS6"), 5),
            MissingPattern(LIKE, (), 194),
            MissingPattern(REVERSED, (), 191),
            MissingPattern(CONSTANT, (), 197),
        ),
        distributions=_distributions(),
        correlations=_correlations(),
        residuals=(
            Residual(PEOPLE, "main", "awareness", "science", 0.112),
            Residual(REVERSED, "main", "collection", "parcel3", -0.171),
            Residual(REVERSED, "main", "control", "health", 0.136),
        ),
        specifications=_specifications(comparison),
        provenance=provenance(),
    )


def only_groups(content, keys):
    """The content as if only some groups had been compared, without the notices."""

    def keep(rows):
        return tuple(row for row in rows if set(_groups_of(row)) <= set(keys))

    whole = content.comparison
    tables = [one.name for one in fields(whole) if one.name not in _NO_TABLES]
    comparison = replace(
        whole,
        groups=tuple(group for group in whole.groups if group.key in keys),
        **{name: keep(getattr(whole, name)) for name in tables if name != "notices"},
        notices=(),
    )
    parts = {name: keep(getattr(content, name)) for name in _PARTS_BY_GROUP}
    return replace(content, comparison=comparison, **parts)


_PARTS_BY_GROUP = (
    "people_flow",
    "model_arms",
    "model_flow",
    "missing",
    "missing_patterns",
    "distributions",
    "correlations",
    "residuals",
    "specifications",
    "deliveries",
)
