"""Wording, correlations, prompts, provenance."""

from __future__ import annotations

from analysis.compare.results import Kind
from analysis.language import gettext as _
from analysis.language import gettext_noop
from analysis.report.content import InstrumentFacts, ItemWording, ReportContent
from analysis.report.facts import facts_of
from analysis.report.readout.delivery import seen_by
from analysis.report.typesetting.formatting import (
    NOT_RECORDED,
    bounded,
    count,
    decimal,
    listed,
    recorded,
)
from analysis.report.typesetting.parts import cell
from analysis.report.typesetting.style import plain
from analysis.report.typesetting.tables import Band, Column, Row, numbers, row, words
from analysis.report.writer import Writer
from analysis.runs.datasheet import Correlations

_PROVENANCE = {
    "plan": "Plan",
    "data": "Data and instruments",
    "run": "Analysis",
    "availability": "Availability",
}


def write_wording(report: Writer, content: ReportContent) -> None:
    """Items, consent text and prompts, verbatim."""
    _items(report, content)
    _prompts(report, content)


# ---------------------------------------------------------------- wording


_SEEN_BY = {
    frozenset({Kind.HUMAN, Kind.LLM}): (
        gettext_noop("Items as both kinds of respondent saw them"),
        gettext_noop("Web form and prompt"),
    ),
    frozenset({Kind.LLM}): (
        gettext_noop("Items as models were given them"),
        gettext_noop("Prompt"),
    ),
    frozenset({Kind.HUMAN}): (gettext_noop("Items as people saw them"), gettext_noop("Web form")),
    frozenset[Kind](): (gettext_noop("Items"), gettext_noop("Text")),
}


def _items(report: Writer, content: ReportContent) -> None:
    title, column = _SEEN_BY[seen_by(content)]
    report.section("appendix-items", title)
    for instrument in content.instruments:
        report.table(
            f"table-wording-{instrument.key}",
            _("Wording of {scale}, version {version}").format(
                scale=instrument.title, version=instrument.version
            ),
            (
                words("Item", 19),
                words(column, 68),
                words("Facet", 13),
            ),
            [_wording(instrument, item) for item in instrument.items],
            note=_wording_note(content, instrument),
            together=False,
        )


def _wording(instrument: InstrumentFacts, item: ItemWording) -> Row:
    facet = item.facet or "none"
    name = instrument.item_label(item)
    if item.model_text is None or item.model_text == item.text:
        return row(name, item.text, facet)
    both = _("<b>Web form:</b> {form}<br/><b>Prompt:</b> {prompt}").format(
        form=plain(item.text), prompt=plain(item.model_text)
    )
    return row(name, cell(both, "cell"), facet, alert=True)


def _wording_note(content: ReportContent, instrument: InstrumentFacts) -> str:
    seen = seen_by(content)
    if seen == {Kind.LLM}:
        return "(R) = reverse-keyed. The words as models were given them."
    if seen != {Kind.HUMAN, Kind.LLM}:
        return "(R) = reverse-keyed."
    differing = [item.ref for item in instrument.items if item.model_text not in (None, item.text)]
    if not differing:
        return "(R) = reverse-keyed. Web form and prompt are equal word for word."
    return _(
        "(R) = reverse-keyed. Web form and prompt are equal word for word except in {items}."
    ).format(items=plain(listed(differing)))


# ---------------------------------------------------------------- correlations


def write_figures(report: Writer, _content: ReportContent) -> None:
    """The text alternatives, which the drawings also carry inside the file."""
    report.section("appendix-figures", "Figures in words")
    for figure in report.figures.all():
        report.text(f"<b>{report.see(figure.key)}.</b> {plain(figure.alternative)}", "small")


def write_correlations(report: Writer, content: ReportContent) -> None:
    """Matrices from which the covariances can be had back."""
    report.section("appendix-correlations", "Correlations of the indicators")
    if not content.correlations:
        report.text("Correlation or covariance matrices: not recorded.")
        return
    report.text(
        "With the standard deviations these matrices give the covariances back, so that the models "
        "can be refitted elsewhere; the raw data are in the replication archive."
    )
    for each in content.correlations:
        _matrix(report, content, each)


def _matrix(report: Writer, content: ReportContent, each: Correlations) -> None:
    size = len(each.names)
    columns: list[Column] = [words("", 22), numbers("<i>M</i>", 8), numbers("<i>SD</i>", 8)]
    columns += [numbers(str(at + 1), 70 / size) for at in range(size)]
    entries = [
        row(
            f"{at + 1} {name}",
            _short(each.means[at], leading=True),
            _short(each.sds[at], leading=True),
            *(_short(value) for value in each.rows[at][: at + 1]),
            *[""] * (size - at - 1),
        )
        for at, name in enumerate(each.names)
    ]
    report.table(
        f"table-correlations-{each.group}",
        _("Correlations: {group} (n = {n})").format(
            group=content.label(each.group), n=count(each.n)
        ),
        columns,
        entries,
        note="× not estimable.",
    )


def _short(value: float | None, *, leading: bool = False) -> str:
    """A matrix cell: the sign × stands for "not estimable", which would not fit."""
    if value is None:
        return "×"
    return decimal(value) if leading else bounded(value)


# ---------------------------------------------------------------- prompts and provenance


def _prompts(report: Writer, content: ReportContent) -> None:
    report.section("appendix-prompts", "Consent text and prompts, verbatim")
    _consent(report, content)
    if content.model_arms:
        report.text(
            "Prompts are those of one session of each panel, as an example; what varies between "
            "sessions is stated with the model arm."
        )
    for name, title in (
        ("system_prompt", _("System prompt")),
        ("persona_text", _("Persona text")),
        ("item_prompt", _("Item prompt")),
    ):
        texts: dict[str, list[str]] = {}
        for arm in content.model_arms:
            texts.setdefault(recorded(getattr(arm, name)), []).append(content.label(arm.group))
        for text, labels in texts.items():
            report.text(f"<b>{title}</b>, {plain(listed(labels))}")
            report.verbatim(_(text) if text == NOT_RECORDED else text)


def _consent(report: Writer, content: ReportContent) -> None:
    """The text that people agreed to here; of those asked elsewhere nobody was shown it."""
    people = content.people
    if people.consent_text is None:
        report.text(
            "<b>Information and consent that people saw</b>: not recorded: the people were asked "
            "elsewhere."
            if content.all_imported
            else "<b>Information and consent that people saw</b>: not recorded."
        )
        return
    if people.consent_language:
        told = _(
            "<b>Information and consent, as people saw it, in the language that most of them chose "
            "({language})</b>"
        )
        report.text(told.format(language=plain(people.consent_language)))
    else:
        report.text("<b>Information and consent, as people saw it</b>")
    report.quote(people.consent_text)


def write_provenance(report: Writer, content: ReportContent) -> None:
    """From what, by what and when the report was made."""
    report.section("appendix-provenance", "Provenance")
    study = content.study
    entries: list[Row | Band] = [
        Band("Report"),
        row(_("Study"), study.study_id),
        row(_("Report"), study.report_id),
        row(_("Date"), study.date),
        row(_("Software of the analysis"), study.software_version),
    ]
    for topic, title in _PROVENANCE.items():
        entries.append(Band(title))
        entries += [row(fact.label, fact.text) for fact in facts_of(content.provenance, topic)]
    if content.comparison.resampling is not None:
        entries.append(row(_("Resampling seed"), str(content.comparison.resampling.seed)))
    report.table(
        "table-provenance",
        "From what, by what and when this report was made",
        (words("Fact", 30), words("Value", 70)),
        entries,
        note="The same content gives the same bytes of this file.",
    )
