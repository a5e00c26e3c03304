"""The archive described for catalogues: psych-DS and RO-Crate, both in schema.org's words.

References: psych-DS 1.5 (dataset_description.json); RO-Crate 1.1 (ro-crate-metadata.json).
"""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any

from analysis.archive.content import ArchiveContent
from analysis.archive.files.codebook import NAME as CODEBOOK
from analysis.archive.files.data_files import ANSWERS
from analysis.archive.packing import CHECKSUMS, ArchiveFile
from analysis.archive.text_files import json_file
from surveys.exports.cells import as_written
from surveys.exports.psych_ds import data_set

DESCRIPTION = "dataset_description.json"
CRATE = "ro-crate-metadata.json"
CRATE_VERSION = "https://w3id.org/ro/crate/1.1"
NOT_RECORDED = "not recorded"
FORMATS = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".toml": "application/toml",
    ".sha256": "text/plain",
    ".txt": "text/plain",
    ".R": "text/x-r-source",
}


def dataset_description(content: ArchiveContent, codebook: ArchiveFile) -> ArchiveFile:
    """psych-DS: the data set, and the columns of its data file, which are those with its name."""
    return json_file(DESCRIPTION, data_set(_about(content), _variables(codebook)))


def ro_crate(content: ArchiveContent, files: Sequence[ArchiveFile]) -> ArchiveFile:
    """RO-Crate: the data set and each of its files, the checksums and the description included."""
    names = sorted({*(file.name for file in files), CHECKSUMS})
    hashes = {file.name: file.sha256 for file in files}
    root = {
        "@id": "./",
        "@type": "Dataset",
        **_about(content),
        "license": content.licence or NOT_RECORDED,
        "hasPart": [{"@id": name} for name in names],
        "mainEntity": {"@id": CODEBOOK},
    }
    descriptor = {
        "@id": CRATE,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": CRATE_VERSION},
    }
    graph = [descriptor, root, *(_file(name, hashes.get(name)) for name in names)]
    return json_file(CRATE, {"@context": f"{CRATE_VERSION}/context", "@graph": graph})


def _about(content: ArchiveContent) -> dict[str, Any]:
    run = content.run
    about: dict[str, Any] = {
        "name": f"Replication archive of study {run.study}, plan {run.plan}",
        "description": (
            "Answers of people and of language models to the same questionnaire, with plan, "
            "instruments, results and a script that refits every model. Rows of kind llm are "
            "model-generated, not participants."
        ),
        "identifier": run.id,
        "datePublished": run.finished_at[:10],
        "inLanguage": list(content.languages),
    }
    if analyst := content.facts.get("analyst"):
        about["author"] = analyst
    if content.licence:
        about["license"] = content.licence
    if content.imported and content.imported.citation:
        about["citation"] = content.imported.citation
    return about


def _variables(codebook: ArchiveFile) -> Iterator[tuple[str, str]]:
    for row in csv.DictReader(io.StringIO(codebook.content.decode())):
        if row["file"] == ANSWERS:
            yield row["column"], as_written(row["meaning"])


def _file(name: str, sha256: str | None) -> dict[str, Any]:
    entity: dict[str, Any] = {
        "@id": name,
        "@type": "File",
        "name": PurePosixPath(name).name,
        "encodingFormat": FORMATS.get(PurePosixPath(name).suffix, "application/octet-stream"),
    }
    return {**entity, "sha256": sha256} if sha256 else entity
