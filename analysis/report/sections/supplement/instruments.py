"""Instruments: what was asked, which direction is high, and what was expected beforehand."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.compare.results import PathSpec
from analysis.report.content import InstrumentFacts, ReportContent
from analysis.report.readout.refusals import against_key
from analysis.report.sections.parity import parity
from analysis.report.typesetting.formatting import counted, listed, recorded
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
    scales = counted(len(content.instruments), "scale")
    return f"The questionnaire has {scales}. {parity(report, content)}"


def _scales(report: Writer, content: ReportContent) -> None:
    for at, (suffix, part) in enumerate(side_by_side(content.instruments)):
        facts = [_scale(instrument) for instrument in part]
        labels = [label for label, _ in facts[0]]
        columns = [words("", 18)]
        columns += [words(plain(instrument.title), 82 / len(part)) for instrument in part]
        report.table(
            f"table-scales-{at}",
            f"Scales{suffix}",
            columns,
            [row(label, *(texts[line][1] for texts in facts)) for line, label in enumerate(labels)],
        )


def listed_anchors(scale: Sequence[tuple[int, str]]) -> str:
    """ "1 = Disagree; 2 = Neither; 3 = Agree"."""
    return "; ".join(f"{value} = {label}" for value, label in scale)


def _scale(instrument: InstrumentFacts) -> tuple[tuple[str, str], ...]:
    scales = [scale for scale in (instrument.anchors, *instrument.other_anchors) if scale]
    anchors = [listed_anchors(scale) for scale in scales]
    ranges = dict.fromkeys(f"{scale[0][0]} to {scale[-1][0]}" for scale in scales)
    return (
        ("Source", recorded(instrument.source)),
        ("Version", recorded(instrument.version)),
        ("Items", str(len(instrument.items))),
        ("Facets", listed(instrument.facets)),
        ("Instruction", recorded(instrument.instruction)),
        ("Anchors", recorded(" / ".join(anchors))),
        ("Scoring range", recorded(" / ".join(ranges))),
        ("Reverse-keyed", listed(instrument.reverse_keyed)),
        ("Translation", recorded(instrument.translation)),
        ("Wording", recorded(instrument.wording_note)),
        ("Permission and licence", recorded(instrument.licence)),
        ("Checksum", f"SHA-256 {recorded(instrument.sha256)[:12]}…"),
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
        note="Reverse-keyed items are turned before anything is computed, so that high means the "
        f"same for every item of a construct{plain(against_key(content))}.",
    )


def _sign(path: PathSpec) -> str:
    return {1: "+", -1: "−", 0: "as in the people"}[path.expected_sign]


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
        f"Paths with their expected signs, {content.provenance.frozen}",
        (
            words("Path", 30),
            words("Sign", 9),
            words("Source", 19),
            words("Reference", 26),
            words("Family", 20),
        ),
        rows,
        note=f"Frozen: {frozen}. Smallest effect of interest δ = "
        f"{content.comparison.plan.delta:.2f} standardised.",
    )
