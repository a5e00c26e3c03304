"""Every path in each condition that the sessions of a model were asked under."""

from __future__ import annotations

from analysis.compare.results import PathSpread
from analysis.language import gettext as _
from analysis.report.content import ReportContent
from analysis.report.typesetting.formatting import NOT_ESTIMABLE, bounded, listed, p_value
from analysis.report.typesetting.style import plain
from analysis.report.typesetting.tables import Band, Row, numbers, row, words
from analysis.report.writer import Writer


def conditions_asked(report: Writer, content: ReportContent) -> None:
    """What inference is conditional on, and how far the paths move between the conditions."""
    if not content.model_groups:
        return
    report.subsection("conditions", "Conditions asked")
    report.text(
        "What is inferred of a model holds for the conditions that its sessions were asked under "
        "(wording, arm, direction and order of the design); it is not generalised over them."
    )
    found = content.comparison.conditions
    if found:
        report.bullets(_furthest(content, group) for group in _varied(content))
        told = _("Every path in each condition: {where}.")
        report.text(told.format(where=report.see("table-conditions")))
    else:
        report.text("Nothing that is recorded as a condition varied between sessions.")


def _varied(content: ReportContent) -> list[str]:
    return list(dict.fromkeys(each.group for each in content.comparison.conditions))


def _furthest(content: ReportContent, group: str) -> str:
    """The path of a model that moves most between the levels of one factor."""
    own = [each for each in content.comparison.conditions if each.group == group]
    known = [each for each in own if each.lowest is not None and each.highest is not None]
    factors = listed(dict.fromkeys(_factor(each) for each in own))
    label = plain(content.label(group))
    if not known:
        return _(
            "<b>{model}</b> was asked under several levels of {factors}; none has sessions enough "
            "for paths of its own."
        ).format(model=label, factors=factors)
    most = max(known, key=lambda each: (each.highest or 0.0) - (each.lowest or 0.0))
    path = content.path_label(content.comparison.plan.path(most.path))
    return _(
        "<b>{model}</b> was asked under several levels of {factors}. {path} moves most, with "
        "{factor}: {lowest} to {highest}."
    ).format(
        model=label,
        factors=factors,
        path=plain(path),
        factor=_factor(most),
        lowest=bounded(most.lowest),
        highest=bounded(most.highest),
    )


def condition_table(report: Writer, content: ReportContent) -> None:
    """Every path of every model in each condition."""
    found = content.comparison.conditions
    if not found:
        return
    entries: list[Row | Band] = []
    for group in _varied(content):
        for factor in dict.fromkeys(each.factor for each in found if each.group == group):
            own = [each for each in found if (each.group, each.factor) == (group, factor)]
            entries.append(Band(f"{content.label(group)}: {_factor(own[0])}"))
            entries += [_row(content, each) for each in own]
    report.table(
        "table-conditions",
        "Standardised paths in each condition",
        (
            words("Path", 32),
            numbers("Lowest", 11),
            numbers("Highest", 11),
            words("In each condition", 38),
            numbers("<i>p</i>", 8),
        ),
        entries,
        note="Each condition is fitted alone, with at least 30 sessions (their number in "
        "parentheses). <i>p</i>: signs flipped over five wordings or more, one-sided towards the "
        "expected sign; a test that holds under the choice of wordings, as tests over items do "
        "not.",
        to_archive=True,
    )


def _factor(each: PathSpread) -> str:
    return _(each.factor.replace("_", " "))


def _row(content: ReportContent, each: PathSpread) -> Row:
    label = content.path_label(content.comparison.plan.path(each.path))
    values = (
        f"{one.level or _('standard')} "
        f"{bounded(one.std) if one.std is not None else _(NOT_ESTIMABLE)}"
        f" ({one.n})"
        for one in each.values
    )
    known = each.lowest is not None
    return row(
        label,
        bounded(each.lowest) if known else NOT_ESTIMABLE,
        bounded(each.highest) if known else NOT_ESTIMABLE,
        "; ".join(values),
        "n/a" if each.flip_p is None else p_value(each.flip_p),
    )
