"""Flags of people: each with its reason and figures, looked at by members, dropping nobody."""

import csv
import io
import json
from dataclasses import replace

import pytest
from django.urls import reverse
from factories import (
    TESTER,
    answer_everything,
    asked_by_somebody,
    made_once,
    make_draft,
    make_link,
    make_person,
)
from hypothesis import given
from hypothesis import strategies as st
from queries import queries_of
from rest_framework.test import APIClient

from surveys import services
from surveys.exports.content import ExportChoice
from surveys.instrument_files import bundled_study
from surveys.models import AuditEntry, Flag, FlagCheck, Respondent, Submission
from surveys.paradata.figures import Behaviour, behaviour_of
from surveys.paradata.flags import (
    LONGEST_RUN,
    SECONDS_AN_ANSWER,
    SIGNS_A_SECOND,
    TIMES_LEFT,
    FlagCode,
    Passage,
    flags_of,
)
from surveys.paradata.patterns import Pattern
from surveys.paradata.visits import Touched, Visit
from surveys.selectors import presentation_of
from surveys.services.data.exports import export_data
from surveys.services.flagging.looking import flag_counts
from surveys.services.flagging.signals import raise_flags
from surveys.services.people.erasure import erase_person
from surveys.services.submissions import GivenAnswer


def codes(passage):
    return [str(one.code) for one in flags_of(passage)]


def pattern_of(values, *, reverse=lambda _n: False, scale="s"):
    pattern = Pattern()
    for number, value in enumerate(values):
        pattern.take(f"a.{number}", scale, value, reverse_keyed=reverse(number))
    return pattern


@pytest.mark.parametrize(
    ("passage", "flagged"),
    [
        (Passage(Behaviour(), Pattern()), []),
        (
            Passage(Behaviour(traps=("field", "question")), Pattern()),
            ["trap_field", "trap_question"],
        ),
        (Passage(Behaviour(traps=()), Pattern()), []),
        (Passage(Behaviour(fastest=SECONDS_AN_ANSWER - 0.01), Pattern()), ["too_fast"]),
        (Passage(Behaviour(fastest=SECONDS_AN_ANSWER), Pattern()), []),
        (Passage(Behaviour(left=TIMES_LEFT, away=30.0), Pattern()), ["left"]),
        (Passage(Behaviour(left=TIMES_LEFT - 1), Pattern()), []),
        (Passage(Behaviour(pasted=1), Pattern(), texts=2), ["pasted"]),
        (Passage(Behaviour(signs=SIGNS_A_SECOND + 1), Pattern()), ["typed_too_fast"]),
        (Passage(Behaviour(), pattern_of([1, 2] * 20), repeats=True), ["repeated"]),
        (Passage(Behaviour(), Pattern(), same_id=True), ["same_id"]),
        (Passage(Behaviour(), Pattern(), failed_checks=1), ["failed_checks"]),
        (Passage(Behaviour(), pattern_of([3] * LONGEST_RUN)), ["long_run"]),
        (Passage(Behaviour(), pattern_of([3] * (LONGEST_RUN - 1))), []),
        (Passage(Behaviour(), pattern_of([3] * 4, reverse=lambda n: n == 2)), ["straight_line"]),
        (Passage(Behaviour(), pattern_of([3, 3, 3, 4], reverse=lambda n: n == 2)), []),
        # Whoever agrees with everything that is worded one way may mean it.
        (Passage(Behaviour(), pattern_of([3] * 4)), []),
    ],
)
def test_a_flag_is_raised_at_its_threshold_and_says_the_figures(passage, flagged):
    assert codes(passage) == flagged
    for one in flags_of(passage):
        assert "%" not in one.said()
        assert all(str(figure) in one.said() for figure in one.figures.values())


@given(values=st.lists(st.integers(1, 3), max_size=30), order=st.randoms())
def test_a_pattern_counts_runs_as_they_stand_and_knows_copies_in_any_order(values, order):
    pattern = pattern_of(values)
    expected = max(
        (sum(1 for _ in run) for run in _runs(values)),
        default=0,
    )
    assert pattern.longest == expected
    rows = list(enumerate(values))
    order.shuffle(rows)
    other = Pattern()
    for number, value in rows:
        other.take(f"a.{number}", "s", value, reverse_keyed=False)
    assert other.signature == pattern.signature
    if pattern.signature:
        changed = pattern_of([values[0] % 3 + 1, *values[1:]])
        assert changed.signature not in (pattern.signature, "") or len(set(values)) <= 3


def _runs(values):
    run = []
    for value in values:
        if run and run[-1] != value:
            yield run
            run = []
        run.append(value)
    if run:
        yield run


