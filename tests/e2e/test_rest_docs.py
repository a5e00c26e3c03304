"""The pages on which people read what REST can do."""

import pytest
from accessibility import check

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_they_are_accessible_in_both_themes_and_fit(page, site):
    told = []
    page.on("console", lambda message: told.append(message.text))
    for name in ("", "?q=panel", "panels/", "studies/"):
        page.goto(f"{site}/api/docs/{name}")
        check(page)
    assert told == []
