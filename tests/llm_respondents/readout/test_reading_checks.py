"""A person reads a sample of replies blind to the parser: drawn, read one by one, compared."""

import json

import pytest
from django.urls import reverse
from factories import TESTER
from workers import options

from llm_respondents.errors import PanelStateError
from llm_respondents.models import Attempt, Reading, ReadingCheck
from llm_respondents.readout.agreement import Pair, agreement_of
from llm_respondents.readout.reading_checks import checked, found_by_parser, shown_reply
from llm_respondents.rehearsal import Behaviour, Endpoint
from llm_respondents.services import run_panel
from llm_respondents.services.afterwards.reading_checks import (
    allotted,
    draw_reading_check,
    record_reading,
)
from surveys.models import Action, AuditEntry

# Fleiss, Levin & Paik (2003), table 18.1: 100 people, diagnosed twice.
DIAGNOSES = [[75, 1, 4], [5, 4, 1], [0, 0, 10]]


def pairs(table, weight=1.0):
    return [
        Pair(str(row), str(column), weight)
        for row, counts in enumerate(table)
        for column, count in enumerate(counts)
        for _ in range(count)
    ]


def test_kappa_and_its_error_are_those_of_the_textbook():
    found = agreement_of(pairs(DIAGNOSES))
    assert found.agreement == pytest.approx(0.89)
    assert found.kappa == pytest.approx(0.676, abs=5e-4)
    low, high = found.kappa_interval
    # Its standard error there, .088, is of Fleiss, Cohen & Everitt (1969), who divide by n.
    assert (high - low) / (2 * 1.95996) == pytest.approx(0.0877 * (100 / 99) ** 0.5, abs=1e-4)
    assert found.agreement_interval == pytest.approx((0.8137, 0.9375), abs=1e-4)


def test_a_reply_that_stands_for_ten_counts_as_ten():
    once = agreement_of([*pairs([[1, 1], [1, 1]]), *pairs([[9, 0], [0, 0]])])
    weighted = agreement_of([*pairs([[0, 1], [1, 1]]), Pair("0", "0", 10.0)])
    assert weighted.kappa == pytest.approx(once.kappa)
    assert weighted.agreement == pytest.approx(once.agreement)
    assert weighted.agreement_interval[0] < once.agreement_interval[0]


def test_what_chance_alone_explains_has_no_kappa_and_full_agreement_no_interval():
    one_thing = agreement_of(pairs([[5]]))
    assert (one_thing.kappa, one_thing.agreement) == (None, 1.0)
    full = agreement_of(pairs([[5, 0], [0, 5]]))
    assert full.kappa == pytest.approx(1)
    assert full.kappa_interval is None
    assert full.agreement_interval[0] < 0.75
    with pytest.raises(ValueError, match="nothing was read"):
        agreement_of([])


def test_what_is_rare_is_drawn_as_well():
    counts = {"answered": 5000, "refused": 3, "unparsable": 400}
    assert allotted(counts, 60) == {"answered": 38, "refused": 3, "unparsable": 19}
    assert allotted({"answered": 4}, 60) == {"answered": 4}
    assert allotted({"refused": 9, "answered": 1}, 6) == {"answered": 1, "refused": 5}


def test_nothing_is_drawn_of_a_panel_without_replies(scripted):
    panel = scripted()
    with pytest.raises(PanelStateError) as refused:
        draw_reading_check(panel=panel, by=TESTER)
    assert refused.value.code == "nothing_to_read"
    with pytest.raises(PanelStateError) as refused:
        draw_reading_check(panel=panel, size=1, by=TESTER)
    assert refused.value.code == "reading_size"


@pytest.fixture
def panel(recruit):
    """Answers in letters of a scale that runs from high to low, refusals, and other words."""
    faults = Behaviour(spoken_refusal=0.2, malformed_answer=0.2, seed=3)
    with Endpoint(faults) as endpoint:
        arm = {"elicitation": "number", "option_marks": "letter"}
        made = recruit(
            base_url=endpoint.base_url, sessions=2, arms=(arm,), scale_directions="reversed"
        )
        run_panel(panel_id=made.pk, options=options(), by=TESTER)
    made.refresh_from_db()
    return made


def as_the_parser(reading):
    """What a person presses who reads exactly as the parser does."""
    if reading.found_value is None:
        return found_by_parser(reading)
    reply = reading.attempt.reply.strip()
    return str(next(one.code for one in shown_reply(reading).options if one.mark == reply))


