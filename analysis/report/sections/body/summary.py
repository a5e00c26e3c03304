"""The first page: what was asked, of whom, what came out, what is not comparable, what differs."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.compare.model_fit import model_fit
from analysis.compare.results import (
    Benchmark,
    BenchmarkKind,
    GroupSummary,
    Interval,
    Rung,
    VaarScore,
)
from analysis.language import ends, ngettext
from analysis.language import gettext as _
from analysis.report.content import MODEL_LABEL, ReportContent
from analysis.report.drawings.vaar_strip import mini_strip, split_in_words
from analysis.report.readout.refusals import Said, said, verdict_of
from analysis.report.readout.results import (
    cfi_text,
    fidelity_of,
    level_reached,
    main_fit,
    open_interval,
    rmsea_text,
    size_of,
    standing_in,
    why_lower,
)
from analysis.report.sections.parity import parity
from analysis.report.sections.title import write_identification, write_title
from analysis.report.typesetting.formatting import (
    NOT_RECORDED,
    count,
    decimal,
    listed,
    percent,
    recorded,
)
from analysis.report.typesetting.parts import picture
from analysis.report.typesetting.style import plain
from analysis.report.typesetting.tables import Row, numbers, row, words
from analysis.report.words import MODEL_FIT, RUNGS, VAAR_IS_OURS
from analysis.report.writer import Writer

_NOTICES_SHOWN = 4
# The reminder that both kinds are counted apart already stands under the title.
_SAID_ABOVE = "people_and_models_added"


def write(report: Writer, content: ReportContent) -> None:
    """Five answers in the order of a reader's questions, the key numbers, the identification."""
    write_title(report, content)
    for lead, sentence in (
        (_("What was asked"), _asked(report, content)),
        (_("Of whom"), _whom(content)),
    ):
        report.text(f"<b>{lead}.</b> {sentence}", "lead")
    if content.comparison.vaar:
        report.text(f"<b>{_('What came out')}.</b> {_introduced(report)}", "lead")
        report.bullets((verdict(content, score) for score in content.comparison.vaar), "answer")
    _not_comparable(report, content)
    report.text(f"<b>{_('What differs in wording')}.</b> {parity(report, content)}", "lead")
    _key_numbers(report, content)
    report.text(f"<b>{_('Measurement')}.</b> {_measurement(content)}", "lead")
    write_identification(report, content)


def _asked(report: Writer, content: ReportContent) -> str:
    plan = content.comparison.plan
    paths = ngettext(
        "The plan has {count} path with an expected sign",
        "The plan has {count} paths with expected signs",
        len(plan.paths),
    ).format(count=len(plan.paths))
    frozen = content.provenance.frozen
    question = plain(recorded(content.study.question))
    end = "" if question.endswith((".", "?", "!")) else "."
    return f"{question}{end} {paths}, {plain(frozen)} ({report.see('table-signs')})."


# ---------------------------------------------------------------- of whom


def _whom(content: ReportContent) -> str:
    people = listed(_people(content, group) for group in content.people_groups)
    answered = _("{people}.").format(people=people)
    if not content.model_groups:
        return answered
    panels = listed(_sessions(content, group) for group in content.model_groups)
    return f"{answered} " + _(
        "Beside them stand, never added to them, sessions of models: {panels}."
    ).format(panels=panels)


def _true_n(content: ReportContent, group: GroupSummary) -> int:
    """The rows that fits used, none where there is no fit; of older results the main fit's."""
    if group.fitted is not None:
        return group.fitted
    fit = main_fit(content, group.key)
    return fit.nobs[0] if fit is not None and fit.nobs else group.n


def _people(content: ReportContent, group: GroupSummary) -> str:
    n = _true_n(content, group)
    some = ngettext("{n} person", "{n} people", n).format(n=count(n))
    if n == group.rows:
        return some
    return _("{people} of {rows} who answered").format(people=some, rows=count(group.rows))


