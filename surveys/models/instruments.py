"""Instruments and their frozen versions, one row per language."""

from django.conf import settings
from django.db import models

from surveys.media import MediaFacts
from surveys.questions import AnswerFormat, format_of


class Instrument(models.Model):
    """A questionnaire known by name, such as a privacy scale, in all its versions."""

    slug = models.SlugField(unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.slug


class InstrumentVersion(models.Model):
    """One version in one language. Never changed after publication: answers point at its items."""

    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="versions")
    version = models.CharField(max_length=40)
    language = models.CharField(max_length=12)
    title = models.CharField(max_length=200)
    instruction = models.TextField(blank=True)
    construct = models.CharField(max_length=80)
    # What a high score means, in a sentence; reverse-keyed items are turned to agree with it.
    orientation = models.TextField()
    citation = models.TextField()
    licence = models.CharField(max_length=200)
    wording_note = models.TextField(blank=True)
    # SHA-256 of the canonical definition: two installations can compare what they asked.
    checksum = models.CharField(max_length=64)
    published_at = models.DateTimeField(auto_now_add=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ("instrument", "version", "language")
        constraints = (
            models.UniqueConstraint(
                fields=("instrument", "version", "language"), name="instrument_version_language"
            ),
        )

    def __str__(self) -> str:
        return f"{self.instrument.slug} {self.version} ({self.language})"


class ResponseScale(models.Model):
    """How items that share it are answered: by labelled options, or in another format."""

    version = models.ForeignKey(InstrumentVersion, models.CASCADE, related_name="response_scales")
    key = models.SlugField()
    # A kind of `surveys.questions`, and what its format says in this language.
    kind = models.CharField(max_length=20, default="choice", db_default="choice")
    format_values = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("version", "key"), name="response_scale_key"),
        )

    def __str__(self) -> str:
        return self.key

    @property
    def format(self) -> AnswerFormat:
        """How its items are answered, in the language of the version."""
        return format_of(self.kind, self.format_values)


class ResponseOption(models.Model):
    """One labelled option and the value it scores."""

    scale = models.ForeignKey(ResponseScale, models.CASCADE, related_name="options")
    value = models.SmallIntegerField()
    label = models.CharField(max_length=300)

    class Meta:
        ordering = ("scale", "value")
        constraints = (
            models.UniqueConstraint(fields=("scale", "value"), name="response_option_value"),
        )

    def __str__(self) -> str:
        return f"{self.value} = {self.label}"


class Facet(models.Model):
    """A part of the construct, or a scenario, that several items share."""

    version = models.ForeignKey(InstrumentVersion, models.CASCADE, related_name="facets")
    key = models.SlugField()
    label = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("version", "position")
        constraints = (models.UniqueConstraint(fields=("version", "key"), name="facet_key"),)

    def __str__(self) -> str:
        return self.label


class Item(models.Model):
    """One statement or question, as worded in one language.

    Where a question is about every option of a list, each option is an item of its own.
    """

    version = models.ForeignKey(InstrumentVersion, models.CASCADE, related_name="items")
    key = models.SlugField()
    position = models.PositiveSmallIntegerField()
    text = models.TextField()
    facet = models.ForeignKey(Facet, models.PROTECT, null=True, blank=True, related_name="items")
    response_scale = models.ForeignKey(ResponseScale, models.PROTECT, related_name="items")
    reverse_keyed = models.BooleanField(default=False)
    # The key of the question that this is one part of, and which part; empty for a whole question.
    question = models.SlugField(blank=True, default="", db_default="")
    part = models.SlugField(blank=True, default="", db_default="")
    # What becomes of a question that is left open: asked once more, required, free.
    need = models.CharField(max_length=8, default="asked", db_default="asked")
    # What is shown above its text: tables as in the file, each with its `place` in the file.
    media = models.JSONField(default=list, blank=True, db_default=[])

    class Meta:
        ordering = ("version", "position")
        constraints = (
            models.UniqueConstraint(fields=("version", "key"), name="item_key"),
            models.UniqueConstraint(fields=("version", "position"), name="item_position"),
        )

    def __str__(self) -> str:
        return self.key


class InstrumentDraft(models.Model):
    """An instrument that somebody is writing: the tables of its file, as far as they are written.

    Only its owner sees it. Publishing makes frozen versions of it and deletes the draft.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="instrument_drafts"
    )
    tables = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-saved_at", "-pk")

    def __str__(self) -> str:
        return " ".join(part for part in (self.name, self.tables.get("version", "")) if part)

    @property
    def name(self) -> str:
        """Its short name, or what stands in for one as long as there is none."""
        return str(self.tables.get("slug") or f"draft-{self.pk}")

    @property
    def title(self) -> str:
        """Its title in the first language that has one; else its short name."""
        titles = self.tables.get("title", {})
        written = (titles.get(one) for one in self.tables.get("languages", ()))
        return next((str(one) for one in written if one), self.name)

    @property
    def number_of_items(self) -> int:
        """How many items are written."""
        return len(self.tables.get("items", ()))


class MediaFile(models.Model):
    """A picture, sound or video, stored once by its checksum.

    It is never changed, since its checksum is part of what was asked.
    """

    sha256 = models.CharField(max_length=64, unique=True)
    type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    # In pixels, of pictures alone.
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    content = models.BinaryField()
    stored_at = models.DateTimeField(auto_now_add=True)
    stored_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ("stored_at", "pk")

    def __str__(self) -> str:
        return f"{self.type} {self.sha256[:12]}"

    @property
    def facts(self) -> MediaFacts:
        """What instruments say of it."""
        return MediaFacts(self.sha256, self.type, self.width, self.height)
