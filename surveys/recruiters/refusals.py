"""What arranging and inviting people is refused for. (Other refusals: `surveys.errors.Refused`.)"""

from surveys.codes import SentenceCode
from surveys.codes import marked as _


class RecruitingRefused(SentenceCode):
    """What a use case about people who are recruited says no to."""

    TERMS_INVALID = (
        "terms_invalid",
        _("The terms of %(link)s cannot be used as they are (%(count)s to correct): %(problem)s"),
    )
    LIST_INVALID = (
        "list_invalid",
        _("The list %(name)s cannot be made as it is (%(count)s to correct): %(problem)s"),
    )
    ADDRESSES_INVALID = (
        "addresses_invalid",
        _("Addresses of %(name)s cannot be set as they are (%(count)s to correct): %(problem)s"),
    )
    MAIL_INVALID = (
        "mail_invalid",
        _("The mail to %(name)s cannot be sent as it is (%(count)s to correct): %(problem)s"),
    )
    NO_MAIL_SERVER = (
        "no_mail_server",
        _("The operator has named no mail server (EMAIL_HOST); nothing can be sent."),
    )
    MAIL_SERVER_SILENT = (
        "mail_server_silent",
        _(
            "The mail server did not answer, or ended the connection (%(kind)s). What was not "
            "handed over still waits: send the rest when the server is there again."
        ),
    )
    NO_MAILBOX = (
        "no_mailbox",
        _("%(given)s is no mailbox: give an mbox file, a Maildir, or - for one mail."),
    )
    NO_MAILBOX_NAMED = (
        "no_mailbox_named",
        _("No mailbox is named: give a file, or set BOUNCES_IMAP_HOST, _USER and _PASSWORD."),
    )
    MAILBOX_UNREACHABLE = (
        "mailbox_unreachable",
        _("The mailbox at %(host)s could not be opened (%(kind)s); see BOUNCES_IMAP_…."),
    )
    WAVES_INVALID = (
        "waves_invalid",
        _("The waves of %(study)s cannot be set as they are (%(count)s to correct): %(problem)s"),
    )
    NAMES_PEOPLE = (
        "names_people",
        _(
            "%(study)s is anonymous: its links are open ones, for many people, and of recruiters "
            "who need not be told an id when somebody goes back."
        ),
    )
    NOT_YET = "not_yet", _("This link opens later; come back then.")
    OVER = "over", _("This link has closed; nobody can begin through it any more.")
    TOOK_PART = (
        "took_part",
        _("Somebody with this id took part in a study whose people this link does not ask again."),
    )
    QUOTAS_INVALID = (
        "quotas_invalid",
        _("The quotas of %(study)s cannot be set as they are (%(count)s to correct): %(problem)s"),
    )
