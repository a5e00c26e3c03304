"""What the supplement says of VAAR: chance, ceilings, slices, path by path."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from analysis.compare.results import (
    FamilyScore,
    Interval,
    PathEvidence,
    VaarScore,
)
from analysis.language import gettext, gettext_noop
from analysis.report.content import ReportContent
from analysis.report.readout.results import (
    UNDEFINED,
    bounds,
)
from analysis.report.sections.body.agreement import write_graded
from analysis.report.sections.body.vaar import scored_name, write_definition
from analysis.report.typesetting.formatting import (
    NOT_RECORDED,
    bounded,
    count,
    decimal,
    interval,
    listed,
    p_value,
    percent,
)
from analysis.report.typesetting.style import plain
from analysis.report.typesetting.tables import Band, Row, numbers, row, side_by_side, words
from analysis.report.words import SIGN_SOURCES
from analysis.report.writer import Writer

_SLICES: tuple[tuple[str, Callable[[VaarScore], tuple[FamilyScore, ...]]], ...] = (
    (gettext_noop("families"), lambda score: score.by_family),
    (gettext_noop("facets"), lambda score: score.by_facet),
    (gettext_noop("scenarios"), lambda score: score.by_scenario),
)


def write(report: Writer, content: ReportContent) -> None:
    """What the supplement says of VAAR: chance, ceilings, slices, path by path."""
    if not content.comparison.vaar:
        return
    report.section("vaar-detail", "VAAR: uncertainty, chance and ceilings")
    write_definition(report, content)
    report.subsection("vaar-uncertainty", "Chance and ceilings")
    write_graded(report, content)
    _uncertainty(report, content)
    _slices(report, content)
    _evidence(report, content)


def _uncertainty_facts(content: ReportContent, score: VaarScore) -> tuple[tuple[str, str], ...]:
    labels = {path.key: content.path_label(path) for path in content.comparison.plan.paths}
    ceiling = bounded(score.ceiling) if score.ceiling is not None else gettext(UNDEFINED)
    normalised = (
        bounded(score.joint_normalised)
        if score.joint_normalised is not None
        else gettext("not printed: ceiling too near .5")
    )
    null = score.null_concordance
    return (
        (gettext_noop("Signs from"), SIGN_SOURCES[score.signs]),
        (gettext_noop("Bounds over paths not estimable"), _keyed(score.bounds)),
        (gettext_noop("Human noise ceiling at the same n"), _keyed(score.noise_ceiling)),
        (gettext_noop("Permutation p"), _permutation(score)),
        (gettext_noop("Chance that noise gives Hard = 1"), bounded(score.chance_all_hard, 3)),
        (gettext_noop("Ceiling of Joint"), ceiling),
        (gettext_noop("Joint, normalised"), normalised),
        (gettext_noop("Effective number of paths"), decimal(score.effective_paths, 1)),
        (gettext_noop("Refits that failed"), percent(score.failed_refit_share, 1)),
        (
            gettext_noop("Human direction unresolved"),
            listed(labels.get(key, key) for key in score.unresolved),
        ),
        (
            gettext_noop("Expectation is a null"),
            listed(labels.get(key, key) for key in score.null_paths),
        ),
        (gettext_noop("Null concordance"), "n/a" if null is None else bounded(null)),
    )


def _keyed(found: Mapping[str, Interval]) -> str:
    return (
        "; ".join(f"{gettext(name)} {interval(bounds(each))}" for name, each in found.items())
        or NOT_RECORDED
    )


def _permutation(score: VaarScore) -> str:
    return (
        "; ".join(f"{gettext(name)} {p_value(p)}" for name, p in score.permutation_p.items())
        or NOT_RECORDED
    )


def _uncertainty(report: Writer, content: ReportContent) -> None:
    drawn = content.comparison.resampling
    if drawn is None:
        report.text("Resampling: not recorded.")
    else:
        report.text(
            gettext(
                "Two-level bootstrap with {bootstrap} draws (people, and clusters of sessions), "
                "{permutations} permutations of the outcome block, {noise} draws for the human "
                "noise ceiling; seed {seed}. Holm's correction is applied to path claims within "
                "each model."
            ).format(
                bootstrap=count(drawn.bootstrap),
                permutations=count(drawn.permutations),
                noise=count(drawn.noise_draws),
                seed=drawn.seed,
            )
        )
    for at, (suffix, part) in enumerate(side_by_side(content.comparison.vaar)):
        facts = [_uncertainty_facts(content, score) for score in part]
        columns = [words("", 26)]
        columns += [words(plain(scored_name(content, score)), 74 / len(part)) for score in part]
        report.table(
            f"table-uncertainty-{at}",
            gettext("VAAR beside chance, noise and its bounds (this project's definition)")
            + suffix,
            columns,
            [
                row(gettext(label), *(texts[line][1] for texts in facts))
                for line, (label, _) in enumerate(facts[0])
            ],
        )


def _slices(report: Writer, content: ReportContent) -> None:
    for name, select in _SLICES:
        entries: list[Row | Band] = []
        for score in content.comparison.vaar:
            found = select(score)
            if found:
                entries.append(Band(scored_name(content, score)))
                entries += [_slice_row(each) for each in found]
        if entries:
            report.table(
                f"table-vaar-{name}",
                gettext("VAAR by {slices} (this project's definition)").format(
                    slices=gettext(name)
                ),
                (
                    words("", 32),
                    numbers("Estimable", 12),
                    numbers("Agree", 9),
                    numbers("Contradict", 12),
                    numbers("Undetermined", 15),
                    numbers("Hard", 8),
                    numbers("Evidence", 11),
                    numbers("Joint", 11),
                ),
                entries,
            )
        elif name != "families":
            told = gettext("VAAR by {slices}: the plan has none.")
            report.text(told.format(slices=gettext(name)))


def _slice_row(each: FamilyScore) -> Row:
    return row(
        each.name,
        gettext("{used} of {every}").format(used=each.estimable, every=each.paths),
        percent(each.agree),
        percent(each.contradict),
        percent(each.undetermined),
        bounded(each.hard),
        gettext(UNDEFINED) if each.evidence is None else bounded(each.evidence),
        gettext(UNDEFINED) if each.joint is None else bounded(each.joint),
    )


def _evidence(report: Writer, content: ReportContent) -> None:
    for at, (suffix, part) in enumerate(side_by_side(content.comparison.vaar)):
        columns = [words("Path", 34), numbers("Sign", 6), numbers("π people", 10)]
        columns += [numbers("Weight", 9)]
        columns += [words(plain(scored_name(content, score)), 60 / len(part)) for score in part]
        report.table(
            f"table-evidence-{at}",
            gettext("Path by path: what VAAR adds up (this project's definition)") + suffix,
            columns,
            [_evidence_row(content, part, line, each) for line, each in enumerate(part[0].paths)],
            note="Model columns: π on the expected side, and the verdict.",
        )


def _evidence_row(
    content: ReportContent, scores: Sequence[VaarScore], line: int, each: PathEvidence
) -> Row:
    path = content.comparison.plan.path(each.path)
    own = [score.paths[line] for score in scores]
    return row(
        content.path_label(path),
        "0" if each.null_expected else "+" if each.sign > 0 else "−",
        bounded(each.human_share, 3),
        bounded(each.weight),
        *(
            f"{bounded(one.model_share, 3)} {gettext(one.decision.value.replace('_', ' '))}"
            for one in own
        ),
    )
