"""Errors of the survey app. Only the edges (views, API, commands) know HTTP and exit codes.

CounterpartError                 a use case of any app said no
├── SurveyError                  a refusal (see `Refused`) with what varies in its sentence
│   ├── InstrumentError          a definition that cannot be published
│   ├── QuestionnaireError       a questionnaire that cannot be taken over as it was said
│   ├── StudyError               a study that cannot do this in its state
│   │   ├── StudyNotReady        what is missing before it can be opened, or given to people
│   │   └── TermsRefused         services.people.terms: terms of a link, each with all its problems
│   ├── EnrolmentError           a person who cannot begin here
│   ├── AnswerError              answers that cannot be recorded
│   └── AccountError             a user who is not there, or is not named
├── ImportFileError              a data file or mapping that cannot be read, with every problem
└── JobError                     work that cannot go on
    ├── JobCancelled             somebody asked it to stop
    └── LeaseLost                another worker took it up, or it was ended

The pure packages raise ValueErrors with a code:

ValueError
├── InstrumentFileError          instrument_files.errors: a file that is no instrument, study, plan
├── QuestionnaireFileError       questionnaire_files.errors: a file that nothing can be read of
├── MaterialsError               services.drafts: files of a study, each with all its problems
├── UnknownLanguage              instrument_files.errors: a language that nothing is written in
├── UnknownBundle                instrument_files.errors: no such study comes with the program
├── PresentationError            presentation: what cannot be shown, or was not shown
│   ├── OptionNotShown           an answer names an option that the question does not show
│   ├── UnknownReference         a reference that the presentation does not contain
│   ├── OrderMismatch            an order that is no rearrangement of the questionnaire
│   └── MalformedQuestionnaire   repeated references, a check outside its block, no options
├── ExpressionError              flow.expressions: a text that is no rule
├── BadAddress                   recruiters: an address that is not as the recruiter makes it
├── _Unfilled                    recruiters.exits: a placeholder that nothing is known for
├── SimulationError              simulation.profiles: a trait profile that cannot be simulated
└── ValueOutsideScale            scoring: a value that the response scale does not have

Exception
└── Refusal                      questionnaire_files.content: a file before its name is known

TypeError
└── AuditIsFinal                 models.audit: code tried to change what the log holds
"""

from collections.abc import Sequence
from typing import Any

from surveys.codes import Problem, Saying, SentenceCode, Translate, said
from surveys.codes import marked as _

PROBLEMS_SHOWN = 20


