"""What a file holds that is not kept, what is kept in another form, and why a file is refused.

QuestionnaireFileError(ValueError)   a file that cannot be read at all
"""

from __future__ import annotations

from typing import Any

from surveys.codes import Problem, SentenceCode
from surveys.codes import marked as _


class Unreadable(SentenceCode):
    """Why nothing is read of a file."""

    EMPTY = "file_empty", _("the file is empty; choose another")
    TOO_LARGE = (
        "file_too_large",
        _("the file has %(given)s bytes, and %(most)s is the most; export fewer questions"),
    )
    TOO_MUCH = (
        "file_too_much",
        _("the file holds more %(what)s than the %(most)s that are read; export fewer questions"),
    )
    TOO_DEEP = "file_too_deep", _("the file is nested deeper than any questionnaire is")
    BROKEN = (
        "file_broken",
        _("the file is damaged or cut off: %(reason)s; export it once more"),
    )
    NO_RESULTS = (
        "no_results",
        _(
            "cells hold formulas without their results (%(cells)s); open the workbook in a "
            "spreadsheet program, save it, and import it again"
        ),
    )
    UNKNOWN_FORM = (
        "form_unknown",
        _(
            "this is no questionnaire of a kind that can be read; known are LimeSurvey .lss, .lsg "
            "and .txt, Qualtrics .qsf, REDCap dictionaries, SurveyJS JSON, and item tables as CSV "
            "or XLSX"
        ),
    )
    OLD_EXCEL = "old_excel", _("this is an old Excel file (.xls); save it as .xlsx")
    OLD_LIMESURVEY = (
        "old_limesurvey",
        _("this is a LimeSurvey 1 dump (.csv); load it into LimeSurvey and export it as .lss"),
    )
    PARTICIPANTS = (
        "participants_or_answers",
        _("this file holds participants or answers and no questions; export the questionnaire"),
    )
    JAVASCRIPT = (
        "javascript",
        _("this is a JavaScript module and no JSON; save the questionnaire itself as JSON"),
    )
    NO_QUESTION = "no_question", _("no question is found in the file; check what was exported")
    NO_TEXT_COLUMN = (
        "no_text_column",
        _("no column holds the items' words; call one of them text, or by a language such as en"),
    )
    ITEM_BANK = (
        "item_bank",
        _(
            "this is an item bank of psychTestR: it says how items are scored and holds no words; "
            "give the dictionary (“…_dict.csv”), with --reverse %(reverse)s as the bank scores them"
        ),
    )


class LeftOut(SentenceCode):
    """Why a whole question is left out of what is written."""

    KIND = (
        "kind_not_kept",
        _("a question of the type %(type)s (%(kind)s) cannot be kept; it is left out"),
    )
    NO_TEXT = "no_text", _("the question has no words in %(language)s; it is left out")
    NO_OPTIONS = (
        "no_options",
        _("the file does not say which answers can be given; say them and read it again"),
    )
    TOO_FEW_OPTIONS = (
        "too_few_options",
        _("fewer than two answers can be given; it is left out"),
    )
    SAME_LABELS = (
        "same_labels",
        _("several options read %(label)r in %(language)s, so that nobody could tell them apart"),
    )
    NUMBER_IN_LABEL = (
        "number_in_label",
        _(
            "the option %(label)r has the code %(value)s, so that a reply of %(number)s has two "
            "meanings; give code and label the same number"
        ),
    )
    SAME_CODES = "same_codes", _("two options have the code %(code)s; give each its own")
    LABEL_TOO_LONG = (
        "label_too_long",
        _("the option %(label)r has more than %(most)s characters; shorten it"),
    )
    REFUSED = "refused", _("it cannot be written as an instrument: %(problem)s")
    HIDDEN = "hidden", _("the question is hidden from respondents; it is left out")
    RECORD_ID = "record_id", _("this is the name of the record and no question; it is left out")
    UNUSED = "unused", _("the question is in no block that is shown; it is left out")
    NOTHING_AFTER = (
        "nothing_after",
        _("no question that is kept comes after this text; it is left out"),
    )
    SAID_TWICE = "said_twice", _("the same words follow at once; they are read once")
    CARRIED = (
        "carried_forward",
        _("its options are carried over from another question; it is left out"),
    )


