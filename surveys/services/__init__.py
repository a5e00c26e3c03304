"""What can be done with studies. Keyword-only, one transaction each, coded errors."""

from surveys.services.answers import (
    AnswerSubmission,
    GivenAnswer,
    Receipt,
    for_answering,
    record_answer_batch,
    record_answers,
    record_locked,
    record_participant_answers,
)
from surveys.services.arrivals import (
    count_load,
    decline,
    enrol_person,
    find_recruited,
    record_alert,
)
from surveys.services.enrolment import (
    Start,
    begin_administration,
    begin_administrations,
    complete_administration,
    complete_administrations,
    record_demographics,
    stop_administration,
    withdraw,
)
from surveys.services.imports import ImportReport, import_responses
from surveys.services.instruments import publish_instrument
from surveys.services.studies import (
    add_member,
    close_study,
    create_link,
    create_study,
    open_study,
    people_group,
    set_link_active,
)

__all__ = (
    "AnswerSubmission",
    "GivenAnswer",
    "ImportReport",
    "Receipt",
    "Start",
    "add_member",
    "begin_administration",
    "begin_administrations",
    "close_study",
    "complete_administration",
    "complete_administrations",
    "count_load",
    "create_link",
    "create_study",
    "decline",
    "enrol_person",
    "find_recruited",
    "for_answering",
    "import_responses",
    "open_study",
    "people_group",
    "publish_instrument",
    "record_alert",
    "record_answer_batch",
    "record_answers",
    "record_demographics",
    "record_locked",
    "record_participant_answers",
    "set_link_active",
    "stop_administration",
    "withdraw",
)
