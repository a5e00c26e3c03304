"""One questionnaire and one seed become the pages a respondent reads.

The web form and the prompt both take their text, option labels and order from `present`, so that a
person and a model with the same seed read the same words in the same order. How an answer is given
is the business of `surveys.questions`. Nothing here knows Django, HTML or prompts.

References are stable names, unique within a questionnaire: ``<block>.<item>`` for items and
``check.<key>`` for attention checks.

    PresentationError(ValueError)
    ├── OptionNotShown       an answer names an option that the question does not show
    ├── UnknownReference     a reference that the presentation does not contain
    ├── OrderMismatch        an order that is no rearrangement of the questionnaire
    └── MalformedQuestionnaire   repeated references, a check outside its block, no options
"""

from surveys.presentation.content import (
    NEEDS,
    BlockContent,
    CheckContent,
    InformationContent,
    Need,
    QuestionContent,
    Questionnaire,
    refs_of,
)
from surveys.presentation.errors import (
    MalformedQuestionnaire,
    OptionNotShown,
    OrderMismatch,
    PresentationError,
    UnknownReference,
)
from surveys.presentation.pages import (
    Option,
    Page,
    Preface,
    Presentation,
    Question,
    QuestionKind,
)
from surveys.presentation.realisation import (
    NO_CONDITION,
    SCALE_DIRECTIONS,
    drawn_order,
    present,
)
from surveys.presentation.walk import NOT_SHOWN, StoredAnswer, Told, Walk

__all__ = (
    "NEEDS",
    "NOT_SHOWN",
    "NO_CONDITION",
    "SCALE_DIRECTIONS",
    "BlockContent",
    "CheckContent",
    "InformationContent",
    "MalformedQuestionnaire",
    "Need",
    "Option",
    "OptionNotShown",
    "OrderMismatch",
    "Page",
    "Preface",
    "Presentation",
    "PresentationError",
    "Question",
    "QuestionContent",
    "QuestionKind",
    "Questionnaire",
    "StoredAnswer",
    "Told",
    "UnknownReference",
    "Walk",
    "drawn_order",
    "present",
    "refs_of",
)