def test_a_page_that_is_only_looked_over_again_is_not_taken_for_too_fast():
    first, again = Visit(1, 30_000, 10), Visit(1, 900, 10)
    short = Visit(2, 100, 2)
    assert behaviour_of([first, again, short], {}, {}).fastest == 3.0
    assert behaviour_of([again, first], {}, {}).fastest == 0.09
    assert behaviour_of([Visit(1, None, 10)], {}, {}).fastest is None


def test_texts_are_pasted_for_the_most_part_or_come_faster_than_anybody_types():
    pages = {"t.1": 1, "t.2": 1}
    pasted = Visit(1, 20_000, 2, touched={"t.1": Touched(pasted=90), "t.2": Touched(pasted=5)})
    found = behaviour_of([pasted], {"t.1": 100, "t.2": 80}, pages)
    assert (found.pasted, found.signs) == (1, 4.0)
    quick = behaviour_of([Visit(1, 2_000, 2)], {"t.1": 100, "t.2": 80}, pages)
    assert (quick.pasted, quick.signs) == (None, 90.0)


@pytest.fixture
def link(owner):
    definition = asked_by_somebody(bundled_study("privacy-prosocial"))
    settings = {**definition.settings, "paradata": ["traps", "focus"]}

    def opened():
        draft = make_draft(owner, replace(definition, slug="flagged", settings=settings))
        return services.open_study(study=draft, by=TESTER)

    return make_link(made_once("flagged", opened))


def handed_in(link, *, visit=None, answers=None, test=False, **about):
    person = make_person(link, test=test)
    if answers:
        # The same answers, in whatever order and direction they are shown.
        asked = sorted(presentation_of(person).questions, key=lambda one: one.ref)
        given = [GivenAnswer(one.ref, one.code_of(answers(n))) for n, one in enumerate(asked)]
        services.record_answers(administration=person, answers=given, idempotency_key="all")
    else:
        answer_everything(person)
    if visit:
        kept = {"page": visit.page, "elapsed_ms": visit.elapsed_ms, "answers": visit.answers}
        Submission.objects.filter(administration=person).update(**kept, paradata=visit.as_json())
    Respondent.objects.filter(pk=person.respondent_id).update(**about)
    services.complete_administrations(administrations=[person])
    return person


def flags(person):
    return set(
        Flag.objects.filter(flag_check__administration=person).values_list("code", flat=True)
    )


def varied(n):
    return n % 4 + 1


def test_who_only_tried_was_screened_out_or_is_under_way_has_no_flags(link):
    real = handed_in(link)
    test = handed_in(link, test=True)
    out = make_person(link)
    services.enrolment.end_early(administration=out, outcome="screened_out")
    make_person(link)
    assert raise_flags(study=link.study) == 0
    assert "long_run" in flags(real)
    assert not flags(test)
    assert not flags(out)
    (counted,) = flag_counts(study=link.study).values()
    assert counted["long_run"] == (1, 1)


def test_the_second_of_two_alike_is_flagged_whenever_they_are_looked_at(link):
    first = handed_in(link, answers=varied)
    raise_flags(study=link.study)
    second, third = (handed_in(link, answers=varied) for _ in range(2))
    handed_in(link)
    raise_flags(study=link.study)
    assert ["repeated" in flags(one) for one in (first, second, third)] == [False, True, True]
    # Chance makes straight lines alike.
    fourth = handed_in(link)
    raise_flags(study=link.study)
    assert "repeated" not in flags(fourth)


def test_many_are_looked_at_with_as_many_queries_as_few_and_what_is_not_found_again_goes(link):
    def looked(number):
        people = [handed_in(link, answers=varied) for _ in range(number)]
        asked = queries_of(lambda: raise_flags(study=link.study))
        return people, asked

    looked(1)
    _few, for_few = looked(2)
    people, for_many = looked(9)
    assert for_many <= for_few
    assert all("repeated" in flags(one) for one in people)
    check = FlagCheck.objects.get(administration=people[0])
    Flag.objects.create(flag_check=check, code="left")
    kept = set(check.flags.exclude(code="left").values_list("pk", flat=True))
    FlagCheck.objects.update(version=0)
    raise_flags(study=link.study)
    assert set(check.flags.values_list("pk", flat=True)) == kept


