"""Instruments: what was asked, which direction is high, and what was expected beforehand."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.compare.results import PathSpec
from analysis.language import gettext, gettext_noop, ngettext
from analysis.report.content import InstrumentFacts, ReportContent
from analysis.report.readout.refusals import against_key
from analysis.report.sections.parity import parity
from analysis.report.typesetting.formatting import NOT_RECORDED, decimal, listed, recorded
from analysis.report.typesetting.style import plain
from analysis.report.typesetting.tables import Row, row, side_by_side, words
from analysis.report.words import SIGN_SOURCES
from analysis.report.writer import Writer


def write(report: Writer, content: ReportContent) -> None:
    """Scales, orientation, expected signs."""
    report.section("instruments", "Instruments and orientation")
    report.text(_opening(report, content))
    _scales(report, content)
    report.subsection("orientation", "Orientation and expected signs")
    _orientation(report, content)
    _expected(report, content)


def _opening(report: Writer, content: ReportContent) -> str:
    scales = ngettext(
        "The questionnaire has {count} scale.",
        "The questionnaire has {count} scales.",
        len(content.instruments),
    ).format(count=len(content.instruments))
    return f"{scales} {parity(report, content)}"


def _scales(report: Writer, content: ReportContent) -> None:
    for at, (suffix, part) in enumerate(side_by_side(content.instruments)):
        facts = [_scale(instrument) for instrument in part]
        labels = [label for label, _ in facts[0]]
        columns = [words("", 18)]
        columns += [words(plain(instrument.title), 82 / len(part)) for instrument in part]
        report.table(
            f"table-scales-{at}",
            gettext("Scales") + suffix,
            columns,
            [
                row(gettext(label), *(texts[line][1] for texts in facts))
                for line, label in enumerate(labels)
            ],
        )


def listed_anchors(scale: Sequence[tuple[int, str]]) -> str:
    """ "1 = Disagree; 2 = Neither; 3 = Agree"."""
    return "; ".join(f"{value} = {label}" for value, label in scale)


def _scale(instrument: InstrumentFacts) -> tuple[tuple[str, str], ...]:
    scales = [scale for scale in (instrument.anchors, *instrument.other_anchors) if scale]
    anchors = [listed_anchors(scale) for scale in scales]
    ranges = dict.fromkeys(
        gettext("{lower} to {upper}").format(lower=scale[0][0], upper=scale[-1][0])
        for scale in scales
    )
    return (
        (gettext_noop("Source"), recorded(instrument.source)),
        (gettext_noop("Version"), recorded(instrument.version)),
        (gettext_noop("Items"), str(len(instrument.items))),
        (gettext_noop("Facets"), listed(instrument.facets)),
        (gettext_noop("Instruction"), recorded(instrument.instruction)),
        (gettext_noop("Anchors"), recorded(" / ".join(anchors))),
        (gettext_noop("Scoring range"), recorded(" / ".join(ranges))),
        (gettext_noop("Reverse-keyed"), listed(instrument.reverse_keyed)),
        (gettext_noop("Translation"), recorded(instrument.translation)),
        (gettext_noop("Wording"), recorded(instrument.wording_note)),
        (gettext_noop("Permission and licence"), recorded(instrument.licence)),
        (
            gettext_noop("Checksum"),
            f"SHA-256 {instrument.sha256[:12]}…" if instrument.sha256 else NOT_RECORDED,
        ),
    )


def _orientation(report: Writer, content: ReportContent) -> None:
    rows = []
    for construct in content.comparison.plan.constructs:
        instrument = content.instrument(construct.key)
        fallback = instrument.orientation if instrument else None
        measured = listed(indicator.name for indicator in construct.indicators)
        rows.append(row(construct.label, recorded(construct.orientation or fallback), measured))
    report.table(
        "table-orientation",
        "Orientation of every construct",
        (words("Construct", 26), words("High means", 30), words("Indicators", 44)),
        rows,
        note=gettext(
            "Reverse-keyed items are turned before anything is computed, so that high means the "
            "same for every item of a construct{but}."
        ).format(but=plain(against_key(content))),
    )


def _sign(path: PathSpec) -> str:
    return {1: "+", -1: "−", 0: gettext("as in the people")}[path.expected_sign]


def _expected(report: Writer, content: ReportContent) -> None:
    rows: list[Row] = [
        row(
            content.path_label(path),
            _sign(path),
            SIGN_SOURCES[path.source],
            recorded(path.reference),
            path.family,
        )
        for path in content.comparison.plan.paths
    ]
    frozen = recorded(content.provenance.plan_frozen_at)
    report.table(
        "table-signs",
        gettext("Paths with their expected signs, {frozen}").format(
            frozen=content.provenance.frozen
        ),
        (
            words("Path", 30),
            words("Sign", 9),
            words("Source", 19),
            words("Reference", 26),
            words("Family", 20),
        ),
        rows,
        note=gettext(
            "Frozen: {frozen}. Smallest effect of interest δ = {delta} standardised."
        ).format(frozen=gettext(frozen), delta=decimal(content.comparison.plan.delta)),
    )