class NotKept(SentenceCode):
    """What is lost of a question that is kept, or of the file."""

    CONDITION = (
        "condition",
        _("it is shown only if %(condition)s; here everybody would be asked"),
    )
    GROUP_CONDITION = (
        "group_condition",
        _("this part is shown only if %(condition)s; here everybody would be asked"),
    )
    SKIP = "skip", _("an answer leads elsewhere (%(condition)s); here nobody is led on")
    MARKUP = "markup", _("it holds mark-up (%(tags)s); only its words are kept")
    TOKEN = (
        "token",
        _("%(token)s is filled in by the other program; [%(name)s] stands in its place"),
    )
    PICTURE = "picture", _("it shows a picture or another file (%(source)s), which is not kept")
    SCRIPT = "script", _("it holds JavaScript, which is not kept")
    HELP = "help", _("its help text is not kept: %(text)s")
    OTHER_OPTION = (
        "other_option",
        _("the option “other” with an answer in one's own words is not kept"),
    )
    OPTION_TEXT = (
        "option_text",
        _("the field beside the option %(label)r for one's own words is not kept"),
    )
    COMMENT = "comment", _("the field for a comment is not kept")
    MISSING_CODE = (
        "missing_code",
        _("the option %(label)r (code %(code)s) is no point of the scale; it is not offered"),
    )
    DEFAULT = "default", _("an answer is filled in beforehand (%(value)s); here none is")
    RULE = "rule", _("answers are checked by a rule there (%(rule)s), which is not kept")
    FILTER = "filter", _("its rows depend on another question (%(source)s); here all are shown")
    OPTION_ORDER = (
        "option_order",
        _("its options come in an order of their own (%(order)s); here they follow their values"),
    )
    RANDOM = "random", _("random order or choice (%(what)s) is not kept")
    QUOTA = "quota", _("the quota %(name)r is not kept")
    ASSESSMENT = "assessment", _("the scoring rule %(name)r is not kept")
    FLOW = "flow", _("a step of the flow (%(what)s) is not kept")
    LOOP = "loop", _("the part is asked several times over there; here it is asked once")
    SETTING = "setting", _("%(what)s is not kept")
    PAGE_TEXT = (
        "page_text",
        _("a text outside the questions (%(what)s) is not kept: %(text)s"),
    )
    CHOICES_ELSEWHERE = (
        "choices_elsewhere",
        _("its options are fetched from elsewhere (%(source)s) and are not in the file"),
    )
    LANGUAGE = (
        "language_incomplete",
        _("%(language)r is left out of this instrument, as this text is not translated"),
    )
    SHEET = (
        "sheet",
        _("this sheet is not read; if it holds questions, save it as a file of its own"),
    )
    TIME_OF_DAY = (
        "time_of_day",
        _("it asks for a time of day, too (%(type)s); here it asks for the day alone"),
    )
    ANNOTATION = "annotation", _("its annotation is not kept: %(text)s")
    END_LABELS = "end_labels", _("further words along the scale are not kept: %(text)s")
    FACET = (
        "facet",
        _("the facet %(facet)r is not kept, as not every item of the instrument has one"),
    )
    IDENTIFIER = (
        "identifier",
        _("it is marked as identifying a person; ask it only if your consent covers that"),
    )


class Changed(SentenceCode):
    """What is kept in another form."""

    NUMBERED_BY_ORDER = (
        "numbered_by_order",
        _("its codes are words (%(codes)s); they are numbered in their order, 1 to %(most)s"),
    )
    NUMBERED_LARGE = (
        "numbered_large",
        _(
            "some of its codes (%(codes)s) are beyond %(largest)s, which values cannot be; its "
            "options are numbered as their codes rise, 1 to %(most)s"
        ),
    )
    NUMBERED_BY_CODE = (
        "numbered_by_code",
        _("its codes (%(codes)s) are no numbers; the number at the end of each is its value"),
    )
    NUMBERED_BY_SCORE = (
        "numbered_by_score",
        _(
            "its codes (%(codes)s) are no numbers; their values are %(values)s, by the scoring of "
            "the file or by the type of the question"
        ),
    )
    SCORE_DIFFERS = (
        "score_differs",
        _("the file scores its codes otherwise (%(scores)s); the codes are kept as values"),
    )
    BESIDE = (
        "beside",
        _("the option %(label)r (code %(code)s) is offered behind the scale and never scored"),
    )
    RANGE_ASSUMED = (
        "range_assumed",
        _("the file sets no range; %(minimum)s to %(maximum)s is taken: narrow it"),
    )
    ENDS_ASSUMED = (
        "ends_assumed",
        _("the file has no words for the ends; their numbers stand there"),
    )
    NUMBERED_BY_LABEL = (
        "numbered_by_label",
        _("its codes are places, 1 to %(most)s; the numbers that its labels show are the values"),
    )
    FALLING = (
        "falling",
        _("its codes fall from first to last option; here the options rise with their values"),
    )
    REORDERED = "reordered", _("its options are put in the order of their values")
    NUMBER_AS_LABEL = (
        "number_as_label",
        _("options without a label (%(values)s) show their number"),
    )
    IMPLIED_LABELS = (
        "implied_labels",
        _("its options are those of the type %(type)s; the file does not hold their words"),
    )
    RENAMED = "renamed", _("it is called %(key)s here")
    LANGUAGE_ASSUMED = (
        "language_assumed",
        _("the file does not say its language; %(language)r is assumed, unless you say another"),
    )
    LANGUAGE_TAG = "language_tag", _("the language %(given)r is called %(language)r here")
    ENCODING = (
        "encoding",
        _("the file is not UTF-8; it is read as %(encoding)s: check accented letters"),
    )
    OPTIONS_SAID = "options_said", _("its answers are those that you said: %(options)s")
    REVERSED_IN_FILE = (
        "reversed_in_file",
        _("the file marks it as reverse-keyed; confirm it, as nothing is reversed unasked"),
    )
    TWO_ENDS = (
        "two_ends",
        _("its words stand at the two ends of a line there; here they are read one after another"),
    )
    LABEL_LINES = "label_lines", _("line breaks in its labels became spaces")


class QuestionnaireFileError(ValueError):
    """A file of which nothing can be read; `problem` says where and why."""

    def __init__(self, file: str, problem: Problem) -> None:
        self.file = file
        self.problem = problem
        super().__init__(f"{file}: {problem.message}")

    @property
    def code(self) -> str:
        """The code of the problem."""
        return self.problem.code.value

    @property
    def details(self) -> dict[str, Any]:
        """The problem as plain values, for programs."""
        return {"file": self.file, **self.problem.as_json()}
