"""A study of tea, and answers of models about it that somebody collected elsewhere."""

import json
from collections.abc import Iterable
from typing import Any

from factories import TESTER
from tea import MAPPING as PEOPLE

from surveys.imports import parse_mapping
from surveys.services.data.import_files import import_file
from surveys.services.data.imports import ImportReport

_STUDY = PEOPLE[PEOPLE.index("[study]") : PEOPLE.index("[[columns]]")]
HEAD = """\
[source]
citation = "Somebody (2025). Model answers invented for a test."
licence = "CC0-1.0"

[data]
respondents = "models"
"""


def mapping_text(data: str = "", tables: str = "", *, study: str = _STUDY) -> str:
    """The text of a mapping of models' answers about tea."""
    return f"{HEAD}{data}\n{tables}\n{study}"


def lines(*records: dict[str, Any]) -> bytes:
    """Records as JSON Lines."""
    return "".join(json.dumps(one) + "\n" for one in records).encode()


def session(name: str, answers: dict[str, Any], **more: Any) -> Iterable[dict[str, Any]]:
    """The records of a session, one for each item: what is no dictionary is a raw reply."""
    for item, said in answers.items():
        given = said if isinstance(said, dict) else {"raw": said}
        head = {"panel": "gpt", "session": name, "model": "gpt-4o", "item": item}
        yield {**head, **given, **more}


def collected(
    owner: Any, content: bytes, text: str | None = None, name: str = "a.jsonl"
) -> ImportReport:
    """Import them as any door does."""
    mapping = parse_mapping(text or mapping_text(), file="mapping.toml")
    return import_file(mapping=mapping, content=content, name=name, owner=owner, by=TESTER)
