"""Every mistake that is found in a mapping or a data file, beside the mistakes of any file."""

from surveys.codes import SentenceCode
from surveys.codes import marked as _


class CollectedWanted(SentenceCode):
    """What a value of a mapping of models' answers should be; part of a sentence."""

    PLACE = (
        "place",
        _(
            "a path in quotation marks, { path, before }, { path, after }, { path, but }, "
            "{ join }, or a list"
        ),
    )
    CELLS = (
        "cells",
        _('"raw" or "value", what the cells of the items hold; or say it under [fields]'),
    )


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
    IS_UTF_16 = (
        "is_utf_16",
        _('this is UTF-16 text; set `encoding = "utf-16"` under [data], or save it as UTF-8'),
    )
    OTHER_FORMAT = (
        "other_format",
        _(
            "this is %(kind)s, and what is read here is CSV; set `format` under [data] where it "
            "is xlsx, sav or dta, or save it as CSV in UTF-8"
        ),
    )
    NOT_THAT_FORMAT = (
        "not_that_format",
        _("the mapping says that this is a file of the kind %(format)s, and it is not: %(reason)s"),
    )
    SHEET_UNKNOWN = (
        "sheet_unknown",
        _("the workbook has no sheet %(given)r; %(advice)s"),
    )
    LOG_PACKED = (
        "log_packed",
        _(
            "the log is packed in a way that is not read here (such as zstd); write it as JSON "
            "with `inspect log convert FILE --to json --output-dir DIR`, and import that"
        ),
    )
    NO_RESULTS = (
        "no_results",
        _(
            "cells hold formulas without their results (%(cells)s); open the workbook in a "
            "spreadsheet program, save it, and import it again"
        ),
    )
    NO_SHEETS = (
        "no_sheets",
        _("a sheet is named, and this is no workbook that has any; leave the sheet out"),
    )
    UNANSWERED = (
        "unanswered",
        _("this question of the draft is not answered yet: put something in the place of the ?"),
    )
    ANSWERED_TWICE = (
        "answered_twice",
        _(
            "this person has an answer to %(item)s on line %(line)s already; keep one, or take one "
            "wave with `only` under [data]"
        ),
    )
    PERSON_DIFFERS = (
        "person_differs",
        _("%(given)r stands here, and %(known)r in the row of this person on line %(line)s"),
    )
    TWO_VERSIONS = (
        "two_versions",
        _(
            "this person has an answer to %(item)s in the columns of two versions (%(columns)s); a "
            "version is what one person saw in the place of the other"
        ),
    )
    BAD_TIME = (
        "bad_time",
        _(
            "%(given)r is no time as this column has it; write them as 2025-01-31 10:15:00, or say "
            'how they are written, such as `format = "%%d/%%m/%%Y %%H:%%M"`'
        ),
    )
    NOT_CSV = "not_csv", _("%(reason)s; correct it")
    STRAY_QUOTE = (
        "stray_quote",
        _(
            "a quotation mark opens this cell, and where it closes (line %(line)s) %(found)r "
            "follows in place of the next cell; double quotation marks that belong to a text, and "
            "put the whole text between two"
        ),
    )
    QUOTE_UNCLOSED = (
        "quote_unclosed",
        _(
            "a quotation mark opens this cell and nothing closes it: the file was cut, or the mark "
            "belongs to the text and must be doubled"
        ),
    )
    SWALLOWED_ROWS = (
        "swallowed_rows",
        _(
            "this cell runs over lines %(first)s to %(last)s, each of which has the cells of a row "
            "of its own; correct its quotation marks, or if the text is meant so, set "
            "`line_breaks = true` under [data]"
        ),
    )
    WRONG_DELIMITER = (
        "wrong_delimiter",
        _(
            "the header is a single column; divided at '%(likely)s' it has %(count)s "
            "(%(header)s): set `delimiter` under [data]"
        ),
    )
    HEADER_ROW = (
        "header_row",
        _(
            "this is a further row of the header, not somebody's answers (%(found)s); set "
            "`header_rows = %(lines)s` under [data]"
        ),
    )
    CUT_FILE = (
        "cut_file",
        _(
            "the last line has %(found)s cells where the header has %(wanted)s (%(header)s); the "
            "file seems to have been cut here: get the whole of it"
        ),
    )
    DECIMAL_COMMA = (
        "decimal_comma",
        _(
            '%(given)r is written with a decimal comma; set `decimal = ","` under [data], or '
            "save the file with points"
        ),
    )
    NO_ROWS = "no_rows", _("it holds no row under its header")
    REPEATED_COLUMN = (
        "repeated_column",
        _("column %(column)r occurs %(count)s times; name the one that is meant: %(names)s"),
    )
    COLUMN_MISSING = (
        "column_missing",
        _(
            "there is no column %(column)r in the header, which is: %(header)s; correct the "
            "mapping (a column, or [data] id_column) or the file"
        ),
    )
    UNKNOWN_OPTION = (
        "unknown_option",
        _("the question has no option %(given)r; %(advice)s"),
    )
    NO_SUCH_RANK = (
        "no_such_rank",
        _("%(ref)s is no ranking of %(given)s options or more; remove `rank`"),
    )
    OPTION_AND_RANK = (
        "option_and_rank",
        _("a column holds the rank of an option, or the option of a rank: keep one of both keys"),
    )
    NOTHING_TO_SEPARATE = (
        "nothing_to_separate",
        _("this column never holds several options in one cell; remove `separator`"),
    )
    MIXED_PLACES = (
        "mixed_places",
        _(
            "some columns of %(ref)s hold its whole answer, and others a part of it; give all of "
            "them `option`, or all of them `rank`, or keep one column"
        ),
    )
    PARTS_LACKING = (
        "parts_lacking",
        _(
            "%(ref)s has columns for some parts of its answer and none for others (%(lacking)s); "
            "map a column to each, or leave the question out"
        ),
    )
    NOT_AN_ANSWER = (
        "not_an_answer",
        _(
            "%(given)r is no answer to this question, whose page would say: %(why)s Add it to the "
            "column's `missing`, say how dates are written with `format`, or correct the data or "
            "the question"
        ),
    )
    NOT_TOGETHER = (
        "not_together",
        _(
            "what these columns hold (%(given)s) is no answer to their question: of several "
            "options some with none of them, ranks that are not each given once, or a missing code "
            "beside a value; correct the data or the columns' `values` and `missing`"
        ),
    )
    OUTSIDE_RANGE = (
        "outside_range",
        _(
            "%(given)r is no number from %(minimum)s to %(maximum)s with at most %(decimals)s "
            "decimals, as the question takes; add it to the column's `missing`, correct the data, "
            "or the range of the question"
        ),
    )
    RAGGED_LINE = (
        "ragged_line",
        _(
            "%(found)s cells where the header has %(wanted)s (%(header)s); correct the line or the "
            "delimiter"
        ),
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
    RESPONDENTS_UNSAID = (
        "respondents_unsaid",
        _(
            'whose answers these are has to be said: write `respondents = "people"` under [data], '
            'or `respondents = "models"` for answers of language models, which are never counted '
            "as people"
        ),
    )
    LOOKS_LIKE_MODELS = (
        "looks_like_models",
        _(
            "the file has columns as answers of language models have (%(columns)s), and the "
            'mapping says that its rows are people: set `respondents = "models"` under [data], or '
            "if these are people, write `not_of_models = [%(names)s]` there"
        ),
    )
    NOT_PEOPLE = (
        "not_people",
        _("the mapping says that its rows are answers of models; they are never stored as people"),
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
    ITEMS_ALONE = (
        "items_alone",
        _("a column of models' answers stands for an item; give it `item` alone"),
    )
    STUDY_SAID_TWICE = (
        "study_said_twice",
        _("`study` under [data] names a study that is there; leave the table [study] out"),
    )
    NOT_JSON = "not_json", _("this is not valid JSON: %(reason)s")
    NOT_A_RECORD = (
        "not_a_record",
        _("this is no JSON object; each line, or each part of the list, holds one reply"),
    )
    NO_RECORDS = (
        "no_records",
        _("there is no list of records at %(path)r; set `records` under [data]"),
    )
    REPLY_INCOMPLETE = (
        "reply_incomplete",
        _("there is no %(field)s (looked for at %(path)s); every reply needs one"),
    )
    NOTHING_REPLIED = (
        "nothing_replied",
        _(
            "there is neither raw nor value, missing_reason nor distribution; a reply needs one of "
            "them"
        ),
    )
    REPLIED_TWICE = (
        "replied_twice",
        _(
            "%(item)s is answered twice in session %(session)r of %(panel)r; keep one, or say "
            "under [fields] what tells sessions or panels apart, such as a scenario"
        ),
    )
    BAD_DISTRIBUTION = (
        "bad_distribution",
        _(
            "this is no distribution over the options of %(item)s: give each value or label a "
            "share; all shares add up to 1 or to 100"
        ),
    )
    BAD_DIRECTION = (
        "bad_direction",
        _("%(given)r is no direction of a scale; write forward or reversed"),
    )
    SESSION_DIFFERS = (
        "session_differs",
        _("session %(session)r of %(panel)r has another %(field)s here than before; correct it"),
    )
    UNKNOWN_PANEL = (
        "unknown_panel",
        _("[[panels]] does not describe the panel %(given)r; %(advice)s"),
    )
    UNKNOWN_PERSON = (
        "unknown_person",
        _("nobody in the study has the id %(given)r; import the people first, or correct it"),
    )