def _sessions(content: ReportContent, group: GroupSummary) -> str:
    label, n = plain(group.label), count(_true_n(content, group))
    if round(group.effective_n) == group.n:
        return f"{label} ({n})"
    return _("{label} ({n}, worth {effective} independent ones)").format(
        label=label, n=n, effective=decimal(group.effective_n, 0)
    )


# ---------------------------------------------------------------- what came out


def _introduced(report: Writer) -> str:
    return _("Agreement with the expected signs (VAAR; {where}):").format(where=report.see("vaar"))


def verdict(content: ReportContent, score: VaarScore) -> str:
    """What came out of one model, beside what the same number of people get; markup."""
    label = plain(content.label(score.group))
    if score.not_estimable >= 1:
        return _("<b>{model}</b>: no path could be estimated.").format(model=label)
    found = _(
        "<b>{model}</b> agrees with the expected sign on {agree} of the paths and contradicts it "
        "on {contradict}"
    ).format(
        model=label,
        agree=_with_interval(score.agree, score.intervals.get("agree")),
        contradict=_with_interval(score.contradict, score.intervals.get("contradict")),
    )
    beside = "; ".join((found, *_beside(score)))
    return " ".join((f"{beside}.", *_size(content, score.group)))


def _beside(score: VaarScore) -> Iterator[str]:
    """What the yardsticks get by the same rule, as far as they were drawn."""
    words_of = {
        BenchmarkKind.PEOPLE: _(
            "people against themselves, at the same n of {n}, agree on {agree}"
        ),
        BenchmarkKind.NO_EFFECT: _("without any effect it would be {agree}"),
        BenchmarkKind.NO_MODEL: _("a plain regression on what the sessions were told gets {agree}"),
    }
    for each in score.benchmarks:
        agree = _of(each)
        if agree:
            yield words_of[each.kind].format(n=count(each.n), agree=agree)
        elif each.kind is BenchmarkKind.PEOPLE:
            yield _("what people get against themselves at this n was not drawn")


def _of(benchmark: Benchmark) -> str:
    mean, found = benchmark.means.get("agree"), benchmark.intervals.get("agree")
    if mean is None and found is None:
        return ""
    if mean is None and found is not None:
        return ends(percent(found.lower), percent(found.upper))
    return _with_interval(mean, found)


def _with_interval(share: float | None, found: Interval | None) -> str:
    if found is None:
        return percent(share)
    return f"{percent(share)} {ends(percent(found.lower), percent(found.upper))}"


def _size(content: ReportContent, group: str) -> Iterator[str]:
    """Sizes beside signs: slopes, explained variance, and the calibration line in words."""
    size, fidelity = size_of(content, group), fidelity_of(content, group)
    if size is not None and size.ratio is not None:
        yield _("Its slopes are {ratio} times the people's.").format(
            ratio=_ratio(size.ratio, size.ratio_ci)
        )
    first = fidelity.outcomes[0] if fidelity is not None and fidelity.outcomes else None
    if first is not None and first.ratio is not None:
        yield _("It explains {ratio} times the variance that is explained in people.").format(
            ratio=_ratio(first.ratio, first.ratio_ci)
        )
    if size is not None and size.calibration.slope is not None:
        yield _("Calibration: people's slope = {intercept} + {slope} × the model's.").format(
            intercept=decimal(size.calibration.intercept),
            slope=_ratio(size.calibration.slope, size.calibration.slope_ci),
        )


def _ratio(value: float, found: Interval | None) -> str:
    return decimal(value) if found is None else f"{decimal(value)} {open_interval(found)}"


# ---------------------------------------------------------------- what is not comparable


