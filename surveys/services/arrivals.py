"""A person comes, with a link and perhaps a recruiter's id: begins, declines, or is turned back."""

import hashlib
import secrets
from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.db.models import BigIntegerField, F
from django.utils import timezone

from surveys.errors import EnrolmentError, Refused, StudyError
from surveys.models import (
    Administration,
    Consent,
    ConsentText,
    Kind,
    LinkAlert,
    RecruiterParameters,
    RecruitingLink,
    Respondent,
    RespondentGroup,
    ScaleDirection,
    Study,
    new_token,
)
from surveys.paradata.visits import Visit
from surveys.recruiters import Arrival, Outcome, RecruitingRefused
from surveys.rows import add_to, insert_instances
from surveys.selectors import condition_in_wave, condition_of, person_administration, varied_in
from surveys.services.audit import NOTHING
from surveys.services.enrolment import end_early
from surveys.services.people.earlier import took_part_before
from surveys.services.people.personal import way_of
from surveys.services.people.quotas import find_place
from surveys.services.recording.anonymity import (
    as_stored,
    hide_clock,
    require_nameless,
    unordered_key,
)
from surveys.services.recording.beginning import Start, begin_administrations, require_open
from surveys.services.recording.consent_page import record_consent_page
from surveys.services.studies import people_group, tests_group
from surveys.statements import Slot, Statement


def enrol_person(
    *,
    link: RecruitingLink,
    consent_text: ConsentText,
    recruiter_id: str = "",
    token: str = "",
    parameters: Mapping[str, str] = NOTHING,
    test: bool = False,
    sent: Visit | None = None,
) -> Administration:
    """A person consents at a recruiting link and begins.

    The `token` that the new administration shall have, if one is given, finds it again: a form
    that was sent twice begins once. The id that a recruiter gave finds nobody's place; whoever
    declined under it before may change their mind. `parameters` are kept beside the id. A `test`
    uses no link up, comes also where it is switched off, and is counted nowhere. Where a quota is
    full that needs to know nothing more of them, they end at once (`quota_full`). `sent` is the
    page of the consent, with what became of its proof of work; it keeps nobody out.

    Raises `EnrolmentError` (`link_inactive`, `not_yet`, `over`, `took_part`,
    `recruiter_id_known`) and `StudyError` (`study_not_open`).
    """
    try:
        return _enrol(link, consent_text, Arrival(recruiter_id, parameters, test=test), token, sent)
    except (IntegrityError, EnrolmentError, StudyError) as error:
        # Sent twice: the row of the first time is theirs, by its token alone.
        if known := _begun(token):
            return known
        if find_recruited(link=link, recruiter_id=recruiter_id):
            raise EnrolmentError(Refused.RECRUITER_ID_KNOWN) from error
        raise


def _begun(token: str) -> Administration | None:
    return person_administration(token) if token else None


def find_recruited(*, link: RecruitingLink, recruiter_id: str) -> Administration | None:
    """The administration of somebody who began with this id of the recruiter before.

    The id proves nothing: it may be somebody else's, guessed or handed on. Whoever comes with it
    may be shown no more than that there is one.
    """
    if not recruiter_id:
        return None
    return (
        Administration.objects.select_related("respondent")
        .filter(
            study_id=link.study_id,
            respondent__recruiter=link.recruiter,
            respondent__recruiter_id=recruiter_id,
        )
        .exclude(status=Administration.Status.DECLINED)
        .first()
    )


