"""Rehearsing a study: simulated people answer it through its own pages.

Each one opens the recruiting link, consents, fills in the forms as they come and submits them, over
the real addresses, forms and validation. Nothing is written past the pages, so a rehearsal finds
what a person would run into. The link must be a simulated one: so are the people, for good.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation

from surveys.errors import EnrolmentError, Refused, StudyError
from surveys.jobs.queue import join_or_start
from surveys.jobs.watch import Watch
from surveys.models import Action, Administration, Job, RecruitingLink, Study
from surveys.presentation import Question
from surveys.questions import Entry, Given
from surveys.recruiters import same_id
from surveys.roles import Act
from surveys.scoring import ItemKey
from surveys.selectors import codebook, person_administration, presentation_of
from surveys.services.arrivals import find_recruited
from surveys.services.audit import Actor, job_actor, record, require
from surveys.services.definitions import demographic_fields
from surveys.services.studies import create_link
from surveys.simulation import CheckKey, SimulatedRespondent, TraitProfile, bundled_profile

Progress = Callable[[int, int], object]
Keys = Mapping[str, ItemKey | CheckKey]
# More steps than any study has pages: whoever needs more is going in circles.
LONGEST_WALK = 500
REHEARSAL = "rehearsal"
LABEL = "Rehearsal"
# What a page or a program may ask a worker for; a command that somebody waits for may send more.
MOST_PEOPLE = 500
PERSON = re.compile(r"^simulated-(\d+)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """How a rehearsal went: people who finished now, and who had finished before."""

    finished: int
    finished_before: int


def rehearse(
    *,
    link: RecruitingLink,
    profile: TraitProfile,
    people: int,
    seed: int,
    by: Actor,
    progress: Progress | None = None,
) -> Rehearsal:
    """Let `people` simulated people answer through `link`. Whoever has finished is left alone.

    The same profile and seed give the same people. Raises `EnrolmentError`: `link_not_simulated`,
    or `rehearsal_stuck` where a page does not lead on.
    """
    if not link.simulated:
        raise EnrolmentError(Refused.LINK_NOT_SIMULATED)
    # Each person is a transaction of their own, as a real one would be: the beginning is recorded.
    with transaction.atomic():
        asked = {"people": people, "seed": seed}
        record(by=by, action=Action.REHEARSED, study=link.study, subject=link, after=asked)
    before = _finished(link)
    keys = answer_keys(link.study)
    for number in range(1, people + 1):
        if number not in before:
            respondent = SimulatedRespondent(profile, seed=seed + number)
            _Walk(link, respondent, keys, number).go()
        if progress:
            progress(number, people)
    return Rehearsal(people - len(before), len(before))


def start_rehearsal(
    *, study: Study, people: int, by: Actor, profile: str = "people", seed: int = 1
) -> Job:
    """Let a worker send simulated people through the study until `people` of them have finished.

    The very same rehearsal that is under way is joined. Raises `StudyError` (`study_not_open`,
    `rehearsal_size`), `SimulationError` (`unknown_profile`).
    """
    require(by=by, study=study, act=Act.RECRUIT)
    if not study.is_open:
        raise StudyError(Refused.STUDY_NOT_OPEN, study=study.slug)
    if not 1 <= people <= MOST_PEOPLE:
        raise StudyError(Refused.REHEARSAL_SIZE, given=people, most=MOST_PEOPLE)
    return join_or_start(
        REHEARSAL,
        study=study,
        subject=f"rehearsal:{study.pk}",
        parameters={"people": people, "profile": bundled_profile(profile).name, "seed": seed},
        queued_by=by.as_json(),
    )


def carry_out_rehearsal(watch: Watch) -> dict[str, Any]:
    """The job: whoever takes it up after a worker's death leaves those alone who have finished."""
    asked = watch.job.parameters
    by = job_actor(watch.job.queued_by)
    tell = watch.told("rehearsing")

    def look(done: int, total: int) -> None:
        tell(done, total)
        watch.check()

    # The pages speak the languages of their people; the worker's own is kept.
    with translation.override(translation.get_language()):
        went = rehearse(
            link=simulated_link(study=Study.objects.get(jobs=watch.job), by=by),
            profile=bundled_profile(asked["profile"]),
            people=asked["people"],
            seed=asked["seed"],
            by=by,
            progress=look,
        )
    return {"finished": went.finished, "finished_before": went.finished_before}


def simulated_link(*, study: Study, by: Actor) -> RecruitingLink:
    """The link of a study that simulated people come through; made where there is none."""
    known = study.links.filter(simulated=True, active=True, kind=RecruitingLink.Kind.OPEN).first()
    return known or create_link(study=study, label=LABEL, simulated=True, by=by)


def answer_keys(study: Study) -> dict[str, ItemKey | CheckKey]:
    """Question ref -> what a known-truth respondent must know of it to answer."""
    keys: dict[str, ItemKey | CheckKey] = {
        row["question"]: ItemKey(row["construct"], row["facet"] or None, row["reverse_keyed"])
        for row in codebook(study)
    }
    for key, expected in study.attention_checks.values_list("key", "expected"):
        keys[f"check.{key}"] = CheckKey(tuple(expected))
    return keys


