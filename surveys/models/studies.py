"""Studies: what is asked, in which order, with whose consent, by whom it may be seen."""

import secrets
from datetime import datetime

from django.conf import settings as site
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import Q

from surveys import roles
from surveys.models.instruments import InstrumentVersion, ResponseScale
from surveys.recruiters import Exit, Outcome, Recruiter, read_exits, recruiter_of, redirect_origins


def new_token() -> str:
    """128 random bits for an address that must not be guessed."""
    return secrets.token_urlsafe(16)


class Study(models.Model):
    """Ordered blocks with consent, demographics and checks. Frozen once it is open."""

    class Status(models.TextChoices):
        DRAFT = "draft"
        OPEN = "open"
        CLOSED = "closed"

    slug = models.SlugField(unique=True)
    version = models.CharField(max_length=40, default="1")
    # Language code -> title as respondents read it.
    titles = models.JSONField(default=dict)
    languages = models.JSONField(default=list)
    status = models.CharField(max_length=8, choices=Status, default=Status.DRAFT)
    # The demographic questions, as in the study file.
    demographics = models.JSONField(default=list, blank=True)
    settings = models.JSONField(default=dict, blank=True)
    # What is varied and who is shown what, as in the study file; empty: everybody everything.
    flow = models.JSONField(default=dict, blank=True)
    # From which respondents are assigned to conditions, drawn when the study opens.
    assignment_seed = models.BigIntegerField(null=True, blank=True)
    # What a report says of the study. No respondent is shown any of it, so it may change later.
    facts = models.JSONField(default=dict, blank=True)
    # SHA-256 over consent, blocks, checks and demographics, taken when the study opens.
    checksum = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    # False for a study that was opened with places left to be filled in: nobody real may be asked.
    people_may_begin = models.BooleanField(default=True)
    # Put out of sight, not away: it is left out of lists and keeps its pages.
    archived_at = models.DateTimeField(null=True, blank=True)
    # The frozen study that this one is a new version of.
    previous = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="next_versions"
    )
    # How many days after a person's end the recruiter's id is deleted; null: it is kept.
    ids_kept_days = models.PositiveIntegerField(null=True, blank=True)
    # Whether the answers are deleted at the same time, of whoever came by a link.
    answers_deleted = models.BooleanField(default=False, db_default=False)
    # Whether a keyed hash stays of a long, random id whose time has come: whoever took part can be
    # known again by it, and be named by nobody.
    hashes_kept = models.BooleanField(default=False, db_default=False)
    # Whether there is a quota at all: a study without one asks the database nothing about them.
    has_quotas = models.BooleanField(default=False, db_default=False)
    members: models.ManyToManyField[AbstractBaseUser, "Membership"] = models.ManyToManyField(
        site.AUTH_USER_MODEL, through="Membership", related_name="studies"
    )

    class Meta:
        ordering = ("-created_at",)
        verbose_name_plural = "studies"
        constraints = (
            models.CheckConstraint(
                condition=Q(status__in=("draft", "open", "closed")), name="study_status"
            ),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(opened_at__isnull=False), name="study_opened_at"
            ),
        )

    def __str__(self) -> str:
        return self.slug

    # What its reader is in it, where the query that found it knows (`selectors.studies_for`).
    reader_role = ""

    @property
    def may(self) -> dict[str, bool]:
        """Each act by its code, and whether its reader may do it; nothing where nobody knows."""
        return roles.acts_of(self.reader_role)

    @property
    def is_open(self) -> bool:
        """Whether respondents may begin."""
        return self.status == self.Status.OPEN

    @property
    def is_anonymous(self) -> bool:
        """Whether nothing that is stored of a person may tell who they are."""
        return bool(self.settings.get("anonymous"))

    @property
    def default_language(self) -> str:
        """The first language of the study."""
        return str(self.languages[0])

    def title(self, language: str | None = None) -> str:
        """The title in `language`, else in the study's first one."""
        titles: dict[str, str] = self.titles
        return titles.get(language or "", "") or titles.get(self.default_language, self.slug)


