"""The operator's endpoints, their dialects, and what a probe finds out."""

import json
from functools import partial

import pytest
from django.core.management import CommandError, call_command
from factories import TESTER
from workers import options

from llm_respondents.conversation.prompts import Arm
from llm_respondents.design.spec import PanelSpec, SamplingSpec
from llm_respondents.endpoints.dialects import DIALECTS
from llm_respondents.endpoints.file import load_endpoints
from llm_respondents.errors import EndpointFileError, MissingClient, SpecError
from llm_respondents.models import Attempt
from llm_respondents.rehearsal import Behaviour, Endpoint
from llm_respondents.services import probing, run_panel, workers
from llm_respondents.services.named_endpoints import chosen_spec, endpoint_of, terms_of

FILE = """
[endpoints.lab]
base_url = "http://127.0.0.1:8001/v1"
dialect = "vllm"
api_key_env = "LAB_KEY"
concurrency = 7
requests_per_minute = 600

[endpoints.lab.models.small]
input_per_million = 0.25
output_per_million = 2
"""


@pytest.fixture
def write(tmp_path):
    def to_file(text):
        path = tmp_path / "endpoints.toml"
        path.write_text(text)
        return path

    return to_file


def test_the_file_is_read_whole(write):
    lab = load_endpoints(write(FILE))["lab"]
    assert (lab.dialect, lab.api_key_env, lab.concurrency) == ("vllm", "LAB_KEY", 7)
    assert lab.models["small"].nano(1000, 100) == 450_000


def test_without_a_file_there_is_no_endpoint(tmp_path):
    assert load_endpoints(tmp_path / "endpoints.toml") == {}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("http://127.0.0.1:8001/v1", "file:///etc/passwd"), "http:// or https://"),
        (('"vllm"', '"telepathy"'), "dialect"),
        (('"LAB_KEY"', '"sk-12345"'), "never a key"),
        (("concurrency", "concurency"), "line 6, .*Is concurrency meant"),
        (("input_per_million = 0.25", "input_per_million = -1"), "line 10, .*0 or more"),
        (("output_per_million = 2", ""), "output_per_million"),
        (("[endpoints.lab]", "[endpoints.lab"), "line 2: This cannot be read as TOML"),
        (("[endpoints.lab]", 'key = "x"\n[endpoints.lab]'), "nothing else"),
    ],
)
def test_a_mistake_in_the_file_is_named(write, change, says):
    with pytest.raises(EndpointFileError, match=says):
        load_endpoints(write(FILE.replace(*change, 1)))


MISTAKEN = """
currency = "EUR"

[endpoints.lab]
base_url = "file:///etc/passwd"
dialect = "telepathy"
name = "lab"
api_key_env = "sk-12345"
concurrency = "fifty"
requests_per_minute = -3
tokens_per_minute = 1.5
concurency = 4
batch = "no"

[endpoints.lab.models."small.model"]
input_per_million = "free"
output_per_million = inf
batch_factor = true
cached = 3

[endpoints.half]
models = 3

[endpoints.dear]
base_url = "http://127.0.0.1:9/v1"
models.small = { input_per_million = 0.1, output_per_million = 1, cached_input_per_million = 2 }
"""


NATIVE = """
[endpoints.lab]
base_url = "http://127.0.0.1:8001"
api = "anthropic"
batch = true

[endpoints.lab.extra_body]
service_tier = "flex"
thinking = { type = "adaptive", share = 0.5 }
"""


def test_an_endpoint_names_its_interface_and_what_it_sends_besides(write):
    lab = load_endpoints(write(NATIVE))["lab"]
    assert (lab.api, lab.batch) == ("anthropic", True)
    assert lab.extra_body["thinking"] == {"type": "adaptive", "share": 0.5}
    with pytest.raises(EndpointFileError, match="model is decided elsewhere"):
        load_endpoints(write(NATIVE.replace("service_tier", "model")))


