"""Panels of the open study."""

from functools import partial

import pytest
from django.utils import translation
from django_tasks import default_task_backend
from factories import TESTER
from price_lists import list_prices

from llm_respondents.design.spec import PanelSpec
from llm_respondents.services import recruit_panel


@pytest.fixture(autouse=True)
def _english():
    """A page that an earlier test asked for leaves its language active."""
    with translation.override("en"):
        yield


@pytest.fixture
def recruit(open_study):
    def make(*, key="", **values):
        values = {"model": "small", "sessions": 3, **values}
        return recruit_panel(study=open_study, spec=PanelSpec(**values), key=key, by=TESTER)

    return make


@pytest.fixture
def queue(settings):
    """A queue that keeps what is put into it; nobody works on it."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}
    default_task_backend.clear()
    yield default_task_backend
    default_task_backend.clear()


@pytest.fixture
def list_endpoint(settings, tmp_path):
    """Write the operator's list, of one endpoint with the prices of its model `small`."""
    settings.DATA_DIR = tmp_path
    return partial(list_prices, tmp_path)


@pytest.fixture
def scripted(recruit):
    def make(profile="people-like", **values):
        values = {"model": f"scripted:{profile}", **values}
        return recruit(provider="scripted", profile=profile, **values)

    return make