def test_a_sample_is_read_one_by_one_and_told_when_all_of_it_is(panel):
    check = draw_reading_check(panel=panel, size=12, seed=5, by=TESTER)
    again = [(one.attempt_id, one.ref) for one in check.readings.all()]
    strata = {one.stratum for one in check.readings.all()}
    assert {"answered", "refused"} < strata
    with pytest.raises(PanelStateError) as refused:
        draw_reading_check(panel=panel, by=TESTER)
    assert refused.value.code == "reading_open"

    readings = list(check.readings.all())
    for one in readings[:-1]:
        record_reading(panel=panel, place=one.place, reading=as_the_parser(one), by=TESTER)
    assert checked(panel).agreement is None
    panel.group.refresh_from_db()
    assert panel.group.method["human_parse_check"].startswith("Under way: ")
    answered = next(one for one in readings if one.stratum == "answered")
    wrong = record_reading(panel=panel, place=answered.place, reading="refused", by=TESTER)
    assert (wrong.verdict, wrong.value) == ("refused", None)
    last = readings[-1]
    record_reading(panel=panel, place=last.place, reading=as_the_parser(last), by=TESTER)

    found = checked(panel)
    assert [one.pk for one in found.differing] == [answered.pk]
    assert 0 < found.agreement.kappa < 1
    assert (found.read, found.cannot_tell, found.readers) == (12, 0, (TESTER.called,))
    panel.group.refresh_from_db()
    line = panel.group.method["human_parse_check"]
    assert line.startswith("12 sampled replies")
    assert "Cohen's kappa 0." in line
    acts = AuditEntry.objects.filter(action__in=("reading_drawn", "reading_done"))
    assert list(acts.order_by("pk").values_list("action", flat=True)) == [
        Action.READING_DRAWN,
        Action.READING_DONE,
    ]
    with pytest.raises(PanelStateError) as refused:
        record_reading(panel=panel, place=1, reading="refused", by=TESTER)
    assert refused.value.code == "no_open_reading"

    # The same seed draws the same replies again.
    redrawn = draw_reading_check(panel=panel, size=12, seed=5, by=TESTER)
    assert [(one.attempt_id, one.ref) for one in redrawn.readings.all()] == again


def test_what_cannot_be_told_is_left_out_and_counted(panel):
    check = draw_reading_check(panel=panel, size=2, by=TESTER)
    for one in check.readings.all():
        record_reading(panel=panel, place=one.place, reading="cannot_tell", by=TESTER)
    found = checked(panel)
    assert (found.cannot_tell, found.agreement) == (2, None)
    panel.group.refresh_from_db()
    assert panel.group.method["human_parse_check"].endswith("no agreement can be stated")


def test_a_page_shows_one_reply_after_the_other_and_nothing_of_the_parser(client, panel, owner):
    client.force_login(owner)
    page = reverse("llm_respondents:reading", args=[panel.pk])
    assert (
        "Not done" in client.get(reverse("llm_respondents:panel", args=[panel.pk])).content.decode()
    )
    assert client.post(page, {"act": "draw", "size": "1"}).status_code == 422
    client.post(page, {"act": "draw", "size": "4", "seed": ""})
    check = ReadingCheck.objects.get()
    for one in check.readings.order_by("place"):
        shown = client.get(page).content.decode()
        assert f"Reply {one.place} of 4" in shown
        assert 'data-key="1"' in shown
        assert "the model was to write E" in shown
        assert "unparsable" not in shown
        assert one.attempt.outcome not in shown.replace('value="refused"', "").replace(
            'value="no_answer"', ""
        )
        if one.place == 2:
            assert "?place=1" in shown
        client.post(page, {"place": one.place, "reading": "no such code"})
        assert not Reading.objects.get(pk=one.pk).verdict
        client.post(page, {"place": one.place, "reading": as_the_parser(one)})
    done = client.get(page)
    assert "100.0 %" in done.content.decode()
    read = Reading.objects.filter(check_of=check).first()
    assert (read.read_by, read.read_by_name) == (owner, owner.get_username())
    assert read.read_at is not None


def test_programs_read_too_and_strangers_find_nothing(client, panel, owner, stranger):
    address = f"/api/panels/{panel.pk}/reading-check/"
    client.force_login(stranger)
    assert client.get(address).status_code == 404
    assert client.get(reverse("llm_respondents:reading", args=[panel.pk])).status_code == 404
    client.force_login(owner)
    assert client.get(address).json() == {"check": None, "next": None}

    def post(where, **body):
        return client.post(where, json.dumps(body), content_type="application/json")

    assert post(address, size=2).status_code == 201
    for place in (1, 2):
        following = client.get(address).json()["next"]
        assert following["place"] == place
        assert following["reply"]
        answer = post(f"{address}{place}/", reading="refused")
    assert answer.json()["next"] is None
    assert answer.json()["check"]["agreement"]["replies"] == 2
    refused = post(f"{address}1/", reading="refused")
    assert (refused.status_code, refused.json()["code"]) == (409, "no_open_reading")


def test_stated_percentages_are_not_drawn(recruit):
    with Endpoint() as endpoint:
        made = recruit(
            base_url=endpoint.base_url, sessions=1, arms=({"elicitation": "distribution"},)
        )
        run_panel(panel_id=made.pk, options=options(max_calls=1), by=TESTER)
    assert Attempt.objects.of(made).exists()
    with pytest.raises(PanelStateError) as refused:
        draw_reading_check(panel=made, by=TESTER)
    assert refused.value.code == "nothing_to_read"
