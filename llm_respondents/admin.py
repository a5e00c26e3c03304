"""Django's admin, for looking only: rows are made and changed by the services alone."""

from django.contrib import admin

from llm_respondents.models import Batch, Panel, PanelPrice, StudyBudget
from surveys.admin import LookOnly


@admin.register(Panel)
class PanelAdmin(LookOnly):
    list_display = (
        "group",
        "study",
        "provider",
        "model",
        "status",
        "halt_code",
        "created_at",
        "ended_at",
    )
    list_filter = ("status", "provider", "study")


@admin.register(Batch)
class BatchAdmin(LookOnly):
    list_display = ("panel", "wave", "status", "provider_id", "provider_status", "submitted_at")
    list_filter = ("status", "panel")


@admin.register(PanelPrice)
class PanelPriceAdmin(LookOnly):
    list_display = ("panel", "since", "amounts")
    list_filter = ("panel",)


@admin.register(StudyBudget)
class StudyBudgetAdmin(LookOnly):
    list_display = ("study", "cap_nano")
