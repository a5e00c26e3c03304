"""Pictures for models: sent in each interface or told in words, the same in prompt and preview."""

import asyncio
import base64
import itertools
import json
import logging
import math
import re
from html import unescape

import pytest
from batch_endpoint import BatchEndpoint
from factories import TESTER
from picture_studies import write_poster_study
from pictures import picture
from test_previews_of_arms import TURN
from workers import options

from llm_respondents.conversation.arms import Arm
from llm_respondents.conversation.pictures import fewest_tokens, most_tokens, usual_tokens
from llm_respondents.design.spec import PanelSpec
from llm_respondents.endpoints.apis import API_NAMES
from llm_respondents.errors import SpecError
from llm_respondents.models import Attempt
from llm_respondents.money.forecast import estimate_cost
from llm_respondents.providers.base import Failure, Reply
from llm_respondents.providers.endpoint import endpoint_provider
from llm_respondents.readout.transcripts import transcript
from llm_respondents.rehearsal import Behaviour, Endpoint
from llm_respondents.rehearsal.shapes import pictures_in
from llm_respondents.services import recruit_panel, run_panel
from llm_respondents.services.named_endpoints import chosen_spec
from surveys import services
from surveys.management.commands.load_study import source_file
from surveys.services import SourceFile, read_files
from tests.llm_respondents.batches.test_batch_runs import in_batches
from tests.llm_respondents.providers.test_apis import request

