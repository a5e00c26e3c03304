"""Which file of the archive holds what."""

import hashlib
from collections.abc import Iterator, Sequence

from analysis.archive.content import ArchiveContent
from analysis.archive.files.codebook import codebook
from analysis.archive.files.data_files import data_files, source_files
from analysis.archive.files.fits import Refit, refits
from analysis.archive.files.lavaan_script import agreement_script, lavaan_script
from analysis.archive.files.metadata import dataset_description, ro_crate
from analysis.archive.files.readme import readme
from analysis.archive.files.result_files import result_files
from analysis.archive.files.scores import repeated_clusters, score_columns
from analysis.archive.files.tables.factors import factor_files
from analysis.archive.files.tables.subgroups import subgroup_files
from analysis.archive.packing import ArchiveFile
from analysis.archive.text_files import csv_file, json_file, text_file
from analysis.compare.json_codec import to_json


def archive_files(content: ArchiveContent) -> list[ArchiveFile]:
    """Every file but the checksums, which `pack` adds.

    Raises `ArchiveError` (`name_taken`).
    """
    scores = score_columns(content.wide, content.comparison)
    known = {*content.wide.items, *scores, *content.wide.published}
    fits = refits(content.comparison, repeated_clusters(content.wide), known)
    files = [
        text_file("README.txt", readme(content, fits)),
        *data_files(content, scores),
        *source_files(content),
        *_plan_files(content),
        *(json_file(f"instruments/{name}.json", one) for name, one in content.instruments.items()),
        *(ArchiveFile(f"instruments/media/{name}", one) for name, one in content.media.items()),
        json_file("study.json", content.study),
        *_prompt_files(content),
        *(
            text_file(f"transcripts/{group}.jsonl", text)
            for group, text in content.transcripts.by_group.items()
        ),
        *result_files(content, fits),
        *subgroup_files(content.comparison),
        *factor_files(content.comparison),
        *_report_files(content),
        text_file("lavaan/reproduce.R", _reproduce(content, fits)),
        text_file("lavaan/agreement.R", agreement_script()),
    ]
    return _described(content, files)


def _reproduce(content: ArchiveContent, fits: Sequence[Refit]) -> str:
    return lavaan_script(content.run, content.comparison.plan, fits, content.signal_rules)


def _described(content: ArchiveContent, files: list[ArchiveFile]) -> list[ArchiveFile]:
    """The same files, with those that describe them."""
    book = codebook(content, files)
    with_book = [*files, book, dataset_description(content, book)]
    return [*with_book, ro_crate(content, with_book)]


def _report_files(content: ArchiveContent) -> Iterator[ArchiveFile]:
    """The documents, and the tables for which their pages were too short."""
    for document in content.printed.documents:
        yield ArchiveFile(document.name, document.pdf)
    for table in content.printed.tables:
        yield csv_file(table.name, table.header, table.rows)


def _plan_files(content: ArchiveContent) -> Iterator[ArchiveFile]:
    """The plan as its author wrote it, and as the canonical JSON that its hash is taken of."""
    canonical = to_json(content.plan_definition)
    sha256 = hashlib.sha256(canonical.encode()).hexdigest()
    yield text_file("plan/plan.json", canonical)
    yield text_file("plan/plan.json.sha256", f"{sha256}  plan.json\n")
    if content.plan_source:
        yield text_file("plan/plan.toml", content.plan_source)


def _prompt_files(content: ArchiveContent) -> Iterator[ArchiveFile]:
    for group in content.groups:
        for name, words in group.prompts.items():
            yield text_file(f"prompts/{group.key}-{name}.txt", words)
