"""VAAR: never one number alone, and its companions on the same page."""

from __future__ import annotations

from analysis.compare.notices import withholding as refusals
from analysis.compare.results import (
    Interval,
    OutcomeFidelity,
    Plan,
    SignSource,
    VaarScore,
)
from analysis.language import gettext as _
from analysis.language import gettext_noop
from analysis.report.content import ReportContent
from analysis.report.readout.refusals import ranking_refused, said, said_by_group
from analysis.report.readout.results import (
    bounds,
    fidelity_of,
    open_interval,
    score_text,
)
from analysis.report.sections.body import agreement
from analysis.report.typesetting.formatting import (
    NOT_ESTIMABLE,
    NOT_RECORDED,
    bounded,
    decimal,
    estimate_with_interval,
    percent,
)
from analysis.report.typesetting.style import plain
from analysis.report.typesetting.tables import Row, numbers, row, words
from analysis.report.words import VAAR_IS_OURS
from analysis.report.writer import Writer

# Not an f-string: "_{p}" is a subscript (``style.prose``).
_NUMBERS_IN_WORDS = (
    (
        "<b>Hard</b>: the share of paths with the expected sign. A path at zero or not estimable "
        "is a miss; the denominator never shrinks."
    ),
    (
        "<b>Agree, contradict, undetermined, not estimable</b>: whether the LEVEL interval lies "
        "wholly on the expected side, wholly on the other, on both, or does not exist. The four "
        "shares add to 1. This is the headline."
    ),
    (
        "<b>Evidence</b>: Σ <i>w</i>_{p} π_{m,p} / Σ <i>w</i>_{p} with "
        "<i>w</i>_{p} = max(0, 2π_{h,p} − 1); undefined where the people decide "
        "no path."
    ),
    (
        "<b>Joint</b>: the mean of π_{h}π_{m} + "
        "(1 − π_{h})(1 − π_{m}); its ceiling is the mean of "
        "max(π_{h}, 1 − π_{h})."
    ),
    (
        "<b>Log</b>: 1 − <i>L</i> / ln 2, where <i>L</i> is the mean of −ln π_{m}, π kept within "
        ".001 and .999: 1 is certain of every path, 0 a coin, negative confidently wrong."
    ),
)


_SEVERITY = {"warning": gettext_noop("Warning"), "refusal": gettext_noop("Refusal")}


def write(report: Writer, content: ReportContent) -> None:
    """The section; one page of it holds the verdicts, the numbers and the companions."""
    report.section("vaar", "VAAR: agreement with the expected signs")
    report.text(plain(VAAR_IS_OURS))
    if not content.comparison.vaar:
        report.text("VAAR: not estimable.")
        return
    with report.together():
        report.figure(report.figures.vaar)
        _numbers(report, content)
        _companions(report, content)
    told = _("What each number is, in a formula: {where}.")
    report.text(told.format(where=report.see("vaar-definition")))
    agreement.write(report, content)
    report.subsection("vaar-notices", "Warnings and refusals")
    _notices(report, content)
    _ranking(report, content)


# ---------------------------------------------------------------- the page of VAAR


def scored_name(content: ReportContent, score: VaarScore) -> str:
    """The label of a score; the source of the signs where a group has two."""
    same = [each for each in content.comparison.vaar if each.group == score.group]
    label = content.label(score.group)
    return f"{label}, VAAR-{score.signs.value}" if len(same) > 1 else label


def _with(score: VaarScore, name: str, value: float | None) -> str:
    return score_text(value, score.intervals.get(name))


def _numbers(report: Writer, content: ReportContent) -> None:
    report.table(
        "table-vaar",
        "VAAR: the four numbers of every model (this project's definition)",
        (
            words("Model", 24),
            numbers("Agree", 8),
            numbers("Contradict", 14),
            numbers("Undetermined", 17),
            numbers("Not est.", 9),
            numbers("Hard", 18),
            numbers("Evidence", 18),
            numbers("Joint", 18),
        ),
        [
            row(
                scored_name(content, score),
                percent(score.agree),
                percent(score.contradict),
                percent(score.undetermined),
                percent(score.not_estimable),
                _with(score, "hard", score.hard),
                _with(score, "evidence", score.evidence),
                _with(score, "joint", score.joint),
            )
            for score in content.comparison.vaar
        ],
        note=_(
            "{intervals} Not est. = not estimable, a miss in Hard. {paths} paths in {families} "
            "families. Companions: {where}."
        ).format(
            intervals=_interval_note(content),
            paths=len(content.comparison.plan.paths),
            families=len(content.comparison.plan.families),
            where=report.see("table-companions"),
        ),
    )


def _interval_note(content: ReportContent) -> str:
    intervals: list[Interval] = [
        each for score in content.comparison.vaar for each in score.intervals.values()
    ]
    if not intervals:
        return _("Intervals: not recorded.")
    return _("Brackets: {level} {method} intervals.").format(
        level=percent(intervals[0].level), method=plain(_(intervals[0].method))
    )


def _outcome_text(outcomes: tuple[OutcomeFidelity, ...]) -> str:
    if not outcomes:
        return NOT_RECORDED
    first = outcomes[0]
    if first.ratio is None:
        return NOT_ESTIMABLE
    ends = "" if first.ratio_ci is None else f" {open_interval(first.ratio_ci)}"
    return f"{decimal(first.ratio)}{ends}"


