"""German pages of the panels say nothing in English that the pages themselves have to say."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import escape
from factories import TESTER
from test_recruiting_pages import address, filled_in, listed  # noqa: F401

from llm_respondents.codes import (
    BatchRemark,
    CallFlag,
    CostNote,
    EndReason,
    HaltReason,
    Refusal,
)
from llm_respondents.design.margins import LineMistake
from llm_respondents.errors import PanelStateError
from llm_respondents.mistakes import MistakeCode
from llm_respondents.models import Attempt, Batch, Panel
from llm_respondents.providers.base import FailureKind
from llm_respondents.readout.sentences import refusal_sentence, sentence_of
from llm_respondents.services import run_panel
from llm_respondents.web import words
from surveys.errors import Refused, StudyError
from surveys.models import Administration, Answer, MissingReason

GERMAN = {"Accept-Language": "de"}
BATCH, FLAGS = dict(Batch.Status.choices), {flag: flag.sentence for flag in CallFlag}
APP = Path(settings.BASE_DIR) / "llm_respondents"
# Words that are the same in both languages.
SAME = {"design", "feedback"}


def english_words():
    """Every state, reason, finding and flag as English pages say it."""
    with translation.override("en"):
        return {
            str(text)
            for kind in (*words._WORDS.values(), dict(Panel.Status.choices), BATCH, FLAGS)
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
        reverse("llm_respondents:models", args=[panel.study.slug]),
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
    found = ("response_format", "seed", "logprobs", "system", "context")
    findings = dict(zip(found, words._FINDING, strict=True))
    probed = {"capabilities": findings, "probed_at": timezone.now()}
    Panel.objects.filter(pk=panel.pk).update(**probed)
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


@pytest.mark.parametrize("reason", HaltReason)
def test_why_a_panel_halted_is_in_german_and_an_endpoints_own_words_are_quoted(
    client, owner, rich, reason
):
    said = {"said": "Cannot do, http://10.0.0.1/v1"}
    arguments = dict.fromkeys(reason.arguments, "7")
    Panel.objects.update(status="halted", halt_code=reason, halt_args=arguments | said)
    client.force_login(owner)
    page = client.get(pages(rich)[1], headers=GERMAN).content.decode()
    with translation.override("de"):
        assert escape(sentence_of(reason, arguments)) in page
    assert escape(reason.sentence % arguments) not in page
    assert "<q>Cannot do, …</q>" in page
    Panel.objects.update(halt_args=arguments)
    assert "<q>" not in client.get(pages(rich)[2], headers=GERMAN).content.decode()


def test_a_halt_of_another_version_shows_what_the_endpoint_said(client, owner, rich):
    Panel.objects.update(status="halted", halt_code="new_one", halt_args={"said": "Not today"})
    client.force_login(owner)
    assert "<q>Not today</q>" in client.get(pages(rich)[1]).content.decode()


def test_the_page_of_a_cancelled_panel_says_whether_it_ended_at_a_cap(client, owner, rich):
    client.force_login(owner)
    for ended, words_of_it in (
        ("cancelled", "Endgültig abgebrochen"),
        ("budget_stop", "An einer Kostengrenze beendet"),
    ):
        Panel.objects.update(status="cancelled", ended_reason=ended)
        assert words_of_it in client.get(pages(rich)[1], headers=GERMAN).content.decode()


@pytest.mark.parametrize(
    "codes",
    [Refusal, HaltReason, EndReason, BatchRemark, CostNote, CallFlag],
    ids=lambda c: c.__name__,
)
def test_every_code_has_a_sentence_in_english_and_in_german(codes):
    for code in codes:
        arguments = {name: f"<{name}>" for name in code.arguments}
        with translation.override("en"):
            english = sentence_of(code, arguments)
        with translation.override("de"):
            german = sentence_of(code, arguments)
        assert english == code.sentence % arguments
        assert german != english, code
        assert all(value in german for value in arguments.values()), code


def test_every_failure_of_a_call_can_halt_a_run():
    assert set(FailureKind.__args__) <= set(HaltReason)


def refusals_raised():
    """Every refusal that a module raises, with the names of what it puts into the sentence."""
    for path in APP.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if is_call and node.func.id in ("PanelSpecError", "PanelStateError"):
                yield node.args[0].attr, {keyword.arg for keyword in node.keywords}


def test_every_refusal_is_given_what_varies_in_its_sentence():
    raised = list(refusals_raised())
    assert len(raised) > 20
    assert [one for one in raised if Refusal[one[0]].arguments != one[1]] == []
    # The key of an endpoint, and the client of its interface, have errors of their own.
    own = {"KEY_MISSING", "CLIENT_MISSING"}
    assert set(Refusal.__members__) - dict(raised).keys() == own


@pytest.mark.parametrize("code", [*MistakeCode, *LineMistake])
def test_every_mistake_is_said_in_german_with_what_varies_in_it(code):
    with translation.override("de"):
        said = translation.gettext(code.sentence)
    assert said != code.sentence
    varying = re.compile(r"%\((\w+)\)s")
    assert sorted(varying.findall(said)) == sorted(varying.findall(code.sentence))


def test_what_services_refuse_is_said_in_the_readers_language():
    error = PanelStateError(Refusal.PANEL_OVER, panel="Small")
    unknown = StudyError(Refused.STUDY_UNKNOWN, study="x", known="–")
    with translation.override("de"):
        assert refusal_sentence(error).startswith("Das Panel Small ist beendet")
        assert "no study" not in refusal_sentence(unknown)
    assert str(unknown).startswith("There is no study 'x'")
    assert str(error) == "Panel Small is over; recruit a new one to go on."


def test_rest_says_no_in_the_language_that_is_asked_for(client, owner, rich):
    client.force_login(owner)
    Panel.objects.update(status="cancelled")
    refused = client.post(f"/api/panels/{rich.pk}/pause/", headers=GERMAN)
    assert (refused.status_code, refused.json()["code"]) == (409, "panel_over")
    assert refused.json()["detail"].startswith("Das Panel P ist beendet")


def test_mistakes_on_the_recruiting_page_are_in_german(client, owner, open_study, listed):  # noqa: F811
    client.force_login(owner)
    wanted = filled_in(history="swapped", model="")
    page = client.post(address(open_study), wanted, headers=GERMAN)
    errors = page.context["form"].errors
    assert list(errors) == ["model", "history_from"]
    assert errors["model"][0].startswith("Geben Sie das Modell an")
    assert errors["history_from"][0].startswith("Wählen Sie die Gruppe")
