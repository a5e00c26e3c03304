"""What outcomes are called, on the pages of members."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from surveys.recruiters import Outcome
from surveys.selectors import ERASED

# When a person …
HAPPENS: dict[Outcome, Any] = {
    Outcome.COMPLETE: _("completes"),
    Outcome.DECLINED: _("says no to the consent"),
    Outcome.SCREENED_OUT: _("is screened out"),
    Outcome.QUOTA_FULL: _("comes when the quota is full"),
    Outcome.FAILED_CHECK: _("completes, but fails the checks"),
    Outcome.TIMED_OUT: _("runs out of time"),
    Outcome.WITHDREW: _("withdraws"),
}

# What became of somebody; the empty name is for whoever is under way.
CALLED: dict[str, Any] = {
    "": _("under way"),
    Outcome.COMPLETE: _("complete"),
    Outcome.DECLINED: _("declined"),
    Outcome.SCREENED_OUT: _("screened out"),
    Outcome.QUOTA_FULL: _("quota full"),
    Outcome.FAILED_CHECK: _("failed the checks"),
    Outcome.TIMED_OUT: _("timed out"),
    Outcome.WITHDREW: _("withdrew"),
    ERASED: _("erased, on request or in time"),
}
