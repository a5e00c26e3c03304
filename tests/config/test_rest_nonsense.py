"""Whatever a program sends is answered or refused with a code, never with a fault of ours."""

import json

from factories import TESTER, make_link

from llm_respondents.services import recruit_panel
from llm_respondents.services.named_endpoints import chosen_spec
from surveys.api.description.pages import description
from surveys.models import InstrumentVersion

BODIES = ("{", "[]", '{"study": 3, "name": [], "events": {}, "plan": []}')


def wrong_types(schema):
    """A body with every name that is known and nothing of the right type in it."""
    schemas = description()["components"]["schemas"]
    whole = schemas.get(schema.get("$ref", "").rpartition("/")[2], schema)
    for value in ([], {"x": None}, "\x00"):
        yield json.dumps(dict.fromkeys(whole.get("properties", {}), value))


def requests(study, ids):
    for path, methods in description()["paths"].items():
        resource = path.split("/")[2]
        for row in (str(ids.get(resource, 1)), "9" * 25):
            address = path.replace("{slug}", study.slug).replace("{number}", "1")
            address = address.replace("{place}", "1").replace("{list_id}", row)
            row_of = study.slug if resource == "quality" else row
            address = address.replace("{id}", row_of)
            for method, operation in methods.items():
                yield method, address, operation
            if "{" not in path.replace("{slug}", ""):
                break


def test_nothing_that_is_sent_is_a_fault(client, owner, open_study):
    client.force_login(owner)
    client.raise_request_exception = False
    client.sends_nonsense = True
    link = make_link(open_study, simulated=True)
    spec = chosen_spec(endpoint="", profile="people-like", values={"sessions": 1})
    panel = recruit_panel(study=open_study, spec=spec, key="small", by=TESTER)
    ids = {
        "links": link.pk,
        "panels": panel.pk,
        "instruments": InstrumentVersion.objects.first().pk,
    }
    for method, address, operation in requests(open_study, ids):
        if method == "get":
            for beside in ("?limit=7&after=3", "?study=%00&q=%00&search=%00"):
                answer = client.get(address + beside)
                assert answer.status_code < 500, (address + beside, answer.status_code)
            continue
        if method == "delete":
            continue
        content = operation.get("requestBody", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema", {})
        for body in (*BODIES, *wrong_types(schema)):
            sent = {"data": body, "content_type": "application/json"}
            answer = getattr(client, method)(address, **sent)
            assert answer.status_code < 500, (method, address, body, answer.status_code)
