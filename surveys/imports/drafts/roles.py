"""What a column is for, by its name and its cells: a guess, which whoever imports corrects."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Literal

from surveys.imports.columns import with_point

# fmt: off
Role = Literal[
    "id", "item", "number", "text", "date", "list", "demographic", "weight", "cluster", "stratum",
    "wave", "time", "personal", "condition", "other"
]
# fmt: on
MOST_OPTIONS = 11
LONGEST_OPTION = 100
MOST_WAVES = 20
HIGHEST_CODE = 100
FAR = {-99, -98, -97, -96, -95, -9, -8, -7, -6, -1, 66, 77, 88, 98, 99, 777, 888, 998, 999, 9999}
_IDS = {
    *("id", "rid", "pid", "uid", "responseid", "respondentid", "participant", "participantid"),
    *("recordid", "record", "case", "caseid", "token", "subject", "subjectid", "lfdn"),
    *("sessionid", "studyid", "userid", "workerid", "prolificid", "prolificpid", "respid"),
    *("participantcode", "participantlabel", "caseno"),
}
_WEIGHTS = re.compile(r"weights?|wgt|gewicht|(?:p|d|post|survey|sampling)weights?")
_CLUSTERS = {"cluster", "psu", "school", "schoolid", "classid", "household", "country"}
_STRATA = {"stratum", "strata"}
_WAVES = {"wave", "welle", "round", "surveywave", "redcapeventname", "timepoint", "visit"}
# Which version of an experiment somebody was in is no answer.
_CONDITIONS = {
    *("cond", "condition", "conditions", "treatment", "treatmentgroup", "treatmentcondition"),
    *("experimentalgroup", "experimentalcondition", "arm", "studyarm", "bedingung"),
}
_DEMOGRAPHICS = {
    *("age", "gender", "sex", "female", "male", "education", "educ", "income", "region"),
    *("birthyear", "yob", "agecat", "educcat", "alter", "geschlecht", "bildung", "einkommen"),
}
# In the order in which one of them is taken for the time of the answers.
TIMES = (
    *("recordeddate", "enddate", "submitdate", "datesubmitted", "submittedat", "completedat"),
    *("lastdata", "datestamp", "timestamp", "startdate", "datestarted", "started", "createdat"),
    *("timestartedutc", "timestarted", "zeitstempel", "horodateur", "marcatemporal"),
)
_TIME_FORMATS = (
    *("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y"),
    *("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y"),
    *("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y", "%Y/%m/%d %H:%M:%S"),
)
_DAY_OR_MONTH_FIRST = tuple(
    (one, one.replace("%m/%d", "%d/%m")) for one in _TIME_FORMATS if one.startswith("%m")
)
# What a program writes where it kept no time.
_NO_TIME = "1980-01-01"
# What programs write about an interview, not an answer in it.
_ABOUT = {
    *("status", "progress", "duration", "durationinseconds", "finished", "distributionchannel"),
    *("userlanguage", "externalreference", "externaldatareference", "responseset", "lastpage"),
    *("startlanguage", "language", "seed", "interviewtime", "totaltime", "ref", "refurl"),
    *("serial", "mode", "questnnr", "sampler", "missing", "missrel", "timersum", "qviewer"),
    *("degtime", "maxpage", "datelastaction", "isbot", "roundnumber", "sessioncode"),
    *("redcaprepeatinstance", "redcaprepeatinstrument", "redcapdataaccessgroup"),
    *("redcapsurveyidentifier", "browser", "device", "resolution", "referrer", "consent"),
    *(
        "idingroup",
        "idinsession",
        "idinsubsession",
        "payoff",
        "role",
        "visited",
        "participationfee",
    ),
}
_ABOUT_ENDINGS = re.compile(
    r"time\d*|time_?rsi|\w*timestamp|\w+_complete|\w*page[ _]?submit|\w*(?:first|last)[ _]?click"
    r"|\w*click[ _]?count|grouptime\d+|_?(?:index_in_pages|max_page_index|current_\w+_name)"
    r"|mturk_\w+|is_demo|config_\w+"
    # Qualtrics: in which order options stood, and what it thinks of fraud. SoSci Survey: lots left.
    r"|(?:fl_\d+|q\d+(?:_\d+)?)_do(?:_\w+)?|q_(?:recaptchascore|relevantid\w*|ballotboxstuffing)"
    r"|q_(?:duplicaterespondent|totalduration|language|url|terminateflag)|[a-z]{2}\d{2}_cp"
)
# oTree writes app, round and table before the name of a field; in the file of one app the table.
_PLACE = re.compile(r"^(?:(?:\w+\.\d+\.)?(?:player|group|subsession)|participant|session)\.(?=\w)")
# A column of LimeSurvey that holds what an equation came to, and no answer.
_EQUATION = re.compile(r"\{.*\}")
_PERSONAL = re.compile(
    r"(?:(?:what_is_|(?:please_)?(?:enter|write|type|give|state)_)?(?:your|ihr|ihre)_"
    r"|(?:recipient|participant|respondent|student)_?)?(?:"
    r"(?:(?:first|last|full|sur|middle)_?)?name|name_?(?:first|last)|e?_?mail(?:_?add?ress?e?)?"
    r"|(?:tele|mobile_?)?phone(?:_?number)?|telefon(?:_?nummer)?|(?:street_?|home_?)?address|adresse"
    r"|dob|birth_?date|date_?of_?birth|geburtsdatum|ip_?addr(?:ess)?|vorname|nachname|ssn|mrn"
    r"|(?:location_?)?(?:latitude|longitude|accuracy))"
)
_CODE = re.compile(r"[A-Za-z]\w*")
# By such a number a panel (Prolific, or a database) knows somebody in every study.
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[a-zA-Z]+")
_PANEL_ID = re.compile(r"[0-9a-f]{24}")
_WHOLE = re.compile(r"-?\d{1,4}")
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_DATE = re.compile(
    r"\d{4}-\d{2}-\d{2}.*|\d{1,2}[./]\d{1,2}[./]\d{2,4}.*|\d{1,2}:\d{2}(?::\d{2})?.*"
)


def plain_name(name: str) -> str:
    """A name as it is compared: letters and digits alone."""
    return "".join(sign for sign in name.lower() if sign.isalnum())


def without_place(name: str) -> str:
    """The name of a field alone.

    Without the app, round and table that oTree writes before it, and the words that LimeSurvey may
    write behind it (``submitdate. Date submitted``).
    """
    code = name.partition(". ")[0] if words_behind(name) else name
    return _PLACE.sub("", code, count=1)


def words_behind(name: str) -> str:
    """The words of a question that LimeSurvey may write behind its code (``q1. Do you agree?``)."""
    code, _dot, words = name.partition(". ")
    return words if _CODE.fullmatch(code) else ""


def is_id(name: str) -> bool:
    """Whether a column is called as those that tell people apart."""
    code = name.partition(". ")[0] if words_behind(name) else name
    return plain_name(code) in _IDS


def role_of(name: str, text: str, counts: Counter[str], labels: Mapping[str, str]) -> Role:
    """What a column of these cells, without the empty ones, is for. `labels` name its codes.

    A "number" is what may be one, as far as names tell.
    """
    filled = counts.total()
    for called in (name, text):
        if role := _named(called, counts):
            return role if role != "id" or 0 < len(counts) == filled else "other"
    if counts and all(_PANEL_ID.fullmatch(one) or _ADDRESS.fullmatch(one) for one in counts):
        return "personal"
    if not counts:
        return "other"
    return "item" if _may_be_item(counts, labels) else "number"


def by_time(name: str, text: str) -> int:
    """The place of a column among those that hold times; the first is taken."""
    called = [plain_name(without_place(one)) for one in (name, text)]
    places = [TIMES.index(one) for one in called if one in TIMES]
    return min(places, default=len(TIMES))


def time_format(cells: Iterable[str]) -> str | None:
    """How times are written, "" as ISO 8601 has them; None where these are none."""
    cells = list(cells)
    if not cells or any(cell.startswith(_NO_TIME) for cell in cells):
        return None
    for written in ("", *_TIME_FORMATS):
        if all(_is_time(cell, written) for cell in cells):
            return written
    return None


def is_ambiguous(cells: Iterable[str]) -> bool:
    """Whether the day and the month of all these times may be each other's."""
    found = list(cells)
    return any(
        all(_is_time(cell, one) and _is_time(cell, other) for cell in found)
        and any(datetime.strptime(c, one) != datetime.strptime(c, other) for c in found)  # noqa: DTZ007
        for one, other in _DAY_OR_MONTH_FIRST
    )


