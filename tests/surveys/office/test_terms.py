"""What a word means is said beside it, and at its place in the glossary."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.urls import reverse
from django.utils.translation import override
from factories import PASSWORD, make_link, make_person

from surveys.workspace.terms import TERMS

GLOSSARY = Path(settings.BASE_DIR) / "docs" / "glossary.md"


def slug(heading):
    return heading.lower().replace(" ", "-")


@pytest.mark.parametrize("key", sorted(TERMS))
def test_each_term_has_its_place_in_the_glossary(key):
    places = map(slug, re.findall(r"^## (.+)$", GLOSSARY.read_text(encoding="utf-8"), re.MULTILINE))
    assert key in set(places)


def test_every_term_that_is_explained_stands_on_some_page():
    pages = (Path(settings.BASE_DIR) / "templates").rglob("*.html")
    used = {key for page in pages for key in re.findall(r'{% term "([\w-]+)" %}', page.read_text())}
    assert used == set(TERMS)


def test_a_term_says_what_it_is_where_it_stands_and_once_a_page():
    with override("en"):
        page = Template('{% load workspace %}{% term "panel" %}{% term "panel" %}').render(
            Context()
        )
    assert page.count("popovertarget") == 1
    assert "Sessions of one language model" in page
    assert f'href="{reverse("help:page", args=["glossary"])}#panel"' in page


def test_in_german_it_is_german(client, owner, open_study):
    make_person(make_link(open_study))
    client.login(username="owner", password=PASSWORD)
    address = reverse("surveys:people", kwargs={"slug": open_study.slug})
    page = client.get(address, headers={"accept-language": "de"}).content.decode()
    assert "Er entfernt niemanden" in page
