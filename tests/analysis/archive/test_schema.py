"""The schema of the results is the one in the documentation, and it can say no."""

from pathlib import Path

import pytest
from django.conf import settings

from analysis.archive.files.schema import results_schema, schema_page
from tests.analysis.archive.json_schema import violations

PAGE = Path(settings.BASE_DIR) / "docs" / "archive.md"


def test_the_documentation_describes_the_schema_as_it_is():
    """To renew the part below the mark, print `analysis.archive.files.schema.schema_page()`."""
    documented = PAGE.read_text(encoding="utf-8").split("<!-- schema -->\n", maxsplit=1)[1]
    assert documented.strip() == schema_page().strip()


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ({"field": "Age", "category": "20–29", "count": 3}, 0),
        ({"field": "Age", "category": "20–29", "count": 3.5}, 1),
        ({"field": "Age", "category": "20–29"}, 1),
        ({"field": "Age", "category": "20–29", "count": 3, "name": "Ann"}, 1),
    ],
)
def test_the_schema_refuses_what_it_does_not_describe(row, wrong):
    schema = results_schema()
    assert len(list(violations(row, schema["$defs"]["DemographicRow"], schema))) == wrong


def test_reasons_and_rungs_are_listed_one_by_one():
    definitions = results_schema()["$defs"]
    assert "constant_item" in definitions["Reason"]["enum"]
    assert "composite" in definitions["Rung"]["enum"]
