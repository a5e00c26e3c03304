"""What is said no to about instruments and blocks that are being written, in sentences."""

from surveys.codes import SentenceCode
from surveys.codes import marked as _


class AuthoringRefused(SentenceCode):
    """What use cases of authoring say no to."""

    INSTRUMENT_UNKNOWN = (
        "instrument_unknown",
        _("No instrument %(instrument)s %(version)s is published; look it up in the library."),
    )
    INSTRUMENT_NAME = (
        "instrument_name",
        _("%(given)r cannot be the copy's name: it must be another one. %(problem)s"),
    )
    INSTRUMENT_IN_USE = (
        "instrument_in_use",
        _(
            "%(instrument)s %(version)s is part of %(studies)s studies, and stays; delete the "
            "studies first, if nobody has begun them."
        ),
    )
    INSTRUMENT_NOT_YOURS = (
        "instrument_not_yours",
        _("%(instrument)s %(version)s was published by somebody else; ask them, or a superuser."),
    )
    MEDIA_NOT_STORED = (
        "media_not_stored",
        _("There is no such file %(given)s to be shown; upload it, and name its checksum."),
    )
    DRAFT_CHANGED = (
        "instrument_draft_changed",
        _(
            "%(draft)s was saved from elsewhere since you read it; nothing of yours is stored yet. "
            "Read what stands there now, and save again."
        ),
    )
    BLOCK_NOT_THERE = (
        "block_not_there",
        _("Study %(study)s has no block %(block)s any more; load the page again."),
    )
    UNKNOWN_SHELVED = (
        "unknown_shelved",
        _("No scale of the shelf is called %(given)r; %(advice)s"),
    )
