"""The description of REST is whole, valid, and can be read by a person.

That it is true is held by every test that uses REST (tests/described.py).
"""

import io
import json
import subprocess
import sys

from django.conf import settings
from django.core.management import call_command
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from llm_respondents.api.shapes import PanelRequest
from llm_respondents.design.spec import PanelSpec
from llm_respondents.services.named_endpoints import OPERATORS
from surveys.api.description.pages import description
from surveys.api.description.words import PATH, QUERY
from surveys.instrument_files import (
    bundled_instruments,
    bundled_study,
    instrument_values,
    study_values,
)


def operations():
    for path, methods in description()["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


BASE = settings.BASE_DIR
AT_ONCE = """
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from surveys.api.description.pages import description
# Threads take turns as often as they can.
sys.setswitchinterval(1e-6)
together = Barrier(8)
def ask(_number):
    together.wait()
    return len(description()["paths"])
with ThreadPoolExecutor(8) as threads:
    print(*threads.map(ask, range(8)))
"""


def test_programs_that_are_the_first_and_come_at_once_are_all_told():
    """In a process of its own: in this one it was put together long ago."""
    shell = [sys.executable, "manage.py", "shell", "-v0", "-c", AT_ONCE]
    told = subprocess.run(shell, check=True, capture_output=True, text=True, cwd=BASE).stdout
    assert told.split() == [str(len(description()["paths"]))] * 8


def test_it_is_valid_and_no_view_is_left_to_guessing():
    # Warnings of the generator end the command.
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=io.StringIO())
    OpenAPIV31SpecValidator(description()).validate()


def test_every_operation_has_a_name_words_scopes_and_refusals():
    names = [operation["operationId"] for _about, operation in operations()]
    assert len(names) == len(set(names)) > 100
    for about, operation in operations():
        assert operation["summary"], about
        assert operation["summary"][0].isupper(), about
        for parameter in operation.get("parameters", ()):
            assert parameter["description"], (about, parameter["name"])
        assert {"400", "401"} <= operation["responses"].keys(), about
        tokens = [one["token"] for one in operation["security"] if "token" in one]
        assert tokens or about == "POST /api/participation/"


def test_nothing_is_said_of_parameters_that_no_address_has():
    used = {(p["name"], p["in"]) for _, one in operations() for p in one.get("parameters", ())}
    assert set(QUERY) == {name for name, place in used if place == "query"} - {"limit", "after"}
    assert set(PATH) == {name for name, place in used if place == "path"}


def test_what_comes_with_the_program_is_as_it_is_described():
    schemas = description()["components"]
    for name, values in (
        *(("InstrumentTables", instrument_values(one)) for one in bundled_instruments()),
        ("StudyTables", study_values(bundled_study("privacy-prosocial"))),
    ):
        whole = {"$ref": f"#/components/schemas/{name}", "components": schemas}
        assert not list(Draft202012Validator(whole).iter_errors(json.loads(json.dumps(values))))


def test_a_panel_can_be_asked_for_with_all_that_a_specification_knows():
    beside = {"study", "key", "name", "endpoint", "spend_cap"}
    known = PanelSpec.model_fields.keys() - set(OPERATORS)
    assert PanelRequest.__annotations__.keys() == known | beside


def test_programs_and_people_read_it(client, db):
    schema = client.get("/api/schema/")
    assert schema.json()["openapi"].startswith("3.1")
    again = client.get("/api/schema/", headers={"If-None-Match": schema["ETag"]})
    assert again.status_code == 304
    page = client.get("/api/docs/").content.decode()
    assert "/api/panels/{id}/run/" in page
    found = client.get("/api/docs/?q=run+panel").content.decode()
    assert "/api/panels/{id}/run/" in found
    assert "/api/studies/" not in found
    panels = client.get("/api/docs/panels/").content.decode()
    for words in ("shape-PanelRequest", "curl -H", "spend", 'id="run_panel"'):
        assert words in panels
    assert client.get("/api/docs/nothing/").status_code == 404
