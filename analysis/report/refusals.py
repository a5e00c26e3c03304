"""What the generator refuses to print, and the warnings it adds, whatever it is handed.

The comparison attaches its own notices. These rules stand a second time at the door of the page, so
that no caller can print a ranking or a mean difference that the results do not carry.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from analysis.compare.types import InvarianceVerdict, Notice, VaarScore
from analysis.report.content import ReportContent
from analysis.report.formatting import decimal

HIGH_AGREEMENT = 0.8
LOW_VARIANCE_RATIO = 0.6
R2_RATIO_BAND = (0.5, 2.0)
MINIMUM_PATHS_PER_FAMILY = 2


def ranking_refusals(content: ReportContent) -> list[str]:
    """Why no ranking is printed; empty where one may be.

    A ranking needs an effective n of at least the plan's minimum for every model and two estimable
    paths in every family that has two.
    """
    plan = content.comparison.plan
    reasons = [
        f"{group.label} has an effective n of {decimal(group.effective_n, 0)}, below "
        f"{plan.minimum_effective_n}"
        for group in content.model_groups
        if group.effective_n < plan.minimum_effective_n
    ]
    sizes = Counter(path.family for path in plan.paths)
    for score in content.comparison.vaar:
        reasons += [
            f"{content.label(score.group)} has {family.estimable} estimable of {family.paths} "
            f"paths in the family {family.name}"
            for family in score.by_family
            if sizes[family.name] >= MINIMUM_PATHS_PER_FAMILY > family.estimable
        ]
    return list(dict.fromkeys(reasons))


def verdict_of(content: ReportContent, group: str) -> InvarianceVerdict | None:
    """The invariance verdict of one model against the people, in the first model of the plan."""
    pair = {content.reference.key, group}
    found = [each for each in content.comparison.invariance if set(each.groups) == pair]
    return found[0] if found else None


def paths_comparable(content: ReportContent, group: str) -> bool:
    """Whether the size of latent paths may be compared: (partial) metric invariance holds."""
    verdict = verdict_of(content, group)
    return verdict is not None and verdict.paths_comparable


def means_comparable(content: ReportContent, group: str) -> bool:
    """Whether latent means may be compared: (partial) scalar invariance holds."""
    verdict = verdict_of(content, group)
    return verdict is not None and verdict.means_comparable


def pooled_repeats(content: ReportContent, group: str) -> bool:
    """Whether rows of a model repeat clusters, so that a p-value on rows would count them twice."""
    summary = content.group(group)
    return summary.kind == "llm" and summary.clusters < summary.n


def _agrees_well(score: VaarScore) -> bool:
    return max(score.hard, score.agree, score.evidence or 0.0) >= HIGH_AGREEMENT


def _agreement_warnings(content: ReportContent, score: VaarScore) -> list[Notice]:
    fidelity = next((f for f in content.comparison.fidelity if f.group == score.group), None)
    if fidelity is None or not _agrees_well(score):
        return []
    label = content.label(score.group)
    made = []
    ratio = fidelity.variance_ratio
    if ratio is not None and ratio < LOW_VARIANCE_RATIO:
        sentence = (
            f"The signs of {label} agree with the people's, but its answers vary less (variance "
            f"ratio {decimal(ratio)}): agreement in sign is not agreement in distribution."
        )
        made.append(Notice("variance_ratio_low", "warning", sentence, score.group))
    for outcome in fidelity.outcomes:
        far = outcome.ratio is not None and not (
            R2_RATIO_BAND[0] <= outcome.ratio <= R2_RATIO_BAND[1]
        )
        if far:
            sentence = (
                f"The signs of {label} agree with the people's, but its paths explain another "
                f"share of {content.construct_label(outcome.outcome)} (R² ratio "
                f"{decimal(outcome.ratio)})."
            )
            made.append(Notice("r2_ratio_far", "warning", sentence, score.group, outcome.outcome))
    return made


def _refusals(content: ReportContent) -> list[Notice]:
    made = []
    if reasons := ranking_refusals(content):
        sentence = f"No ranking of the models is printed: {'; '.join(reasons)}."
        made.append(Notice("ranking_refused", "refusal", sentence))
    for group in content.model_groups:
        if content.comparison.invariance and not paths_comparable(content, group.key):
            sentence = (
                f"{group.label}: the size of latent paths is not compared with the people's, "
                "because metric invariance does not hold."
            )
            made.append(Notice("metric_invariance_fails", "refusal", sentence, group.key))
        if pooled_repeats(content, group.key):
            sentence = (
                f"{group.label}: sessions repeat within clusters. Tests count clusters, not rows."
            )
            made.append(Notice("pooled_repeats", "warning", sentence, group.key))
    return made


def notices(content: ReportContent) -> list[Notice]:
    """Every notice to print, refusals first: the comparison's, then the generator's own.

    A sentence that does not name the model it speaks of is given the model's name.
    """
    given = list(content.comparison.notices)
    seen = {(each.code, each.group) for each in given} | {(each.code, "") for each in given}
    own = [n for score in content.comparison.vaar for n in _agreement_warnings(content, score)]
    own += _refusals(content)
    found = given + [each for each in own if (each.code, each.group) not in seen]
    ordered = sorted(found, key=lambda each: each.severity != "refusal")
    return [_named(content, each) for each in ordered]


def _named(content: ReportContent, notice: Notice) -> Notice:
    known = {group.key: group.label for group in content.groups}
    label = known.get(notice.group, "")
    if not label or label in notice.sentence:
        return notice
    return replace(notice, sentence=f"{label}: {notice.sentence}")
