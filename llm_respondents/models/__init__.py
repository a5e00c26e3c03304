"""Panels of model sessions, their members, every call for them, and how people read replies."""

from llm_respondents.models.batches import Batch, BatchCall
from llm_respondents.models.calls import Attempt
from llm_respondents.models.collected import CollectedReply
from llm_respondents.models.money import EndpointRate, PanelPrice, StudyBudget
from llm_respondents.models.panels import Panel, PanelMember
from llm_respondents.models.reading_checks import Reading, ReadingCheck

__all__ = (
    "Attempt",
    "Batch",
    "BatchCall",
    "CollectedReply",
    "EndpointRate",
    "Panel",
    "PanelMember",
    "PanelPrice",
    "Reading",
    "ReadingCheck",
    "StudyBudget",
)
