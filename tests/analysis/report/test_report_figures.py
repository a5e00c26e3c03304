"""Figures as the workspace shows them: SVG with words, told apart without colour."""

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from analysis.compare.results import Decision
from analysis.report import svg_figures
from analysis.report.drawings.primitives import Box, patterned
from analysis.report.typesetting.palette import DECISION_MARKS, group_marks

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def drawn(content):
    return {one.key: one.svg for one in svg_figures(content)}


def test_the_report_and_the_workspace_show_the_same_figures(content, drawn, printed):
    titles = [ET.fromstring(each).find(f"{SVG}title").text for each in drawn.values()]
    for title in titles:
        assert title in printed.text


def test_every_svg_is_valid_and_names_and_describes_itself(drawn):
    for key, markup in drawn.items():
        root = ET.fromstring(markup)
        assert root.tag == f"{SVG}svg"
        assert root.get("role") == "img"
        assert root.get("aria-labelledby") == f"{key}-title {key}-desc"
        assert len(root.find(f"{SVG}desc").text) > 40


def test_figures_can_share_a_page_under_a_strict_content_security_policy(drawn):
    page = "".join(drawn.values())
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert "style=" not in page
    assert "<!DOCTYPE" not in page


def test_a_dashed_line_keeps_its_gaps(drawn):
    root = ET.fromstring(drawn["figure-forest"])
    dashed = [each for each in root.iter() if each.get("stroke-dasharray", "none") != "none"]
    assert dashed
    assert not any(each.get("d", "").endswith("Z") for each in dashed)


def test_an_svg_needs_no_font_of_its_own(drawn):
    for markup in drawn.values():
        assert "DejaVu Sans" in markup
        assert "DejaVuSans" not in markup


def test_the_two_flows_are_never_added(content, drawn):
    words = ET.fromstring(drawn["figure-flow"]).find(f"{SVG}desc").text
    people = content.people_flow[0].kept
    sessions = sum(flow.kept for flow in content.model_flow)
    assert str(people) in words
    assert str(sessions) not in words
    assert str(people + sessions) not in words


def test_a_path_that_cannot_be_estimated_gives_its_reason(drawn):
    assert "not estimable: constant composite" in drawn["figure-forest"]


def test_constant_items_are_named_in_the_drawing(drawn):
    assert ">constant<" in drawn["figure-items-data-sharing"]


def test_verdicts_differ_by_pattern_and_not_by_colour_alone():
    assert len({mark.pattern for mark in DECISION_MARKS.values()}) == len(Decision)


@pytest.mark.parametrize("mark", DECISION_MARKS.values(), ids=lambda mark: mark.label)
def test_a_pattern_stays_inside_its_rectangle(mark):
    box = Box(10, 20, 37, 13)
    left, low, right, top = patterned(box, mark).getBounds()
    assert left >= box.x - 0.5
    assert low >= box.y - 0.5
    assert right <= box.right + 0.5
    assert top <= box.top + 0.5


def test_groups_differ_by_marker_and_not_by_colour_alone():
    marks = group_marks(["people"], [f"model {at}" for at in range(10)])
    assert len({(mark.shape, mark.filled) for mark in marks.values()}) == 11


def test_a_sign_taken_from_the_people_shades_their_side(content):
    plan = content.comparison.plan
    assert [content.expected_sign(path) for path in plan.paths[:2]] == [-1, 1]
    unsigned = replace(plan.paths[0], expected_sign=0)
    assert content.expected_sign(unsigned) == -1
