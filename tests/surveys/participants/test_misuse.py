"""What people and machines do to a questionnaire: nothing is lost, doubled, or leads astray."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from unittest.mock import patch

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from factories import answer_everything, make_link, make_person, make_user, personal
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)
from small_study import OPTIONS, PAGES, open_small_study

from surveys import selectors
from surveys.models import Administration, Answer, AnswerRevision, Respondent, Submission
from surveys.services.recording.batch import Batch
from surveys.services.rehearsal import read_form
from surveys.views.participants import page_clock, page_entries
from surveys.views.visitors.frames import forget_frames

CODES = st.lists(st.integers(0, OPTIONS), min_size=2, max_size=2)


class Killed(Exception):
    """A process has ended: no error of a database, after which a page is asked for again."""


@contextmanager
def killed(moment: str):
    """The process dies over what is written: before it, or after a part of it."""

    def write_nothing(self):
        raise Killed

    def write_part(self):
        self.created, rest = self.created[:1], self.created[1:]
        whole(self)
        self.created += rest
        raise Killed

    name, whole = "write_new", Batch.write_new
    with (
        patch.object(Batch, name, write_nothing if moment == "before" else write_part),
        patch.object(Batch, "write", write_nothing),
    ):
        yield


class Person(RuleBasedStateMachine):
    """One person with several browsers and tabs, and what must be stored of them."""

    tabs = Bundle("tabs")
    sent = Bundle("sent")

    def __init__(self):
        super().__init__()
        self.link = Person.link
        # Nobody begins with the clock of somebody before: what is drawn twice has to end alike.
        Person.clock = 0
        self.person = make_person(self.link)
        self.browsers = [Client(raise_request_exception=False)]
        self.expected: dict[str, int] = {}
        self.keys: set[tuple] = set()
        self.status = "in_progress"
        self.presentation = selectors.presentation_of(self.person)
        self.refs = {
            page.number: [one.ref for one in page.questions] for page in self.presentation.pages
        }

    @property
    def open_page(self) -> int:
        for number, refs in self.refs.items():
            if not set(refs) <= set(self.expected):
                return number
        return PAGES + 1

    def next_address(self) -> str:
        if self.status != "in_progress":
            return personal("end", self.person)
        if self.open_page <= PAGES:
            return personal("page", self.person, number=self.open_page)
        return personal("review", self.person)

    def browser(self) -> Client:
        return self.browsers[-1]

    @rule(target=tabs, number=st.integers(1, PAGES))
    def opens_a_page(self, number):
        answer = self.browser().get(personal("page", self.person, number=number))
        if self.status != "in_progress":
            assert answer.url == personal("end", self.person)
            return multiple()
        if number > self.open_page:
            assert answer.url == personal("resume", self.person)
            return multiple()
        text = answer.content.decode()
        for ref in self.refs[number]:
            for code in range(1, OPTIONS + 1):
                ticked = f'name="{ref}" value="{code}" checked' in text
                assert ticked == (self.expected.get(ref) == code)
        return number, read_form(text).hidden

    def _send(self, number, fields):
        address = personal("page", self.person, number=number)
        return self.browser().post(address, fields)

    @rule(target=sent, tab=tabs, codes=CODES, back=st.booleans())
    def sends_a_tab(self, tab, codes, back):
        number, hidden = tab
        given = dict(zip(self.refs[number], codes, strict=True))
        fields = {**hidden, **{ref: code for ref, code in given.items() if code}}
        if back:
            fields["go"] = "back"
        self._takes(number, fields, self._send(number, fields))
        return number, fields

    @rule(again=sent)
    def sends_the_same_again(self, again):
        number, fields = again
        self._takes(number, fields, self._send(number, fields))

    def _takes(self, number, fields, answer):
        """What must follow from a page that was sent."""
        if self.status != "in_progress":
            assert answer.url == personal("end", self.person)
            return
        given = {ref: fields[ref] for ref in self.refs[number] if ref in fields}
        key = (fields["key"], number, tuple(sorted(given.items())))
        if number > self.open_page and given:
            assert answer.url == personal("resume", self.person)
            return
        if given and key not in self.keys:
            self.keys.add(key)
            self.expected |= given
        whole = set(self.refs[number]) <= set(self.expected)
        if fields.get("go") == "back":
            assert answer.url == personal("page", self.person, number=max(1, number - 1))
        elif whole:
            following = ("page", {"number": number + 1}) if number < PAGES else ("review", {})
            assert answer.url == personal(following[0], self.person, **following[1])
        else:
            assert answer.status_code in (422, 302)

    @rule(tab=tabs, codes=CODES, moment=st.sampled_from(["before", "amid"]))
    def the_server_is_killed_and_the_form_sent_again(self, tab, codes, moment):
        number, hidden = tab
        given = dict(zip(self.refs[number], codes, strict=True))
        fields = {**hidden, **{ref: code for ref, code in given.items() if code}}
        with killed(moment):
            self._send(number, fields)
        selectors.forget_frozen_studies()
        forget_frames()
        self.nothing_is_lost_or_doubled()
        self._takes(number, fields, self._send(number, fields))

    @rule()
    def loses_the_cookies(self):
        self.browser().cookies.clear()

    @rule()
    def takes_another_device(self):
        self.browsers.append(Client(raise_request_exception=False))

    @rule(hours=st.integers(-50, 50))
    def the_clock_changes(self, hours):
        Person.clock = hours * 3_600_000

    @precondition(lambda self: self.open_page > PAGES and self.status == "in_progress")
    @rule()
    def hands_in(self):
        answer = self.browser().post(personal("review", self.person))
        assert answer.url == personal("end", self.person)
        self.status = "completed"

    @precondition(lambda self: self.open_page <= PAGES)
    @rule()
    def hands_in_too_early(self):
        self.browser().post(personal("review", self.person))

    @precondition(lambda self: len(self.keys) > 2)
    @rule()
    def withdraws(self):
        self.browser().post(personal("withdraw", self.person))
        if self.status != "withdrawn":
            self.status, self.expected = "withdrawn", {}

    @rule()
    def comes_back(self):
        answer = self.browser().get(personal("resume", self.person))
        assert answer.url == self.next_address()

    @invariant()
    def nothing_is_lost_or_doubled(self):
        rows = list(self.person.answers.select_related("item"))
        stored = {}
        for row in rows:
            question = self.presentation.question(f"small.{row.item.key}")
            stored[question.ref] = question.code_of(row.value)
        assert stored == self.expected
        assert len(rows) == len(stored)
        assert all(row.elapsed_ms is None or row.elapsed_ms >= 0 for row in rows)
        self.person.refresh_from_db()
        assert self.person.status == self.status


@pytest.mark.django_db
def test_whatever_somebody_does_nothing_is_lost_doubled_or_leads_astray(owner, monkeypatch):
    Person.link = make_link(open_small_study(owner))
    Person.clock = 0
    real = page_clock.now_ms
    for module in (page_clock, page_entries):
        monkeypatch.setattr(module, "now_ms", lambda: real() + Person.clock)
    run_state_machine_as_test(
        Person,
        settings=settings(
            max_examples=6,
            stateful_step_count=25,
            # A failure is told as it is found: making it shorter takes minutes.
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


def at_once(tasks):
    """Everything at the same moment, each on a connection of its own."""
    barrier = Barrier(len(tasks))

    def run(task):
        try:
            barrier.wait(20)
            return task()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


@pytest.mark.django_db(transaction=True)
def test_what_is_sent_several_times_at_one_moment_is_stored_once():
    link = make_link(open_small_study(make_user("owner")))
    # A double click on the consent.
    address = reverse("surveys:begin", kwargs={"token": link.token})
    begin = {"decision": "agree", "start": "s" * 20}
    led = at_once([lambda: Client().post(address, begin).url] * 4)
    person = Administration.objects.get()
    assert set(led) == {personal("page", person, number=1)}
    assert Respondent.objects.count() == 1
    # A double click on a page.
    page = personal("page", person, number=1)
    refs = [one.ref for one in selectors.presentation_of(person).pages[0].questions]
    sent = {"key": "k" * 20, **dict.fromkeys(refs, 2)}
    led = at_once([lambda: Client().post(page, sent).url] * 4)
    assert set(led) == {personal("page", person, number=2)}
    assert (Answer.objects.count(), Submission.objects.count()) == (2, 1)
    assert not AnswerRevision.objects.exists()
    # Two tabs with different answers: the last one counts, and every other is kept as it was.
    tabs = [{**dict.fromkeys(refs, code), "key": f"tab{code}" * 5} for code in (1, 2, 3)]
    at_once([lambda tab=tab: Client().post(page, tab) for tab in tabs])
    assert Answer.objects.count() == 2
    assert Submission.objects.count() == 4
    for row in Answer.objects.all():
        kept = list(row.revisions.order_by("revision").values_list("revision", flat=True))
        assert kept == list(range(1, row.revision))
    # Handing in while a page is changed: whatever comes first, nothing is half.
    answer_everything(person)
    changed = {**dict.fromkeys(refs, 3), "key": "late" * 5}
    review = personal("review", person)
    at_once([lambda: Client().post(review), lambda: Client().post(page, changed)] * 2)
    person.refresh_from_db()
    assert person.status == "completed"
    assert len(set(Answer.objects.filter(position__lte=2).values_list("revision", flat=True))) == 1
