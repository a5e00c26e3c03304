"""What a use case of the survey app says no to: a code, and the sentence beside it."""

from surveys.codes import SentenceCode
from surveys.codes import marked as _


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
    ROLE_UNKNOWN = "role_unknown", _("%(given)s is no role; use one of %(known)s.")
    NOT_A_MEMBER = (
        "not_a_member",
        _("%(user)s is no member of study %(study)s; invite them first."),
    )
    OWN_ALREADY = "own_already", _("Study %(study)s is yours already.")
    STUDY_UNKNOWN = "study_unknown", _("There is no study %(study)r. Known: %(known)s.")
    STUDY_EXISTS = "study_exists", _("There is a study %(study)s already; choose another name.")
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
    STUDY_CHANGED = (
        "study_changed",
        _("Study %(study)s was changed while the file was read; import the file again."),
    )
    IMPORT_UNDER_WAY = (
        "import_under_way",
        _(
            "Answers are being imported into study %(study)s: wait until that is over, or stop it "
            "at Jobs, and send the file again."
        ),
    )
    STUDY_INCOMPLETE = (
        "study_incomplete",
        _("Study %(study)s cannot be opened yet (%(count)s missing): %(problem)s"),
    )
    NO_SUCH_FLAG = (
        "no_such_flag",
        _("This person has no flag %(given)r, or no longer; load the page again."),
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
    NAME_MALFORMED = "name_malformed", _("That name cannot be used: %(problem)s")
    FILE_EXISTS = (
        "file_exists",
        _("There is a file %(file)s already, with other content; choose another folder."),
    )
    FOLDER_NOT_EMPTY = (
        "folder_not_empty",
        _("The folder %(folder)s holds files already; choose a new or an empty one."),
    )
    FORMAT_UNKNOWN = "format_unknown", _("There is no format %(given)r; choose of: %(known)s.")
    GROUP_UNKNOWN = (
        "group_unknown",
        _("Study %(study)s has no group %(given)r; its groups are: %(known)s."),
    )
    WAVE_UNKNOWN = "wave_unknown", _("Study %(study)s has no wave %(given)r, only: %(known)s.")
    STUDY_NOT_EMPTY = (
        "study_not_empty",
        _("Somebody has begun %(study)s, or a panel was recruited: archive it instead."),
    )
    STUDY_IS_OPEN = "study_is_open", _("Study %(study)s is open; close it first.")
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
            "changed: name them, or say that there are none (by command `--reverse KEY,KEY` or "
            "`--reverse none`)."
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
    REASON_NEEDED = (
        "reason_needed",
        _("Say why %(group)s is set aside: reports name what was not compared, and the reason."),
    )
    # Recruiting and enrolment
    LINK_USED = "link_used", _("%(link)s lets one person begin, and somebody did; make a new link.")
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
    REHEARSAL_SIZE = (
        "rehearsal_size",
        _("A rehearsal takes 1 to %(most)s simulated people, not %(given)s."),
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
