"""The same malformed value is refused at every door alike: at its place, with a code."""

import json
from copy import deepcopy

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llm_respondents.design.spec import PanelSpec
from llm_respondents.endpoint_list import endpoints
from llm_respondents.errors import SpecError
from llm_respondents.mistakes import MistakeCode
from llm_respondents.models import Panel
from llm_respondents.web.spec_files import spec_of_file
from tests.llm_respondents.pages.test_recruiting_pages import address, filled_in, listed  # noqa: F401

VALID = {
    "model": "small",
    "label": "A panel",
    "sessions": 4,
    "seed": 7,
    "language": "en",
    "sampling": {
        "temperature": 0.5,
        "top_p": 0.9,
        "max_tokens": 300,
        "sends_seed": True,
        "reasoning_effort": "low",
    },
    "arms": [
        {"items_per_turn": "one", "elicitation": "schema"},
        {
            "history": "window",
            "window": 3,
            "option_marks": "letter",
            "option_order": "shuffled",
            "reasoning": "drop",
        },
        {"history": "swapped"},
    ],
    "scale_directions": "balanced",
    "block_orders": "shuffled",
    "wordings": {"own": "Reply.", "standard": ""},
    "personas": "margins",
    "margins": {"Age": {"18-39": 0.4, "40+": 0.6}},
    "history_from": "people",
    "extra_body": {"stop": ["#"]},
    "max_turns": 40,
    "max_session_tokens": 9000,
}
TEXTS = {"model", "label", "language", "reasoning_effort", "own", "history_from"}
CHOICES = {
    "items_per_turn",
    "elicitation",
    "history",
    "option_marks",
    "option_order",
    "reasoning",
    "scale_directions",
    "block_orders",
    "personas",
}
WHOLE = {"sessions", "seed", "max_tokens", "window", "max_turns", "max_session_tokens"}
NUMBERS = {"temperature", "top_p", "18-39"}
TABLES = {"sampling", "wordings", "margins", "Age", "extra_body"}
PLACES = [
    *((name,) for name in VALID),
    *(("sampling", name) for name in VALID["sampling"]),
    *(("arms", at, name) for at, arm in enumerate(VALID["arms"]) for name in arm),
    ("wordings", "own"),
    ("margins", "Age"),
    ("margins", "Age", "18-39"),
    ("arms", 0),
]


def path(place):
    return "".join(f"[{p + 1}]" if isinstance(p, int) else f".{p}" for p in place).lstrip(".")


def wrong_for(name):
    """Values of another type than the field's, or beyond its range."""
    numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers()
    texts = st.text(max_size=20)
    others = [st.none(), st.just({"a": {}}), st.just([[]])]
    if name in TEXTS:
        more = [numbers, st.booleans(), st.just("x" * 20_001), st.just("a\0b"), st.just("\ud800")]
    elif name in CHOICES:
        more = [texts.map(lambda text: f"{text}?"), numbers, st.booleans()]
    elif name in WHOLE:
        more = [
            texts,
            st.floats(allow_nan=False, allow_infinity=False),
            st.booleans(),
            st.integers(max_value=-1),
        ]
        more += [st.integers(min_value=2**62 + 1, max_value=2**70)]
    elif name in NUMBERS:
        more = [texts, st.booleans(), st.floats(max_value=-0.01, allow_infinity=False)]
        more += [st.floats(min_value=2.01, allow_infinity=False)]
    elif name == "sends_seed":
        more = [texts, numbers]
    else:
        more = [texts, numbers, st.booleans()]
    if name in ("temperature", "top_p"):
        # None leaves them to the endpoint.
        others = others[1:]
    if name in TABLES:
        others = [st.none(), st.just([[]])]
    if name == "arms":
        others = [st.none(), st.just({"a": {}})]
    return st.one_of(*others, *more)


@st.composite
def mutations(draw):
    """A valid specification with one field that is wrong, and the field's place."""
    place = draw(st.sampled_from(PLACES))
    values = deepcopy(VALID)
    around = values
    for part in place[:-1]:
        around = around[part]
    name = next(part for part in reversed(place) if isinstance(part, str))
    around[place[-1]] = draw(wrong_for("" if isinstance(place[-1], int) else name))
    return place, values


def refused(place, mistakes):
    """Whether the mistakes are at the field or in it, and each has a code that is known."""
    assert mistakes
    for where, code in mistakes:
        assert MistakeCode(code)
        head = path(place)
        # A share that is none spoils its whole attribute.
        at = where == head or where.startswith((f"{head}.", f"{head}["))
        assert at or (place[0] == "margins" and head.startswith(where)), (where, head)