class Membership(models.Model):
    """Who may see and steer a study, and how far. Anyone else sees nothing of it."""

    Role = roles.Role

    study = models.ForeignKey(Study, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(site.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(
        max_length=12, choices=[(one.value, one.sentence) for one in roles.Role]
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("study", "user"), name="membership_study_user"),
            models.CheckConstraint(
                condition=Q(role__in=("viewer", "analyst", "editor", "owner")),
                name="membership_role",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"


class Block(models.Model):
    """One instrument in its place in the study, in each language of the study."""

    study = models.ForeignKey(Study, models.CASCADE, related_name="blocks")
    key = models.SlugField()
    position = models.PositiveSmallIntegerField()
    versions = models.ManyToManyField(InstrumentVersion, related_name="blocks")
    items_per_page = models.PositiveSmallIntegerField(default=8)
    shuffle = models.BooleanField(default=True)

    class Meta:
        ordering = ("study", "position")
        constraints = (
            models.UniqueConstraint(fields=("study", "key"), name="block_key"),
            models.UniqueConstraint(fields=("study", "position"), name="block_position"),
            models.CheckConstraint(condition=Q(items_per_page__gte=1), name="block_items_per_page"),
        )

    def __str__(self) -> str:
        return self.key


class AttentionCheck(models.Model):
    """A typed check among the items of a block, in one language. Never scored with a scale."""

    class Kind(models.TextChoices):
        INSTRUCTED = "instructed"
        INFREQUENCY = "infrequency"

    study = models.ForeignKey(Study, models.CASCADE, related_name="attention_checks")
    block = models.ForeignKey(Block, models.CASCADE, related_name="attention_checks")
    key = models.SlugField()
    language = models.CharField(max_length=12)
    kind = models.CharField(max_length=12, choices=Kind)
    # Shown after this many items of the block, whatever their realised order.
    after = models.PositiveSmallIntegerField()
    text = models.TextField()
    response_scale = models.ForeignKey(ResponseScale, models.PROTECT, related_name="+")
    expected = models.JSONField()

    class Meta:
        ordering = ("study", "block", "after")
        constraints = (
            models.UniqueConstraint(
                fields=("study", "key", "language"), name="attention_check_key"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=("instructed", "infrequency")), name="attention_check_kind"
            ),
        )

    def __str__(self) -> str:
        return self.key


class ConsentText(models.Model):
    """Information and consent as a respondent read them; versions are kept for ever."""

    study = models.ForeignKey(Study, models.CASCADE, related_name="consent_texts")
    version = models.CharField(max_length=40)
    language = models.CharField(max_length=12)
    information = models.TextField()
    statement = models.TextField()
    contact = models.TextField(blank=True)
    # Whether answers may be given to others, as people are told; null where nothing is said of it.
    sharing = models.BooleanField(null=True, blank=True)
    checksum = models.CharField(max_length=64)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("study", "version", "language"), name="consent_text_version"
            ),
        )

    def __str__(self) -> str:
        return f"{self.version} ({self.language})"


class LinkList(models.Model):
    """Links that were made in one go, one for each person."""

    study = models.ForeignKey(Study, models.CASCADE, related_name="link_lists")
    name = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("study", "pk")
        constraints = (models.UniqueConstraint(fields=("study", "name"), name="link_list_name"),)

    def __str__(self) -> str:
        return self.name


class Wave(models.Model):
    """One of several times at which the same people answer the study, each by a personal link."""

    study = models.ForeignKey(Study, models.CASCADE, related_name="waves")
    number = models.PositiveSmallIntegerField()
    # From when and until when people can begin; null: from the start, without an end.
    opens_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("study", "number")
        constraints = (models.UniqueConstraint(fields=("study", "number"), name="wave_number"),)

    def __str__(self) -> str:
        return f"wave {self.number}"

    def is_open(self, now: datetime) -> bool:
        """Whether people can begin it."""
        began = self.opens_at is None or now >= self.opens_at
        return began and (self.closes_at is None or now < self.closes_at)


