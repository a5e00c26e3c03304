"""The two sheets: how much a phone loads, and that no colour is missing in a theme."""

import gzip
import re
from pathlib import Path

from django.contrib.staticfiles import finders

SHEETS = ("questionnaire", "workspace")
# Sizes and faces are the same in both themes.
OF_BOTH = {"sans", "mono", "radius", "text", "text-small", "control-height", "measure"}
LARGEST_FIRST_PAGE = 10_000


def sheet(name: str) -> str:
    return Path(finders.find(f"surveys/{name}.css")).read_text("utf-8")


def defined(text: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): ([^;]+);", text))


def test_the_first_page_of_a_person_takes_a_phone_ten_kilobytes_with_its_sheet(client, link):
    html = client.get(f"/s/{link.token}/").content
    linked = re.findall(rb'href="/static/surveys/([\w.]+)"', html)
    assert linked == [b"questionnaire.css"]
    sent = len(gzip.compress(html)) + len(gzip.compress(sheet("questionnaire").encode()))
    assert sent < LARGEST_FIRST_PAGE
    assert b"<script" not in html


def test_both_ways_to_the_dark_theme_give_every_colour_the_same_value():
    text = sheet("questionnaire")
    start = text.index("@media screen and (prefers-color-scheme: dark)")
    light, dark = defined(text[:start]), text[start:]
    device, chosen = dark.split(':root[data-theme="dark"]')[:2]
    assert defined(device) == defined(chosen[: chosen.index("} }")])
    assert set(light) - OF_BOTH == set(defined(device))


def test_every_token_that_a_sheet_uses_is_defined():
    known = {name for one in SHEETS for name in defined(sheet(one))}
    used = {name for one in SHEETS for name in re.findall(r"var\(--([\w-]+)\)", sheet(one))}
    assert used <= known


def test_no_page_of_the_workspace_has_a_style_or_a_script_of_its_own(client, owner, open_study):
    client.force_login(owner)
    for tab in ("", "design/", "plan/", "recruit/", "models/", "compare/", "team/", "log/"):
        html = client.get(f"/studies/{open_study.slug}/{tab}").content.decode()
        assert not re.search(r" style=|<style|<script(?![^>]* src=)| on\w+=", html), tab
