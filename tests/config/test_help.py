"""The help: built whole, served in the product's frame, searchable, and about what there is."""

import os
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import URLPattern, get_resolver
from factories import make_user

from config.help import building, site
from config.help.generated import catalogues, own_commands
from surveys.workspace.help_pages import BEGINNINGS, OF_APP, PAGES, help_for

IDS = re.compile(r'\bid="([^"]+)"')


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The site, built once, with every link that leads nowhere as a mistake."""
    place = tmp_path_factory.mktemp("help") / "pages"
    before, settings.HELP_DIR = settings.HELP_DIR, place
    building.build(strict=True)
    yield place
    settings.HELP_DIR = before


@pytest.fixture
def office(client, db):
    client.force_login(make_user("mara"))
    return client


def page_of(built: Path, address: str) -> str:
    return (built / address.partition("#")[0] / "index.html").read_text(encoding="utf-8")


def test_every_place_that_a_page_of_the_workspace_leads_to_is_there(built):
    for target in {*PAGES.values(), *OF_APP.values(), *BEGINNINGS.values()}:
        page, _hash, place = target.partition("#")
        ids = IDS.findall(page_of(built, page))
        assert not place or place in ids, target


def test_no_page_that_is_explained_has_gone(built):
    views = set()

    def collect(patterns, space):
        for one in patterns:
            if isinstance(one, URLPattern):
                views.add(f"{space}:{one.name}" if space else one.name)
            else:
                collect(one.url_patterns, one.namespace or space)

    collect(get_resolver().url_patterns, "")
    assert set(PAGES) <= views
    for name, target in {
        "analysis:plan_draft": "plans/",
        "analysis:run": "comparison/",
        "llm_respondents:panel": "panels/",
        "login": "",
    }.items():
        assert help_for(name) == target


def test_every_code_and_every_command_is_in_the_help(built):
    codes, commands = page_of(built, "codes/"), page_of(built, "commands/")
    for catalogue in catalogues():
        for code in catalogue:
            assert f'id="{code.value}"' in codes
    for name, _app in own_commands():
        assert f'id="{name}"' in commands
    for column in ("elapsed_ms", "sampling_weight", "r2_ratio"):
        assert f"<code>{column}</code>" in page_of(built, "dictionary/")


def test_pages_are_for_everybody_in_the_frame_of_the_product(built, client, office):
    anonymous = client.__class__()
    for path in built.rglob("index.html"):
        address = "/help/" + path.parent.relative_to(built).as_posix().strip(".")
        address = address.rstrip("/") + "/"
        answer = anonymous.get(address)
        assert answer.status_code == 200, address
        assert "no-cache" in answer.headers["Cache-Control"], address
        text = answer.content.decode()
        assert "style=" not in text.partition("<main")[2].partition("</main>")[0], address
        assert '<a class="wordmark"' in text
    shown = office.get("/help/glossary/", headers={"accept-language": "de"}).content.decode()
    assert "Die Hilfe ist auf Englisch." in shown
    assert 'lang="en"' in shown
    assert office.get("/help/nowhere/").status_code == 404
    assert office.get("/help/../../etc/").status_code == 404
    assert office.get("/help/pictures/../index.html").status_code == 404


def test_words_are_found_with_and_without_script(built, office):
    whole = office.get("/help/search/", {"q": "completion code"})
    part = office.get("/help/search/", {"q": "completion code"}, headers={"hx-request": "true"})
    assert b"<html" in whole.content
    assert b"<html" not in part.content
    assert b"/help/payment/#" in part.content
    assert b"<mark>" in part.content
    assert b"no_rows" in office.get("/help/search/", {"q": "no_rows"}).content
    nothing = office.get("/help/search/", {"q": "xylophone <b>"}).content
    assert b"Nothing in the help" in nothing
    assert b"<b>" not in nothing
    # A word in a title comes before one in a text.
    assert site.search_help("prolific")[0].address.startswith("prolific/")


def test_the_header_leads_to_the_page_that_explains(office):
    assert b'href="/help/instruments/"' in office.get("/instruments/").content
    assert b'href="/help/' in office.get("/").content


def test_without_a_site_the_page_says_how_to_get_one(office, settings, tmp_path):
    settings.HELP_DIR = tmp_path / "none"
    answer = office.get("/help/")
    assert answer.status_code == 503
    assert b"build_help" in answer.content
    assert site.search_help("panel") == []
    assert not building.is_current()


def test_a_site_is_made_anew_where_a_source_is_newer(built, capsys):
    index = built / building.INDEX
    assert building.is_current()
    call_command("build_help", if_older=True)
    assert "is current" in capsys.readouterr().out
    os.utime(index, (0, 0))
    assert not building.is_current()
    call_command("build_help", if_older=True)
    assert building.is_current()
    assert not [one for one in built.parent.iterdir() if one != built]


def test_a_folder_that_cannot_be_written_is_said(settings, tmp_path):
    (tmp_path / "file").write_text("")
    settings.HELP_DIR = tmp_path / "file" / "pages"
    with pytest.raises(building.HelpError) as refused:
        building.build()
    assert refused.value.code == "help_not_writable"
    assert "HELP_DIR" in str(refused.value)


@pytest.mark.parametrize("name", ["counterpart_client.py", "counterpart_client.R"])
def test_the_clients_that_a_page_offers_are_there(office, name):
    page = office.get("/help/rest/").content.decode()
    assert f"../clients/{name}" in page
    answer = office.get(f"/help/clients/{name}")
    assert answer["Content-Type"].startswith("text/plain")
    assert b"Bearer" in b"".join(answer)


def test_nothing_but_clients_lies_there(office):
    for name in ("nothing.py", "..%2Findex.html", "index.html"):
        assert office.get(f"/help/clients/{name}").status_code in {301, 404}


def test_steps_go_on_after_what_is_pasted_and_its_tabs_are_there(built, office):
    page = office.get("/help/first-study/").content.decode()
    assert "<pre><code>text\tR\nIt worries me" in page
    assert '<ol start="5">' in page
    assert "```" not in page
