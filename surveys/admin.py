"""Django's admin: accounts are kept here, and of the rest one only looks at how far it is.

Whoever operates the site is no reader of what people said by that: nothing of people, of their
answers, of what models replied, and no link that leads in is shown here. Secrets of second factors
are not either.
"""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django_otp.plugins.otp_totp.models import TOTPDevice

from surveys.models import AuditEntry, InstrumentVersion, Study

# The secret and its QR code would be shown to every administrator.
admin.site.unregister(TOTPDevice)


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


@admin.register(AuditEntry)
class AuditEntryAdmin(LookOnly):
    list_display = ("at", "actor_name", "door", "action", "study", "subject_kind", "subject_label")
    list_filter = ("action", "door", "study")
