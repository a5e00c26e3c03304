"""Every mistake that is found in a mapping or a data file, beside the mistakes of any file."""

from surveys.codes import SentenceCode
from surveys.codes import marked as _


class ImportMistake(SentenceCode):
    """What can be wrong with a mapping or a data file."""

    WRONG_ENCODING = (
        "wrong_encoding",
        _("this is not %(encoding)s text; set `encoding` under [data] or save it so"),
    )
    ROW_CHANGED = (
        "row_changed",
        _(
            "%(count)s rows were imported before with other answers, and imported answers are "
            "never changed: import the file as a study of another slug"
        ),
    )
    NOT_CSV = "not_csv", _("%(reason)s; correct it")
    NO_ROWS = "no_rows", _("it holds no row under its header")
    REPEATED_COLUMN = (
        "repeated_column",
        _("column %(column)r occurs %(count)s times; rename it"),
    )
    COLUMN_MISSING = (
        "column_missing",
        _(
            "there is no column %(column)r in the header; correct the mapping (a column, or "
            "[data] id_column) or the file"
        ),
    )
    RAGGED_LINE = (
        "ragged_line",
        _("%(found)s cells where the header has %(wanted)s; correct the line or the delimiter"),
    )
    ID_MISSING = "id_missing", _("the id is empty; give every row one")
    ID_REPEATED = "id_repeated", _("the id %(id)r is given to %(count)s rows; keep one")
    ID_TOO_LONG = (
        "id_too_long",
        _("the id has %(count)s characters; %(most)s are kept at most"),
    )
    UNKNOWN_CODE = (
        "unknown_code",
        _(
            "the code %(given)r is neither a value nor a missing code of this column; add it to "
            "the column's `values` or `missing`, or correct the data"
        ),
    )
    BAD_REASON = "bad_reason", _("%(given)s is no reason; %(advice)s")
    MAPPED_TWICE = "mapped_twice", _("%(column)s or %(aim)s is mapped twice")
    UNKNOWN_RECODING = "unknown_recoding", _("there is no recoding %(given)r; %(advice)s")
    VALUE_AND_REASON = "value_and_reason", _("this code has a value too; keep one of them")
    UNKNOWN_DEMOGRAPHIC = (
        "unknown_demographic",
        _("the study has no demographic %(given)r; %(advice)s"),
    )
    NO_SUCH_VALUE = (
        "unknown_value",
        _("%(given)s is no answer to %(question)s; its values are %(known)s"),
    )
    LANGUAGE_NOT_OFFERED = (
        "language_not_offered",
        _("the study has no language %(given)r; %(advice)s"),
    )
    UNUSED_INSTRUMENT = (
        "unused_instrument",
        _("no block of the study uses this instrument; add a block or remove it"),
    )
