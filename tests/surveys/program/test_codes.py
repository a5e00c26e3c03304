"""A code stands for one sentence, which can be said in every language of the pages."""

import inspect
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation import gettext, override

import surveys.errors
from analysis.plans.mistakes import PlanMistake
from surveys.codes import Advice, Problem, Saying, SentenceCode, advice
from surveys.errors import CounterpartError, ImportFileError, Refused, StudyError
from surveys.imports.mistakes import ImportMistake
from surveys.instrument_files.authoring.pasting import PasteMistake
from surveys.instrument_files.errors import FileMistake, Shape, Wanted
from surveys.instrument_files.flows.quotas import QuotaMistake
from surveys.instrument_files.readiness import Locked, Unready
from surveys.recruiters import RecruitingRefused
from surveys.recruiters.link_lists import ListMistake
from surveys.recruiters.mails import MailMistake
from surveys.recruiters.terms import TermMistake
from surveys.services.access.refusals import TokenRefused
from surveys.services.authoring.refusals import AuthoringRefused
from surveys.services.inviting.waves import WaveMistake

CODES = [
    code
    for enum in (
        Advice,
        FileMistake,
        ImportMistake,
        Locked,
        PlanMistake,
        RecruitingRefused,
        Refused,
        TermMistake,
        ListMistake,
        WaveMistake,
        MailMistake,
        QuotaMistake,
        AuthoringRefused,
        PasteMistake,
        Shape,
        TokenRefused,
        Unready,
        Wanted,
    )
    for code in enum
]
# The same in both languages: a name, and a place with what is said of it.
ALIKE = {Shape.REF, Refused.SETTING}


@pytest.mark.parametrize("code", CODES, ids=lambda code: f"{type(code).__name__}.{code}")
def test_a_sentence_names_the_same_arguments_in_german(code):
    with override("de"):
        german = gettext(code.sentence)
    assert (german == code.sentence) == (code in ALIKE)
    names = re.compile(r"%\((\w+)\)[srd]")
    assert sorted(names.findall(german)) == sorted(names.findall(code.sentence))


def test_every_code_is_the_answer_to_something():
    apps = [Path(settings.BASE_DIR) / app for app in ("surveys", "analysis", "llm_respondents")]
    source = "".join(path.read_text(encoding="utf-8") for app in apps for path in app.rglob("*.py"))
    # What locks is said as a whole list.
    single = [code for code in CODES if not isinstance(code, Locked)]
    unused = [code for code in single if f"{type(code).__name__}.{code.name}" not in source]
    assert unused == []


def test_what_is_said_within_a_sentence_is_translated_with_it():
    about = {"given": "balancd", "advice": advice("balancd", ("forward", "balanced"))}
    problem = Problem("settings.scale_direction", FileMistake.UNKNOWN_CHOICE, about)
    assert problem.message == "'balancd' is unknown here; did you mean 'balanced'?"
    with override("de"):
        assert problem.said(gettext) == "'balancd' ist hier unbekannt; ist 'balanced' gemeint?"
    assert problem.as_json()["arguments"] == {
        "given": "balancd",
        "advice": "did you mean 'balanced'?",
    }


def test_a_refusal_is_its_code_for_programs_and_its_sentence_for_people():
    refused = StudyError(Refused.STUDY_EXISTS, study="tea")
    assert (refused.code, str(refused)) == (
        "study_exists",
        "There is a study tea already; choose another name.",
    )
    with override("de"):
        assert refused.said(gettext).startswith("Es gibt schon eine Studie tea")


def test_a_file_with_many_mistakes_shows_the_first_and_tells_how_many_more():
    problems = [
        Problem(f"key_{n}", FileMistake.MISSING_KEY, {"wanted": Saying(Wanted.TEXT)})
        for n in range(25)
    ]
    error = ImportFileError("tea.toml", problems)
    assert error.code == "missing_key"
    assert len(error.details) == 25
    assert str(error).splitlines()[-1] == "tea.toml: + 5"
    with override("de"):
        assert error.said(gettext).startswith("tea.toml: key_0: das fehlt; geben Sie Text")


def test_every_error_of_the_app_is_drawn_in_the_tree():
    tree = surveys.errors.__doc__
    drawn = set(re.findall(r"[├└]── (\w+)|^(\w+(?:Error|Code))\b", tree, re.MULTILINE))
    drawn = {name for pair in drawn for name in pair if name}
    of_the_app = {
        name
        for module in _modules_of_the_app()
        for name, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Exception) and kind.__module__.startswith("surveys.")
    }
    assert of_the_app - {CounterpartError.__name__} == drawn - {
        "CounterpartError",
        "ValueError",
        "TypeError",
    }


def _modules_of_the_app():
    import importlib
    import pkgutil

    import surveys

    for found in pkgutil.walk_packages(surveys.__path__, "surveys."):
        if ".management" not in found.name and ".migrations" not in found.name:
            yield importlib.import_module(found.name)


def test_a_code_is_its_value_wherever_it_goes():
    assert issubclass(FileMistake, SentenceCode)
    assert f"{FileMistake.NOT_TOML}" == FileMistake.NOT_TOML.value == "not_toml"
