"""Where imported answers come from: people's, who gave their consent elsewhere, or models'."""

from django.conf import settings
from django.db import models

from surveys.models.studies import Study


class ImportedFile(models.Model):
    """A data file whose people, or whose answers of models, were added, and the mapping used."""

    study = models.ForeignKey(Study, models.CASCADE, related_name="imported_files")
    # Whose answers they are, as the mapping says.
    respondents = models.CharField(
        max_length=6, choices=[("people", "people"), ("models", "models")], db_default="people"
    )
    data_name = models.CharField(max_length=255)
    # SHA-256 of the file's bytes; the data themselves are not kept.
    data_checksum = models.CharField(max_length=64)
    mapping_name = models.CharField(max_length=255)
    mapping_checksum = models.CharField(max_length=64)
    # The mapping as it was written: with the data file it repeats the import.
    mapping = models.TextField()
    citation = models.TextField()
    licence = models.TextField()
    note = models.TextField(blank=True)
    rows_read = models.PositiveIntegerField()
    rows_imported = models.PositiveIntegerField()
    # Reason -> rows under the header that made nobody; with those imported they are all rows read.
    rows_left_out = models.JSONField(default=dict, blank=True)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    imported_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("study", "imported_at")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(respondents__in=("people", "models")),
                name="imported_file_respondents",
            ),
        )

    def __str__(self) -> str:
        return self.data_name