def test_the_specification_itself_is_valid():
    assert PanelSpec.from_json(VALID)


@given(mutations())
@settings(max_examples=400)
def test_the_model_refuses_a_wrong_value_at_its_place_and_raises_nothing_else(mutation):
    place, values = mutation
    with pytest.raises(SpecError) as refusal:
        PanelSpec.from_json(values)
    refused(place, [(one.path, one.code) for one in refusal.value.mistakes])


@given(mutations())
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
def test_every_door_refuses_what_the_model_refuses_in_the_same_words(
    client,
    open_study,
    owner,
    listed,  # noqa: F811
    tmp_path,
    mutation,
):
    place, values = mutation
    with pytest.raises(SpecError) as refusal:
        PanelSpec.from_json(values)
    wanted = [(one.path, one.code.value) for one in refusal.value.mistakes]
    refused(place, wanted)
    text = json.dumps({**values, "endpoint": "campus"})

    file = tmp_path / "design.json"
    file.write_text(text)
    with pytest.raises(CommandError, match=r"\[panel_spec_invalid\]"):
        call_command("run_panel", study=open_study.slug, spec=file, verbosity=0)

    with pytest.raises(SpecError) as of_file:
        spec_of_file(text, endpoints())
    assert [(one.path, one.code.value) for one in of_file.value.mistakes] == wanted

    client.force_login(owner)
    body = json.dumps({**json.loads(text), "study": open_study.slug})
    answer = client.post("/api/panels/", body, content_type="application/json")
    assert answer.status_code == 400
    assert [(one["path"], one["code"]) for one in answer.json()["mistakes"]] == wanted
    assert not Panel.objects.exists()


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("max_turns = -1", "max_turns"),
        ("seed = 1.5", "seed"),
        ("arms = 5", "arms"),
        ("label = 7", "label"),
        ("[sampling]\nsends_seed = 'no'", "sampling.sends_seed"),
        ("label = 2026-01-01", "label"),
    ],
)
def test_the_command_refuses_a_malformed_file_and_says_where(open_study, tmp_path, line, where):
    file = tmp_path / "design.toml"
    file.write_text(f'model = "small"\n{line}\n')
    with pytest.raises(CommandError, match=rf"{where}: .*\[panel_spec_invalid\]"):
        call_command("run_panel", study=open_study.slug, spec=file, verbosity=0)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"model = ", b"{", b""])
def test_a_file_that_cannot_be_read_ends_the_command_with_a_code(open_study, tmp_path, content):
    file = tmp_path / "design.toml"
    file.write_bytes(content)
    with pytest.raises(CommandError, match="panel_spec_unreadable"):
        call_command("run_panel", study=open_study.slug, spec=file, verbosity=0)


def test_the_command_takes_the_file_that_a_panels_page_shows(
    open_study,
    listed,  # noqa: F811
    tmp_path,
    capsys,
):
    file = tmp_path / "design.json"
    for who in ({"endpoint": "campus", "model": "small"}, {"profile": "people-like"}):
        file.write_text(json.dumps({**who, "sessions": 2}))
        call_command("run_panel", study=open_study.slug, spec=file, recruit_only=True, json=True)
    assert list(Panel.objects.order_by("pk").values_list("base_url", "provider")) == [
        ("http://127.0.0.1:9/v1", "openai"),
        ("", "scripted"),
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sessions", "1.5"),
        ("sessions", "100001"),
        ("seed", "one"),
        ("seed", str(2**63)),
        ("temperature", "-1"),
        ("top_p", "2"),
        ("max_tokens", "0"),
        ("window", "-1"),
        ("history", "unknown"),
        ("more_history", "unknown"),
        ("elicitation", "7"),
        ("label", "x" * 121),
        ("model", "x" * 201),
        ("model", "a\0b"),
        ("reasoning_effort", "x" * 41),
        ("wording", "x" * 20_001),
        ("personas", "all"),
        ("language", "tlh"),
    ],
)
def test_the_recruiting_page_refuses_a_malformed_value_at_its_field(
    client,
    open_study,
    owner,
    listed,  # noqa: F811
    field,
    value,
):
    client.force_login(owner)
    page = client.post(address(open_study), filled_in(**{field: value}))
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert not Panel.objects.exists()
