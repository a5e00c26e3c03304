"""What pages about everything show of panels: those that run, and replies that were looked for."""

from collections.abc import Iterator

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from llm_respondents.models import Attempt, Panel
from llm_respondents.readout.progress import panels_for, progress_of
from llm_respondents.readout.search import LOOKED_AT, excerpts, latest_replies
from surveys.selectors import studies_for
from surveys.workspace.finding import Finder, Found, Hit
from surveys.workspace.work import OtherWork


def running_panels(user: AbstractBaseUser | AnonymousUser) -> Iterator[OtherWork]:
    """The panels of the user's studies that run, each with its questions that are closed."""
    panels = list(panels_for(user).filter(status=Panel.Status.RUNNING))
    progress = progress_of(panels)
    for panel in panels:
        one = progress[panel.pk]
        yield OtherWork(
            label=str(panel),
            address=reverse("llm_respondents:panel", kwargs={"panel_id": panel.pk}),
            study=panel.study.title(),
            said=_("%(done)s of %(all)s sessions complete")
            % {"done": one.completed, "all": one.sessions},
            place=one.closed,
            total=one.questions,
        )


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
