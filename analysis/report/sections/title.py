"""The head of each document: its title, what kind of data it holds, and what identifies it."""

from __future__ import annotations

from analysis.language import gettext as _
from analysis.report.content import MODEL_LABEL, ReportContent
from analysis.report.facts import facts_of
from analysis.report.sections.furniture import document_title
from analysis.report.typesetting.formatting import listed
from analysis.report.typesetting.palette import SILVER
from analysis.report.typesetting.parts import text
from analysis.report.typesetting.style import TEXT_WIDTH, plain
from analysis.report.typesetting.tables import grid
from analysis.report.writer import Writer

_HASH_SHOWN = 12
_ACROSS = 4
_LOOK = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 8),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ("LINEABOVE", (0, 0), (-1, 0), 0.5, SILVER),
    ("LINEBELOW", (0, -1), (-1, -1), 0.5, SILVER),
]


def write_title(report: Writer, content: ReportContent) -> None:
    """Title and provenance of the answers."""
    report.unnumbered("summary", document_title(content, report.volume), "title")
    report.text(_standing(content), "subtitle")


def write_supplement(report: Writer, content: ReportContent) -> None:
    """What the supplement is for."""
    write_title(report, content)
    report.text(
        _(
            "This is what stands behind the report of the same number: every instrument, item, "
            "estimate, prompt and checklist. Tables longer than a page are files of the "
            "replication archive; a line says which."
        )
    )


def write_identification(report: Writer, content: ReportContent) -> None:
    """Labelled facts, four to a row: the data and the declarations.

    Study, report, date and software stand in the head and the foot of every page.
    """
    study = content.study
    facts = [
        (_("Data, SHA-256"), f"{study.data_sha256[:_HASH_SHOWN]}…"),
        *((fact.label, fact.text) for fact in facts_of(study, "front")),
    ]
    cells = [
        [text(plain(label), "label"), text(plain(_(value)), "value")] for label, value in facts
    ]
    cells += [[]] * (-len(cells) % _ACROSS)
    lines = [cells[start : start + _ACROSS] for start in range(0, len(cells), _ACROSS)]
    report.whole(grid(lines, [TEXT_WIDTH / _ACROSS] * _ACROSS, _LOOK))


def _standing(content: ReportContent) -> str:
    """What kind of data this is, in one sentence or two."""
    simulated = [group for group in content.groups if group.simulated]
    if not simulated and content.model_groups:
        made = _("Answers of people and of language models.")
    elif not simulated:
        made = _("Answers of people.")
    elif len(simulated) == len(content.groups):
        made = _("Simulated data: every group, the people included, was answered by simulation.")
    else:
        labels = listed(plain(group.label) for group in simulated)
        made = _("Simulated data: {labels}.").format(labels=labels)
    if content.imported_models:
        labels = listed(plain(group.label) for group in content.imported_models)
        imported = _("Imported model answers, collected elsewhere: {labels}.").format(labels=labels)
        made = f"{made} {imported}"
    rows = _("Rows of language models are {label}.").format(label=_(MODEL_LABEL))
    return f"{made} {rows}" if content.model_groups else made
