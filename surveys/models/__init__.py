"""The shared schema. Constraints live in the database, alike on PostgreSQL and SQLite."""

from surveys.models.administrations import (
    Administration,
    Answer,
    AnswerRevision,
    MissingReason,
    ScaleDirection,
    Submission,
    SubmissionDoor,
)
from surveys.models.audit import Action, AuditEntry, Door
from surveys.models.flags import Flag, FlagCheck
from surveys.models.imported_files import ImportedFile
from surveys.models.instruments import (
    Facet,
    Instrument,
    InstrumentDraft,
    InstrumentVersion,
    Item,
    MediaFile,
    ResponseOption,
    ResponseScale,
)
from surveys.models.invitations import Invitation, RecoveryCode
from surveys.models.jobs import Job, Worker
from surveys.models.mail import Contact, Delivery, Mailing
from surveys.models.programs.tokens import AnsweredRequest, ApiToken, Scope
from surveys.models.programs.webhooks import Webhook, WebhookEvent, WebhookMessage
from surveys.models.quotas import Quota, QuotaPlace
from surveys.models.recruiting import Credit, EarlierId, LinkAlert, RecruiterParameters
from surveys.models.respondents import Consent, Kind, Respondent, RespondentGroup
from surveys.models.studies import (
    AttentionCheck,
    Block,
    ConsentText,
    LinkList,
    Membership,
    RecruitingLink,
    Study,
    Wave,
    new_token,
)

__all__ = (
    "Action",
    "Administration",
    "Answer",
    "AnswerRevision",
    "AnsweredRequest",
    "ApiToken",
    "AttentionCheck",
    "AuditEntry",
    "Block",
    "Consent",
    "ConsentText",
    "Contact",
    "Credit",
    "Delivery",
    "Door",
    "EarlierId",
    "Facet",
    "Flag",
    "FlagCheck",
    "ImportedFile",
    "Instrument",
    "InstrumentDraft",
    "InstrumentVersion",
    "Invitation",
    "Item",
    "Job",
    "Kind",
    "LinkAlert",
    "LinkList",
    "Mailing",
    "MediaFile",
    "Membership",
    "MissingReason",
    "Quota",
    "QuotaPlace",
    "RecoveryCode",
    "RecruiterParameters",
    "RecruitingLink",
    "Respondent",
    "RespondentGroup",
    "ResponseOption",
    "ResponseScale",
    "ScaleDirection",
    "Scope",
    "Study",
    "Submission",
    "SubmissionDoor",
    "Wave",
    "Webhook",
    "WebhookEvent",
    "WebhookMessage",
    "Worker",
    "new_token",
)
