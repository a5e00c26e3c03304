"""Errors of the survey app. Only the edges (views, API, commands) know HTTP and exit codes.

CounterpartError                 a use case of any app said no
├── SurveyError                  a refusal (see `Refused`) with what varies in its sentence
│   ├── InstrumentError          a definition that cannot be published
│   ├── QuestionnaireError       a questionnaire that cannot be taken over as it was said
│   ├── StudyError               a study that cannot do this in its state
│   │   ├── StudyNotReady        what is missing before it can be opened, or given to people
│   │   └── ArrangementRefused   services.people.refusing: terms, quotas, lists, all problems
│   ├── EnrolmentError           a person who cannot begin here
│   ├── AnswerError              answers that cannot be recorded
│   └── AccountError             a user who is not there, or is not named
├── AccessError                  services.access.refusals: what somebody, or a program, does not get
│   ├── TokenError               a token not given, or good for nothing
│   ├── InvitationError          an invitation not made, or that lets nobody in
│   ├── SecondFactorError        a second factor that is not set up
│   └── RequestRepeatedWrongly   a request that may be a repetition, and is not
├── RoleNeeded                   services.access.refusals: an act for which a role is not enough
├── WebhookError                 services.webhooks: an address that is told nothing
├── ImportFileError              a data file or mapping that cannot be read, with every problem
└── JobError                     work that cannot go on
    ├── JobCancelled             somebody asked it to stop
    └── LeaseLost                another worker took it up, or it was ended

The pure packages raise ValueErrors with a code:

ValueError
├── InstrumentFileError          instrument_files.errors: a file that is no instrument, study, plan
├── QuestionnaireFileError       questionnaire_files.errors: a file that nothing can be read of
├── MaterialsError               services.drafts: files of a study, each with all its problems
├── UnknownLanguage              instrument_files.errors: a language that nothing is written in
├── UnknownBundle                instrument_files.errors: no such study comes with the program
├── PresentationError            presentation: what cannot be shown, or was not shown
│   ├── OptionNotShown           an answer names an option that the question does not show
│   ├── UnknownReference         a reference that the presentation does not contain
│   ├── OrderMismatch            an order that is no rearrangement of the questionnaire
│   └── MalformedQuestionnaire   repeated references, a check outside its block, no options
├── ExpressionError              flow.expressions: a text that is no rule
├── BadAddress                   recruiters: an address that is not as the recruiter makes it
├── _Unfilled                    recruiters.exits: a placeholder that nothing is known for
├── MediaError                   media: a picture, sound or video that cannot be shown
├── SimulationError              simulation.profiles: a trait profile that cannot be simulated
└── ValueOutsideScale            scoring: a value that the response scale does not have

Exception
├── _Damaged                     media.pictures: a picture that ends in the middle
├── _NotFirst                    services.recording.first_time: a page that is not handed in first
├── Refusal                      questionnaire_files.content: a file before its name is known
└── AnsweredBefore               api.rules.repetition: a request whose work was done

TypeError
└── AuditIsFinal                 models.audit: code tried to change what the log holds
"""

from surveys.errors.refusals import Refused
from surveys.errors.tree import (
    AccountError,
    AnswerError,
    CounterpartError,
    EnrolmentError,
    ImportFileError,
    InstrumentError,
    JobCancelled,
    JobError,
    LeaseLost,
    QuestionnaireError,
    StudyError,
    StudyNotReady,
    SurveyError,
)

__all__ = [
    "AccountError",
    "AnswerError",
    "CounterpartError",
    "EnrolmentError",
    "ImportFileError",
    "InstrumentError",
    "JobCancelled",
    "JobError",
    "LeaseLost",
    "QuestionnaireError",
    "Refused",
    "StudyError",
    "StudyNotReady",
    "SurveyError",
]
