"""Respondents, people and models alike, and the group each belongs to."""

from typing import TypeVar

from django.db import models
from django.db.models import F, Q

from surveys.models.studies import ConsentText, RecruitingLink, Study

M = TypeVar("M", bound=models.Model)


class Kind(models.TextChoices):
    """Who answered: a column, not a code path."""

    HUMAN = "human"
    LLM = "llm"


class WithoutTests(models.Manager[M]):
    """Everything but what somebody made who only tried the pages, and what an import has not yet
    brought in whole: that is never counted or read.
    """

    def get_queryset(self) -> models.QuerySet[M]:
        """The rows that are no test's."""
        return super().get_queryset().filter(test=False)


class RespondentGroup(models.Model):
    """An analysis group of a study: its people, one panel of a model, or answers of one that were
    collected elsewhere. Groups are never added.
    """

    study = models.ForeignKey(Study, models.CASCADE, related_name="groups")
    key = models.SlugField()
    label = models.CharField(max_length=120)
    kind = models.CharField(max_length=5, choices=Kind)
    simulated = models.BooleanField(default=False)
    # How these respondents came about, for the methods section of a report: fact -> text. A panel
    # of a model writes its provider, model id, sampling parameters, prompts and bounds here.
    method = models.JSONField(default=dict, blank=True)
    # How many people of the group were assigned to a condition: the next one has the next number.
    assigned = models.PositiveIntegerField(default=0, db_default=0)
    # Answers of models that were collected elsewhere: nobody was asked here, and nobody will be.
    imported = models.BooleanField(db_default=False, default=False)
    # Left out of comparisons from now on, and why: a rehearsal, a panel that was set up wrongly.
    set_aside = models.BooleanField(db_default=False, default=False)
    set_aside_because = models.CharField(max_length=200, blank=True, db_default="", default="")
    # The group of tests, which belongs to no analysis; or one at which rows of an import hang until
    # all of them are there (`surveys.services.data.staging`).
    test = models.BooleanField(db_default=False, default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = WithoutTests["RespondentGroup"]()
    with_tests = models.Manager["RespondentGroup"]()

    class Meta:
        ordering = ("study", "kind", "pk")
        constraints = (
            models.UniqueConstraint(fields=("study", "key"), name="respondent_group_key"),
            models.CheckConstraint(
                condition=Q(kind__in=("human", "llm")), name="respondent_group_kind"
            ),
            models.CheckConstraint(
                condition=Q(kind="llm") | Q(imported=False),
                name="respondent_group_only_models_are_imported",
            ),
        )

    def __str__(self) -> str:
        return self.label

    @property
    def provenance(self) -> str:
        """The label that every table and page puts beside this group's rows."""
        if self.imported:
            return "imported model answers"
        words = "model-generated" if self.kind == Kind.LLM else "people"
        return f"{words}, simulated" if self.simulated else words


class Respondent(models.Model):
    """One person, or one session of a model."""

    study = models.ForeignKey(Study, models.CASCADE, related_name="respondents")
    group = models.ForeignKey(
        RespondentGroup, models.PROTECT, related_name="respondents", db_index=False
    )
    kind = models.CharField(max_length=5, choices=Kind)
    simulated = models.BooleanField(default=False)
    # A member who tried the pages: simulated as well, and left out wherever respondents are read.
    # So is whoever belongs to an import that is still under way.
    test = models.BooleanField(db_default=False, default=False)
    link = models.ForeignKey(
        RecruitingLink, models.PROTECT, null=True, blank=True, related_name="respondents"
    )
    # Who sent this person, and the id they gave: one row per (study, recruiter, id).
    recruiter = models.CharField(max_length=40, blank=True)
    recruiter_id = models.CharField(max_length=120, blank=True)
    # In which wave of the study; 0 where it has none, or somebody came by a link of no person.
    wave = models.PositiveSmallIntegerField(default=0, db_default=0)
    demographics = models.JSONField(default=dict, blank=True)
    # How an imported person was sampled, as far as the file says: weight, cluster, stratum.
    sampling = models.JSONField(default=dict, blank=True)
    # What was varied for a model's session (persona, wording, batch), and under `cluster` what it
    # shares with others, if anything: the analysis counts them once.
    design = models.JSONField(default=dict, blank=True)
    # A model's session that was yoked to this person's demographics, order and scale direction.
    matched_to = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="matches"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = WithoutTests["Respondent"]()
    with_tests = models.Manager["Respondent"]()

    class Meta:
        ordering = ("study", "pk")
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=("human", "llm")), name="respondent_kind"),
            models.CheckConstraint(
                condition=Q(kind="human") | Q(link__isnull=True),
                name="respondent_model_has_no_link",
            ),
            models.CheckConstraint(
                condition=Q(kind="llm") | Q(matched_to__isnull=True),
                name="respondent_only_models_are_matched",
            ),
            models.UniqueConstraint(
                fields=("study", "recruiter", "recruiter_id"),
                condition=~Q(recruiter_id=""),
                name="respondent_recruiter_id",
            ),
        )
        indexes = (
            models.Index(F("study"), F("kind"), name="respondent_study_kind"),
            # Tells how many of a group there are, and how many came through a link.
            models.Index(fields=("group", "link"), name="respondent_counted"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Consent(models.Model):
    """A decision on a consent text, given or declined. A decline keeps nothing else."""

    respondent = models.OneToOneField(Respondent, models.CASCADE, related_name="consent")
    text = models.ForeignKey(ConsentText, models.PROTECT, related_name="consents")
    given = models.BooleanField()
    decided_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return "given" if self.given else "declined"
