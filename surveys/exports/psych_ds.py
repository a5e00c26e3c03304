"""A data set described in the words of schema.org, as psych-DS 1.5 has it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from surveys.exports.codebooks import entries
from surveys.exports.content import ExportContent
from surveys.exports.ddi import DescribedFile

SUFFIX = "_data.csv"


def data_set(about: Mapping[str, Any], variables: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """dataset_description.json: what the data set is, and each (name, meaning) of its columns."""
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        **about,
        "variableMeasured": [
            {"@type": "PropertyValue", "name": name, "description": meaning}
            for name, meaning in variables
        ],
    }


def data_set_json(content: ExportContent, files: Sequence[DescribedFile]) -> str:
    """The description of an export; its variables are those of all its data files, each once."""
    groups = "; ".join(f"{label}: {words}" for label, words in content.groups.values())
    about = {
        "name": f"Study {content.slug}, version {content.version}",
        "description": f"{content.title}. Groups that are never added together: {groups}.",
        "identifier": content.checksum or content.slug,
        "inLanguage": list(content.languages),
        **({"license": content.licence} if content.licence else {}),
        **({"citation": content.citation} if content.citation else {}),
        **({"author": content.facts["analyst"]} if content.facts.get("analyst") else {}),
    }
    data = [file for file in files if file.name.endswith(SUFFIX)]
    names: dict[str, str] = {}
    for entry in entries(content, data):
        text = entry.item.texts.get(content.language, "") if entry.item else ""
        names.setdefault(entry.column, f"{entry.meaning}: {text}" if text else entry.meaning)
    return json.dumps(data_set(about, names.items()), ensure_ascii=False, indent=1) + "\n"