def test_a_member_sees_filters_and_notes_a_flag_and_pays_only_then(client, owner, link):
    visit = Visit(1, 60_000, 5, traps=("field",))
    person = handed_in(link, visit=visit, answers=varied)
    clean = handed_in(link, visit=Visit(1, 60_000, 5), answers=lambda n: (n * 7) % 4 + 1)
    for one in (person, clean):
        for check in link.study.attention_checks.filter(language="en"):
            one.answers.filter(attention_check=check).update(value=check.expected[0])
    client.force_login(owner)
    address = reverse("surveys:people", args=["flagged"])
    page = client.get(address).content.decode()
    assert "hidden field filled in" in page
    only = client.get(f"{address}?flag=trap_field").content.decode()
    assert f"#{person.respondent_id}<" in only
    assert f"#{clean.respondent_id}<" not in only
    assert f"#{person.respondent_id}<" not in client.get(f"{address}?flag=left").content.decode()

    def payment():
        text = client.get(reverse("surveys:payment_list", args=["flagged"])).content.decode()
        rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
        return {row["code"]: row for row in rows}

    paid = payment()
    assert paid[_code(person)]["approve"] == ""
    assert paid[_code(person)]["flags"] == "trap_field"
    assert paid[_code(clean)]["approve"] == "yes"
    flag_page = reverse("surveys:person_flags", args=["flagged", person.respondent_id])
    assert "a field that nobody sees" in client.get(flag_page).content.decode()
    client.post(flag_page, {"flag": "trap_field", "note": "Filled in by a\npassword manager"})
    assert payment()[_code(person)]["approve"] == "yes"
    assert "password manager" in client.get(flag_page).content.decode()
    entry = AuditEntry.objects.get(action="flag_looked_at")
    assert entry.after == {"flag": "trap_field", "note": "Filled in by a password manager"}
    refused = client.post(flag_page, {"flag": "no_such"}, follow=True)
    assert "has no flag" in refused.content.decode()
    # What a member said stays when everybody is looked at again.
    FlagCheck.objects.update(version=0)
    raise_flags(study=link.study)
    assert Flag.objects.get(code="trap_field").note == "Filled in by a password manager"
    erase_person(respondent=person.respondent, by=TESTER)
    assert not Flag.objects.exists()


def _code(person):
    person.refresh_from_db()
    return person.completion_code


def test_programs_read_flags_and_note_them(owner, stranger, link):
    person = handed_in(link, visit=Visit(1, 900, 5, left=9, away_ms=8_400), answers=varied)
    api = APIClient()
    api.force_authenticate(owner)
    address = "/api/people/?study=flagged&flag=open"
    (row,) = api.get(address).json()["results"]
    told = {one["code"]: one for one in row["flags"]}
    assert told["left"]["figures"] == {"times": 9, "seconds": 8, "threshold": TIMES_LEFT}
    assert "0.18 seconds" in told["too_fast"]["sentence"]
    where = f"/api/people/{person.respondent_id}/flags/"
    for code in told:
        assert api.post(where, {"flag": code, "note": "seen"}, format="json").status_code == 200
    assert api.get(address).json()["results"] == []
    assert api.post(where, {"flag": FlagCode.PASTED}, format="json").status_code >= 400
    api.force_authenticate(stranger)
    assert api.post(where, {"flag": "left"}, format="json").status_code == 404


def test_flags_and_pages_are_exported_in_files_of_their_own(link, tmp_path):
    touched = {"privacy.x": Touched(5, 9, 1, None)}
    visit = Visit(1, 900, 5, True, "tablet", 9, 8_400, touched, ("field",))
    handed_in(link, visit=visit, answers=varied)
    for name, wanted in (("plain", False), ("all", True)):
        choice = ExportChoice(formats=("csv",), paradata=wanted)
        export_data(study=link.study, choice=choice, folder=tmp_path / name, by=TESTER)
    names = {"page_visits.csv", "question_times.csv", "flags.csv"}
    assert not names & {one.name for one in (tmp_path / "plain").iterdir()}
    (row,) = _rows(tmp_path / "all" / "page_visits.csv")
    assert (row["page_ms"], row["device"], row["traps"]) == ("900", "tablet", "field")
    (times,) = _rows(tmp_path / "all" / "question_times.csv")
    assert (times["ref"], times["last_ms"], times["pasted"]) == ("privacy.x", "9", "NA")
    flagged = _rows(tmp_path / "all" / "flags.csv")
    assert {"too_fast", "left", "trap_field"} <= {one["flag"] for one in flagged}
    book = _rows(tmp_path / "all" / "codebook.csv")
    meant = {(one["file"], one["column"]): one["meaning"] for one in book}
    assert all(meant[name, column] for name in names for column in _header(tmp_path / "all" / name))
    assert "recruiter" not in json.dumps([v for (f, _c), v in meant.items() if f in names])


def _header(path):
    return path.read_text().splitlines()[0].split(",")


def _rows(path):
    return list(csv.DictReader(io.StringIO(path.read_text())))
