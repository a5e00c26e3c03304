"""README.txt: what is in the archive, what is not, and how to run it again."""

import json
from collections.abc import Sequence
from textwrap import dedent, fill, indent

from analysis.archive.content import ArchiveContent, GroupFacts, Imported
from analysis.archive.files.fits import Refit
from analysis.compare.results import GroupSummary
from surveys.exports.cells import APOSTROPHES

WIDTH = 88
_FILES = """\
    data/raw.csv           one row per respondent who finished: every answer as it was given, also
                           of those whom a rule left out of the analysis (column excluded)
    data/scored.csv        one row per respondent analysed: keyed items (high means more), and the
                           scores that the models were fitted to
    data/description-answers_data.csv
                           one row per answer: its place, why it is missing, how long it took
    data/codebook.csv      every column of every table here: what it is, and a question's range and
                           words in each language
    data/signals.csv       what rules of exclusion went by beside answers, where the plan has such:
                           the quickest page, runs, copies, hidden fields, pastes, pages left
    data/missing_codes.csv why an answer is missing, with a number for programs that need one
    sources/               where imported answers come from: citation, licence, mapping
    plan/                  the plan that was frozen before the analysis, and its SHA-256
    instruments/           each instrument version as published, in each language; the SHA-256 of
                           a language's "content" as canonical JSON is its "checksum"
    instruments/media/     pictures, sounds and videos that they show, named by their SHA-256
    study.json             consent text, blocks, checks, demographic questions, settings, facts
    prompts/               what each model was told, as far as it was recorded
    transcripts/           what each model was asked and replied, one JSON object per line
    results/results.json   everything that the analysis found; results/schema.json describes it
    results/tables/        groups, paths, VAAR with its benchmarks, sizes, companions, fit
                           indices and parameters as tables
    report/                the report and its supplement as they were written (PDF), and the tables
                           that are longer than a page
    lavaan/reproduce.R     refits every model with lavaan, works out VAAR and its companions
                           (agreement.R) and compares the numbers
    dataset_description.json, ro-crate-metadata.json
                           the archive described for catalogues (psych-DS, RO-Crate)
    checksums.txt          SHA-256 of every other file: sha256sum --check checksums.txt
"""

_NEVER = (
    "Names, addresses, recruiters' ids, link tokens, completion codes and times of day. Respondents"
    " bear pseudonyms that were made for this archive, in an order that tells nothing."
)

_APOSTROPHES = (
    "Words that a spreadsheet would carry out as a formula have an apostrophe before them in every "
    "table (.csv); numbers have none. R takes it away, and no other:"
)

_NO_REPORT = "The report as a PDF: none had been written when this archive was made."


def readme(content: ArchiveContent, fits: Sequence[Refit]) -> str:
    """The text of README.txt."""
    run = content.run
    title = f"Replication archive of study {run.study}, plan {run.plan}"
    parts = [
        f"{title}\n{'=' * len(title)}",
        _paragraph(
            f"Run {run.id} of {run.finished_at}, seed {run.seed}. Data SHA-256 {run.data_sha256}, "
            f"plan SHA-256 {run.plan_sha256}, frozen {run.plan_frozen_at} when the study held "
            f"{run.model_answers_when_frozen} answers of models."
        ),
        "Who answered\n------------\n" + _groups(content),
        "What is here\n------------\n" + dedent(_FILES).rstrip(),
        "Words in tables\n---------------\n" + _words(),
        "How to run it again\n-------------------\n" + _rerun(fits),
        "What is not here\n----------------\n" + _left_out(content),
        "Software\n--------\n" + _software(content),
    ]
    return "\n\n".join(parts) + "\n"


def _words() -> str:
    exactly = f'    gsub({json.dumps(APOSTROPHES)}, "", words, perl = TRUE)'
    return f"{_paragraph(_APOSTROPHES)}\n\n{exactly}"


def _groups(content: ArchiveContent) -> str:
    sizes = {group.key: group for group in content.comparison.groups}
    lines = [
        f"{group.key}: {group.label} ({group.provenance}), {_rows(sizes[group.key])} in "
        f"{sizes[group.key].clusters} clusters"
        for group in content.groups
    ]
    note = _paragraph(
        "Rows with kind llm are model-generated, not participants; rows with simulated 1 come from "
        "simulated respondents. Counts of people and of model sessions are never added together."
    )
    parts = ["\n".join(lines), note]
    if content.imported is not None:
        parts.append(_paragraph(_asked_elsewhere(content.imported)))
    return "\n\n".join(parts)


def _rows(group: GroupSummary) -> str:
    if group.fitted is None or group.fitted == group.n:
        return f"{group.n} analysed"
    return f"{group.n} with any answer, {group.fitted or 'none'} of them used by the fits,"


def _asked_elsewhere(imported: Imported) -> str:
    source = imported.citation.rstrip(".") or "not recorded"
    return (
        f"{imported.number} of the {imported.of} people were asked elsewhere and imported. Source: "
        f"{source}. The consent text in study.json was not shown to them; what stood where on "
        "their screens, the order in which they were asked and the time they took are not "
        "recorded: their codes are NA, and their order_position is the place of a column in the "
        "imported file."
    )


def _rerun(fits: Sequence[Refit]) -> str:
    count = sum(fit.repeatable for fit in fits)
    absent = [fit.id for fit in fits if not fit.present]
    steps = _paragraph(
        f"R with lavaan 0.6-14 or later refits the {count} models of this run, writes "
        "lavaan/output/ and says how far its numbers are from these:"
    )
    parts = [steps, "    Rscript lavaan/reproduce.R"]
    if absent:
        parts.append(
            _paragraph(
                f"Not refitted, because the data name scores otherwise: {', '.join(absent)}."
            )
        )
    return "\n\n".join(parts)


def _left_out(content: ArchiveContent) -> str:
    demographics = (
        "Demographic answers of single people are in data/demographics.csv, by decision of whoever "
        "made this archive."
        if content.demographics
        else "Demographic answers of single people: only the counts that the report prints "
        "(results/results.json, demographics)."
    )
    lines = [
        _NEVER,
        demographics,
        "Respondents who did not finish, declined or withdrew.",
        *_prompts_missing(content.groups),
        *([] if content.printed.documents else [_NO_REPORT]),
        *([content.transcripts.note] if content.transcripts.note else []),
    ]
    return "\n".join(_item(line) for line in lines)


def _prompts_missing(groups: Sequence[GroupFacts]) -> list[str]:
    lacking = [
        one.key for one in groups if not one.provenance.startswith("people") and not one.prompts
    ]
    return [f"Prompts of {', '.join(lacking)}: not recorded."] if lacking else []


def _software(content: ArchiveContent) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(content.run.software.items()))


def _paragraph(text: str) -> str:
    return fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def _item(text: str) -> str:
    return indent(_paragraph(text), "  ").replace("  ", "- ", 1)