def _finished(link: RecruitingLink) -> set[int]:
    ids = link.respondents.filter(
        administration__status=Administration.Status.COMPLETED
    ).values_list("recruiter_id", flat=True)
    return {int(found[1]) for recruiter_id in ids if (found := PERSON.match(recruiter_id))}


class _Walk:
    """One simulated person's way through the pages, as a browser without JavaScript goes it."""

    def __init__(
        self, link: RecruitingLink, respondent: SimulatedRespondent, keys: Keys, number: int
    ) -> None:
        # Only a rehearsal needs it: every other start of the program does without.
        from django.test import Client

        host = next((host for host in settings.ALLOWED_HOSTS if host != "*"), "127.0.0.1")
        # Each from an address of their own: a crowd from one would be a flood.
        name = f"simulated-{number}"
        self.client = Client(SERVER_NAME=host.lstrip("."), REMOTE_ADDR=name)
        self.respondent = respondent
        self.keys = keys
        self.study = link.study
        parameter = link.sender.parameter
        self.address = f"{reverse('surveys:information', args=[link.token])}?{parameter}={name}"
        # Whoever began in an earlier rehearsal goes on at their own address.
        begun = find_recruited(link=link, recruiter_id=same_id(link.recruiter, name))
        self.start = reverse("surveys:resume", args=[begun.token]) if begun else self.address

    def go(self) -> None:
        page = self._get(self.start)
        for _ in range(LONGEST_WALK):
            where = page.resolver_match.view_name
            if where in {"surveys:end", "surveys:leave"}:
                return
            if page.status_code != HTTPStatus.OK:
                break
            # A form without an address of its own is sent to the page that it stands on.
            address = self.address if where == "surveys:information" else page.request["PATH_INFO"]
            page = self._post(address, self._entries(page))
        raise EnrolmentError(
            Refused.REHEARSAL_STUCK, path=page.request["PATH_INFO"], status=page.status_code
        )

    def _get(self, address: str) -> Any:
        return self.client.get(address, follow=True, secure=settings.HTTPS)

    def _post(self, address: str, entries: Mapping[str, Any]) -> Any:
        page = self._send(address, entries)
        if page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY:
            # Asked once more about what was left open: it stays open.
            page = self._send(address, {**entries, "prefers_not": "1"})
        return page

    def _send(self, address: str, entries: Mapping[str, Any]) -> Any:
        """As browsers send a form without files."""
        return self.client.post(
            address,
            urlencode(entries, doseq=True),
            content_type="application/x-www-form-urlencoded",
            follow=True,
            secure=settings.HTTPS,
        )

    def _entries(self, page: Any) -> dict[str, Any]:
        form = read_form(page.content.decode())
        match page.resolver_match.view_name:
            case "surveys:information":
                return {**form.hidden, "decision": "agree"}
            case "surveys:page":
                return {**form.hidden, **self._answers(page, form)}
            case "surveys:demographics":
                told = self.respondent.demographics(demographic_fields(self.study))
                return {name: told[name] for name in form.names if name in told}
            case _:
                return dict(form.hidden)

    def _answers(self, page: Any, form: Form) -> dict[str, Any]:
        administration = person_administration(page.resolver_match.kwargs["token"])
        if administration is None:
            raise EnrolmentError(
                Refused.REHEARSAL_STUCK, path=page.request["PATH_INFO"], status=page.status_code
            )
        entries: dict[str, Any] = {}
        for question in presentation_of(administration).questions:
            if _names_of(question)[0] in form.names and not self.respondent.skips(question.ref):
                given = self.respondent.answer(question, self.keys[question.ref])
                entries.update(typed(question, given))
        return entries


def _names_of(question: Question) -> list[str]:
    """What the fields of a question are called on a page."""
    entries = question.open.entries if question.open else (Entry(),)
    return [f"{question.ref}{entry.suffix}" for entry in entries]


def typed(question: Question, given: Given) -> dict[str, Any]:
    """The fields of a page that say what is given."""
    names = _names_of(question)
    if question.open is None:
        return {names[0]: given}
    texts = question.open.fields_of(given)
    return dict(zip(names, texts, strict=True)) if len(names) > 1 else {names[0]: list(texts)}


@dataclass(frozen=True, slots=True)
class Form:
    """What a page asks for: values to send back as they are, and names to fill in."""

    hidden: Mapping[str, str]
    names: Sequence[str]


def read_form(html: str) -> Form:
    """The fields of the page's forms."""
    reader = _FormReader()
    reader.feed(html)
    return Form(reader.hidden, tuple(dict.fromkeys(reader.names)))


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.hidden: dict[str, str] = {}
        self.names: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        field = dict(attrs)
        name = field.get("name")
        if tag not in ("input", "select", "textarea") or not name:
            return
        if field.get("type") == "hidden":
            self.hidden[name] = field.get("value") or ""
        else:
            self.names.append(name)