@transaction.atomic
def _enrol(
    link: RecruitingLink,
    consent_text: ConsentText,
    arrival: Arrival,
    token: str,
    sent: Visit | None,
) -> Administration:
    if not arrival.test and took_part_before(link=link, recruiter_id=arrival.recruiter_id):
        raise EnrolmentError(RecruitingRefused.TOOK_PART)
    wave = _wave(link, test=arrival.test)
    link = _claim(link, wave, test=arrival.test)
    respondent = _person(link, arrival, wave)
    insert_instances([Consent(respondent=respondent, text=consent_text, given=True)])
    seed = _seed(link.study, arrival.recruiter_id)
    earlier = _earlier_condition(link, wave)
    number = None if earlier else _assignment_number(link.study, respondent.group)
    start = Start(
        respondent,
        seed,
        consent_text.language,
        scale_direction=_direction(link.study, seed),
        token=token,
        condition={
            **(earlier or condition_of(link.study, respondent.group.key, number or 0)),
            **condition_in_wave(link.study, wave),
        },
        assignment_number=number,
    )
    (begun,) = begin_administrations(study=link.study, starts=[start])
    if sent:
        record_consent_page(administration=begun, visit=sent)
    if link.study.has_quotas and not find_place(administration=begun):
        return end_early(administration=begun, outcome=Outcome.QUOTA_FULL)
    return begun


def decline(
    *,
    link: RecruitingLink,
    consent_text: ConsentText,
    token: str = "",
    recruiter_id: str = "",
    parameters: Mapping[str, str] = NOTHING,
    test: bool = False,
) -> Administration:
    """Keep that somebody declined, with the text they read and the recruiter's id, and no more.

    A declined link stays usable: someone else may be holding it, or a mind may change. The same
    `token` again declines nothing more. Raises `EnrolmentError` (`recruiter_id_known`) where
    somebody began under the id, and `StudyError` (`study_not_open`).
    """
    if known := _begun(token):
        return known
    try:
        return _decline(link, consent_text, Arrival(recruiter_id, parameters, test=test), token)
    except IntegrityError as error:
        if known := _begun(token):
            return known
        if find_recruited(link=link, recruiter_id=recruiter_id):
            raise EnrolmentError(Refused.RECRUITER_ID_KNOWN) from error
        raise


@transaction.atomic
def _decline(
    link: RecruitingLink, consent_text: ConsentText, arrival: Arrival, token: str
) -> Administration:
    _require_way_in(link, test=arrival.test)
    respondent = _person(link, arrival, _wave(link, test=arrival.test))
    Consent.objects.create(respondent=respondent, text=consent_text, given=False)
    declined = Administration.objects.create(
        pk=unordered_key(link.study),
        study=link.study,
        respondent=respondent,
        group_id=respondent.group_id,
        token=token or new_token(),
        language=consent_text.language,
        status=Administration.Status.DECLINED,
        outcome=Outcome.DECLINED,
        ended_at=timezone.now(),
        seed=0,
        realised_order=[],
        presentation_checksum="",
    )
    if link.study.is_anonymous:
        hide_clock(declined)
    return declined


def record_alert(*, link: RecruitingLink, fault: str, parameter: str, found: str = "") -> None:
    """Count that somebody came to `link` with an address that could not be used."""
    now = timezone.now()
    alerts = LinkAlert.objects.filter(link=link, fault=fault, parameter=parameter)
    changed = {"times": F("times") + 1, "found": found, "last_at": now}
    if alerts.update(**changed):
        return
    try:
        with transaction.atomic():
            LinkAlert.objects.create(
                link=link, fault=fault, parameter=parameter, found=found, last_at=now
            )
    except IntegrityError:
        # Somebody else came the same way at the same moment.
        alerts.update(**changed)


def count_load(*, link: RecruitingLink) -> None:
    """Count one load of the information page; no row is made for a visitor."""
    add_to(RecruitingLink, link.pk, "loads", 1)


def _require_way_in(link: RecruitingLink, *, test: bool) -> None:
    require_open(link.study)
    if not (test or link.simulated or link.study.people_may_begin):
        raise StudyError(Refused.PEOPLE_KEPT_OUT, study=link.study.slug)
    if not (test or link.simulated):
        require_nameless(study=link.study, kind=link.kind, recruiter=link.recruiter)


def _wave(link: RecruitingLink, *, test: bool) -> int:
    """The wave that somebody begins; 0 where there is none. Raises `EnrolmentError`."""
    way = None if test else way_of(link=link, now=timezone.now())
    if way is None:
        return 0
    if way.opens_at:
        raise EnrolmentError(RecruitingRefused.NOT_YET)
    if way.begins is None:
        raise EnrolmentError(Refused.LINK_INACTIVE)
    return way.begins


