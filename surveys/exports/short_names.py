"""Names of columns that SPSS and Stata can keep."""

from collections.abc import Iterable

# Stata keeps 32 letters of a name. The set of a column's labels is called by its name and its
# place, which has five digits at most. SPSS keeps more, but in both a column is called the same.
LONGEST_NAME = 27


def short_names(names: Iterable[str]) -> dict[str, str]:
    """Name -> what the column is called where names are short: as it is, or its beginning.

    Beginnings that are alike are numbered in the order of the columns.
    """
    names = list(names)
    short = {name: name for name in names if len(name) <= LONGEST_NAME}
    taken = set(short)
    for name in names:
        if name not in short:
            short[name] = _unused(name, taken)
            taken.add(short[name])
    return short


def _unused(name: str, taken: set[str]) -> str:
    found, number = name[:LONGEST_NAME], 1
    while found in taken:
        number += 1
        ending = f"_{number}"
        found = name[: LONGEST_NAME - len(ending)].rstrip("_") + ending
    return found