DATA = base64.b64encode(picture()).decode()
SHOWN = {"sha256": "0" * 64, "type": "image/png", "width": 40, "height": 20}
SAID = [
    {"role": "system", "content": "Reply briefly."},
    {"role": "user", "content": "[Picture 1]\nFirst?\n1 = no\n2 = yes", "pictures": [SHOWN]},
]
PARTS = {
    "chat": {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{DATA}"}},
    "responses": {"type": "input_image", "image_url": f"data:image/png;base64,{DATA}"},
    "anthropic": {
        "type": "image",
        "source": {"type": "base64", "media_type": "image/png", "data": DATA},
    },
    "gemini": {"inlineData": {"mimeType": "image/png", "data": DATA}},
}


@pytest.mark.parametrize("api", API_NAMES)
def test_each_interface_sends_a_picture_before_its_text(api, monkeypatch):
    monkeypatch.setenv("SOME_KEY", "s3cret")

    def ask(behaviour):
        async def go(base_url):
            provider = endpoint_provider(
                model="m",
                api=api,
                base_url=base_url,
                api_key_env="SOME_KEY",
                pictures={SHOWN["sha256"]: DATA},
            )
            try:
                asked = request(SAID)
                return await provider.ask(asked, provider.parameters(asked))
            finally:
                await provider.aclose()

        with Endpoint(behaviour) as endpoint:
            return asyncio.run(go(endpoint.base_url)), endpoint

    reply, endpoint = ask(Behaviour())
    assert isinstance(reply, Reply)
    sent = json.dumps(endpoint.requests[0])
    assert json.dumps(PARTS[api]) in sent
    assert sent.index(DATA) < sent.index("First?")
    assert pictures_in(endpoint.requests[0]) == 1
    refused, _ = ask(Behaviour(takes_pictures=False))
    assert isinstance(refused, Failure)
    assert refused.kind == "bad_request"


@pytest.fixture
def posters(owner, tmp_path):
    path = write_poster_study(tmp_path)
    materials = read_files(
        study=SourceFile("study.toml", path.read_text("utf-8")),
        instruments=[source_file(tmp_path / "posters-1.0.toml")],
    )
    draft = services.make_draft(materials=materials, owner=owner, by=TESTER)
    return services.open_study(study=draft, by=TESTER)


def recruited(study, **values):
    spec = PanelSpec(**{"model": "small", "sessions": 1, "language": "en", **values})
    return recruit_panel(study=study, spec=spec, by=TESTER)


def turns_of_preview(client, study, pictures):
    html = client.get(f"/studies/{study.slug}/preview/?arm-pictures={pictures}&page=1").content
    html = html.decode()
    model = re.sub(r"<img[^>]*>\n", "", html.split('id="model"')[1])
    return html, [unescape(text).strip() for _n, text in TURN.findall(model)]


def test_a_picture_is_sent_or_told_and_it_is_known_which(posters, owner, client, caplog):
    caplog.set_level(logging.DEBUG)
    client.force_login(owner)
    calls = {}
    with Endpoint() as endpoint:
        for pictures in ("sent", "described"):
            panel = recruited(posters, base_url=endpoint.base_url, pictures=pictures, seed=1)
            run = run_panel(panel_id=panel.pk, options=options(), by=TESTER)
            assert run.status == "complete"
            calls[pictures] = list(Attempt.objects.of(panel).order_by("pk"))
    first = calls["sent"][0].new_messages[-1]
    assert first["content"].startswith(
        "Posters\n\nLook at each poster.\n\n[Picture 1]\n[Sound recording: Silence.]\n"
        "This poster hung in a station.\n\nQuestion 1 of 3"
    )
    (named,) = first["pictures"]
    assert named["width"] == 40
    second = calls["sent"][1].new_messages[-1]
    assert "Question 2 of 3\n[Picture 1]\nAnd this one?" in second["content"]
    third = calls["sent"][2].new_messages[-1]
    assert "[Video: Hello, she says.]\nAnd the film?" in third["content"]
    assert "pictures" not in third
    told = calls["described"][0].new_messages[-1]
    assert "[Picture: A red poster]\n[Sound recording: Silence.]" in told["content"]
    assert "pictures" not in told
    # What is stored and logged names pictures and does not hold them.
    stored = json.dumps([[call.new_messages, call.parameters] for call in calls["sent"]])
    data = next(part for part in _data_in(endpoint.requests) if len(part) > 100)
    assert data not in stored
    assert data[:60] not in caplog.text
    # Pictures of earlier turns are sent again with the history.
    conversations = [one for one in endpoint.requests if pictures_in(one)]
    assert pictures_in(conversations[-1]) == 2

    panel_sent = Attempt.objects.get(pk=calls["sent"][0].pk).administration.respondent
    shown = transcript(panel_sent.panel_member)
    assert [one.alt for one in shown.turns[0].shown] == ["A red poster"]
    assert shown.as_json()["turns"][0]["pictures"] == [named["sha256"]]
    method = panel_sent.panel_member.panel.group.method["pictures"]
    assert method.startswith("3 pictures sent as images; 1 sound and 1 video told in the words")

    for pictures in ("sent", "described"):
        html, turns = turns_of_preview(client, posters, pictures)
        read = [call.new_messages[-1]["content"] for call in calls[pictures][:2]]
        assert turns == read
        # Once as a person sees it, once more where a model does.
        assert html.count('alt="A red poster"') == (2 if pictures == "sent" else 1)


def _data_in(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _data_in(part)
    elif isinstance(value, str) and "base64," in value:
        yield value.split("base64,")[1]


def test_a_model_that_sees_nothing_is_found_out_before_the_first_session(posters):
    with Endpoint(Behaviour(takes_pictures=False)) as endpoint:
        panel = recruited(posters, base_url=endpoint.base_url, pictures="sent")
        run = run_panel(panel_id=panel.pk, options=options(probe=True), by=TESTER)
    assert (run.status, run.halt_code) == ("halted", "pictures_not_taken")
    panel.refresh_from_db()
    assert panel.capabilities["pictures"] == "rejected"
    assert not Attempt.objects.exists()


def test_pictures_go_into_batches_too(posters):
    with BatchEndpoint(Behaviour()) as endpoint:
        panel = recruited(
            posters, base_url=endpoint.base_url, pictures="sent", arms=(Arm(history="none"),)
        )
        assert in_batches(panel).status == "complete"
        assert sum(map(pictures_in, endpoint.requests)) == 2
    assert Attempt.objects.filter(outcome="answered").count() == 3


def test_no_published_rule_counts_more_for_a_picture_than_the_bound(db):
    """The rules as their providers state them; the sources stand beside the bound."""
    for width, height in itertools.product((1, 200, 768, 1568, 2576, 5000), repeat=2):
        by_pixels = min(math.ceil(width * height / 750), 4_784)
        by_tiles = 258 * math.ceil(width / 768) * math.ceil(height / 768)
        by_patches = 2.46 * min(math.ceil(width / 32) * math.ceil(height / 32), 1_536)
        bound = most_tokens({**SHOWN, "width": width, "height": height})
        assert bound >= max(by_pixels, by_tiles, by_patches)


def test_pictures_are_counted_before_they_are_paid_for(posters, list_endpoint):
    list_endpoint("http://127.0.0.1:1/v1")
    for width, height in [(40, 20), (2000, 1000), (4000, 4000)]:
        one = {**SHOWN, "width": width, "height": height}
        assert fewest_tokens(one) <= usual_tokens(one) <= most_tokens(one)
    # Two by two tiles, as the dearest published rule counts them.
    assert most_tokens({**SHOWN, "width": 2048, "height": 2048}) == 2833 + 4 * 5667
    costs = [
        estimate_cost(recruited(posters, base_url="http://127.0.0.1:1/v1", pictures=pictures))
        for pictures in ("described", "sent")
    ]
    for case in ("low", "expected", "high", "most"):
        told, sent = (getattr(one, case) for one in costs)
        assert sent.prompt_tokens > told.prompt_tokens


def test_only_an_endpoint_that_is_said_to_take_pictures_is_sent_them(list_endpoint, tmp_path):
    list_endpoint("http://127.0.0.1:1/v1")

    def chosen(**values):
        given = {"model": "small", "sessions": 1, **values}
        return chosen_spec(endpoint="lab", profile="", values=given)

    assert chosen().pictures == "described"
    with pytest.raises(SpecError) as refused:
        chosen(pictures="sent")
    assert refused.value.mistakes[0].code == "takes_no_pictures"
    path = tmp_path / "endpoints.toml"
    path.write_text(path.read_text().replace("base_url", "pictures = true\nbase_url", 1))
    assert chosen().pictures == "sent"
    told = chosen(pictures="described")
    assert told.pictures == "described"
    assert "pictures" not in told.as_json(), "specifications from before keep their hash"