class Refused(SentenceCode):
    """What a use case of the survey app says no to."""

    # Instruments and studies
    VERSION_IS_FROZEN = (
        "version_is_frozen",
        _(
            "%(instrument)s %(version)s (%(language)s) is published with other content, and "
            "published versions are never changed: give the new one a new version."
        ),
    )
    VERSION_MISSING = (
        "version_missing",
        _("Block %(block)s has no instrument version in %(languages)s; publish it first."),
    )
    STUDY_UNKNOWN = "study_unknown", _("There is no study %(study)r. Known: %(known)s.")
    STUDY_EXISTS = ("study_exists", _("There is a study %(study)s already; choose another name."))
    NOT_YOURS = (
        "not_yours",
        _("Study %(study)s belongs to others; ask an owner, or give the mapping's another slug."),
    )
    FILE_GONE = "file_gone", _("The file of this import is gone; send it again.")
    STUDY_DIFFERS = (
        "study_differs",
        _(
            "There is a study %(study)s already, with other %(differing)s than in %(file)s; give "
            "the study of the mapping another slug."
        ),
    )
    STUDY_INCOMPLETE = (
        "study_incomplete",
        _("Study %(study)s cannot be opened yet (%(count)s missing): %(problem)s"),
    )
    PLACEHOLDER_LEFT = (
        "placeholder_left",
        _(
            "Study %(study)s cannot be given to real people (%(count)s to be filled in): "
            "%(problem)s"
        ),
    )
    STUDY_IS_FROZEN = (
        "study_is_frozen",
        _("Study %(study)s was opened, and is never changed since; make a new version of it."),
    )
    NOT_FROZEN = (
        "not_frozen",
        _("Study %(study)s is a draft; change it, there is no need for a new version."),
    )
    NAME_DIFFERS = (
        "name_differs",
        _("This is study %(given)s, and the draft is %(study)s; give it that name, or copy it."),
    )
    SAME_VERSION = (
        "same_version",
        _("%(version)s is the version of %(study)s already; give the new one another."),
    )
    NAME_MALFORMED = ("name_malformed", _("That name cannot be used: %(problem)s"))
    FILE_EXISTS = (
        "file_exists",
        _("There is a file %(file)s already, with other content; choose another folder."),
    )
    FOLDER_NOT_EMPTY = (
        "folder_not_empty",
        _("The folder %(folder)s holds files already; choose a new or an empty one."),
    )
    FORMAT_UNKNOWN = ("format_unknown", _("There is no format %(given)r; choose of: %(known)s."))
    GROUP_UNKNOWN = (
        "group_unknown",
        _("Study %(study)s has no group %(given)r; its groups are: %(known)s."),
    )
    STUDY_NOT_EMPTY = (
        "study_not_empty",
        _("Somebody has begun %(study)s, or a panel was recruited: archive it instead."),
    )
    STUDY_IS_OPEN = ("study_is_open", _("Study %(study)s is open; close it first."))
    SETTINGS_INVALID = (
        "settings_invalid",
        _("The settings of study %(study)s cannot be used as they are: %(problem)s"),
    )
    SETTING = "setting", _("%(path)s: %(problem)s")
    STUDY_CLOSED = (
        "study_closed",
        _("Study %(study)s is closed for good; make a new study of the same instruments."),
    )
    STUDY_IS_DRAFT = "study_is_draft", _("Study %(study)s was never open.")
    STUDY_NOT_OPEN = "study_not_open", _("Study %(study)s is not open; open it first.")
    PEOPLE_KEPT_OUT = (
        "people_kept_out",
        _(
            "Study %(study)s was opened with places left to be filled in, for rehearsals only; "
            "make a new version of it for people."
        ),
    )
    LANGUAGE_NOT_OFFERED = (
        "language_not_offered",
        _("Study %(study)s is not available in %(language)r; choose one of: %(known)s."),
    )
    LAST_OWNER = (
        "last_owner",
        _("%(user)s is the only owner of %(study)s; make somebody else an owner first."),
    )
    # Questionnaires of other programs
    NOTHING_KEPT = (
        "nothing_kept",
        _("No question of the file can be kept in an instrument; see what is listed."),
    )
    REVERSE_UNSAID = (
        "reverse_unsaid",
        _(
            "Nobody has said which items are reverse-keyed, and published scoring is never "
            "changed: name them, or say that there are none."
        ),
    )
    REVERSE_UNKNOWN = (
        "reverse_unknown",
        _("No item that is kept is called %(given)s; use the key or name of one that is listed."),
    )
    LANGUAGE_MALFORMED = (
        "language_malformed",
        _("%(given)r is no language tag; write one such as en or de-CH."),
    )
    OPTIONS_UNKNOWN = (
        "options_unknown",
        _(
            "%(given)r is no list of answers; write 1 = No | 2 = Yes, a range such as 0-10, or "
            "one of: %(known)s."
        ),
    )
    CONDITION_UNKNOWN = (
        "condition_unknown",
        _(
            "Study %(study)s varies %(conditions)s between respondents, and nobody knows which of "
            "it people saw who were asked elsewhere; take the conditions out of the study."
        ),
    )
    # Recruiting and enrolment
    LINK_USED = (
        "link_used",
        _("%(link)s lets one person begin, and somebody did; make a new link."),
    )
    TERMS_INVALID = (
        "terms_invalid",
        _("The terms of %(link)s cannot be used as they are (%(count)s to correct): %(problem)s"),
    )
    LINK_INACTIVE = (
        "link_inactive",
        _("This link has been used or switched off. Ask whoever sent it for a new one."),
    )
    NO_PERSON = "no_person", _("This is a session of a model, and no person; erase its panel.")
    NOBODY_FOUND = (
        "nobody_found",
        _("Nobody in %(study)s has this code or this id; compare it, white space does not count."),
    )
    RECRUITER_ID_KNOWN = (
        "recruiter_id_known",
        _(
            "A questionnaire under this id exists. Go on with its own address or resume code, or "
            "ask the researchers."
        ),
    )
    LINK_NOT_SIMULATED = (
        "link_not_simulated",
        _("Simulated people may only use a link that is marked as simulated; make one."),
    )
    REHEARSAL_STUCK = (
        "rehearsal_stuck",
        _("A simulated person got stuck at %(path)s (status %(status)s); open that page and look."),
    )
    # Answers
    ADMINISTRATION_UNKNOWN = (
        "administration_unknown",
        _("Administration %(administration)s does not exist; begin one first."),
    )
    OUT_OF_ORDER = (
        "out_of_order",
        _("%(ref)s comes after questions that are not answered yet; answer those first."),
    )
    ADMINISTRATION_ENDED = (
        "administration_ended",
        _("This was already handed in for good, or left; nothing can be changed any more."),
    )
    QUESTIONS_UNANSWERED = (
        "questions_unanswered",
        _("%(count)s questions have neither an answer nor a reason; go back to them."),
    )
    QUESTION_REPEATED = (
        "question_repeated",
        _("%(ref)s is answered twice in one submission; send one answer to it."),
    )
    VALUE_AND_REASON = (
        "value_and_reason",
        _("The answer to %(ref)s was not stored: give either a code or a missing reason."),
    )
    UNKNOWN_MISSING_REASON = (
        "unknown_missing_reason",
        _("The answer to %(ref)s was not stored: choose a reason of: %(known)s."),
    )
    UNKNOWN_QUESTION = (
        "unknown_question",
        _("The answer to %(ref)s was not stored: no question of this name is shown."),
    )
    QUESTION_NOT_SHOWN = (
        "question_not_shown",
        _(
            "The answer to %(ref)s was not stored: by the condition or the answers so far this "
            "question is not shown."
        ),
    )
    UNKNOWN_OPTION = (
        "unknown_option",
        _(
            "The answer to %(ref)s was not stored: code %(given)s is not on display; choose 1 to "
            "%(most)s."
        ),
    )
    ANSWER_REQUIRED = (
        "answer_required",
        _("The study requires an answer to %(ref)s; give one, or withdraw."),
    )
    NO_SUCH_ANSWER = (
        "no_such_answer",
        _(
            "The answer to %(ref)s was not stored: %(given)s is no answer to this question; see "
            "what it asks for."
        ),
    )
    UNKNOWN_VALUE = (
        "unknown_value",
        _(
            "The answer to %(ref)s was not stored: %(given)s is no value of its response scale and "
            "no reason; correct it where it comes from."
        ),
    )
    OWNER_UNKNOWN = (
        "owner_unknown",
        _("There is no user %(user)r; make one with `manage.py createsuperuser`."),
    )
    OWNER_NEEDED = (
        "owner_needed",
        _(
            "Say whose study this is with --owner USERNAME (`manage.py createsuperuser` makes a "
            "user)."
        ),
    )


