"""The German catalogue is complete, and what Django loads is what translators wrote."""

import ast
import gettext
import re
from pathlib import Path

from django.conf import settings

PO = Path(settings.BASE_DIR) / "locale" / "de" / "LC_MESSAGES" / "django.po"
FIELD = re.compile(r'^(msg\w+(?:\[\d\])?) ((?:".*"\n?)+)', re.MULTILINE)
HEADER = ""  # a compiler may leave out its dates

Entry = dict[str, str]


def entries() -> list[Entry]:
    """Every entry in use, header apart: keyword -> text, and `flags`."""
    found = []
    for block in PO.read_text(encoding="utf-8").split("\n\n"):
        entry = {key: ast.literal_eval(f"({text})") for key, text in FIELD.findall(block)}
        if entry.get("msgid", HEADER) != HEADER:
            entry["flags"] = " ".join(re.findall(r"^#,(.*)", block, re.MULTILINE))
            found.append(entry)
    return found


def written(entry: Entry) -> dict[str | tuple[str, int], str]:
    """The entry as `gettext` keeps it: context before \\x04, one key for each plural form."""
    key = "\x04".join(entry[part] for part in ("msgctxt", "msgid") if part in entry)
    if "msgid_plural" not in entry:
        return {key: entry["msgstr"]}
    forms = [text for field, text in entry.items() if field.startswith("msgstr[")]
    return {(key, number): text for number, text in enumerate(forms)}


def test_every_german_text_is_there_and_was_looked_at() -> None:
    unfinished = [
        entry["msgid"]
        for entry in entries()
        if "fuzzy" in entry["flags"] or not all(written(entry).values())
    ]
    assert unfinished == []


def test_the_compiled_catalogue_holds_exactly_what_is_written() -> None:
    with PO.with_suffix(".mo").open("rb") as file:
        compiled = dict(gettext.GNUTranslations(file)._catalog)
    compiled.pop(HEADER)
    assert compiled == {key: text for entry in entries() for key, text in written(entry).items()}
