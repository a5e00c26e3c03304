"""Designs of several conditions, from the recruiting page and from a specification's file."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from test_recruiting_pages import address, filled_in, listed, refused  # noqa: F401

from llm_respondents.conversation.prompts import Arm
from llm_respondents.design.margins import margins_as_text, read_margins
from llm_respondents.design.spec import PanelSpec, SamplingSpec
from llm_respondents.endpoints.file import load_endpoints
from llm_respondents.errors import SpecError
from llm_respondents.models import Panel
from llm_respondents.web.design_table import as_file, design_of
from llm_respondents.web.spec_files import spec_of_file

TOML = """
endpoint = "campus"
model = "small"
sessions = 8

[[arms]]
elicitation = ["schema", "number"]

[[arms]]
history = "window"
window = 3
"""
MARGINS = "Age group; 18-39; 40 %\nAge group; 40 and older; 0,6\nGender\twoman\t0.5\nGender,man,50%"


def of_file(study):
    return reverse("llm_respondents:new_panel_of_file", args=[study.slug])


def test_added_choices_are_crossed_and_shown_before_anything_is_made(
    client,
    open_study,
    owner,
    listed,  # noqa: F811
):
    client.force_login(owner)
    wanted = filled_in(
        sessions=26,
        more_elicitation=["number"],
        more_history=["window", "none"],
        window=4,
        wording_2="Reply with the number.",
        act="recruit",
    )
    page = client.post(address(open_study), wanted)
    assert page.status_code == 200
    assert not Panel.objects.exists()
    design, spec = page.context["design"], page.context["form"].spec
    assert (len(design.cells), design.per_cell, design.sessions) == (12, "2–3", 26)
    assert spec.hash in page.content.decode()
    assert {arm.window for arm in spec.arms if arm.history == "window"} == {4}
    assert spec.wordings == {"standard": "", "own-2": "Reply with the number."}
    client.post(address(open_study), wanted | {"shown": spec.hash})
    panel = Panel.objects.get()
    assert panel.spec_hash == spec.hash
    shown = client.get(reverse("llm_respondents:panel", args=[panel.pk]))
    assert shown.context["design"] == design
    assert panel.spec_hash in shown.content.decode()
    dealt = [json.dumps(cell) for cell in panel.members.values_list("cell", flat=True)]
    assert sorted(dealt.count(cell) for cell in set(dealt)) == [2] * 10 + [3] * 2


def test_what_was_shown_is_what_is_made(client, open_study, owner, listed):  # noqa: F811
    client.force_login(owner)
    wanted = filled_in(more_option_marks=["letter"])
    page = client.post(address(open_study), wanted)
    changed = wanted | {"shown": page.context["spec_hash"], "sessions": 21}
    assert client.post(address(open_study), changed).context["design"].sessions == 21
    assert not Panel.objects.exists()


def test_a_single_condition_is_shown_on_request_only(client, open_study, owner, listed):  # noqa: F811
    client.force_login(owner)
    page = client.post(address(open_study), filled_in(act="show"))
    assert (len(page.context["design"].cells), Panel.objects.count()) == (1, 0)
    assert client.post(address(open_study), filled_in(act="recruit")).status_code == 302


def test_conditions_that_contradict_each_other_are_said_at_the_field(
    client,
    open_study,
    owner,
    listed,  # noqa: F811
):
    client.force_login(owner)
    errors = refused(client, open_study, more_elicitation=["label"], option_marks="letter")
    assert list(errors) == ["option_marks"]
    assert list(refused(client, open_study, more_history=["window"])) == ["window"]


def test_margins_are_pasted_or_uploaded_and_each_mistake_has_its_line(
    client,
    open_study,
    owner,
    listed,  # noqa: F811
):
    client.force_login(owner)
    wrong = "Age group; 18-39; 40 %\nGender; woman\nGender; man; half\nGender; other; 1.5"
    errors = refused(client, open_study, personas="margins", margins=wrong)["margins"]
    assert [error[:7] for error in errors] == ["Line 2:", "Line 3:", "Line 4:"]
    assert list(refused(client, open_study, personas="margins")) == ["margins"]
    file = SimpleUploadedFile("margins.csv", b"\xef\xbb\xbfattribute,value,share\n" + b"A,x,1\n")
    client.post(address(open_study), filled_in(personas="margins", margins_file=file, sessions=3))
    panel = Panel.objects.get()
    assert panel.spec["margins"] == [["A", [["x", 1.0]]]]
    assert panel.members.first().persona == [["A", "x"]]


def test_lines_of_margins_are_read_in_every_usual_form():
    margins, errors = read_margins(MARGINS)
    assert errors == []
    assert margins == (
        ("Age group", (("18-39", 0.4), ("40 and older", 0.6))),
        ("Gender", (("woman", 0.5), ("man", 0.5))),
    )
    assert read_margins(margins_as_text(margins)) == (margins, [])
    assert read_margins("A;x;0.4\nA;x;0.6")[1][0].mistake == "twice"
    assert read_margins("A;x;0.4\nB;y;1")[1] == [(1, "sum", "A: 0.4")]
    assert read_margins("A;x;nan")[1][0].mistake == "not_a_share"


@pytest.mark.parametrize("as_what", ["file", "text"])
def test_a_file_is_shown_and_then_recruited(client, open_study, owner, listed, as_what):  # noqa: F811
    client.force_login(owner)
    given = TOML if as_what == "text" else SimpleUploadedFile("design.toml", TOML.encode())
    page = client.post(of_file(open_study), {as_what: given})
    assert (len(page.context["design"].cells), Panel.objects.count()) == (3, 0)
    # The file is not sent again: its text stands on the page.
    text = page.context["form"]["text"].value()
    made = client.post(
        of_file(open_study), {"text": text, "shown": page.context["spec_hash"], "spend_cap": "2"}
    )
    panel = Panel.objects.get()
    assert made.url == reverse("llm_respondents:panel", args=[panel.pk])
    assert (panel.base_url, panel.spend_cap_nano) == ("http://127.0.0.1:9/v1", 2_000_000_000)
    assert panel.spec_hash == page.context["spec_hash"]


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("model = ", "unreadable_toml", "Line 1"),
        ('{"model": "m",\n}', "unreadable_json", "Line 2"),
        ("{" * 5000, "unreadable_json", "Line 1"),
        ("# nothing", "nothing_in_it", "nothing in it"),
        ('endpoint = "campus"\nmodel = "m"\nsessions = "many"', "not_a_whole_number", "sessions"),
        ('endpoint = "campus"\nmodel = "m"\narms = 5', "not_a_list", "arms"),
        ('endpoint = "campus"\nmodel = "m"\narms = [5]', "not_a_table", "arms[1]"),
        ('endpoint = "campus"\nmodel = "m"\ncolour = 1', "unknown_name", "colour"),
        ('endpoint = "campus"\nmodel = "m"\nsessions = 0', "too_small", "sessions"),
        ('endpoint = "campus"\nmodel = "m"\nlabel = 2026-01-01', "not_text", "label"),
        ('endpoint = "no"\nmodel = "m"', "endpoint_unknown", "no endpoint no."),
        ('base_url = "http://169.254.169.254/"\nmodel = "m"', "of_the_operator", "base_url"),
        (
            'base_url = "http://127.0.0.1:9/v1"\napi_key_env = "SECRET_KEY"\nmodel = "m"',
            "of_the_operator",
            "api_key_env",
        ),
        ('endpoint = "campus"\nmodel = "m"\nspend_cap = 2', "elsewhere", "spend_cap"),
        ('profile = "nobody"', "profile_unknown", "people-like"),
    ],
)
def test_a_mistake_in_a_file_has_its_code_and_place(
    client,
    open_study,
    owner,
    listed,  # noqa: F811
    text,
    code,
    words,
):
    client.force_login(owner)
    page = client.post(of_file(open_study), {"text": text})
    assert page.status_code == 422
    [(found, sentence)] = page.context["form"].mistakes
    assert found == code
    assert words in sentence
    assert code in page.content.decode()
    assert not Panel.objects.exists()


def test_no_file_an_endless_one_and_a_strangers_are_refused(
    client,
    open_study,
    owner,
    stranger,
    listed,  # noqa: F811
):
    client.force_login(owner)
    assert client.post(of_file(open_study), {}).context["form"].errors.keys() == {"file"}
    large = SimpleUploadedFile("large.toml", b"#" * 1_000_001)
    assert "file" in client.post(of_file(open_study), {"file": large}).context["form"].errors
    client.force_login(stranger)
    assert client.get(of_file(open_study)).status_code == 404


def test_an_address_that_the_operator_lists_is_that_endpoint(open_study, listed, tmp_path):  # noqa: F811
    known = load_endpoints(tmp_path / "endpoints.toml")
    text = 'base_url = "http://127.0.0.1:9/v1"\nmodel = "m"\nprovider = "openai"'
    assert spec_of_file(text, known).base_url == "http://127.0.0.1:9/v1"
    text = text.replace(":9/", ":10/")
    with pytest.raises(SpecError, match="base_url"):
        spec_of_file(f'endpoint = "campus"\n{text}', known)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"arms": (Arm("block", "number", "window", 2), Arm()), "seed": 9, "sessions": 7},
        {"wordings": {"a": "Say it.", "b": ""}, "block_orders": "shuffled"},
        {"personas": "table", "persona_table": ((("Age", "40"),), (("Age", "50"),))},
        {"personas": "margins", "margins": (("Age", (("40", 0.5), ("50", 0.5))),)},
        {"sampling": SamplingSpec(0.5, 0.9, 300, reasoning_effort="low"), "max_turns": 4},
    ],
)
def test_the_file_that_is_shown_is_the_same_specification(open_study, listed, tmp_path, values):  # noqa: F811
    spec = PanelSpec(model="small", base_url="http://127.0.0.1:9/v1", **values)
    text = as_file(spec, "campus")
    assert "127.0.0.1" not in text
    known = load_endpoints(tmp_path / "endpoints.toml")
    assert spec_of_file(text, known).hash == spec.hash


def test_a_design_with_fewer_sessions_than_conditions_says_so():
    spec = PanelSpec(model="m", sessions=3, scale_directions="balanced", arms=(Arm(), Arm("page")))
    design = design_of(spec, sessions=3)
    assert (design.empty_cells, design.per_cell) == (1, "0–1")
    assert len(design.factors) == 2
