"""The contract of the preview: it shows the page that a person gets and what a model is sent."""

import re
from html import unescape

import pytest
from factories import TESTER, answer_everything, make_link, make_person, personal
from request_study import open_request_study
from workers import options

from llm_respondents.conversation.arms import Arm
from llm_respondents.readout.previews import STAND_IN, WINDOW
from llm_respondents.rehearsal import Endpoint
from llm_respondents.services import run_panel
from surveys.selectors import presentation_of
from surveys.services import Start, begin_administrations

TURN = re.compile(
    r'<li class="asked"><span class="who">\w+ (\d+)</span>(.*?)(?:<details|</li>)', re.DOTALL
)
SYSTEM = re.compile(r'<li class="system"><span class="who">[^<]*</span>(.*?)</li>', re.DOTALL)
MESSAGE = re.compile(r'<li class="\w+"><span class="who">(\w+)</span>(.*?)</li>', re.DOTALL)
ARMS = [
    Arm(),
    Arm(items_per_turn="page", history="none", elicitation="label"),
    Arm(items_per_turn="block", history="block", elicitation="number", option_marks="letter"),
    Arm(history="window", window=WINDOW, elicitation="reason", option_order="shuffled"),
]


def address(study, arm: Arm, **query) -> str:
    parts = {
        f"arm-{name}": getattr(arm, name)
        for name in ("items_per_turn", "elicitation", "history", "option_marks", "option_order")
    }
    return f"/studies/{study.slug}/preview/?" + "&".join(
        f"{name}={value}" for name, value in {**query, **parts}.items()
    )


def questions_of(html: str) -> list[tuple[str, ...]]:
    """Each question of a page as it is rendered: its words, then its options in order."""
    found = []
    for item in re.findall(r"<fieldset class=\"item.*?</fieldset>", html, re.DOTALL):
        legend = re.search(r"<legend[^>]*>(.*?)</legend>", item, re.DOTALL)[1]
        spans = re.findall(r"<label[^>]*>.*?<span>(.*?)</span>", item, re.DOTALL)
        found.append((legend.strip(), *spans))
    return found


@pytest.mark.parametrize("arm", ARMS, ids=lambda arm: f"{arm.items_per_turn}-{arm.history}")
def test_a_preview_is_the_page_of_a_person_and_the_requests_of_a_model(
    client, open_study, owner, recruit, arm
):
    with Endpoint() as endpoint:
        panel = recruit(
            base_url=endpoint.base_url,
            sessions=1,
            arms=(arm,),
            language="de",
            scale_directions="reversed",
        )
        run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    session = panel.sessions.get()
    someone = make_person(make_link(open_study), "de")
    start = Start(someone.respondent, session.seed, "de", scale_direction="reversed")
    someone.delete()
    (person,) = begin_administrations(study=open_study, starts=[start])
    answer_everything(person)
    sent = endpoint.conversations
    client.force_login(owner)

    turns, html = {}, ""
    for page in presentation_of(session).pages:
        query = {"language": "de", "seed": session.seed, "direction": "reversed"}
        html = client.get(address(open_study, arm, **query, page=page.number)).content.decode()
        real = client.get(personal("page", person, number=page.number)).content.decode()
        assert questions_of(html) == questions_of(real)
        assert len(questions_of(html)) == len(page.questions)
        turns |= {int(n): unescape(text) for n, text in TURN.findall(html.split("<details")[0])}
        turns |= {int(n): unescape(text) for n, text in TURN.findall(html)}

    assert [turns[n] for n in sorted(turns)] == [one[-1]["content"] for one in sent]
    assert unescape(SYSTEM.search(html)[1]) == sent[-1][0]["content"]
    replied = [
        (one["role"], STAND_IN if one["role"] == "assistant" else one["content"])
        for one in sent[-1]
    ]
    if len(replied) > 2:
        shown = [(role, unescape(text)) for role, text in MESSAGE.findall(html.split("<ol")[-1])]
        assert shown == replied


def test_a_preview_follows_the_condition_and_shows_what_answers_may_bring(client, owner):
    study = open_request_study(owner)
    client.force_login(owner)
    firm = client.get(address(study, Arm(), page=3, **{"condition-recipient": "firm"}))
    state = client.get(address(study, Arm(), page=3, **{"condition-recipient": "state"}))
    model = firm.content.decode().split('id="model"')[1]

    assert "Would you, at …, trust a firm with them?" in model
    assert "trust a firm" not in state.content.decode().split('id="model"')[1]
