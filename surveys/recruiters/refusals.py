"""What arranging and inviting people is refused for. (Other refusals: `surveys.errors.Refused`.)"""

from surveys.codes import SentenceCode
from surveys.codes import marked as _


class RecruitingRefused(SentenceCode):
    """What a use case about people who are recruited says no to."""

    TERMS_INVALID = (
        "terms_invalid",
        _("The terms of %(link)s cannot be used as they are (%(count)s to correct): %(problem)s"),
    )
    QUOTAS_INVALID = (
        "quotas_invalid",
        _("The quotas of %(study)s cannot be set as they are (%(count)s to correct): %(problem)s"),
    )
