"""Processes that are killed and a database that is restarted while people answer, for real."""

from collections import Counter

import pytest
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
from served_site import GONE, Cluster, File, Reply, ServedSite, beside, served
from small_study import OPTIONS, PAGES, PER_PAGE

from surveys.services.rehearsal import read_form

CODES = st.lists(st.integers(0, OPTIONS), min_size=PER_PAGE, max_size=PER_PAGE)
PLACES = st.integers(0, 1)
MOMENTS = st.floats(0, 25)
BEGIN = {"decision": "agree"}
_STORED = """
SELECT i.key, a.value FROM surveys_answer a
JOIN surveys_administration d ON d.id = a.administration_id
JOIN surveys_item i ON i.id = a.item_id
WHERE d.token = '{token}'
"""
_STATUS = "SELECT status FROM surveys_administration WHERE token = '{token}'"
_TWICE = """
SELECT count(*) - count(DISTINCT s.idempotency_key) FROM surveys_submission s
JOIN surveys_administration d ON d.id = s.administration_id
WHERE d.token = '{token}'
"""
_BEGUN = "SELECT count(*) FROM surveys_administration"


class Person(RuleBasedStateMachine):
    """One person with tabs and devices, before two servers that die, and what must be stored."""

    tabs = Bundle("tabs")
    sent = Bundle("sent")
    site: ServedSite
    seen: Counter[str]

    def __init__(self):
        super().__init__()
        self.cookie, self.token = "", ""
        self.expected: dict[str, int] = {}
        self.refs: dict[int, list[str]] = {}
        self.keys: set[tuple] = set()
        self.status = "in_progress"
        self._begins()

    def _begins(self) -> None:
        """Agree, and again when the server dies over it: one person has begun."""
        before = self.rows(_BEGUN)[0][0]
        shown = self.ask(0, "GET", self.site.link)
        fields = {**read_form(shown.text).hidden, **BEGIN}
        action = shown.text.partition('action="')[2].partition('"')[0]
        told = self._through(0, 3.0, "server", lambda: self.ask(0, "POST", action, fields))
        self.token = told.url.split("/")[2]
        assert told.url == self.at(1)
        assert self.rows(_BEGUN)[0][0] == before + 1

    def rows(self, sql: str) -> list[tuple]:
        return self.site.database.rows(sql.format(token=self.token))

    def at(self, page: int | str) -> str:
        return f"/r/{self.token}/{page}/"

    @property
    def resume(self) -> str:
        return f"/r/{self.token}/"

    def ask(self, place: int, method: str, path: str, fields: dict | None = None) -> Reply:
        reply = self.site.ask(place, method, path, fields, self.cookie)
        self.cookie = reply.cookie or self.cookie
        return reply

    def _through(self, place: int, moment: float, what: str, send) -> Reply:
        """Send while something is killed, and the same again until it was answered."""
        reply = None
        deed = self.site.database.disturb if what == "database" else lambda: self._kill(place)
        with beside(deed, moment):
            try:
                reply = send()
            except GONE:
                self.seen["unanswered"] += 1
        self.seen[what] += 1
        if what == "server":
            self.site.start(place)
        if reply is None:
            # A database that comes back is no reason to send anything again.
            assert what == "server"
            reply = send()
        assert reply.status < 500
        return reply

    def _kill(self, place: int) -> None:
        self.site.kill(place)

    @property
    def open_page(self) -> int:
        for number in range(1, PAGES + 1):
            refs = self.refs.get(number)
            if refs is None or not set(refs) <= set(self.expected):
                return number
        return PAGES + 1

    @rule(target=tabs, number=st.integers(1, PAGES), place=PLACES)
    def opens_a_page(self, number, place):
        answer = self.ask(place, "GET", self.at(number))
        if self.status != "in_progress":
            assert answer.url == self.at("end")
            return multiple()
        if number > self.open_page:
            assert answer.url == self.resume
            return multiple()
        form = read_form(answer.text)
        refs = [name for name in form.names if name.startswith("small.")]
        assert self.refs.setdefault(number, refs) == refs
        for ref in refs:
            for code in range(1, OPTIONS + 1):
                ticked = f'name="{ref}" value="{code}" checked' in answer.text
                assert ticked == (self.expected.get(ref) == code)
        return number, form.hidden

    def _fields(self, tab, codes) -> tuple[int, dict]:
        number, hidden = tab
        given = dict(zip(self.refs[number], codes, strict=True))
        return number, {**hidden, **{ref: str(code) for ref, code in given.items() if code}}

    def _takes(self, number, fields, answer):
        """What must follow from a page that was sent and answered."""
        if self.status != "in_progress":
            assert answer.url == self.at("end")
            return
        given = {ref: int(fields[ref]) for ref in self.refs[number] if ref in fields}
        if number > self.open_page and given:
            assert answer.url == self.resume
            return
        key = (fields["key"], number, tuple(sorted(given.items())))
        if given and key not in self.keys:
            self.keys.add(key)
            self.expected |= given
        if fields.get("go") == "back":
            assert answer.url == self.at(max(1, number - 1))
        elif set(self.refs[number]) <= set(self.expected):
            assert answer.url == self.at(number + 1 if number < PAGES else "review")
        else:
            assert answer.status in {422, 302}

    @rule(target=sent, tab=tabs, codes=CODES, back=st.booleans(), place=PLACES)
    def sends_a_tab(self, tab, codes, back, place):
        number, fields = self._fields(tab, codes)
        if back:
            fields["go"] = "back"
        self._takes(number, fields, self.ask(place, "POST", self.at(number), fields))
        return number, fields

    @rule(again=sent, place=PLACES)
    def sends_the_same_again(self, again, place):
        number, fields = again
        self._takes(number, fields, self.ask(place, "POST", self.at(number), fields))

    @rule(tab=tabs, codes=CODES, place=PLACES, moment=MOMENTS)
    def the_server_is_killed_over_a_page(self, tab, codes, place, moment):
        number, fields = self._fields(tab, codes)
        address = self.at(number)
        answer = self._through(
            place, moment, "server", lambda: self.ask(place, "POST", address, fields)
        )
        self._takes(number, fields, answer)

    @rule(tab=tabs, codes=CODES, place=PLACES, moment=MOMENTS)
    def the_database_is_restarted_over_a_page(self, tab, codes, place, moment):
        number, fields = self._fields(tab, codes)
        address = self.at(number)
        answer = self._through(
            place, moment, "database", lambda: self.ask(place, "POST", address, fields)
        )
        self._takes(number, fields, answer)

    @rule(place=PLACES)
    def the_database_is_restarted_between_two_pages(self, place):
        self.site.database.disturb()
        self.seen["database"] += 1
        # Nobody sees anything of it: the first request is answered as any other.
        self.comes_back(place)

    @rule(place=PLACES, hours=st.integers(-50, 50))
    def the_clock_of_a_server_changes(self, place, hours):
        self.site.kill(place)
        self.site.start(place, hours * 3_600_000)

    @rule()
    def loses_the_cookie_or_takes_another_device(self):
        self.cookie = ""

    @precondition(lambda self: self.open_page > PAGES and self.status == "in_progress")
    @rule(place=PLACES, moment=MOMENTS)
    def hands_in_while_the_server_is_killed(self, place, moment):
        address = self.at("review")
        answer = self._through(place, moment, "server", lambda: self.ask(place, "POST", address))
        assert answer.url == self.at("end")
        self.status = "completed"

    @precondition(lambda self: len(self.keys) > 2)
    @rule(place=PLACES, moment=MOMENTS, what=st.sampled_from(["server", "database"]))
    def withdraws_over_a_kill(self, place, moment, what):
        address = self.at("withdraw")
        self._through(place, moment, what, lambda: self.ask(place, "POST", address))
        if self.status != "withdrawn":
            self.status, self.expected = "withdrawn", {}

    @rule(place=PLACES)
    def comes_back(self, place):
        answer = self.ask(place, "GET", self.resume)
        onward = self.open_page if self.open_page <= PAGES else "review"
        assert answer.url == self.at(onward if self.status == "in_progress" else "end")

    @invariant()
    def nothing_is_lost_or_doubled(self):
        rows = self.rows(_STORED)
        assert {f"small.{key}": value for key, value in rows} == self.expected
        assert len(rows) == len(self.expected)
        assert self.rows(_TWICE) == [(0,)]
        assert self.rows(_STATUS) == [(self.status,)]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", [File, pytest.param(Cluster, marks=pytest.mark.postgres)])
def test_whatever_dies_nothing_is_lost_doubled_or_leads_astray(kind, tmp_path):
    Person.seen = Counter()
    with served(kind, tmp_path) as Person.site:
        run_state_machine_as_test(
            Person,
            settings=settings(
                max_examples=5,
                stateful_step_count=25,
                # A failure is told as it is found: kills do not come at the same moment again.
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
    # Kills hit requests that were under way, or the test has shown nothing.
    assert Person.seen["server"] >= 5
    assert Person.seen["unanswered"] >= 1
