"""A study of one's own from an empty database to the report, over REST with a token alone.

People answer on their pages, as they always do; every other step is a request that is documented.
"""

import re
import tomllib
from io import BytesIO
from itertools import cycle

import pytest
from django.conf import settings as site
from django.test import Client
from factories import TESTER, make_user
from pictures import picture

from surveys.models import Scope, Study
from surveys.services.access.tokens import create_token
from surveys.services.rehearsal import read_form

pytestmark = pytest.mark.django_db
GUIDE = (site.BASE_DIR / "docs" / "guide.md").read_text("utf-8")
PEOPLE = 10
SCALE = """key\ttext\tde\tR
calm\tTea makes me calm.\tTee macht mich ruhig.\t
warm\tA cup of tea warms me.\tEine Tasse Tee wärmt mich.\t
dull\tTea is dull.\tTee ist fad.\tR
"""
CONDITION = {
    "key": "cup",
    "levels": [
        {"key": "blue", "label": {"en": "blue", "de": "blau"}},
        {"key": "red", "label": {"en": "red", "de": "rot"}},
    ],
}
PLAN = """name = "main"
study = "cups"

[[constructs]]
key = "TEA"
label = "Liking tea"
block = "tea"
indicators = "mean"

[[constructs]]
key = "BUY"
label = "Buying"
block = "cup"
indicators = "mean"
items = ["buy", "give"]

[[paths]]
predictor = "TEA"
outcome = "BUY"
sign = "+"
source = "T"
family = "tea"
reference = "A test."

[draws]
bootstrap = 0
permutations = 0
noise_draws = 0
"""


class Program:
    """What a program sends: JSON with a token; each address must be in the documentation."""

    def __init__(self, token: str) -> None:
        self.client = Client(headers={"Authorization": f"Bearer {token}"})

    def __call__(self, method: str, path: str, body=None, *, code: int = 200, form=False):
        send = getattr(self.client, method)
        kind = {} if form or method == "get" else {"content_type": "application/json"}
        answer = send(f"/api/{path}", body if body is not None else {}, **kind)
        assert answer.status_code == code, (path, answer.content[:2000])
        first, *rest = path.split("?")[0].strip("/").split("/")
        for word in (first, *rest):
            if not (word.isdigit() or word in ("cups", "shelf")):
                assert re.search(rf"\b{word}\b", GUIDE), f"{word} is not in docs/guide.md"
        return answer.json() if "json" in answer.headers.get("Content-Type", "") else answer


