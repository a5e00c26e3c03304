"""What pages about everything show of panels: how each is, and replies that were looked for."""

from collections.abc import Mapping

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from llm_respondents.models import Attempt, Panel
from llm_respondents.money.lines import in_currency
from llm_respondents.readout.search import LOOKED_AT, excerpts, latest_replies
from surveys.models import RespondentGroup
from surveys.selectors import studies_for
from surveys.workspace.finding import Finder, Found, Hit
from surveys.workspace.funnel import PanelState


def panel_of(group: RespondentGroup, flow: Mapping[str, int]) -> PanelState | None:
    """How the panel of a group is, for the overview; None for answers that were imported."""
    panel: Panel | None = getattr(group, "panel", None)
    return _state(panel, flow) if panel else None


def _state(panel: Panel, flow: Mapping[str, int]) -> PanelState:
    spent = ""
    if panel.spent_nano or panel.spend_cap_nano:
        spent = in_currency(panel.spent_nano)
        if panel.spend_cap_nano:
            spent = _("%(spent)s of %(cap)s") % {
                "spent": spent,
                "cap": in_currency(panel.spend_cap_nano),
            }
    return PanelState(
        reverse("llm_respondents:panel", kwargs={"panel_id": panel.pk}),
        panel.status,
        panel.get_status_display(),
        _left(panel, flow),
        spent,
    )


def _left(panel: Panel, flow: Mapping[str, int]) -> str:
    """How long what is left takes if it goes on as until now; the panel's page knows better."""
    done, asked = flow.get("completed", 0), flow.get("asked", 0)
    if panel.status != Panel.Status.RUNNING or panel.started_at is None or not done:
        return ""
    seconds = (timezone.now() - panel.started_at).total_seconds() / done * (asked - done)
    minutes = max(1, round(seconds / 60))
    return ngettext("about %(n)s min left", "about %(n)s min left", minutes) % {"n": minutes}


def _transcripts(user: AbstractBaseUser | AnonymousUser, words: str, most: int) -> Found:
    """Where these words stand, as they are, in the latest replies of the user's panels."""
    found = latest_replies(studies_for(user), words, most + 1)
    remark = _(
        "Looked at were the latest %(n)s replies; all of a panel's are searched from its page."
    )
    return Found(
        [_hit(call, words) for call in found[:most]],
        more=len(found) > most,
        remark=remark % {"n": LOOKED_AT},
    )


def _hit(call: Attempt, words: str) -> Hit:
    member = call.administration.respondent.panel_member
    panel = member.panel
    place = reverse("llm_respondents:transcript", args=[panel.pk, member.number])
    said = next((one for one in excerpts(call, words) if one.where == "reply"), None)
    about = _("session %(session)s, turn %(turn)s; model-generated") % {
        "session": member.number,
        "turn": call.turn + 1,
    }
    at = f"{place}#call-{call.pk}"
    if said is None:
        return Hit(at, str(panel), about)
    return Hit(at, str(panel), about, said.before, said.hit, said.after)


FINDER = Finder("transcripts", gettext_lazy("Replies of models"), _transcripts)