def _companion_row(content: ReportContent, group: str) -> Row:
    found = fidelity_of(content, group)
    label = content.label(group)
    if found is None:
        return row(label, *[NOT_RECORDED] * 5)
    return row(
        label,
        _outcome_text(found.outcomes),
        decimal(found.variance_ratio),
        decimal(found.wasserstein),
        decimal(found.jensen_shannon),
        estimate_with_interval(found.profile_icc, bounds(found.profile_icc_ci)),
    )


def _companions(report: Writer, content: ReportContent) -> None:
    outcomes = [o for each in content.comparison.fidelity for o in each.outcomes[:1]]
    outcome = plain(content.construct_label(outcomes[0].outcome)) if outcomes else ""
    report.table(
        "table-companions",
        "Beside VAAR: explained variance, spread and shape of answers",
        (
            words("Model", 26),
            numbers("R² ratio", 22),
            numbers("Variance ratio", 12),
            numbers("Wasserstein-1", 14),
            numbers("Jensen–<br/>Shannon", 12),
            numbers("Profile ICC(A,1)", 22),
        ),
        [_companion_row(content, group.key) for group in content.model_groups],
        note=_(
            "R² ratio: explained variance, model over people ({outcome}). Variance ratio: model "
            "over people, median over items. Wasserstein-1 in scale points and Jensen–Shannon: "
            "means over items, 0 = equal distributions. Profile ICC(A,1): absolute agreement of "
            "the profiles of means. A high VAAR beside a variance or R² ratio far from 1 is not "
            "likeness."
        ).format(outcome=outcome or NOT_ESTIMABLE),
    )


# ---------------------------------------------------------------- what the numbers mean


def write_definition(report: Writer, content: ReportContent) -> None:
    """Every number of VAAR as a formula, for the supplement."""
    report.subsection("vaar-definition", "What the numbers are")
    plan = content.comparison.plan
    report.text(
        _(
            "Let <i>s</i>_{{p}} be the expected sign of path <i>p</i>, {frozen} {origin}, and "
            "π_{{m,p}} = Φ(<i>s</i>_{{p}} <i>b</i>_{{m}} / SE_{{m}}), or the share of bootstrap "
            "refits on the expected side; π_{{h,p}} likewise for the people."
        ).format(frozen=content.provenance.frozen, origin=_origin_of_signs(plan))
    )
    report.bullets(_(text).replace("LEVEL", percent(plan.level)) for text in _NUMBERS_IN_WORDS)
    report.text(
        _(
            "Each number is the mean within a family of paths, then the mean of the families, so "
            "that three facets do not outvote one path. A path that cannot be estimated has "
            "π = .5, with bounds for the worst and the best case. Where the people's interval lies "
            "within ±{delta}, a null is expected: π is then the probability of a path smaller than "
            "that, Hard whether the model's is, and the verdict is on its interval."
        ).format(delta=bounded(plan.delta))
    )


def _origin_of_signs(plan: Plan) -> str:
    theory = sum(path.source is SignSource.THEORY for path in plan.paths)
    if theory == len(plan.paths):
        return _("from theory or meta-analysis")
    return _("({theory} of {paths} from theory or meta-analysis, the others as the people)").format(
        theory=theory, paths=len(plan.paths)
    )


def _notices(report: Writer, content: ReportContent) -> None:
    found = said_by_group(content)
    if not found:
        report.text("None.")
    for whom, lines in found:
        report.text(f"<b>{plain(whom)}</b>", "run_in")
        report.bullets(
            f"<b>{_(_SEVERITY[each.severity])}.</b> {plain(each.sentence)}" for each in lines
        )


# ---------------------------------------------------------------- uncertainty


def _why_unranked(content: ReportContent) -> str:
    """Why there are no ranks although nothing speaks against them."""
    comparison = content.comparison
    if len({each.group for each in comparison.vaar}) < 2:
        return _("Fewer than two models were compared: there is nothing to rank.")
    if comparison.resampling is None or not comparison.resampling.bootstrap:
        return _("No ranks: they need resamples, and the plan draws none.")
    return _("No ranks: some model has no interval to be ranked by.")


def _ranking(report: Writer, content: ReportContent) -> None:
    report.subsection("ranking", "Ranking")
    if ranking_refused(content):
        why = [each.sentence for each in said(content) if each.code in refusals.RANKING]
        report.text(f"{_('No ranking is printed.')} {plain(' '.join(why))}")
        return
    if not content.comparison.ranking:
        report.text(_why_unranked(content))
        return
    report.table(
        "table-ranking",
        "Intervals of ranks after partial pooling",
        (words("Model", 40), numbers("Score", 16), numbers("Pooled", 16), numbers("Ranks", 20)),
        [
            row(
                content.label(each.group),
                decimal(each.score),
                decimal(each.shrunken),
                _("{lower} to {upper}").format(lower=each.rank_lower, upper=each.rank_upper),
            )
            for each in content.comparison.ranking
        ],
        note="A rank is an interval: models whose intervals overlap are not told apart.",
        width=0.7,
    )
