"""Labels of options as files write them: another case, other spaces, other apostrophes."""

import unicodedata
from collections.abc import Iterable

_SIGNS = str.maketrans(
    {"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-"}
)


def folded(label: str) -> str:
    """A label as it is compared: Unicode in one form, one kind of apostrophe, space and dash."""
    plain = unicodedata.normalize("NFKC", label).translate(_SIGNS)
    return " ".join(plain.split()).strip(" .").casefold()


def values_by_label(options: Iterable[tuple[int, str]]) -> dict[str, int]:
    """Folded label -> scored value; a label that two options share names neither."""
    found: dict[str, int] = {}
    shared: set[str] = set()
    for value, label in options:
        name = folded(label)
        if name in found:
            shared.add(name)
        found[name] = value
    return {name: value for name, value in found.items() if name and name not in shared}
