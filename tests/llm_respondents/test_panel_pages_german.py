"""German pages of the panels say nothing in English that the pages themselves have to say."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from factories import TESTER
from test_recruiting_pages import address, filled_in, listed  # noqa: F401

from llm_respondents.design.margins import LineMistake
from llm_respondents.errors import PanelStateError
from llm_respondents.mistakes import MistakeCode
from llm_respondents.models import Attempt, Batch, Panel
from llm_respondents.providers.base import FailureKind
from llm_respondents.services import run_panel
from llm_respondents.web import words
from llm_respondents.web.spec_words import _BY_CODE, error_in_words
from surveys.models import Administration, Answer, MissingReason

GERMAN = {"Accept-Language": "de"}
APP = Path(settings.BASE_DIR) / "llm_respondents"
# Raised to commands only: no page leads there.
OF_COMMANDS = {
    "batch_held",
    "batch_missing",
    "batch_not_lost",
    "panel_spec_unreadable",
    "pilot_too_small",
    "study_needed",
}
# Words that are the same in both languages.
SAME = {"design", "feedback"}


def english_words():
    """Every state, reason, finding and flag as English pages say it."""
    with translation.override("en"):
        return {
            str(text)
            for kind in words._WORDS.values()
            for text in kind.values()
            if str(text).lower() not in SAME
        }


def text_of(page):
    """What a reader reads: no markup, and nothing that a respondent or a study said."""
    html = re.sub(r"(?s)<(script|style|pre|head|datalist|code|q)\b.*?</\1>", " ", page)
    html = re.sub(r'(?s)<div class="side-by-side">.*?</h3>', " ", html)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "|", html))


def is_said(words, text):
    return re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text) is not None


def pages(panel):
    return [
        reverse("llm_respondents:study_fragment", args=[panel.study.slug]),
        reverse("llm_respondents:panel", args=[panel.pk]),
        reverse("llm_respondents:panel_fragment", args=[panel.pk]),
        reverse("llm_respondents:transcript", args=[panel.pk, 1]),
        reverse("llm_respondents:search", args=[panel.pk]),
        reverse("llm_respondents:search", args=[panel.pk]) + "?flag=history_lost",
        reverse("llm_respondents:new_panel", args=[panel.study.slug]),
        reverse("llm_respondents:new_panel_of_file", args=[panel.study.slug]),
        reverse("llm_respondents:study_cap", args=[panel.study.slug]),
    ]


@pytest.fixture
def rich(scripted):
    """A panel that shows every reason, finding and state of a batch."""
    panel = scripted(sessions=2, label="P")
    run_panel(panel_id=panel.pk, by=TESTER)
    ids = Answer.objects.values_list("pk", flat=True)
    for pk, reason in zip(ids, MissingReason.values, strict=False):
        Answer.objects.filter(pk=pk).update(value=None, missing_reason=reason)
    calls = Attempt.objects.values_list("pk", flat=True)
    for pk, outcome in zip(calls, Attempt.OUTCOMES, strict=False):
        Attempt.objects.filter(pk=pk).update(outcome=outcome, flags=["history_lost"])
    states = zip(Batch.Status.values * 3, words._PROVIDER, strict=False)
    for number, (status, provider) in enumerate(states):
        Batch.objects.create(
            panel=panel,
            key=str(number),
            wave=number,
            status=status,
            provider_status=provider,
            submitted_at=timezone.now(),
        )
    findings = dict(
        zip(("response_format", "seed", "logprobs", "context"), words._FINDING, strict=True)
    )
    probed = {**findings, "probed_at": timezone.now().isoformat()}
    Panel.objects.filter(pk=panel.pk).update(capabilities=probed)
    return panel


@pytest.mark.parametrize("status", Panel.Status.values)
def test_no_state_of_a_panel_is_in_english_on_a_german_page(client, owner, rich, status):
    Panel.objects.update(status=status)
    states = list(Administration.Status.values)
    for pk, state in zip(Administration.objects.values_list("pk", flat=True), states, strict=False):
        ended = None if state == Administration.Status.IN_PROGRESS else timezone.now()
        Administration.objects.filter(pk=pk).update(status=state, ended_at=ended)
    client.force_login(owner)
    for page in pages(rich):
        text = text_of(client.get(page, headers=GERMAN).content.decode())
        assert [one for one in english_words() if is_said(one, text)] == [], page
        assert status not in text.split("|"), page


@pytest.mark.parametrize("code", [*words._HALT, *words._HALT_QUOTED])
def test_why_a_panel_halted_is_in_german_and_an_endpoints_own_words_are_quoted(
    client, owner, rich, code
):
    Panel.objects.update(status="halted", status_note=f"{code}: Cannot do, http://10.0.0.1/v1")
    client.force_login(owner)
    page = client.get(pages(rich)[1], headers=GERMAN).content.decode()
    with translation.override("de"):
        assert words.in_words("halt", code) in page
    with translation.override("en"):
        assert words.in_words("halt", code) not in page
    assert "10.0.0.1" not in page
    assert ("<q>Cannot do" in page) is (code in words._HALT_QUOTED)


def halts():
    """The codes with which a run can halt, as the modules name them."""
    source = "".join(path.read_text() for path in APP.rglob("*.py"))
    constant = r'^[A-Z_]*(?:SPENT|FAILED|UNKNOWN|PROGRESS) = "(\w+_\w+)"'
    named = re.findall(constant, source, re.MULTILINE)
    made = re.findall(r'Halt\(\s*"(\w+)"', source) + re.findall(r'"halt", "(\w+)"', source)
    return {*named, *made, *FailureKind.__args__}


def test_every_halt_has_its_sentence():
    assert halts() - {*words._HALT, *words._HALT_QUOTED} == set()
    assert {"no_progress", "batch_failed", "endpoint_down", "schema_not_honoured"} <= halts()


def calls_of(name):
    for path in APP.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name:
                yield node


@pytest.mark.parametrize("code", [*MistakeCode, *LineMistake])
def test_every_mistake_is_said_in_german_with_what_varies_in_it(code):
    with translation.override("de"):
        said = translation.gettext(code.sentence)
    assert said != code.sentence
    varying = re.compile(r"%\((\w+)\)s")
    assert sorted(varying.findall(said)) == sorted(varying.findall(code.sentence))


def test_everything_that_services_refuse_is_said_in_german():
    codes = {
        keyword.value.value
        for kind in ("PanelSpecError", "PanelStateError")
        for node in calls_of(kind)
        for keyword in node.keywords
        if keyword.arg == "code" and isinstance(keyword.value, ast.Constant)
    }
    assert codes - OF_COMMANDS - set(_BY_CODE) == set()
    with translation.override("de"):
        assert error_in_words(PanelStateError("No.", code="panel_over")) != "No."
        assert error_in_words(PanelStateError("No.", code="something_new")) == "No."


def test_mistakes_on_the_recruiting_page_are_in_german(client, owner, open_study, listed):  # noqa: F811
    client.force_login(owner)
    wanted = filled_in(history="swapped", model="")
    page = client.post(address(open_study), wanted, headers=GERMAN)
    errors = page.context["form"].errors
    assert list(errors) == ["model", "history_from"]
    assert errors["model"][0].startswith("Geben Sie das Modell an")
    assert errors["history_from"][0].startswith("Wählen Sie die Gruppe")
