"""No two groups of a study read alike."""


def test_a_second_panel_of_one_name_is_numbered(scripted):
    names = [str(scripted(label="Model A")) for _ in range(3)]
    assert names == ["Model A", "Model A (2)", "Model A (3)"]


def test_a_long_name_keeps_its_number(scripted):
    first, second = (scripted(label="n" * 120) for _ in range(2))
    assert str(first) == "n" * 120
    assert str(second) == "n" * 112 + " (2)"


def test_a_name_that_only_begins_alike_is_not_numbered(scripted):
    scripted(label="Model AB")
    assert str(scripted(label="Model A")) == "Model A"
