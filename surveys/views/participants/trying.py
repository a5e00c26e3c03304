"""Members who try the pages: an address with made-up parameters, signed by us."""

import secrets
from urllib.parse import urlencode

from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest
from django.urls import reverse

from surveys.models import RecruitingLink

_SIGNER = TimestampSigner(salt="surveys.test")
# A day's work on a questionnaire.
_VALID_SECONDS = 12 * 60 * 60
PARAMETER = "test"


def address_to_try(link: RecruitingLink) -> str:
    """Where a member walks through a link as one of its people would. Each time somebody new.

    The made-up id is of no recruiter's form, so that no real person is taken for it.
    """
    recruiter = link.sender
    made_up = dict.fromkeys(recruiter.others, "test")
    if recruiter.submission:
        made_up[recruiter.submission.origin] = recruiter.submission.origins[-1]
    made_up[recruiter.parameter] = f"test-{secrets.token_hex(6)}"
    made_up[PARAMETER] = _SIGNER.sign(str(link.pk))
    path = reverse("surveys:information", kwargs={"token": link.token})
    return f"{path}?{urlencode(made_up)}"


def is_test(request: HttpRequest, link: RecruitingLink) -> bool:
    """Whether the address is one that a member was given for this link."""
    try:
        signed = _SIGNER.unsign(request.GET.get(PARAMETER, ""), max_age=_VALID_SECONDS)
    except BadSignature:
        return False
    return signed == str(link.pk)