def _earlier_condition(link: RecruitingLink, wave: int) -> dict[str, str]:
    """The condition that this person had in an earlier wave: it stays with them."""
    if wave < 2:
        return {}
    earlier = Administration.objects.filter(respondent__link=link, respondent__wave__gt=0)
    begun = earlier.exclude(status=Administration.Status.DECLINED).order_by("pk").first()
    return dict(begun.condition) if begun else {}


def _claim(link: RecruitingLink, wave: int, *, test: bool) -> RecruitingLink:
    """Use the link; for one person it is used up by a conditional update that only one can win.

    In a study with waves it is used up for this one.
    """
    _require_way_in(link, test=test)
    if test:
        return link
    now = timezone.now()
    if link.opens_later(now) or link.is_over(now):
        early = link.opens_later(now)
        raise EnrolmentError(RecruitingRefused.NOT_YET if early else RecruitingRefused.OVER)
    usable = RecruitingLink.objects.filter(pk=link.pk, active=True)
    taken: object
    if wave:
        taken = usable.filter(last_wave__lt=wave).update(last_wave=wave)
    else:
        taken = usable.update(active=False) if link.for_one else _ACTIVE.first(link.pk)
    if not taken:
        raise EnrolmentError(Refused.LINK_INACTIVE)
    return link


_ACTIVE = Statement(
    lambda: (
        RecruitingLink.objects.filter(pk=Slot(0, BigIntegerField()), active=True)
        .order_by()
        .values_list("pk")
    )
)


def _person(link: RecruitingLink, arrival: Arrival, wave: int) -> Respondent:
    arrival = as_stored(link.study, arrival, simulated=link.simulated)
    if arrival.recruiter_id:
        # Whoever declined under this id and changed their mind brings it along.
        Respondent.objects.filter(
            study=link.study,
            recruiter=link.recruiter,
            recruiter_id=arrival.recruiter_id,
            administration__status=Administration.Status.DECLINED,
        ).update(recruiter="", recruiter_id="")
    respondent = Respondent(
        pk=unordered_key(link.study),
        study=link.study,
        group=_group(link, wave, test=arrival.test),
        wave=wave,
        kind=Kind.HUMAN,
        simulated=link.simulated or arrival.test,
        test=arrival.test,
        link=link,
        recruiter=link.recruiter if arrival.recruiter_id else "",
        recruiter_id=arrival.recruiter_id,
    )
    if respondent.pk:
        respondent.save(force_insert=True)
    else:
        insert_instances([respondent])
    if arrival.parameters:
        RecruiterParameters.objects.create(respondent=respondent, values=dict(arrival.parameters))
    return respondent


def _group(link: RecruitingLink, wave: int, *, test: bool) -> RespondentGroup:
    if test:
        return tests_group(study=link.study)
    return people_group(study=link.study, simulated=link.simulated, wave=wave)


def _assignment_number(study: Study, group: RespondentGroup) -> int | None:
    """The next number of the group, which nobody else gets; None where nothing is varied.

    The row of the group stays locked until whoever takes a number has begun: two who come at the
    same moment are numbered one after the other, and a number that is not used is not lost.
    """
    if not varied_in(study):
        return None
    rows = RespondentGroup.with_tests.filter(pk=group.pk)
    rows.update(assigned=F("assigned") + 1)
    return rows.values_list("assigned", flat=True).get()


def _seed(study: Study, recruiter_id: str) -> int:
    """Random; or, in a study with a seed and for a person with an id, the same in every run."""
    study_seed = study.settings.get("seed")
    if study_seed is None or not recruiter_id:
        return secrets.randbits(62)
    digest = hashlib.sha256(f"{study_seed}:{recruiter_id}".encode()).digest()
    return int.from_bytes(digest[:8]) >> 2


def _direction(study: Study, seed: int) -> str:
    """Forward, unless the study balances the direction of its scales between respondents."""
    balanced = study.settings.get("scale_direction") == "balanced"
    return ScaleDirection.REVERSED if balanced and seed % 2 else ScaleDirection.FORWARD