class CounterpartError(Exception):
    """A use case said no. `code` is for programs, the sentence tells a person what to do.

    `details` holds what belongs to the answer beside the sentence, such as refs of fields.
    """

    def __init__(self, message: str, *, code: str, details: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.details = details or {}

    def said(self, translate: Translate = str) -> str:  # noqa: ARG002 - for those with a catalogue
        """The sentence, in the language of `translate` where it is in the catalogue."""
        return self.message


class SurveyError(CounterpartError):
    """A use case of the survey app said no. Its message is the refusal's sentence in English."""

    def __init__(
        self, refused: Refused, *, details: dict[str, str] | None = None, **arguments: Any
    ) -> None:
        super().__init__(said(refused, arguments), code=refused.value, details=details)
        self.refused = refused
        self.arguments = arguments

    def said(self, translate: Translate = str) -> str:
        """The sentence, in the language of `translate`."""
        return said(self.refused, self.arguments, translate)


class InstrumentError(SurveyError):
    """An instrument definition that cannot be published."""


class QuestionnaireError(SurveyError):
    """A questionnaire of another program that cannot be taken over as it was said."""


class StudyError(SurveyError):
    """A study that cannot do this in its present state."""


class StudyNotReady(StudyError):
    """A study that is not written to the end; `problems` is all that is missing, said at once."""

    def __init__(self, refused: Refused, study: str, problems: Sequence[Problem]) -> None:
        first = problems[0]
        super().__init__(
            refused,
            details={one.where: one.message for one in problems},
            study=study,
            count=len(problems),
            problem=Saying(Refused.SETTING, {"path": first.where, "problem": first.saying}),
        )
        self.problems = tuple(problems)


class EnrolmentError(SurveyError):
    """A person who cannot begin through this link."""


class AnswerError(SurveyError):
    """Answers that cannot be recorded; nothing of the submission was stored."""


class AccountError(SurveyError):
    """A user who is not there, or is not named."""


class ImportFileError(CounterpartError):
    """A data file or a mapping that cannot be read; nothing of it was stored.

    The code is that of the first problem; `details` has all of them.
    """

    def __init__(self, file: str, problems: Sequence[Problem]) -> None:
        self.file = file
        self.problems = tuple(problems)
        details = {problem.where: problem.message for problem in problems}
        super().__init__(self.said(), code=problems[0].code.value, details=details)

    def said(self, translate: Translate = str) -> str:
        """One line for each of the first problems, in the language of `translate`."""
        lines = [f"{self.file}: {p.where}: {p.said(translate)}" for p in self.problems]
        if len(lines) > PROBLEMS_SHOWN:
            more = len(lines) - PROBLEMS_SHOWN
            lines[PROBLEMS_SHOWN:] = [f"{self.file}: + {more}"]
        return "\n".join(lines)


class JobError(CounterpartError):
    """Work that cannot go on; nothing half-done is stored."""


class JobCancelled(JobError):
    """Somebody asked the work to stop."""


class LeaseLost(JobError):
    """Whoever did the work gave no sign of life for too long, and holds it no more."""
