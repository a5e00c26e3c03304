"""The drawing of a plan: beside each other where there is room, upright on a telephone."""

from analysis.web.plans.diagram import HEIGHT, WIDTH, Drawn, diagram

CONSTRUCTS = [Drawn(key, key.title()) for key in ("privacy", "prosocial", "sharing")]
PATHS = [("privacy", "sharing", "−"), ("prosocial", "sharing", "+")]
# What is left of a telephone of 390 px within a card, over the size of small letters there.
ROOM = 326 / (9.5 / 13)


def test_upright_two_constructs_stand_above_what_they_lead_to():
    drawn = diagram(CONSTRUCTS, PATHS, upright=True)
    first, second, outcome = drawn.nodes
    assert first.y == second.y < outcome.y - HEIGHT
    assert second.x - first.x > WIDTH
    assert outcome.x == (first.x + second.x) / 2
    assert drawn.width < ROOM < diagram(CONSTRUCTS, PATHS).width


def test_upright_a_path_that_passes_a_construct_goes_round_it():
    paths = [("a", "b", "+"), ("b", "c", "+"), ("a", "c", "−")]
    drawn = diagram([Drawn(key, key) for key in "abc"], paths, upright=True)
    passing = drawn.edges[2]
    assert passing.x < drawn.nodes[1].left
    left = float(drawn.view.split()[0])
    assert left <= passing.x < 0 or left == 0 <= passing.x
