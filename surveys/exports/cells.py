"""Values as cells of a CSV file: ``NA`` if missing."""

import math

# What R, pandas and most statistics programs read as a missing value.
MISSING = "NA"
# Spreadsheets take a cell that begins so for a formula, and carry it out.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cell(value: object) -> str:
    """One cell: `NA` for nothing, 1 and 0 for truth, a whole number without a fraction."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return MISSING
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(float(value))
    return str(value)


def harmless_cell(value: object) -> str:
    """A cell that no spreadsheet carries out: words that look like a formula begin with an
    apostrophe. Numbers stay as they are, negative ones too.
    """
    written = cell(value)
    return "'" + written if isinstance(value, str) and written.startswith(_FORMULA) else written
