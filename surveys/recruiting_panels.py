"""Recruiting panels: how each one names the person in the address that it opens. No Django."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RecruitingPanel:
    """`parameter` carries the person's id; `query` is what to append where the panel asks for it.

    A panel without a `query` appends the parameter by itself.
    """

    key: str
    name: str
    parameter: str
    query: str = ""


RECRUITING_PANELS = {
    panel.key: panel
    for panel in (
        RecruitingPanel("prolific", "Prolific", "PROLIFIC_PID", "?PROLIFIC_PID={{%PROLIFIC_PID%}}"),
        RecruitingPanel("connect", "CloudResearch Connect", "participantId"),
        RecruitingPanel("mturk", "Amazon Mechanical Turk", "workerId"),
        RecruitingPanel("sona", "SONA", "survey_code", "?survey_code=%SURVEY_CODE%"),
    )
}

# Any other source of people may put an id of its own into the address.
OTHER_PANEL = RecruitingPanel("", "None", "id")


def recruiting_panel(key: str) -> RecruitingPanel:
    """The panel with this key; one that uses the parameter ``id`` if the key is not known."""
    return RECRUITING_PANELS.get(key, OTHER_PANEL)