def _not_comparable(report: Writer, content: ReportContent) -> None:
    """The gravest notices, each with whom it is about."""
    found = [each for each in said(content) if each.code != _SAID_ABOVE]
    lead = f"<b>{_('What is not comparable, and why')}.</b>"
    if not found:
        report.text(f"{lead} {_('Nothing stands in the way of the comparison.')}", "lead")
        return
    left = len(found) - _NOTICES_SHOWN
    rest = ngettext("{count} further notice: {where}.", "{count} further notices: {where}.", left)
    report.text(lead, "lead")
    report.bullets((_line(each) for each in found[:_NOTICES_SHOWN]), "warning")
    if left > 0:
        report.text(rest.format(count=left, where=report.see("vaar-notices")), "lead")


def _line(each: Said) -> str:
    return f"<b>{plain(each.whom)}.</b> {plain(each.sentence)}"


# ---------------------------------------------------------------- key numbers


def _key_numbers(report: Writer, content: ReportContent) -> None:
    columns = (
        words(_("Group"), 26),
        numbers("<i>n</i>", 6),
        numbers("CFI", 13),
        numbers(_("RMSEA [90% CI]"), 20),
        words(_("Invariance with people"), 18),
        words(_("VAAR: verdicts"), 20),
    )
    models = _("Models are {label}.").format(label=_(MODEL_LABEL)) if content.model_groups else ""
    report.table(
        "table-key",
        _("Key results: the people, and each model beside them"),
        columns,
        [_key_row(content, group) for group in content.groups],
        note=" ".join(
            (
                _(
                    "Bars: solid = agree, hatched = contradict, dotted = undetermined, crossed = "
                    "not estimable."
                ),
                plain(_(VAAR_IS_OURS)),
                models,
            )
        ),
    )


def _key_row(content: ReportContent, group: GroupSummary) -> Row:
    fit = main_fit(content, group.key)
    score = next((each for each in content.comparison.vaar if each.group == group.key), None)
    return row(
        group.label,
        count(_true_n(content, group)),
        cfi_text(fit),
        rmsea_text(fit),
        _level(content, group.key),
        picture(mini_strip(score, 80), split_in_words(score)) if score else _("n/a"),
    )


def _level(content: ReportContent, group: str) -> str:
    if group == content.reference.key:
        return _("reference")
    found = verdict_of(content, group)
    return level_reached(found) if found else NOT_RECORDED


def _measurement(content: ReportContent) -> str:
    """Whether the people's model fits, where that was tested; and what stands in its place."""
    fit = main_fit(content, content.reference.key)
    standing = standing_in(content, content.reference.key)
    why = plain(why_lower(standing)) if standing is not None else _("reason not recorded")
    if fit is None:
        return _("No model could be fitted to the people ({why}).").format(why=why)
    words_of = MODEL_FIT[model_fit(fit.indices)].format(
        cfi=cfi_text(fit), rmsea=rmsea_text(fit), local=_local_misfit(content)
    )
    if fit.rung in (Rung.FULL, Rung.FIT_NOT_SHOWN):
        sentence = _("In the people the planned model {fits}").format(fits=words_of)
    else:
        sentence = _(
            "The planned model could not be had in the people ({why}). In its place stands: "
            "{rung}, a model that {fits}"
        ).format(why=why, rung=RUNGS[fit.rung], fits=words_of)
    return f"{sentence} {_as_specified(content)}"


def _local_misfit(content: ReportContent) -> str:
    if content.residuals is None:
        return _("local misfit: not recorded")
    found = sum(each.group == content.reference.key for each in content.residuals)
    if not found:
        return _("no residual correlation exceeds .10")
    return ngettext(
        "{count} residual correlation above .10", "{count} residual correlations above .10", found
    ).format(count=found)


def _as_specified(content: ReportContent) -> str:
    answer = content.modelling.interpreted_as_specified
    if answer is None:
        return _("Whether the interpreted model is the one specified at the start: not recorded.")
    if answer:
        return _("The interpreted model is the one specified at the start.")
    return _("The interpreted model is not the one specified at the start.")