def test_what_an_endpoint_sends_besides_is_under_what_its_panel_does(write, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    write(NATIVE.replace("batch = true", ""))
    own = {"model": "m", "extra_body": {"thinking": {"share": 1}}}
    spec = chosen_spec(endpoint="lab", profile="", values=own)
    assert spec.api == "anthropic"
    assert spec.extra_body == {"service_tier": "flex", "thinking": {"type": "adaptive", "share": 1}}
    assert endpoint_of(spec).name == "lab"
    assert terms_of(spec).batches.path == "/v1/messages"
    assert endpoint_of(PanelSpec(model="m", base_url=spec.base_url)) is None


def test_a_client_that_is_not_installed_is_named_before_anything_is_begun(recruit, monkeypatch):
    monkeypatch.setattr(workers, "find_spec", lambda _name: None)
    panel = recruit(base_url="http://127.0.0.1:9", api="gemini", sessions=1)
    with pytest.raises(MissingClient, match=r"pip install .*\.\[gemini\]") as refusal:
        run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    assert refusal.value.code == "api_client_missing"


def test_every_mistake_is_named_at_once_with_its_line_and_its_code(write):
    with pytest.raises(EndpointFileError) as refusal:
        load_endpoints(write(MISTAKEN))
    model = "endpoints.lab.models.small.model"
    assert sorted((one.line, one.path, one.code) for one in refusal.value.mistakes) == [
        (2, "currency", "only_endpoints"),
        (5, "endpoints.lab.base_url", "no_address"),
        (6, "endpoints.lab.dialect", "not_a_choice"),
        (7, "endpoints.lab.name", "unknown_name"),
        (8, "endpoints.lab.api_key_env", "no_variable"),
        (9, "endpoints.lab.concurrency", "not_a_whole_number"),
        (10, "endpoints.lab.requests_per_minute", "too_small"),
        (11, "endpoints.lab.tokens_per_minute", "not_a_whole_number"),
        (12, "endpoints.lab.concurency", "misspelt_name"),
        (13, "endpoints.lab.batch", "not_yes_or_no"),
        (16, f"{model}.input_per_million", "not_a_number"),
        (17, f"{model}.output_per_million", "not_a_number"),
        (18, f"{model}.batch_factor", "not_a_number"),
        (19, f"{model}.cached", "unknown_name"),
        (21, "endpoints.half.base_url", "missing"),
        (22, "endpoints.half.models", "not_a_table"),
        (26, "endpoints.dear.models.small", "cached_dearer"),
    ]
    assert "sk-12345" not in str(refusal.value), "what may be a key is not repeated"


@pytest.mark.parametrize("root", ["endpoints = 3", "[endpoints]\nlab = 3", "[[endpoints]]\nx = 1"])
def test_what_is_no_table_is_no_endpoint(write, root):
    with pytest.raises(EndpointFileError, match="Give a table of keys and values"):
        load_endpoints(write(root))


def test_a_panel_can_be_recruited_on_a_listed_endpoint_by_name(
    open_study, settings, tmp_path, monkeypatch, capsys
):
    settings.DATA_DIR = tmp_path
    monkeypatch.setenv("LAB_KEY", "secret")
    with Endpoint() as endpoint:
        text = FILE.replace("http://127.0.0.1:8001/v1", endpoint.base_url)
        (tmp_path / "endpoints.toml").write_text(text)
        call_command(
            "run_panel",
            study=open_study.slug,
            endpoint="lab",
            model="small",
            verbosity=0,
            json=True,
        )
    assert json.loads(capsys.readouterr().out)["status"] == "complete"
    # The dialect's own temperature, since none was asked for.
    assert endpoint.requests[-1]["temperature"] == 1.0


def test_an_unlisted_endpoint_is_refused(open_study, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    with pytest.raises(CommandError, match="endpoint_unknown"):
        call_command("run_panel", study=open_study.slug, endpoint="lab", model="m", verbosity=0)


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_each_dialect_sends_what_its_endpoint_takes(recruit, name):
    dialect = DIALECTS[name]
    arm = Arm(elicitation="schema" if dialect.enforces_schema else "number")
    with Endpoint() as endpoint:
        panel = recruit(base_url=endpoint.base_url, dialect=name, arms=(arm,), sessions=1)
        run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    body = endpoint.requests[0]
    assert body[dialect.token_parameter] == 1000
    assert "seed" in body or dialect.seed_parameter != "seed"
    assert dialect.seed_parameter in body or not dialect.seed_parameter
    assert ("response_format" in body) is dialect.enforces_schema
    assert dialect.extra.items() <= body.items()


def test_a_dialect_that_ignores_schemas_is_not_asked_for_one():
    with pytest.raises(SpecError, match="let the number of an option be given"):
        PanelSpec(model="m", dialect="anthropic")
    with pytest.raises(SpecError, match="at most 1"):
        PanelSpec(
            model="m",
            dialect="anthropic",
            arms=(Arm(elicitation="number"),),
            sampling=SamplingSpec(temperature=1.5),
        )


def probed(recruit, behaviour, **values):
    with Endpoint(behaviour) as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=1, **values)
        run = run_panel(panel_id=panel.pk, options=options(probe=True), by=TESTER)
        panel.refresh_from_db()
        again = run_panel(panel_id=panel.pk, options=options(probe=True), by=TESTER)
    return panel, run, again, endpoint


def test_a_probe_stores_what_the_endpoint_honours_and_is_made_once(recruit):
    panel, run, _, endpoint = probed(recruit, Behaviour())
    found = panel.capabilities
    assert run.status == "complete"
    honoured = ("response_format", "seed", "logprobs", "context", "system")
    assert {found[name] for name in honoured} == {"honoured"}
    assert (found["model"], found["system_fingerprint"]) == ("small-2026-01-01", "fp_local")
    assert len(endpoint.requests) == panel.probe_calls + 40
    assert Attempt.objects.count() == 40
    # What it took is kept apart from what it found.
    beside = {"usage", "model", "system_fingerprint", "left_out", "renamed", "instruction"}
    beside |= {"pictures"}
    assert set(found) == {*honoured, *beside, "seconds"}
    assert panel.probed_at is not None
    assert panel.probe_tokens > 0


def test_a_schema_that_is_ignored_halts_the_panel_before_its_first_session(recruit):
    _, run, again, _ = probed(recruit, Behaviour(honours_schema=False))
    assert (run.status, run.halt_code) == ("halted", "schema_not_honoured")
    assert again.halt_code == "schema_not_honoured"
    assert not Attempt.objects.exists()


def test_the_same_endpoint_serves_a_panel_that_asks_for_the_number(recruit):
    arms = (Arm(elicitation="number"),)
    panel, run, _, _ = probed(recruit, Behaviour(honours_schema=False), arms=arms)
    assert run.status == "complete"
    assert panel.capabilities["response_format"] == "ignored"


def test_a_context_that_forgets_the_beginning_halts_a_panel_with_history(recruit):
    short = Behaviour(context_characters=4000)
    assert probed(recruit, short)[1].halt_code == "context_too_short"
    arms = (Arm(history="none"),)
    assert probed(recruit, short, arms=arms)[1].status == "complete"


def test_a_probe_outlasts_passing_faults_and_reports_lasting_ones(recruit, monkeypatch):
    monkeypatch.setattr(probing, "probe", partial(probing.probe, wait=0.01))
    passing = Behaviour(rate_limited=0.3, server_error=0.1, retry_after_seconds=0.01)
    assert probed(recruit, passing)[1].status == "complete"
    assert probed(recruit, Behaviour(always_status=401))[1].halt_code == "auth"
