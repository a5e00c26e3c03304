"""The help for the search at the top of every page."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy

from config.help.site import search_help
from surveys.workspace.finding import Finder, Found, Hit


def _help(_user: Any, words: str, most: int) -> Found:
    """Parts of the help; whoever is not logged in may read them too."""
    found = search_help(words, most + 1)
    root = reverse("help:home")
    hits = [
        Hit(root + one.address, one.title, one.page, one.before, one.hit, one.after)
        for one in found[:most]
    ]
    all_at = reverse("help:search") + "?" + urlencode({"q": words})
    return Found(hits, more=len(found) > most, all_at=all_at)


FINDER = Finder("help", gettext_lazy("Help"), _help, language="en")
