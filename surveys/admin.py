"""Django's admin, for looking only: rows are made and changed by the services alone."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from surveys.models import (
    Administration,
    Answer,
    AuditEntry,
    ImportedFile,
    InstrumentVersion,
    RecruitingLink,
    Respondent,
    Study,
)


class LookOnly(admin.ModelAdmin[Model]):
    """Neither add, nor change, nor delete: answers and frozen instruments are a record."""

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Nobody adds rows here."""
        return False

    def has_change_permission(self, _request: HttpRequest, _row: Model | None = None) -> bool:
        """Nobody changes rows here."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _row: Model | None = None) -> bool:
        """Nobody deletes rows here."""
        return False


@admin.register(InstrumentVersion)
class InstrumentVersionAdmin(LookOnly):
    list_display = ("instrument", "version", "language", "construct", "published_at")
    list_filter = ("language", "construct")


@admin.register(Study)
class StudyAdmin(LookOnly):
    list_display = ("slug", "version", "status", "created_at", "opened_at", "closed_at")
    list_filter = ("status",)


@admin.register(RecruitingLink)
class RecruitingLinkAdmin(LookOnly):
    list_display = ("label", "study", "kind", "recruiter", "simulated", "active", "loads")
    list_filter = ("simulated", "kind", "active")
    exclude = ("token",)


@admin.register(Respondent)
class RespondentAdmin(LookOnly):
    list_display = ("id", "study", "group", "kind", "simulated", "created_at")
    list_filter = ("kind", "simulated", "study")


@admin.register(Administration)
class AdministrationAdmin(LookOnly):
    list_display = ("id", "study", "respondent", "status", "language", "started_at", "ended_at")
    list_filter = ("status", "study")
    # Whoever knows it can answer and withdraw in this person's place.
    exclude = ("token",)


@admin.register(Answer)
class AnswerAdmin(LookOnly):
    list_display = ("administration", "position", "stored", "missing_reason", "revision")
    list_filter = ("missing_reason",)


@admin.register(ImportedFile)
class ImportedFileAdmin(LookOnly):
    list_display = (
        "data_name",
        "study",
        "rows_read",
        "rows_imported",
        "imported_by",
        "imported_at",
    )
    list_filter = ("study",)


@admin.register(AuditEntry)
class AuditEntryAdmin(LookOnly):
    list_display = ("at", "actor_name", "door", "action", "study", "subject_kind", "subject_label")
    list_filter = ("action", "door", "study")
