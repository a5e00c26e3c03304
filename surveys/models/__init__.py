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
    ResponseOption,
    ResponseScale,
)
from surveys.models.jobs import Job, Worker
from surveys.models.mail import Contact, Delivery, Mailing
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
from surveys.models.tokens import ApiToken, Scope

__all__ = (
    "Action",
    "Administration",
    "Answer",
    "AnswerRevision",
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
    "Item",
    "Job",
    "Kind",
    "LinkAlert",
    "LinkList",
    "Mailing",
    "Membership",
    "MissingReason",
    "Quota",
    "QuotaPlace",
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
    "Worker",
    "new_token",
)