def _named(name: str, counts: Counter[str]) -> Role | None:
    field = without_place(name)
    plain, snake = plain_name(field), re.sub(r"\W+", "_", field.lower()).strip("_")
    found: dict[str, tuple[Role, Callable[[], bool]]] = {
        **dict.fromkeys(_CONDITIONS, ("condition", lambda: bool(counts))),
        **dict.fromkeys(_CLUSTERS, ("cluster", lambda: bool(counts))),
        **dict.fromkeys(_STRATA, ("stratum", lambda: bool(counts))),
        **dict.fromkeys(_WAVES, ("wave", lambda: 1 <= len(counts) <= MOST_WAVES)),
        **dict.fromkeys(_DEMOGRAPHICS, ("demographic", lambda: bool(counts))),
        **dict.fromkeys(TIMES, ("time", lambda: time_format(counts) is not None)),
    }
    if is_id(name):
        return "id"
    if plain in found:
        role, fits = found[plain]
        return role if fits() else "other"
    if _WEIGHTS.fullmatch(plain) and counts and all(map(_is_positive, counts)):
        return "weight"
    if _PERSONAL.fullmatch(snake):
        return "personal"
    if {plain, plain_name(name)} & _ABOUT or _EQUATION.fullmatch(name.strip()):
        return "other"
    return "other" if _ABOUT_ENDINGS.fullmatch(snake) else None


def _may_be_item(counts: Counter[str], labels: Mapping[str, str]) -> bool:
    """Few codes that are labelled, or small whole numbers, or words that come again."""
    if len(counts) > MOST_OPTIONS + len(FAR):
        return False
    if labels and counts.keys() <= labels.keys():
        return True
    words = [code for code in counts if not _NUMBER.fullmatch(code)]
    if any(_DATE.fullmatch(code) or len(code) > LONGEST_OPTION for code in words):
        return False
    numbers = [code for code in counts if _NUMBER.fullmatch(code)]
    if not all(_WHOLE.fullmatch(code) for code in numbers):
        return False
    if any(abs(int(code)) > HIGHEST_CODE and int(code) not in FAR for code in numbers):
        return False
    return not words or counts.total() >= 2 * len(counts)


def _is_positive(code: str) -> bool:
    try:
        return float(with_point(code) or code) > 0
    except ValueError:
        return False


def _is_time(cell: str, written: str) -> bool:
    try:
        if written:
            datetime.strptime(cell, written)  # noqa: DTZ007 - only whether it can be read
        else:
            datetime.fromisoformat(cell)
    except ValueError:
        return False
    return not cell.isdecimal()