@pytest.fixture
def program(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
    user = make_user("ada")
    scopes = [one.value for one in Scope]
    _token, told = create_token(user=user, name="notebook", scopes=scopes, days=30, by=TESTER)
    return Program(told)


def instruments(program):
    """The scale is pasted; the vignette is written, with a picture that is sent before."""
    head = {
        "slug": "tea",
        "version": "1.0",
        "construct": "tea",
        "languages": ["en", "de"],
        "licence": "CC0-1.0",
        "citation": "None.",
        "wording_note": "Our own words.",
        "title": {"en": "Tea", "de": "Tee"},
        "instruction": {"en": "Do you agree?", "de": "Stimmen Sie zu?"},
        "orientation": {"en": "High: likes tea.", "de": "Hoch: mag Tee."},
    }
    draft = program("post", "instrument-drafts/", head, code=201)
    program("post", f"instrument-drafts/{draft['id']}/items/", {"text": SCALE})
    program("post", f"instrument-drafts/{draft['id']}/publish/", code=201)

    file = BytesIO(picture())
    file.name = "cup.png"
    stored = program("post", "media/", {"file": file}, code=201, form=True)
    assert (stored["width"], stored["type"]) == (40, "image/png")
    options = [{"value": n, "label": {"en": f"step {n}", "de": f"Stufe {n}"}} for n in range(1, 6)]

    def item(key, en, de, answered="steps", **more):
        return {"key": key, "response_scale": answered, "text": {"en": en, "de": de}, **more}

    alt = {"en": "A cup", "de": "Eine Tasse"}
    program(
        "post",
        "instruments/",
        {
            **head,
            "slug": "cup",
            "construct": "cup",
            "response_scales": [
                {"key": "read", "kind": "information"},
                {"key": "steps", "options": options},
                {"key": "words", "kind": "text"},
            ],
            "items": [
                item(
                    "story",
                    "This cup is {condition:cup}.",
                    "Diese Tasse ist {condition:cup}.",
                    "read",
                    media=[{"file": "cup.png", "sha256": stored["sha256"], "alt": alt}],
                ),
                item("buy", "I would buy it.", "Ich würde sie kaufen."),
                item("give", "I would give it away.", "Ich würde sie verschenken."),
                item("why", "What keeps you?", "Was hält Sie ab?", "words", need="free"),
            ],
        },
        code=201,
    )


STUDY = {
    "slug": "cups",
    "version": "1.0",
    "languages": ["en", "de"],
    "title": {"en": "A study of cups", "de": "Eine Studie über Tassen"},
    "consent": {
        "version": "1.0",
        "contact": "Cup Research Group, cups@example.org",
        "information": {"en": "We ask about cups.", "de": "Wir fragen nach Tassen."},
        "statement": {"en": "I agree to take part.", "de": "Ich möchte teilnehmen."},
    },
    "conditions": [CONDITION],
}


def answer(address: str, codes) -> str:
    """Somebody follows the link, agrees, answers every page and hands in; the pages that were."""
    client = Client()
    page = client.get(address)
    seen, entries = "", {"decision": "agree"}
    path = address
    while page.resolver_match.view_name != "surveys:end":
        form = read_form(page.content.decode())
        answers = {name: str(next(codes)) for name in form.names if "." in name}
        page = client.post(path, {**form.hidden, **answers, **entries}, follow=True)
        assert page.status_code == 200, page.content.decode()
        path, entries = page.request["PATH_INFO"], {}
        seen += page.content.decode()
    return seen


def test_from_nothing_to_the_report_over_rest(program):
    instruments(program)
    program("post", "studies/", STUDY, code=201)
    for block in ("tea", "cup"):
        about = {"instrument": block, "version": "1.0", "key": block, "shuffle": False}
        program("post", "studies/cups/blocks/", about, code=201)
    whole = program("get", "studies/cups/export/")["study"]
    rule = {"show": "cup.why", "when": "cup.buy <= 2"}
    program("put", "studies/cups/", {**whole, "show_if": [rule]})
    ready = program("get", "studies/cups/check/")
    assert ready["ready_for_people"], ready
    assert program("post", "studies/cups/open/")["status"] == "open"
    link = program("post", "links/", {"study": "cups", "label": "hall"}, code=201)

    codes = cycle([5, 4, 1, 4, 5, 2, 2, 4, 1, 2, 3, 3, 3, 3, 4])
    pages = [answer(f"/s/{link['token']}/?language=en", codes) for _ in range(PEOPLE)]
    assert all('alt="A cup"' in page for page in pages)
    assert {"blue", "red"} == {word for p in pages for word in ("blue", "red") if f"is {word}" in p}
    assert any("What keeps you?" in page for page in pages)
    assert not all("What keeps you?" in page for page in pages)
    (row,) = program("get", "links/?study=cups")["results"]
    assert (row["began"], row["completed"]) == (PEOPLE, PEOPLE)
    assert not program("patch", f"links/{link['id']}/", {"active": False})["active"]

    plan = program("post", "plans/", {"study": "cups", "plan": PLAN}, code=201)
    asked = {"study": "cups", "profile": "people-like", "sessions": PEOPLE, "key": "scripted"}
    panel = program("post", "panels/", asked, code=201)
    program("post", f"panels/{panel['id']}/run/", code=202)
    assert program("get", f"panels/{panel['id']}/")["status"] == "complete"
    program("post", f"plans/{plan['id']}/fit/", code=202)
    (run,) = program("get", "runs/?study=cups")["results"]
    assert run["status"] == "done", run
    assert [one["kind"] for one in run["summary"]] == ["human", "llm"]
    (report,) = program("get", "reports/?study=cups")["results"]
    pdf = program("get", f"reports/{report['id']}/file/")
    assert pdf.content.startswith(b"%PDF-")
    assert program("post", "studies/cups/close/")["status"] == "closed"
    assert tomllib.loads(program("get", "studies/cups/export/?form=toml").content.decode())
    assert Study.objects.get().groups.filter(method__pictures__startswith="1 picture").exists()
