"""Panels of model sessions, their members, and every call that was made for them."""

from llm_respondents.models.batches import Batch, BatchCall
from llm_respondents.models.calls import Attempt
from llm_respondents.models.money import EndpointRate, PanelPrice, StudyBudget
from llm_respondents.models.panels import Panel, PanelMember

__all__ = (
    "Attempt",
    "Batch",
    "BatchCall",
    "EndpointRate",
    "Panel",
    "PanelMember",
    "PanelPrice",
    "StudyBudget",
)