class RecruitingLink(models.Model):
    """An address that people come through."""

    class Kind(models.TextChoices):
        OPEN = "open"
        # One person begins through it, once.
        SINGLE_USE = "single_use"
        # The same, and it leads this person back into their questionnaire for ever.
        PERSONAL = "personal"

    study = models.ForeignKey(Study, models.CASCADE, related_name="links")
    token = models.CharField(max_length=40, unique=True, default=new_token)
    label = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.OPEN)
    # The supplier of people that sends them here, such as "prolific"; empty for none.
    recruiter = models.CharField(max_length=40, blank=True)
    # The list that it was made in, and what its person is called there.
    link_list = models.ForeignKey(
        LinkList, models.CASCADE, null=True, blank=True, related_name="links"
    )
    pseudonym = models.CharField(max_length=80, blank=True)
    # The last wave that its person has begun; 0: none.
    last_wave = models.PositiveSmallIntegerField(default=0, db_default=0)
    # A computer that many people use, one after the other: the last page begins for the next one.
    shared_computer = models.BooleanField(default=False, db_default=False)
    # Browsers are asked for a proof of work here, also where the study asks for none elsewhere.
    proof_of_work = models.BooleanField(default=False, db_default=False)
    # Whoever comes has to bring an address that the recruiter signed.
    signed_only = models.BooleanField(default=False, db_default=False)
    # Rehearsals: whoever comes through this link is stored and shown as simulated.
    simulated = models.BooleanField(default=False)
    active = models.BooleanField(default=True)
    # Page loads of the information page; a load is not a person.
    loads = models.PositiveIntegerField(default=0)
    # Which parameters the recruiter puts into the address, where each link says so for itself.
    id_parameter = models.CharField(max_length=40, blank=True)
    other_parameters = models.JSONField(default=list, blank=True)
    # Outcome -> code, address, credit: see `surveys.recruiters.Exit`.
    exits = models.JSONField(default=dict, blank=True)
    # The name of the recruiter's secret in the operator's environment; the secret is nowhere here.
    secret_name = models.CharField(max_length=40, blank=True)
    # Whether people are taken back as soon as they have ended, without a page in between.
    returns_at_once = models.BooleanField(default=False)
    # From how many failed checks on somebody who hands in counts as one who failed; null: never.
    checks_to_fail = models.PositiveSmallIntegerField(null=True, blank=True)
    # How long somebody may take from their consent on; null: as long as they like.
    minutes_allowed = models.PositiveIntegerField(null=True, blank=True)
    # From when and until when people can begin; null: from the start, without an end.
    opens_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    # The slugs of studies whose people do not come in here, as far as the recruiter's id tells.
    not_again = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("study", "created_at")
        constraints = (
            models.CheckConstraint(
                condition=Q(kind__in=("open", "single_use", "personal")),
                name="recruiting_link_kind",
            ),
            models.UniqueConstraint(
                fields=("link_list", "pseudonym"),
                condition=~Q(pseudonym=""),
                name="recruiting_link_pseudonym",
            ),
        )

    def __str__(self) -> str:
        return self.label

    @property
    def for_one(self) -> bool:
        """Whether it lets one person begin, once."""
        return self.kind != self.Kind.OPEN

    @property
    def sender(self) -> Recruiter:
        """The recruiter with the parameters of this link."""
        return recruiter_of(self.recruiter, self.id_parameter, self.other_parameters)

    def opens_later(self, now: datetime) -> bool:
        """Whether nobody can begin yet."""
        return self.opens_at is not None and now < self.opens_at

    def is_over(self, now: datetime) -> bool:
        """Whether nobody can begin any more."""
        return self.closes_at is not None and now >= self.closes_at

    @property
    def ways_out(self) -> dict[Outcome, Exit]:
        """What each outcome leads to."""
        return read_exits(self.exits)

    @property
    def redirect_origins(self) -> list[str]:
        """Where people of this link can be sent."""
        return redirect_origins(self.sender, self.ways_out)
